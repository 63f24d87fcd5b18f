"""A screen that is one table: jobs, projects, audit, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Block, Pane
from harbortui.ui.modes import LISTS, list_page
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import GUTTER, Table

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.cell import Row
    from harbortui.ui.view import View


class ListScreen(ViewScreen):
    """Shows what :func:`harbortui.ui.modes.list_page` makes of the view."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.PAGE)]
    FOOTER: ClassVar[tuple[Where, ...]] = (Where.LIST, Where.TABLE, Where.ALL)
    NOT_IN_FOOTER = frozenset({"next-pane", "zoom", "trends"})

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look)
        self.place = name
        self.table = Table(look, Pane(LISTS[name].title, (Block((), ()),)), id=name, place=name)
        self._list = list_page(name)
        self._shown = ""

    def compose(self) -> ComposeResult:
        """Header, table, footer."""
        yield self.header
        yield self.table
        yield self.footer
        yield self.choices

    def on_mount(self) -> None:
        """Keys go to the table."""
        self.table.focus()
        self.restore_tables()

    def looks(self, view: View) -> tuple[Query, ...]:
        """What the page shows that is not in the snapshot."""
        return self._list.looks(view)

    def show(self, view: View) -> None:
        """Show the page of the instance looked at."""
        super().show(view)
        self.table.show(self._list.page(view, max(1, self.size.width - GUTTER)))
        if view.instance != self._shown:
            self.table.reset(keep=not self._shown)
            self._shown = view.instance

    def on_table_moved(self) -> None:
        """Tell the page where the cursor is: at its end it may want to read on."""
        if self.table.row is not None:
            self._list.moved(self.shell, self.table.row)

    def on_table_rearranged(self, event: Table.Rearranged) -> None:
        """Tell the page what is sought once it is typed: its source may be able to search for that."""
        super().on_table_rearranged(event)
        if self.shell.prompt is None or self.shell.prompt.sign != "/":
            self._list.sought(self.shell, event.table.sought)

    def on_table_opened(self, event: Table.Opened) -> None:
        """Enter: what the page says, else the row in full."""
        if self._list.opened is not None:
            self._list.opened(self.shell, event.row)
        else:
            self.shell.open_row(self.place, event)

    def raw_of(self, where: str, row: Row) -> Query | None:
        """What the page says of the row."""
        return self._list.raw_of(self.shell.view, row)
