"""Pages that are one table over the whole screen: help, sources and ages, one thing in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Block, Pane
from harbortui.ui.page import Page
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import GUTTER, Table

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.cell import Row
    from harbortui.ui.view import View
    from harbortui.ui.widgets.table import Standing


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
        leads_on = bool(pages) and pages[-1].page.leads_on
        return self.NOT_IN_FOOTER - {"open", "logs"} if leads_on else self.NOT_IN_FOOTER

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
        self.table.show(newest.page(view, max(1, self.size.width - GUTTER)), of=newest)
        if changed:
            self._open = newest
            self.table.stand(newest.standing)

    def on_table_opened(self, event: Table.Opened) -> None:
        """Enter: what the page says, else a row of a table in full; pages of text have nothing more."""
        pages = self.shell.pages
        if not pages or event.of is not pages[-1]:
            return  # A key that came right after it led elsewhere: the row is none of what is on now.
        if not pages[-1].page.opened(self.shell, event.row) and event.row.more:
            self.shell.open_detail(self.table.pane.title, event.block, event.row)

    def raw_of(self, where: str, row: Row) -> Query | None:
        """What the page says of the row, else what the page is about."""
        page, view = self.shell.page, self.shell.view
        return (page.raw_of(view, row) or page.subject(view)) if page is not None else None
