"""The live tail of one task: bounded, drawn line by line, following unless a person scrolled up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Cell
from harbortui.ui.fit import fit_line
from harbortui.ui.widgets.painted import Drawn, Look, Painted, Span, flow
from harbortui.ui.widgets.titlebar import title_line

MAX_LINES = 5000


class LogTail(Painted, can_focus=True):
    """Lines of one stream; ``title`` says which one and ``badge`` how it is."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]

    class Opened(Message):
        """Enter was pressed: the lines in view are wanted in full."""

        def __init__(self, lines: tuple[str, ...], title: str) -> None:
            super().__init__()
            self.lines = lines
            self.title = title

    def __init__(self, look: Look, *, number: int, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.number = number
        self.title = "Logs"
        self.badge = Cell("")
        self._lines: deque[tuple[int, str]] = deque(maxlen=MAX_LINES)
        self._count = 0
        self._end: int | None = None
        """Serial number of the line after the last one in view; None while following."""

    def label(self, title: str, badge: Cell) -> None:
        """Say what is followed and how that goes."""
        if (title, badge) != (self.title, self.badge):
            self.title, self.badge = title, badge
            self.repaint()

    def extend(self, lines: Iterable[str]) -> None:
        """Add lines at the end."""
        for line in lines:
            self._lines.append((self._count, line))
            self._count += 1
        self.repaint()

    def clear(self) -> None:
        """Forget what was shown."""
        self._lines.clear()
        self._end = None
        self.repaint()

    @property
    def following(self) -> bool:
        """True while new lines move the view."""
        return self._end is None

    def action_move(self, step: int) -> None:
        """Scroll by lines; reaching the end follows again."""
        self._scroll(step)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self._scroll(pages * self._room)

    def action_first(self) -> None:
        """Go to the oldest line that is kept."""
        self._scroll(-len(self._lines))

    def action_last(self) -> None:
        """Go to the newest line and follow."""
        self._end = None
        self.repaint()

    def action_open(self) -> None:
        """Ask for the lines in view in full."""
        self.post_message(self.Opened(tuple(self._in_view(self._room)), self.title))

    def watch_has_focus(self, _value: bool) -> None:
        """Show where keys go."""
        super().watch_has_focus(_value)
        self.repaint()

    @property
    def _room(self) -> int:
        return max(1, self.size.height - 1)

    def _scroll(self, step: int) -> None:
        end = self._count if self._end is None else self._end
        oldest = self._lines[0][0] if self._lines else 0
        end = max(min(self._count, oldest + self._room), end + step)
        self._end = None if end >= self._count else end
        self.repaint()

    def _in_view(self, room: int) -> list[str]:
        if not self._lines:
            return []
        oldest = self._lines[0][0]
        end = (self._count if self._end is None else max(self._end, oldest + 1)) - oldest
        start = max(0, end - room)
        if end == len(self._lines) and room < len(self._lines):
            newest = [self._lines[-1 - back][1] for back in range(min(room, len(self._lines)))]
            return newest[::-1]
        return [text for _, text in list(self._lines)[start:end]]

    def draw(self, width: int, height: int) -> list[Drawn]:
        """The title and the lines in view."""
        symbols = self.look.symbols
        place = "" if self.following else f"{self._count - (self._end or 0)} lines below, G follows"
        lines = [title_line(self.look, f"{self.number} {self.title}", self.badge, place, width, self.has_focus)]
        for each in self._in_view(max(0, height - 1)):
            inner = max(0, width - 2)
            lines.append(Drawn("background", (Span(2, inner, fit_line(each, inner, symbols), "text"),)))
        if not self._lines and self.badge.text:
            why = Cell(f"no lines ({self.badge.text})", self.badge.style)
            lines.append(Drawn("background", flow((why,), width, symbols, 2)))
        return lines[:height]
