"""Pages that are one table over the whole screen: help, sources and ages, one thing in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Block, Pane, block_of
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import GUTTER, Table

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.view import View
    from harbortui.ui.widgets.table import Standing

Page = Callable[["View", int], Pane]
"""What a page shows: a function of the view and the width in cells.

A page that is an object may also have ``opened(shell, row)`` (enter), ``subject`` (the query that shows what the page
is about raw) and ``raw_of(row)`` (the query that shows a row's object raw, or None).
"""


@dataclass
class OpenPage:
    """A page on the stack."""

    page: Page
    crumbs: tuple[str, ...]
    """The way there, the page itself last."""
    looks: tuple[Query, ...] = ()
    standing: Standing | None = None
    """Where its table stood when another page covered it."""


class PageScreen(ViewScreen):
    """Shows the newest of the app's open pages."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.PAGE)]
    NOT_IN_FOOTER = frozenset({"open", "next-pane", "logs", "zoom", "trends", "facet"})
    place = "page"

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.table = Table(look, Pane("", (Block((), ()),)), id="page")
        self._open: OpenPage | None = None

    def compose(self) -> ComposeResult:
        """Header, table, footer."""
        yield self.header
        yield self.table
        yield self.footer
        yield self.choices

    def on_mount(self) -> None:
        """Keys go to the table."""
        self.table.focus()

    @property
    def not_in_footer(self) -> frozenset[str]:
        """Pages whose rows lead on say so."""
        pages = self.shell.pages
        leads_on = bool(pages) and hasattr(pages[-1].page, "opened")
        return self.NOT_IN_FOOTER - {"open", "logs"} if leads_on else self.NOT_IN_FOOTER

    @property
    def page(self) -> Page | None:
        """The page that is on."""
        return self._open.page if self._open is not None else None

    def looks(self, view: View) -> tuple[Query, ...]:
        """What the newest page asks for."""
        pages = self.shell.pages
        return pages[-1].looks if pages else ()

    def show(self, view: View) -> None:
        """Show the page that is open; one that comes back stands as it stood."""
        super().show(view)
        if not self.shell.pages:
            return
        newest = self.shell.pages[-1]
        changed = newest is not self._open
        if changed and self._open is not None:
            self._open.standing = self.table.standing
        self.table.show(newest.page(view, max(1, self.size.width - GUTTER)))
        if changed:
            self._open = newest
            self.table.stand(newest.standing)

    def on_table_opened(self, event: Table.Opened) -> None:
        """Enter: what the page says, else a row of a table in full; pages of text have nothing more."""
        opened = getattr(self.page, "opened", None)
        block = block_of(self.table.pane, event.row.key)
        if block is None or block.columns != event.block.columns:
            return  # Another page came before the key was heard: the row is none of its.
        if opened is not None:
            opened(self.shell, event.row)
        elif event.row.more:
            self.shell.open_detail(self.table.pane.title, event.block, event.row)
