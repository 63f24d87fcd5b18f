"""The screens that are one table: which there are, and where their page comes from.

A screen's page is a module of :mod:`harbortui.ui.panes` with the screen's name. It has ``page(view, width) -> Pane``
and, where it needs them, ``looks(view) -> tuple[Query, ...]`` (what it shows that is not in the snapshot),
``opened(shell, row)`` (enter) and ``raw_of(view, row) -> Query | None`` (``d``).
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
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
    of_instance: bool = True
    """False for what belongs to the console as a whole."""


LISTS = {
    "jobs": Mode("Jobs"),
    "projects": Mode("Projects"),
    "audit": Mode("Audit"),
    "actions": Mode("Actions", of_instance=False),
}


class _Missing:
    """The page of a screen that this version does not have."""

    def __init__(self, title: str) -> None:
        self._title = title

    def page(self, _view: View, _width: int) -> Pane:
        """A sentence."""
        from harbortui.ui.cell import Block, Pane, note

        return Pane(self._title, (Block((), (note("missing", "this screen is not in this version"),)),))


def list_page(name: str) -> ListPage:
    """The module of a list screen; imported when it is opened first, because the first paint needs none of them."""
    module = f"harbortui.ui.panes.{name}"
    if find_spec(module) is None:
        return _Missing(LISTS[name].title)
    return cast(ListPage, import_module(module))
