"""What a cell sorts by: a rank it was given, its state, the number it begins with (units known), else its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from harbortui.ui.cell import Cell, Row
from harbortui.ui.symbols import UNICODE

T = TypeVar("T")

STATES = UNICODE.critical + UNICODE.unknown + UNICODE.warning + UNICODE.ok
"""The glyphs of states, the worst first."""

_UNITS = {
    "": 1.0,
    "%": 1.0,
    "B": 1.0,
    **{f"{prefix}iB": 1024.0**power for power, prefix in enumerate("KMGTP", start=1)},
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86_400.0,
}
_NUMBER = re.compile(r"[<>~+±]?\s*(-?\d+(?:\.\d+)?)(?:\s?(%|[KMGTP]iB|ms|[BkMGTsmhd]))?(?![\w.:/-])")
_DIGITS = re.compile(r"(\d+)")

Text = tuple[tuple[int, str], ...]


def state_of(cell: Cell) -> str:
    """The glyph of the state that the cell tells; empty for none."""
    glyph = cell.text[:1]
    return glyph if glyph and glyph in STATES else ""


def row_state(row: Row) -> str:
    """The state that the row tells first; empty for none."""
    return next((glyph for glyph in map(state_of, row.cells) if glyph), "")


def number_of(cell: Cell) -> float | None:
    """The cell as a number; None when it is text."""
    if cell.rank is not None:
        return cell.rank
    if glyph := state_of(cell):
        return float(len(STATES) - STATES.index(glyph))
    found = _NUMBER.match(cell.text)
    return float(found[1]) * _UNITS[found[2] or ""] if found is not None else None


def text_of(cell: Cell) -> Text:
    """The cell as text in which numbers count as numbers: vm-9 comes before vm-10."""
    parts = _DIGITS.split(cell.text.casefold())
    return tuple((int(part), "") if part.isascii() and part.isdecimal() else (-1, part) for part in parts)


def is_numeric(cells: Iterable[Cell]) -> bool:
    """True when most of what is there counts as a number."""
    numbers = [number_of(cell) is not None for cell in cells if cell.text]
    return 2 * sum(numbers) > len(numbers)


def in_order(items: Sequence[tuple[Cell, T]], *, falling: bool) -> list[T]:
    """The items by their cells: numbers, then texts, then what is empty; equals stay as they were."""
    numbers = [(number, item) for cell, item in items if cell.text and (number := number_of(cell)) is not None]
    texts = [(text_of(cell), item) for cell, item in items if cell.text and number_of(cell) is None]
    numbers.sort(key=lambda pair: pair[0], reverse=falling)
    texts.sort(key=lambda pair: pair[0], reverse=falling)
    empty = [item for cell, item in items if not cell.text]
    return [*(item for _, item in numbers), *(item for _, item in texts), *empty]
