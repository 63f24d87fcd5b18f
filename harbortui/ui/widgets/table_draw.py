"""How a table is drawn: only the rows in view, whatever their number."""

from __future__ import annotations

from rich.cells import cell_len

from harbortui.ui.arrange import Arrangement, falls
from harbortui.ui.cell import Block, Column, Pane, Row
from harbortui.ui.fit import fit, fit_name, place_columns, visible
from harbortui.ui.matching import contains, places
from harbortui.ui.symbols import Symbols, state_word
from harbortui.ui.widgets.painted import Drawn, Look, Painted, Span, flow, marked_spans
from harbortui.ui.widgets.table_lines import Line
from harbortui.ui.widgets.titlebar import title_line

GUTTER = 2
"""Cells left of the columns: the cursor's mark and a row's mark."""
FRAME = 2
"""Lines above the rows of a table without a picture: title and header."""
MARK = "*"
RISES, FALLS = "↑", "↓"


class TableDrawing(Painted):
    """The drawing half of :class:`harbortui.ui.widgets.table.Table`, which owns the state."""

    pane: Pane
    """What is shown: arranged as the person wants it."""
    number: int
    arrangement: Arrangement
    marks: dict[str, None]
    """Keys of marked rows, in the order of marking."""
    shown: int
    total: int
    _lines: list[Line]
    _top: int
    _cursor: int
    _wants: list[tuple[int, ...]]

    @property
    def frame(self) -> int:
        """Lines above the rows: title, picture and header."""
        return FRAME + len(self.pane.picture)

    def draw(self, width: int, height: int) -> list[Drawn]:
        """Title, header, and the rows in view."""
        shown = self._lines[self._top : self._top + max(0, height - self.frame)]
        number = shown[0].number if shown else 0
        picture = (Drawn("background", flow(cells, width, self.look.symbols, GUTTER, 0)) for cells in self.pane.picture)
        lines = [self._title(width, height), *picture, self._header(number, width)]
        for index, line in enumerate(shown, start=self._top):
            lines.append(
                self._header(line.number, width)
                if line.row is None
                else self._row(line.number, line.row, width, index == self._cursor and self.has_focus)
            )
        return lines[:height]

    def _title(self, width: int, height: int) -> Drawn:
        number = f"{self.number} " if self.number else ""
        hidden = len(self._lines) > max(0, height - self.frame)
        place = f"{self._cursor + 1} of {len(self._lines)}" if hidden else ""
        name = "  ".join((number + self.pane.title, *self.arranged_words()))
        return title_line(self.look, name, self.pane.badge, place, width, self.has_focus)

    def arranged_words(self) -> list[str]:
        """What a person asked the table for, in words: nothing is hidden silently."""
        how = self.arrangement
        said = []
        if how.sought:
            said.append(f"/{how.sought}")
        if how.state:
            said.append(f"{how.state} {state_word(how.state)} only")
        if how.hides and not self.pane.prose:
            said.append(f"{self.shown} of {self.total}")
        if how.sort:
            said.append(f"by {how.sort}")
        if self.marks:
            marked = sum(1 for line in self._lines if line.row is not None and line.row.key in self.marks)
            said.append(f"{marked} marked")
        return said

    def _header(self, number: int, width: int) -> Drawn:
        if number >= len(self.pane.blocks):
            return Drawn()
        block = self.pane.blocks[number]
        spans = []
        for index, x, room in place_columns(block.columns, max(0, width - GUTTER), self._wants[number]):
            column = block.columns[index]
            title = column.title
            if title and title == self.arrangement.sort:
                arrow = FALLS if falls(block, index, self.arrangement) else RISES
                title = f"{title[: max(1, room - 1)]}{arrow}"
            spans.append(Span(x + GUTTER, room, _fitted(title, room, column, self.look.symbols), "header"))
        if block.title:
            spans = _titled(spans, block, width, self.look)
        return Drawn("background", tuple(spans))

    def _row(self, number: int, row: Row, width: int, current: bool) -> Drawn:
        columns = self.pane.blocks[number].columns
        symbols = self.look.symbols
        mark = (symbols.cursor if current else " ") + (MARK if row.key in self.marks else " ")
        ground = "cursor" if current else "background"
        room = max(0, width - GUTTER)
        spans = [Span(0, min(GUTTER, width), mark[:width], "accent")]
        if row.wide:
            spans += _wide(row, room, symbols)
        else:
            for index, x, cells in place_columns(columns, room, self._wants[number]):
                cell = row.cells[index]
                spans.append(Span(x + GUTTER, cells, _fitted(cell.text, cells, columns[index], symbols), cell.style))
        if self.pane.prose and self.arrangement.sought:
            sought = self.arrangement.sought
            spans = [part for span in spans for part in marked_spans(span, places(span.text, sought))]
        return Drawn(ground, tuple(spans))

    def row_contains(self, row: Row, sought: str) -> bool:
        """True when the row's text has ``sought`` in it."""
        return any(contains(cell.text, sought) for cell in row.cells)


def _fitted(text: str, width: int, column: Column, symbols: Symbols) -> str:
    return fit_name(text, width, symbols) if column.names else fit(text, width, column.right, symbols)


def _wide(row: Row, room: int, symbols: Symbols) -> list[Span]:
    """Cells one after the other; the last one takes the room that is left."""
    spans: list[Span] = []
    x = GUTTER
    for number, cell in enumerate(row.cells, start=1):
        left = GUTTER + room - x
        text = visible(cell.text)
        width = left if number == len(row.cells) else min(left, len(text) if text.isascii() else cell_len(text))
        if width > 0:
            spans.append(Span(x, width, fit(cell.text, width, False, symbols), cell.style))
            x += width
    return spans


def _titled(spans: list[Span], block: Block, width: int, look: Look) -> list[Span]:
    """A second block's header line: its title, then the columns that are right of it."""
    text = fit(block.title, min(cell_len(block.title), max(0, width - GUTTER)), False, look.symbols)
    end = GUTTER + cell_len(text)
    return [Span(GUTTER, cell_len(text), text, "accent"), *(each for each in spans if each.x > end)]
