"""A screen with a bar that asks before anything is counted or summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.widgets.lines import Bar
from harbortui.ui.widgets.painted import Look

if TYPE_CHECKING:
    from harbortui.ui.view import View

SNAPSHOT = "a snapshot stays what it was: there is nobody to ask"


class AskingScreen(ViewScreen):
    """Has the bar; while it is open it takes the keys."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.bar = Bar(look)

    @property
    def may_stop(self) -> bool:
        """True where escape ends what is under way."""
        return False

    def take_keys(self) -> None:
        """Give the keys back to what had them."""
        raise NotImplementedError

    def show_bar(self, view: View) -> None:
        """The bar, while there is a question."""
        asking = bool(view.asking_project) or (bool(view.asking) and view.asking == view.instance)
        if asking:
            from harbortui.ui.counting import bar_lines

            lines = bar_lines(view, self.size.width)
            self.bar.styles.height = len(lines)
            self.bar.show(*lines)
        if asking and not self.bar.display:
            self.bar.display = True
            self.bar.focus()
        elif self.bar.display and not asking:
            self.take_keys()
            self.bar.display = False

    def on_bar_confirmed(self) -> None:
        """Enter on the bar: begin."""
        if not self.shell.desk.confirm():
            self.shell.hint("what it takes is not known yet")
        self.shell.paint()
