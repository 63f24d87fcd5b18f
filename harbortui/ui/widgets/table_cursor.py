"""The cursor of a table: it moves by rows, follows a row's key, and stays in view."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.message import Message

from harbortui.ui.cell import CONTINUED, Block, Row
from harbortui.ui.fit import wants
from harbortui.ui.widgets.table_draw import TableDrawing
from harbortui.ui.widgets.table_lines import is_hurt

WHEEL = 3
"""Rows that one notch of the wheel moves."""


class TableCursor(TableDrawing):
    """The moving half of :class:`harbortui.ui.widgets.table.Table`."""

    of: object = None
    """What the rows are of, for who shows different things in one table."""
    _held: bool
    """True while a person moves: rows keep the order they have."""
    _moved: bool
    """True once the cursor was moved: it stays on its row from then on."""

    class Opened(Message, namespace="table"):
        """Enter was pressed on a row."""

        def __init__(self, table: TableCursor, row: Row, block: Block) -> None:
            super().__init__()
            self.table = table
            self.of = table.of
            self.row = row
            self.block = block

    class Moved(Message, namespace="table"):
        """The cursor went to another row."""

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._lines[self._cursor].row if 0 <= self._cursor < len(self._lines) else None

    @property
    def block(self) -> Block | None:
        """The block of the row under the cursor."""
        return self._lines[self._cursor].block if self.row is not None else None

    @property
    def cursor_key(self) -> str:
        """The key of the row under the cursor, empty without one."""
        return "" if self.row is None else self.row.key

    def release(self) -> None:
        """Let rows take their own order again; called when a minute went by without a move."""
        self._held = False

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

    # Looking for a row

    def step_match(self, step: int) -> bool:
        """Go to the next or previous line that matches, else that can be copied, around the end; False without one."""
        sought = self.arrangement.sought
        if self.has_stops and not sought:
            return self._step(step, lambda row: bool(row.copies) and not row.key.endswith(CONTINUED))
        if not self.pane.prose:
            return self._step(step, lambda row: not row.wide)
        return bool(sought) and self._step(step, lambda row: self.row_contains(row, sought))

    @property
    def has_stops(self) -> bool:
        """True when there are rows to copy as they stand, between which ``n`` and ``N`` go."""
        return self.pane.prose and any(line.row is not None and line.row.copies for line in self._lines)

    def step_hurt(self, *, around: bool) -> bool:
        """Go to the next row that tells of trouble; ``around`` the end too. False when there is none."""
        return self._step(1, is_hurt, around=around)

    def to_first_hurt(self) -> bool:
        """Go to the first row that tells of trouble; False when there is none."""
        row = next((index for index, line in enumerate(self._lines) if line.row and is_hurt(line.row)), -1)
        if row >= 0:
            self._go(row, 1)
        return row >= 0

    def _step(self, step: int, wanted: Callable[[Row], bool], *, around: bool = True) -> bool:
        count = len(self._lines)
        begin = self._cursor + step
        order = range(begin, count) if step > 0 else range(begin, -1, -1)
        rest = (range(begin) if step > 0 else range(count - 1, begin, -1)) if around else range(0)
        for index in (*order, *rest):
            row = self._lines[index].row if 0 <= index < count else None
            if row is not None and wanted(row):
                self._go(index, step)
                return True
        return False

    def sort_at(self, x: int) -> None:
        """Sort by the column whose title is there."""
        raise NotImplementedError

    # Geometry

    @property
    def _room(self) -> int:
        return max(1, self.size.height - self.frame)

    def measure(self) -> None:
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
        if not self._moved:
            self._top = 0  # Notes above the first row are read first; a pane that had no room yet must not hide them.
        if self._cursor >= 0:
            self._top = max(min(self._top, self._cursor), self._cursor - room + 1)
        self._top = max(0, min(self._top, len(self._lines) - room))

    # What comes from outside

    def watch_has_focus(self, _value: bool) -> None:
        """Show where keys go."""
        super().watch_has_focus(_value)
        self.repaint()

    def on_resize(self) -> None:
        """Keep the cursor in view in the new room."""
        self._scroll_to_cursor()
        super().on_resize()

    def on_click(self, event: events.Click) -> None:
        """A click on a row goes there, a second one opens it; on a column's title sorts by it."""
        index = self._top + event.y - self.frame
        if event.y == self.frame - 1:
            self.sort_at(event.x)
        elif index >= self._top and index < len(self._lines) and self._lines[index].row is not None:
            if index == self._cursor and event.chain > 1:
                self.action_open()
            else:
                self._go(index, 1)

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves the cursor."""
        self.action_move(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """The wheel moves the cursor."""
        self.action_move(-WHEEL)
