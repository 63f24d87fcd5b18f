"""What plots are drawn with beside braille dots, and what stands in for all of it where there is nothing but ASCII."""

from __future__ import annotations

from typing import NamedTuple


class PlotSymbols(NamedTuple):
    """One character each; no two are alike, in either set, nor like the mark of a gap."""

    axis: str
    tick: str
    limit: str
    when: str
    ahead: str
    now: str
    cross: str


PLOT = PlotSymbols("│", "┤", "╌", "━", "◦", "┊", "×")
PLAIN_PLOT = PlotSymbols("|", "+", "=", "#", "o", "!", "x")

BLANK = 0x2800
"""The braille pattern without a dot; the bits above it are the dots."""
_BELOW, _ABOVE = 0xE4, 0x1B
"""The lower and the upper half of a cell's dots."""


def _plain_dots(bits: int) -> str:
    """Two heights are left of four: below, above, and both."""
    return ":" if bits & _BELOW and bits & _ABOVE else "." if bits & _BELOW else "'"


STAND_INS = {ord(nice): plain for nice, plain in zip(PLOT, PLAIN_PLOT, strict=True)} | {
    BLANK + bits: _plain_dots(bits) for bits in range(1, 256)
}
"""Code point -> ASCII."""
