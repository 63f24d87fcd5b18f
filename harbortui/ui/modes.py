"""The screens that are one table: which there are, and where their page comes from.

A screen's page is a module of :mod:`harbortui.ui.panes`. It has ``page(view, width) -> Pane`` and, where it needs
them, ``looks(view) -> tuple[Query, ...]`` (what it shows that is not in the snapshot), ``opened(shell, row)`` (enter),
``raw_of(view, row) -> Query | None`` (``d``), ``moved(shell, row)`` (the cursor is on that row now) and
``sought(shell, text)`` (a filter was typed to its end).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from harbortui.ui.cell import Pane
    from harbortui.ui.view import View


class ListPage(Protocol):
    """A module that makes a list screen's page; the rest of its contract is optional."""

    def page(self, view: View, width: int) -> Pane:
        """The page."""


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
    """The module of a list screen; imported when it is opened first, because the first paint needs none of them."""
    return cast(ListPage, import_module(f"harbortui.ui.panes.{LISTS[name].module}"))
