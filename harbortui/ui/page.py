"""What a page over a big view is: one table over the whole screen, a pure function of the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.app import HarborApp
    from harbortui.ui.cell import Pane, Row
    from harbortui.ui.view import View


class Page:
    """A page; what it does beyond showing is nothing unless it says so."""

    leads_on = False
    """True where rows lead on, so that the footer names the key."""

    def __call__(self, view: View, width: int) -> Pane:
        """What it shows at ``width`` cells."""
        raise NotImplementedError

    def opened(self, shell: HarborApp, row: Row) -> bool:
        """Enter on a row; False where the page knows nothing better than the row in full."""
        return False

    def subject(self, view: View) -> Query | None:
        """What shows raw what the page is about."""
        return None

    def raw_of(self, view: View, row: Row) -> Query | None:
        """What shows a row's object raw."""
        return None

    @property
    def instance(self) -> str:
        """The instance it is about; empty for none."""
        return ""

    @property
    def live_log(self) -> tuple[str, str]:
        """The instance and task whose log ``l`` opens from here; either is empty where none fits."""
        return "", ""


class Plain(Page):
    """A page that only shows."""

    def __init__(self, show: Callable[[View, int], Pane]) -> None:
        self._show = show

    def __call__(self, view: View, width: int) -> Pane:
        """What the function makes of the view."""
        return self._show(view, width)
