"""The live tail of one task: bounded, drawn line by line, following unless a person scrolled up."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Cell
from harbortui.ui.fit import fit_line
from harbortui.ui.matching import contains, places
from harbortui.ui.widgets.painted import Drawn, Look, Painted, Span, flow, marked_spans
from harbortui.ui.widgets.titlebar import title_line

MAX_LINES = 5000
WHEEL = 3
"""Lines that one notch of the wheel scrolls."""
_TROUBLE = re.compile(r"\b(?:error|fatal|panic|critical|warn(?:ing)?|fail(?:ed|ure)?)\b", re.IGNORECASE)


class LogTail(Painted, can_focus=True):
    """Lines of one stream; ``title`` says which one and ``badge`` how it is."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]

    class Opened(Message):
        """Enter was pressed: the lines in view are wanted in full."""

        def __init__(self, lines: tuple[str, ...], title: str) -> None:
            super().__init__()
            self.lines = lines
            self.title = title

    class NextWanted(Message):
        """Another task or stream is wanted."""

    def __init__(self, look: Look, *, number: int, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.number = number
        self.title = "Logs"
        self.badge = Cell("")
        self._lines: deque[tuple[int, str]] = deque(maxlen=MAX_LINES)
        self._count = 0
        self._end: int | None = None
        """Serial number of the line after the last one in view; None while following."""
        self._paused = False
        self._sought = ""
        self._found: int | None = None
        """Serial number of the line that a search went to."""

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
        self._end = self._found = None
        self._paused = False
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
        self._end = self._found = None
        self._paused = False
        self.repaint()

    def action_facet(self) -> None:
        """Ask for the next stream or task."""
        self.post_message(self.NextWanted())

    def pause(self) -> None:
        """Hold the view still while lines keep coming, or let it follow again."""
        if self.following:
            self._end, self._paused = self._count, True
            self.repaint()
        else:
            self.action_last()

    def action_open(self) -> None:
        """Ask for the lines in view in full."""
        self.post_message(self.Opened(tuple(self._in_view(self._room)), self.title))

    # Finding

    @property
    def sought(self) -> str:
        """What is found."""
        return self._sought

    def seek(self, text: str) -> None:
        """Find this; the newest line that has it comes into view."""
        self._sought = text
        self._found = None
        if not text or not self.step_match(-1):
            self.repaint()

    def step_match(self, step: int) -> bool:
        """Go to the next or previous line that has what is sought, around the end; False when there is none."""
        return bool(self._sought) and self._go_to(step, lambda text: contains(text, self._sought), around=True)

    def step_hurt(self, *, around: bool) -> bool:
        """Go to the next line that tells of trouble; False when there is none."""
        return self._go_to(1, lambda text: _TROUBLE.search(text) is not None, around=around)

    def to_first_hurt(self) -> bool:
        """Go to the oldest line that tells of trouble; False when there is none."""
        self._found = None
        return self.step_hurt(around=True)

    def clear_search(self) -> bool:
        """Seek nothing; False when nothing was sought."""
        sought, self._sought, self._found = self._sought, "", None
        self.repaint()
        return bool(sought)

    def _go_to(self, step: int, wanted: Callable[[str], bool], *, around: bool) -> bool:
        lines = list(self._lines)
        if not lines:
            return False
        oldest = lines[0][0]
        start = self._found - oldest if self._found is not None else (len(lines) if step < 0 else -1)
        start = max(-1, min(start, len(lines)))
        ahead = range(start + step, len(lines) if step > 0 else -1, step)
        rest = (range(start + 1) if step > 0 else range(len(lines) - 1, start - 1, -1)) if around else range(0)
        for index in (*ahead, *rest):
            if 0 <= index < len(lines) and wanted(lines[index][1]):
                self._found = lines[index][0]
                end = min(self._count, max(self._found + 1 + self._room // 2, oldest + self._room))
                self._end = end
                self.repaint()
                return True
        return False

    def on_mouse_scroll_down(self) -> None:
        """The wheel scrolls."""
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """The wheel scrolls."""
        self._scroll(-WHEEL)

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
        self._end = None if end >= self._count and not self._paused else min(end, self._count)
        self.repaint()

    def _in_view(self, room: int) -> list[str]:
        return [text for _, text in self._numbered(room)]

    def _numbered(self, room: int) -> list[tuple[int, str]]:
        """The lines in view with their serial numbers."""
        if not self._lines:
            return []
        oldest = self._lines[0][0]
        end = (self._count if self._end is None else max(self._end, oldest + 1)) - oldest
        start = max(0, end - room)
        if end == len(self._lines) and room < len(self._lines):
            return [self._lines[-1 - back] for back in range(room)][::-1]
        return list(self._lines)[start:end]

    def _place(self) -> str:
        if self.following:
            return f"/{self._sought}" if self._sought else ""
        below = f"{self._count - (self._end or 0)} lines below, G follows"
        said = (f"/{self._sought}" if self._sought else "", "paused" if self._paused else "", below)
        return "  ".join(part for part in said if part)

    def draw(self, width: int, height: int) -> list[Drawn]:
        """The title and the lines in view."""
        symbols = self.look.symbols
        title = f"{self.number} {self.title}"
        lines = [title_line(self.look, title, self.badge, self._place(), width, self.has_focus)]
        inner = max(0, width - 2)
        for serial, each in self._numbered(max(0, height - 1)):
            text = Span(2, inner, fit_line(each, inner, symbols), "text")
            spans = marked_spans(text, places(text.text, self._sought)) if self._sought else [text]
            if serial == self._found:
                spans.insert(0, Span(0, 1, symbols.cursor, "accent"))
            lines.append(Drawn("background", tuple(spans)))
        if not self._lines and self.badge.text:
            why = Cell(f"no lines ({self.badge.text})", self.badge.style)
            lines.append(Drawn("background", flow((why,), width, symbols, 2)))
        return lines[:height]
