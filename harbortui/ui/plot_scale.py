"""Where values and moments stand in a plot. Pure; nothing that a value can be makes it raise."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

HUGE = 1e300
"""Beyond this, sums overflow; what is larger is drawn, and said, as this."""


def finite(value: float | None) -> float | None:
    """The value as it can be drawn; None for what is no number, as for what nobody saw."""
    if value is None or math.isnan(value) or math.isinf(value):
        return None
    return max(-HUGE, min(HUGE, value))


FAR = 1e9
"""Columns away from the plot, in either direction: as far as anything can be."""


ROUNDING = 1e-6
"""Of a column: a step that begins at a column's edge must not spill into the one before because of its last bit."""


class Scale(NamedTuple):
    """From a value to a dot: ``low`` stands on dot 0, ``high`` on the last one."""

    low: float
    high: float

    def dot(self, value: float, dots: int) -> int:
        """0 to ``dots - 1``, the nearest; values outside stand on the edge."""
        share = (value - self.low) / (self.high - self.low)
        return max(0, min(dots - 1, round(share * (dots - 1))))

    def value(self, dot: float, dots: int) -> float:
        """The value that a dot stands for."""
        return self.low + (self.high - self.low) * dot / max(1, dots - 1)


def scale_of(values: Iterable[float | None], *, zero: bool) -> Scale:
    """A scale that holds all values.

    It begins at ``zero`` or at the least value. Where all values are alike they stand in its middle, rather than have
    their noise blown up; a flat line must look flat.
    """
    seen = [each for each in map(finite, values) if each is not None]
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    low = min(0.0, low) if zero else low
    if high - low <= max(abs(high), abs(low)) * 1e-3:
        room = max(abs(high) * 0.05, 0.5)
        low, high = (low, high + room) if zero else (low - room, high + room)
    return Scale(low, high)


class Span(NamedTuple):
    """From a moment to the column of half a cell; seconds since 1970."""

    start: float
    end: float

    def column(self, at: float, columns: int) -> int:
        """The column that holds the moment; it may lie outside of 0 to ``columns - 1``."""
        share = (at - self.start) / (self.end - self.start) * columns
        return math.floor(max(-FAR, min(FAR, share)) + ROUNDING)


class Range(NamedTuple):
    """The least and the most of what stands in one column."""

    low: float
    high: float


def columns_of(
    start: float, step: float, values: Iterable[float | None], span: Span, columns: int
) -> list[Range | None]:
    """What stands in each column of half a cell; None where nobody looked.

    A column that several steps fall into holds the least and the most of them, so that no peak is lost; a step that is
    wider than a column fills all of its columns. A column is a gap only where all of its steps are.
    """
    found: list[Range | None] = [None] * columns
    for number, each in enumerate(values):
        value = finite(each)
        if value is None:
            continue
        first = span.column(start + number * step, columns)
        # The step ends where the next one begins, and has at least the column it begins in.
        last = max(first, span.column(start + (number + 1) * step, columns) - 1)
        for column in range(max(0, first), min(columns - 1, last) + 1):
            known = found[column]
            found[column] = (
                Range(value, value) if known is None else Range(min(known.low, value), max(known.high, value))
            )
    return found
