"""The screens that are one table: which there are, and where their page comes from.

A screen's page is a module of :mod:`harbortui.ui.panes`, which says in ``LIST`` what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.app import HarborApp
    from harbortui.ui.cell import Pane, Row
    from harbortui.ui.view import View


class ListPage(NamedTuple):
    """What a list screen shows and does."""

    page: Callable[[View, int], Pane]
    """The page at a width in cells."""
    looks: Callable[[View], tuple[Query, ...]] = lambda _view: ()
    """What it shows that is not in the snapshot."""
    opened: Callable[[HarborApp, Row], None] | None = None
    """Enter; without it the row in full."""
    raw_of: Callable[[View, Row], Query | None] = lambda _view, _row: None
    """What shows a row's object raw."""
    moved: Callable[[HarborApp, Row], None] = lambda _shell, _row: None
    """The cursor is on that row now."""
    sought: Callable[[HarborApp, str], None] = lambda _shell, _text: None
    """A filter was typed to its end."""


class Mode(NamedTuple):
    """A list screen."""

    title: str
    module: str
    of_instance: bool = True
    """False for what belongs to the console as a whole."""


LISTS = {
    "jobs": Mode("Jobs", "jobs"),
    "projects": Mode("Projects", "project_list"),
    "audit": Mode("Audit", "audit"),
    "actions": Mode("Actions", "actions", of_instance=False),
}


def list_page(name: str) -> ListPage:
    """What a list screen does; imported when it is opened first, because the first paint needs none of them."""
    return cast(ListPage, import_module(f"harbortui.ui.panes.{LISTS[name].module}").LIST)
