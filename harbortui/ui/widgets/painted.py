"""The base of all widgets here: a list of drawn lines, compared with the new one, so that only changes are sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from harbortui.ui.cell import Cell
from harbortui.ui.fit import fit, visible
from harbortui.ui.palette import Palette
from harbortui.ui.symbols import Symbols

MATCH = "match"
"""The style of what was found."""


class Look:
    """How everything is painted; shared by all widgets and changed in place when the theme changes."""

    def __init__(self, palette: Palette, symbols: Symbols) -> None:
        self.palette = palette
        self.symbols = symbols


class Span(NamedTuple):
    """Fitted text at a place of a line."""

    x: int
    width: int
    text: str
    style: str


class Drawn(NamedTuple):
    """One line as it is on the screen."""

    ground: str = "background"
    spans: tuple[Span, ...] = ()


class Painted(Widget):
    """Draws ``Drawn`` lines. Content is segments with ready styles; nothing is ever parsed as markup."""

    ALLOW_SELECT = False

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.auto_links = False
        self.look = look
        self._drawn: list[Drawn] = []

    def draw(self, width: int, height: int) -> list[Drawn]:
        """The lines to show in that room; fewer lines leave the rest empty."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw again and send what differs; nothing when nothing does."""
        width, height = self.size
        old, new = self._drawn, self.draw(width, height)[:height]
        self._drawn = new
        if len(old) != len(new):
            self.refresh()
            return
        dirty = [region for y, pair in enumerate(zip(old, new, strict=True)) for region in _changes(y, width, *pair)]
        if len(dirty) > 3 * height:
            self.refresh()
        elif dirty:
            self.refresh(*dirty)

    def on_resize(self) -> None:
        """Fit into the new room."""
        self._drawn = self.draw(*self.size)
        self.refresh()

    def restyle(self) -> None:
        """Paint everything again, in the styles of a new theme."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line as segments; the gaps between spans in the line's ground."""
        width = self.size.width
        drawn = self._drawn[y] if y < len(self._drawn) else Drawn()
        style = self.look.palette.style
        segments: list[Segment] = []
        x = 0
        for span in drawn.spans:
            if span.x > x:
                segments.append(Segment(" " * (span.x - x), style("text", drawn.ground)))
            segments.append(Segment(span.text, self._style(span.style, drawn.ground)))
            x = span.x + span.width
        if x < width:
            segments.append(Segment(" " * (width - x), style("text", drawn.ground)))
        return Strip(segments, max(x, width)).crop(0, width)

    def _style(self, name: str, ground: str) -> Style:
        """A palette's style; what was found stands out by shape, so that it does without colours too."""
        if name != MATCH:
            return self.look.palette.style(name, ground)
        plain = self.look.palette.style("text", ground)
        return plain + Style(reverse=not plain.reverse, bold=True, underline=True)


def _changes(y: int, width: int, old: Drawn, new: Drawn) -> Iterable[Region]:
    """The regions of one line that differ: single spans where the geometry is the same, else the whole line."""
    if old == new:
        return
    same_geometry = old.ground == new.ground and len(old.spans) == len(new.spans)
    if not same_geometry or any(a[:2] != b[:2] for a, b in zip(old.spans, new.spans, strict=True)):
        yield Region(0, y, width, 1)
        return
    for a, b in zip(old.spans, new.spans, strict=True):
        if a != b:
            yield Region(b.x, y, b.width, 1)


def marked_spans(span: Span, found: Sequence[tuple[int, int]]) -> list[Span]:
    """The span cut into pieces, those that were ``found`` (begin and end in characters) in the style of a match."""
    from rich.cells import cell_len

    pieces: list[Span] = []
    x, last = span.x, 0
    for begin, end in (*found, (len(span.text), len(span.text))):
        for text, style in ((span.text[last:begin], span.style), (span.text[begin:end], MATCH)):
            if text:
                pieces.append(Span(x, cell_len(text), text, style))
                x += pieces[-1].width
        last = end
    return pieces


def flow(
    cells: Sequence[Cell], width: int, symbols: Symbols, x: int = 0, gap: int = 2, whole: bool = False
) -> tuple[Span, ...]:
    """Cells one after the other, as many as fit; the last one is cut with an ellipsis, or left out with ``whole``."""
    from rich.cells import cell_len

    spans: list[Span] = []
    for cell in cells:
        if not cell.text:
            continue
        room = width - x
        if room <= 0:
            break
        length = cell_len(visible(cell.text))
        if whole and length > room:
            break
        text = fit(cell.text, min(room, length), False, symbols)
        length = cell_len(text)
        spans.append(Span(x, length, text, cell.style))
        x += length + gap
    return tuple(spans)
