"""A screen of numbered panes whose tables can show how things went, in place of how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import Table

if TYPE_CHECKING:
    from harbortui.model.past import PastDetail
    from harbortui.model.snapshot import InstanceSnapshot

LOGS = 5
"""The number of the pane that has no trends."""


class TrendedScreen(ViewScreen):
    """Keeps which panes show trends, and draws their plots again when the row or the room they are for is another."""

    tables: list[Table]

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.current = 1
        """The number of the pane that has the keys."""
        self.trends: set[int] = set()
        """Panes that show how it went."""

    def toggle_trends(self) -> None:
        """How the pane's things went, in place of how they are; and back."""
        if self.current == LOGS:
            self.shell.hint("a log has no trends: 1 to 4 go to the panes that have")
            return
        self.trends ^= {self.current}
        self.tables[self.current - 1].reset()
        historian = self.shell.historian
        historian.wants_trends = bool(self.trends)
        historian.ask(self.shell.view.instance)
        self.shell.paint()

    def show_trends(self, table: Table, instance: InstanceSnapshot, detail: PastDetail | None, now: float) -> None:
        """The trends in a table; again where showing them took the cursor to another row, which the plot is of."""
        from harbortui.ui.panes.trends import pane_of

        key = table.cursor_key
        table.show(pane_of(table.number, instance, detail, now, *table.size, key))
        if table.cursor_key != key:
            table.show(pane_of(table.number, instance, detail, now, *table.size, table.cursor_key))

    def on_table_moved(self) -> None:
        """A plot is of the row under the cursor."""
        if self.current in self.trends:
            self.shell.paint()

    def on_table_resized(self, event: Table.Resized) -> None:
        """A plot is drawn for the room there is."""
        if event.table.number in self.trends:
            self.shell.paint()
