"""The one place that reaches into Textual: partial updates that send the changed cells and no others.

``textual._compositor.ChopsUpdate.render_segments`` (8.2.8) crops a strip on the right only (``strip.crop(0, …)``), so a
changed cell sends its row again from the widget's first column. Cropping on both sides needs 876 bytes instead of 5,926
when 5 % of 100 rows change. Textual is pinned because of this file; its test fails when the internals move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate

if TYPE_CHECKING:
    from rich.console import Console


def _render_segments(self: ChopsUpdate, console: Console) -> str:
    """The changed spans, each cropped to its own cells and written where it begins."""
    sequences: list[str] = []
    append = sequences.append
    move_to = Control.move_to
    last_y = self.spans[-1][0]
    for y, x1, x2 in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is None or x >= x2 or end <= x1:
                continue
            start, stop = max(x, x1), min(end, x2)
            append(move_to(start, y).segment.text)
            append(strip.crop(start - x, stop - x).render(console))
        if y != last_y:
            append("\n")
    return "".join(sequences)


def install() -> None:
    """Use the cropped update from now on; calling it again changes nothing."""
    ChopsUpdate.render_segments = _render_segments  # type: ignore[method-assign]
