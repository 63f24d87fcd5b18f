"""The palette's list: laid over the lines above the footer, so that nothing else moves or is painted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.ui.cell import Cell
from harbortui.ui.widgets.painted import Drawn, Look, Painted, flow

if TYPE_CHECKING:
    from harbortui.ui.commands.palette import Entry

KIND = 10
KEY = 8


class Choices(Painted):
    """Entries of the palette; the highlighted one has the cursor's ground and mark."""

    DEFAULT_CSS = """
    Choices { layer: over; dock: bottom; offset-y: -1; width: 1fr; height: 1; display: none; }
    """

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._entries: tuple[Entry, ...] = ()
        self._at = 0

    def show(self, entries: tuple[Entry, ...], at: int) -> None:
        """Show these, with that one highlighted."""
        self._entries, self._at = entries, at
        self.repaint()

    def draw(self, width: int, height: int) -> list[Drawn]:
        """Kind, title, key."""
        symbols = self.look.symbols
        lines = []
        for number, entry in enumerate(self._entries):
            current = number == self._at
            mark = symbols.cursor if current else " "
            cells = (
                Cell(f"{mark} {entry.kind:{KIND}}", "muted" if not current else "accent"),
                Cell(f"{entry.key:{KEY}}", "key"),
                Cell(entry.title, "text"),
            )
            lines.append(Drawn("cursor" if current else "bar", flow(cells, width, symbols, gap=1)))
        if not lines:
            lines.append(Drawn("bar", flow((Cell("nothing fits", "muted"),), width, symbols, 2)))
        return lines[:height]
