"""The table: a title line, a header that stays, rows; the cursor stays on its row's key while data moves.

Textual's DataTable repaints all of itself (24-28 kB) for one changed cell, even when the value is equal; this one sends
the changed cells.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import BindingType
from textual.message import Message

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Block, Pane, Row
from harbortui.ui.fit import fit, place_columns, wants
from harbortui.ui.widgets.painted import Drawn, Look, Painted, Span
from harbortui.ui.widgets.titlebar import title_line

GUTTER = 2
"""Cells left of the columns: the cursor's mark and a space."""
FRAME = 2
"""Lines above the rows: title and header."""


class _Line(NamedTuple):
    number: int
    """Of the block."""
    block: Block
    row: Row | None
    """None for the header line of a second block."""


class Table(Painted, can_focus=True):
    """Shows a :class:`Pane`. Order is held while a person moves in it, see :meth:`release`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]

    class Opened(Message):
        """Enter was pressed on a row."""

        def __init__(self, table: Table, row: Row, block: Block) -> None:
            super().__init__()
            self.table = table
            self.row = row
            self.block = block

    class Moved(Message):
        """The cursor went to another row."""

    def __init__(self, look: Look, pane: Pane, *, id: str | None = None, number: int = 0) -> None:
        super().__init__(look, id=id)
        self.pane = pane
        self.number = number
        self._lines = _flatten(pane)
        self._top = 0
        self._cursor = self._home()
        self._held = False
        self._moved = False
        self._wants: list[tuple[int, ...]] = []
        self._measure()

    # Data

    def show(self, pane: Pane) -> None:
        """Show this pane; equal panes send nothing."""
        if pane == self.pane:
            return
        key = self.cursor_key
        if self._held:
            pane = _in_order_of(pane, self.pane)
        self.pane = pane
        self._lines = _flatten(pane)
        self._measure()
        self._cursor = self._index_of(key) if self._moved else self._home()
        self._scroll_to_cursor()
        self.repaint()

    def reset(self) -> None:
        """Put the cursor on the first row, for data of another thing."""
        self._top = 0
        self._held = False
        self._moved = False
        self._wants.clear()
        self._measure()
        self._cursor = self._home()
        self.repaint()

    def release(self) -> None:
        """Let rows take their own order again; called when a minute went by without a move."""
        self._held = False

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._lines[self._cursor].row if 0 <= self._cursor < len(self._lines) else None

    @property
    def cursor_key(self) -> str:
        """The key of the row under the cursor, empty without one."""
        return "" if self.row is None else self.row.key

    # Keys

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self._go(self._cursor + step, step)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._go(self._cursor + pages * max(1, self._room - 1), pages)

    def action_first(self) -> None:
        """Move to the first row."""
        self._top = 0
        self._go(0, 1)

    def action_last(self) -> None:
        """Move to the last row."""
        self._go(len(self._lines) - 1, -1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        line = self._lines[self._cursor] if 0 <= self._cursor < len(self._lines) else None
        if line is not None and line.row is not None:
            self.post_message(self.Opened(self, line.row, line.block))

    def watch_has_focus(self, _value: bool) -> None:
        """Show where keys go."""
        super().watch_has_focus(_value)
        self.repaint()

    def on_resize(self) -> None:
        """Keep the cursor in view in the new room."""
        self._scroll_to_cursor()
        super().on_resize()

    # Geometry

    @property
    def _room(self) -> int:
        return max(1, self.size.height - FRAME)

    def _measure(self) -> None:
        """Let columns grow to their texts."""
        before = self._wants
        self._wants = [
            wants(block.columns, block.rows, before[number] if number < len(before) else ())
            for number, block in enumerate(self.pane.blocks)
        ]

    def _go(self, index: int, step: int) -> None:
        self._held = True
        self._moved = True
        index = max(0, min(index, len(self._lines) - 1))
        found = self._first_row(index, 1 if step > 0 else -1)
        if found < 0:
            found = self._first_row(index, -1 if step > 0 else 1)
        self._cursor = found
        self.post_message(self.Moved())
        self._scroll_to_cursor()
        self.repaint()

    def _home(self) -> int:
        """Where the cursor starts: on the first row with cells, below the notes; on the first note without one."""
        data = (index for index, line in enumerate(self._lines) if line.row is not None and not line.row.wide)
        return next(data, self._first_row(0, 1))

    def _first_row(self, index: int, step: int) -> int:
        while 0 <= index < len(self._lines):
            if self._lines[index].row is not None:
                return index
            index += step
        return -1

    def _index_of(self, key: str) -> int:
        for index, line in enumerate(self._lines):
            if line.row is not None and line.row.key == key:
                return index
        near = max(0, min(self._cursor, len(self._lines) - 1))
        found = self._first_row(near, 1)
        return found if found >= 0 else self._first_row(near, -1)

    def _scroll_to_cursor(self) -> None:
        room = self._room
        if self._cursor >= 0:
            self._top = max(min(self._top, self._cursor), self._cursor - room + 1)
        self._top = max(0, min(self._top, len(self._lines) - room))

    # Drawing

    def draw(self, width: int, height: int) -> list[Drawn]:
        """Title, header, and the rows in view."""
        shown = self._lines[self._top : self._top + max(0, height - FRAME)]
        number = shown[0].number if shown else 0
        lines = [self._title(width, height), self._header(number, width)]
        for index, line in enumerate(shown, start=self._top):
            lines.append(
                self._header(line.number, width)
                if line.row is None
                else self._row(line.number, line.row, width, index == self._cursor and self.has_focus)
            )
        return lines[:height]

    def _title(self, width: int, height: int) -> Drawn:
        number = f"{self.number} " if self.number else ""
        hidden = len(self._lines) > max(0, height - FRAME)
        place = f"{self._cursor + 1} of {len(self._lines)}" if hidden else ""
        return title_line(self.look, number + self.pane.title, self.pane.badge, place, width, self.has_focus)

    def _header(self, number: int, width: int) -> Drawn:
        block = self.pane.blocks[number]
        spans = []
        for index, x, room in place_columns(block.columns, max(0, width - GUTTER), self._wants[number]):
            column = block.columns[index]
            spans.append(Span(x + GUTTER, room, fit(column.title, room, column.right, self.look.symbols), "header"))
        if block.title:
            spans = _titled(spans, block.title, width, self.look)
        return Drawn("background", tuple(spans))

    def _row(self, number: int, row: Row, width: int, current: bool) -> Drawn:
        columns = self.pane.blocks[number].columns
        symbols = self.look.symbols
        mark = Span(0, 1, symbols.cursor if current else " ", "accent")
        ground = "cursor" if current else "background"
        room = max(0, width - GUTTER)
        if row.wide:
            cell = row.cells[0]
            return Drawn(ground, (mark, Span(GUTTER, room, fit(cell.text, room, False, symbols), cell.style)))
        spans = [mark]
        for index, x, cells in place_columns(columns, room, self._wants[number]):
            cell = row.cells[index]
            spans.append(Span(x + GUTTER, cells, fit(cell.text, cells, columns[index].right, symbols), cell.style))
        return Drawn(ground, tuple(spans))


def _flatten(pane: Pane) -> list[_Line]:
    """All lines below the first header, which stays in view by itself."""
    lines: list[_Line] = []
    for number, block in enumerate(pane.blocks):
        if number:
            lines.append(_Line(number, block, None))
        lines.extend(_Line(number, block, row) for row in block.rows)
    return lines


def _titled(spans: list[Span], title: str, width: int, look: Look) -> list[Span]:
    """A second block's header line: its title, then the columns that are right of it."""
    text = fit(title, min(cell_len(title), max(0, width - GUTTER)), False, look.symbols)
    end = GUTTER + cell_len(text)
    return [Span(GUTTER, cell_len(text), text, "accent"), *(each for each in spans if each.x > end)]


def _in_order_of(new: Pane, old: Pane) -> Pane:
    """``new`` with its rows in the order of ``old``; rows that are new come last."""
    blocks = []
    for number, block in enumerate(new.blocks):
        before = old.blocks[number].rows if number < len(old.blocks) else ()
        order = {row.key: index for index, row in enumerate(before)}
        rows = tuple(sorted(block.rows, key=lambda row: order.get(row.key, len(order))))
        blocks.append(block._replace(rows=rows))
    return new._replace(blocks=tuple(blocks))
