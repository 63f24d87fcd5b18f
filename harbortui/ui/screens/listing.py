"""A screen that is one table: jobs, projects, audit, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

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
    FOOTER = (Where.LIST, Where.TABLE, Where.ALL)
    NOT_IN_FOOTER = frozenset({"next-pane", "zoom", "trends"})

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look)
        self.place = name
        self.table = Table(look, Pane(LISTS[name].title, (Block((), ()),)), id=name, place=name)
        self._module = list_page(name)
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
        looks = getattr(self._module, "looks", None)
        return cast("tuple[Query, ...]", looks(view)) if looks is not None else ()

    def show(self, view: View) -> None:
        """Show the page of the instance looked at."""
        super().show(view)
        self.table.show(self._module.page(view, max(1, self.size.width - GUTTER)))
        if view.instance != self._shown:
            self.table.reset(keep=not self._shown)
            self._shown = view.instance

    def on_table_opened(self, event: Table.Opened) -> None:
        """Enter: what the page says, else the row in full."""
        opened = getattr(self._module, "opened", None)
        if opened is not None:
            opened(self.shell, event.row)
        else:
            self.shell.open_row(self.place, event)

    def raw_of(self, row: Row) -> Query | None:
        """The query that shows the row's object raw, when the page knows one."""
        raw_of = getattr(self._module, "raw_of", None)
        return cast("Query | None", raw_of(self.shell.view, row)) if raw_of is not None else None
