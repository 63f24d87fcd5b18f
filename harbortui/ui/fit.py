"""Fitting text and columns into terminal cells."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from rich.cells import cell_len, set_cell_size

from harbortui.ui.cell import Column, Row
from harbortui.ui.symbols import UNICODE, Symbols, to_ascii

GAP = 1
"""Cells between two columns."""
MEASURED = 1000
"""Rows that columns grow for."""
NAME_FROM = 8
MIDDLE_FROM = 24
"""Cells from which on a line can lose its middle in place of its end."""


def visible(text: str) -> str:
    """The second wall against terminal injection: snapshot files and our own mistakes pass here too.

    Every source's text was sanitised where it entered; what is not printable here becomes U+FFFD, one cell wide.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


@lru_cache(maxsize=8192)
def fit(text: str, width: int, right: bool = False, symbols: Symbols = UNICODE) -> str:
    """``text`` in exactly ``width`` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    text = to_ascii(visible(text), symbols)
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + symbols.ellipsis
    padding = " " * (width - length)
    return padding + text if right else text + padding


@lru_cache(maxsize=4096)
def fit_line(text: str, width: int, symbols: Symbols = UNICODE) -> str:
    """A log line in exactly ``width`` cells; one that is too long loses its middle: time and level stand at its
    beginning, what happened at its end."""
    text = to_ascii(visible(text), symbols)
    length = len(text) if text.isascii() else cell_len(text)
    if length <= width or width < MIDDLE_FROM:
        return fit(text, width, False, symbols)
    return _without_middle(text, width, width * 2 // 5, symbols)


@lru_cache(maxsize=4096)
def fit_name(text: str, width: int, symbols: Symbols = UNICODE) -> str:
    """A name in exactly ``width`` cells; one that is too long loses its middle, because names of a fleet often differ
    at their ends only."""
    plain = to_ascii(visible(text), symbols)
    if width < NAME_FROM or cell_len(plain) <= width:
        return fit(text, width, False, symbols)
    return _without_middle(plain, width, width // 2, symbols)


def _without_middle(text: str, width: int, head: int, symbols: Symbols) -> str:
    end, room = len(text), width - head - 1
    while room >= (taken := cell_len(text[end - 1])):
        end, room = end - 1, room - taken
    return set_cell_size(text, head) + symbols.ellipsis + text[end:] + " " * room


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells, broken at spaces where there are some; at least one line."""
    width = max(1, width)
    lines: list[str] = []
    rest = visible(text)
    while cell_len(rest) > width:
        end = _index_at(rest, width)
        space = rest.rfind(" ", 1, end + 1)
        cut = space if space > end // 2 else end
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, rest]


def _index_at(text: str, width: int) -> int:
    """How many characters of ``text`` fit into ``width`` cells; at least one, so that wrapping always moves on."""
    used = 0
    for index, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return max(1, index)
    return len(text)


@lru_cache(maxsize=256)
def place_columns(
    columns: tuple[Column, ...], width: int, wanted: tuple[int, ...] = ()
) -> tuple[tuple[int, int, int], ...]:
    """``(index, x, width)`` of the columns that have room in ``width`` cells, left to right.

    Columns of the highest priority number are dropped until the rest fits; what room is left goes to the columns that
    want more (``wanted``, in cells, by default as much as they may have), the most important first, equals by turns.
    """
    kept = list(range(len(columns)))
    while len(kept) > 1 and _needed(columns, kept) > width:
        worst = max(kept, key=lambda index: (columns[index].priority, index))
        if columns[worst].priority == 0:
            break
        kept.remove(worst)
    widths = {index: columns[index].width for index in kept}
    spare = width - _needed(columns, kept)
    for _, group in groupby(sorted(kept, key=lambda each: columns[each].priority), lambda each: columns[each].priority):
        spare = _grow(widths, {index: wanted[index] if wanted else columns[index].most for index in group}, spare)
    places: list[tuple[int, int, int]] = []
    x = 0
    for index in kept:
        room = min(widths[index], width - x)
        if room <= 0:
            break
        places.append((index, x, room))
        x += room + GAP
    return tuple(places)


def _grow(widths: dict[int, int], wanted: dict[int, int], spare: int) -> int:
    """Give each column that wants more one cell by turns; returns what is left."""
    hungry = [index for index, want in wanted.items() if want > widths[index]]
    while spare > 0 and hungry:
        for index in hungry[:spare]:
            widths[index] += 1
            spare -= 1
        hungry = [index for index in hungry if wanted[index] > widths[index]]
    return spare


def wants(columns: tuple[Column, ...], rows: Sequence[Row], before: tuple[int, ...]) -> tuple[int, ...]:
    """What each column would need for its longest text, within what it may have; never less than ``before``.

    Because it never shrinks, columns do not jump with every refresh. Of a long table its beginning is measured, so that
    a refresh of 10,000 rows costs little more than one of 1,000.
    """
    found = list(before) if len(before) == len(columns) else [column.width for column in columns]
    growing = [index for index, column in enumerate(columns) if column.most > found[index]]
    for row in rows[:MEASURED]:
        if not row.wide:
            for index in growing:
                text = row.cells[index].text
                length = len(text) if text.isascii() else cell_len(text)
                found[index] = max(found[index], min(length, columns[index].most))
    return tuple(found)


def _needed(columns: Sequence[Column], kept: Sequence[int]) -> int:
    return sum(columns[index].width for index in kept) + GAP * (len(kept) - 1)
