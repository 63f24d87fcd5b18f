"""Reaches into Textual's compositor: partial updates that send the changed cells and no others, or send them later.

``textual._compositor.ChopsUpdate.render_segments`` (8.2.8) crops a strip on the right only (``strip.crop(0, …)``), so a
changed cell sends its row again from the widget's first column. Cropping on both sides needs 876 bytes instead of 5,926
when 5 % of 100 rows change. And every segment comes with all of its style and a reset, also beside one of the same
style. Textual is pinned because of this file; its test fails when the internals move.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.screen import UPDATE_PERIOD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.color import ColorSystem
    from rich.console import Console, RenderableType
    from rich.style import Style
    from textual.screen import Screen
    from textual.strip import Strip
    from textual.widget import Widget


class _Pen:
    """Writes styled text, and of each style only what differs from the one before: half the bytes of a full paint."""

    def __init__(self, console: Console) -> None:
        self._system = console._color_system
        self._style: Style | None = None
        self._out: list[str] = []

    def move(self, x: int, y: int) -> None:
        """Go on there."""
        self._out.append(Control.move_to(x, y).segment.text)

    def write(self, strip: Strip) -> None:
        """Write a strip's segments."""
        out = self._out
        for text, style, _ in strip._segments:
            if style is not self._style:
                out.append(turn(self._style, style, self._system))
                self._style = style
            out.append(text)

    def done(self) -> str:
        """All that was written, with the style off at the end."""
        self._out.append(turn(self._style, None, self._system))
        return "".join(self._out)


@lru_cache(8192)
def turn(before: Style | None, after: Style | None, system: ColorSystem | None) -> str:
    """What makes the terminal paint in style ``after`` when it paints in ``before``."""
    if system is None:
        return ""
    old, new = _parts(before, system), _parts(after, system)
    if old == new:
        return ""
    kept = old[0] in ("", new[0]) and all(there or not was for was, there in zip(old, new, strict=True))
    if kept:
        codes = [there for was, there in zip(old, new, strict=True) if there != was]
    else:
        codes = ["0", *(each for each in new if each)]
    return f"\x1b[{';'.join(codes)}m"


def _parts(style: Style | None, system: ColorSystem) -> tuple[str, str, str]:
    """The codes of attributes, colour and ground; empty for what the terminal has by itself."""
    if style is None:
        return "", "", ""
    colours = []
    for colour, is_foreground in ((style.color, True), (style.bgcolor, False)):
        codes = () if colour is None else colour.downgrade(system).get_ansi_codes(is_foreground)
        # The terminal's own colour is what it has by itself after a reset.
        colours.append("" if codes in (("39",), ("49",)) else ";".join(codes))
    return style.without_color._make_ansi_codes(system), colours[0], colours[1]


def _render_chops(self: ChopsUpdate, console: Console) -> str:
    """The changed spans, each cropped to its own cells and written where it begins."""
    pen = _Pen(console)
    for y, x1, x2 in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is None or x >= x2 or end <= x1:
                continue
            start, stop = max(x, x1), min(end, x2)
            pen.move(start, y)
            pen.write(strip.crop(start - x, stop - x))
    return pen.done()


def _render_layout(self: LayoutUpdate, console: Console) -> str:
    """Every line of the region."""
    pen = _Pen(console)
    for y, line in enumerate(self.strips, self.region.y):
        pen.move(self.region.x, y)
        for strip in line:
            pen.write(strip)
    return pen.done()


def install() -> None:
    """Paint this way from now on; calling it again changes nothing."""
    ChopsUpdate.render_segments = _render_chops  # type: ignore[method-assign]
    LayoutUpdate.render_segments = _render_layout  # type: ignore[method-assign]


class Owed:
    """What would have been painted on a line that took nothing, as regions; they are rendered when they are sent."""

    def __init__(self) -> None:
        self._screen: Screen[object] | None = None
        self._regions: set[Region] = set()
        self._all = False

    def add(self, screen: Screen[object], renderable: RenderableType) -> None:
        """Remember one update that was not sent."""
        if isinstance(renderable, ChopsUpdate) and self._screen in (None, screen):
            self._screen = screen
            self._regions.update(Region(x1, y, x2 - x1, 1) for y, x1, x2 in renderable.spans)
        else:
            self._all = True

    def repay(self, screen: Screen[object]) -> None:
        """Have it painted as it is now; all of the screen when it is another one or had all of it changed."""
        if self._all or screen is not self._screen:
            screen.refresh(layout=True)
            screen._compositor._dirty_regions.add(screen.size.region)
        else:
            screen._compositor._dirty_regions.update(self._regions)
        screen._compositor_refresh()


class Haste:
    """What a key changed is painted at once and in one piece.

    Textual paints in frames of its own clock (``textual.timer.Timer._run``): after one paint the next comes 17 to 33 ms
    later. What follows from a moved cursor, such as a line that names the row, took that next frame, and the next key
    had to wait for the one after.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wanted = False
        self._painted_at = -UPDATE_PERIOD

    def key(self) -> None:
        """A key came."""
        self._wanted = True

    def paint(self, screen: Screen[None], widgets: Iterable[Widget]) -> None:
        """Paint what changed when a key came; the ``widgets`` that changed need not have said so yet.

        Keys that come faster than frames are painted in frames, so that a line is not filled.
        """
        if not self._wanted or self._clock() - self._painted_at < UPDATE_PERIOD:
            return
        # Of a widget that is not in view the compositor would compute where everything is anew.
        shown = screen._compositor.visible_widgets
        screen._dirty_widgets.update(each for each in widgets if each._repaint_regions and each in shown)
        if screen._dirty_widgets or screen._layout_required or screen._repaint_required:
            self._wanted = False
            self._painted_at = self._clock()
            screen._on_timer_update()
