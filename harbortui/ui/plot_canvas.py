"""Cells that hold two by four dots each (Unicode's braille patterns), marks over them, and styles by name. Pure."""

from __future__ import annotations

from harbortui.ui.cell import Cell
from harbortui.ui.plot_symbols import BLANK

Runs = tuple[Cell, ...]
"""One line as cells that stand side by side without a gap."""

DOTS = 4
"""Dots of a cell from below to above."""
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Of the left and the right column, the lowest dot first."""


class Canvas:
    """A picture of ``width`` by ``height`` cells; columns count half cells from the left, dots from below."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits = [[0] * width for _ in range(height)]
        self._marks = [[""] * width for _ in range(height)]
        self._styles = [["text"] * width for _ in range(height)]

    @property
    def columns(self) -> int:
        """Columns of dots."""
        return 2 * self.width

    @property
    def dots(self) -> int:
        """Lines of dots."""
        return DOTS * self.height

    def rise(self, column: int, low: int, high: int, style: str) -> None:
        """Dots of one column from ``low`` to ``high``."""
        x, side = divmod(column, 2)
        for dot in range(low, high + 1):
            line, at = self.height - 1 - dot // DOTS, dot % DOTS
            self._bits[line][x] |= _BITS[side][at]
            self._styles[line][x] = style

    def mark(self, x: int, line: int, glyph: str, style: str, *, over: bool = False) -> None:
        """A glyph in a cell, lines counted from above; where dots are only if it goes ``over`` them."""
        if over or not (self._bits[line][x] or self._marks[line][x]):
            self._marks[line][x], self._styles[line][x] = glyph, style

    def line_of(self, dot: int) -> int:
        """The line of cells, counted from above, that a dot stands on."""
        return self.height - 1 - dot // DOTS

    def is_empty(self, x: int) -> bool:
        """True when no dot stands in this column of cells."""
        return not any(line[x] for line in self._bits)

    def runs(self, line: int) -> Runs:
        """The cells of one line, those of one style together; all of them are ``width`` cells."""
        found: list[Cell] = []
        for bits, mark, style in zip(self._bits[line], self._marks[line], self._styles[line], strict=True):
            text = mark or (chr(BLANK + bits) if bits else " ")
            style = style if text != " " else "text"
            if found and found[-1].style == style:
                found[-1] = Cell(found[-1].text + text, style)
            else:
                found.append(Cell(text, style))
        return tuple(found)
