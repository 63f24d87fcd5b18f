"""A table alone on the screen, ours or Textual's: ``python -m tests.benchmarks.table_app ours|datatable ROWS``.

SIGUSR1 changes 5 % of the cells; the same cells in both. The key ``j`` moves the cursor down.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from typing import ClassVar

TITLES = ("instance", "state", "node", "components", "tasks", "memory", "bucket", "in", "out", "version")
WIDTHS = (14, 10, 8, 11, 7, 9, 10, 7, 7, 10)
SHARE = 20
"""One cell in so many changes in a round."""

Texts = list[list[str]]


def texts(rows: int) -> Texts:
    """The cells as they are at first."""
    return [[f"harbor-{row:05d}", *(f"{title[:4]} {row % 7}" for title in TITLES[1:])] for row in range(rows)]


def changes(cells: Texts, round_: int) -> Iterable[tuple[int, int, str]]:
    """Row, column and new text of the cells that change, spread over rows and columns."""
    for number in range(0, len(cells) * len(TITLES), SHARE):
        row, column = divmod(number + round_ % SHARE, len(TITLES))
        if column:
            yield row, column, f"{TITLES[column][:4]} {round_ % 90 + 10}"


def ours(cells: Texts) -> None:
    """Our table."""
    from textual.app import ComposeResult

    from harbortui.ui import compat, symbols, themes
    from harbortui.ui.cell import Block, Cell, Column, Pane, Row
    from harbortui.ui.safe_app import SafeApp
    from harbortui.ui.widgets.painted import Look
    from harbortui.ui.widgets.table import Table

    columns = tuple(Column(title, width) for title, width in zip(TITLES, WIDTHS, strict=True))

    def pane() -> Pane:
        rows = tuple(Row(each[0], tuple(Cell(text) for text in each)) for each in cells)
        return Pane("Instances", (Block(columns, rows),))

    class Ours(SafeApp):
        """Our table alone."""

        ENABLE_COMMAND_PALETTE = False
        CSS = "Table { height: 1fr; }"

        def compose(self) -> ComposeResult:
            self.table = Table(Look(themes.load("dark").palette, symbols.UNICODE), pane())
            yield self.table

        def change(self, round_: int) -> None:
            for row, column, text in changes(cells, round_):
                cells[row][column] = text
            with self.batch_update():
                self.table.show(pane())

    def crash(error: BaseException) -> None:
        raise error

    compat.install()
    app = Ours(crash)
    app.use_theme(themes.load("dark"))
    _run(app)


def datatable(cells: Texts) -> None:
    """Textual's."""
    from textual.app import App, ComposeResult
    from textual.binding import Binding, BindingType
    from textual.widgets import DataTable

    class Theirs(App[None]):
        """A DataTable alone, with fixed widths and without highlighting links."""

        ENABLE_COMMAND_PALETTE = False
        BINDINGS: ClassVar[list[BindingType]] = [Binding("j", "down")]

        def compose(self) -> ComposeResult:
            self.table: DataTable[str] = DataTable(cursor_type="row")
            self.table.auto_links = False
            yield self.table

        def on_mount(self) -> None:
            for number, (title, width) in enumerate(zip(TITLES, WIDTHS, strict=True)):
                self.table.add_column(title, width=width, key=str(number))
            for number, row in enumerate(cells):
                self.table.add_row(*row, key=str(number))

        def action_down(self) -> None:
            self.table.action_cursor_down()

        def change(self, round_: int) -> None:
            with self.batch_update():
                for row, column, text in changes(cells, round_):
                    self.table.update_cell(str(row), str(column), text)

    _run(Theirs())


def _run(app: object) -> None:
    from textual.app import App

    assert isinstance(app, App)

    async def main() -> None:
        rounds = iter(range(1_000_000))
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGUSR1,
            lambda: app.call_later(app.change, next(rounds)),  # type: ignore[attr-defined]
        )
        await app.run_async(mouse=False)

    asyncio.run(main())


if __name__ == "__main__":
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    {"ours": ours, "datatable": datatable}[sys.argv[1]](texts(int(sys.argv[2])))
