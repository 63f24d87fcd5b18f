"""Pages that are one table over the whole screen: help, sources and ages, one thing in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Block, Pane
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import GUTTER, Table

if TYPE_CHECKING:
    from harbortui.ui.view import View

Page = Callable[["View", int], Pane]
"""What a page shows: a function of the view and the width in cells."""


class PageScreen(ViewScreen):
    """Shows the newest of the app's open pages."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.PAGE)]
    NOT_IN_FOOTER = frozenset({"open", "next-pane", "logs"})

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.table = Table(look, Pane("", (Block((), ()),)), id="page")
        self._page: Page | None = None

    def compose(self) -> ComposeResult:
        """Header, table, footer."""
        yield self.header
        yield self.table
        yield self.footer

    def on_mount(self) -> None:
        """Keys go to the table."""
        self.table.focus()

    def show(self, view: View) -> None:
        """Show the page that is open."""
        super().show(view)
        page = self.shell.page
        if page is None:
            return
        self.table.show(page(view, max(1, self.size.width - GUTTER)))
        if page is not self._page:
            self._page = page
            self.table.reset()

    def on_table_opened(self, event: Table.Opened) -> None:
        """Enter: a row of the table of sources in full; pages of text have nothing more."""
        if event.row.more:
            self.shell.open_detail(self.table.pane.title, event.block, event.row)
