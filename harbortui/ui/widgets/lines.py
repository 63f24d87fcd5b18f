"""Lines of text that hold still: header, verdict, footer, tabs."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Cell
from harbortui.ui.widgets.painted import Drawn, Look, Painted, flow


class Lines(Painted):
    """Some lines of cells with one cell of margin."""

    class Clicked(Message):
        """The mouse was on one of the cells."""

        def __init__(self, lines: Lines, index: int) -> None:
            super().__init__()
            self.lines = lines
            self.index = index
            """Which of the first line's cells."""

    def __init__(self, look: Look, *, ground: str = "background", whole: bool = False, id: str | None = None) -> None:
        """``whole``: where there are several, leave out what does not fit in place of cutting it."""
        super().__init__(look, id=id)
        self._ground = ground
        self._whole = whole
        self._left: tuple[tuple[Cell, ...], ...] = ()
        self._right: tuple[Cell, ...] = ()

    def show(self, *lines: tuple[Cell, ...], right: tuple[Cell, ...] = ()) -> None:
        """Show these lines; ``right`` stands at the right end of the first and gives way last."""
        if (lines, right) == (self._left, self._right):
            return
        self._left, self._right = lines, right
        self.repaint()

    def draw(self, width: int, height: int) -> list[Drawn]:
        """The lines as they fit."""
        drawn = []
        for number, cells in enumerate(self._left):
            right = self._right if number == 0 else ()
            needed = sum(len(cell.text) + 2 for cell in right)
            end = width - needed if right else width
            whole = self._whole and len(cells) > 1
            spans = flow(cells, max(0, end - 1), self.look.symbols, 1, whole=whole)
            if right:
                start = max(1, end)
                spans = (*spans, *flow(right, width, self.look.symbols, start))
            drawn.append(Drawn(self._ground, spans))
        while len(drawn) < height:
            drawn.append(Drawn(self._ground))
        return drawn

    def on_click(self, event: events.Click) -> None:
        """Say which cell of the first line was meant."""
        spans = self._drawn[0].spans if event.y == 0 and self._drawn else ()
        for index, span in enumerate(spans):
            if span.x <= event.x < span.x + span.width:
                self.post_message(self.Clicked(self, index))


class Bar(Lines, can_focus=True):
    """A question docked above the footer; while displayed it has the keys, and enter says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [each for each in bindings(Where.LIST) if each.id == "open"]

    class Confirmed(Message):
        """Enter was pressed."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, ground="bar", id="bar")
        self.display = False

    def action_open(self) -> None:
        """Say yes."""
        self.post_message(self.Confirmed())
