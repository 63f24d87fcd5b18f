"""Series as pictures of characters: axes with units, gaps as gaps, limits, failures and forecasts as other marks.

Pure: what to draw and how large in, lines out. Our own because textual-plotext repaints its whole canvas at any change,
takes 20 to 45 ms to import and 4 to 7 ms for a plot (this: 1.4 ms), and 1.0.1 does not start with plotext 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from harbortui.model.past import Curve
from harbortui.ui.cell import Cell
from harbortui.ui.fit import fit
from harbortui.ui.plot_canvas import DOTS, Canvas, Runs
from harbortui.ui.plot_scale import Range, Scale, Span, columns_of, finite, scale_of
from harbortui.ui.plot_symbols import PLOT
from harbortui.ui.symbols import UNICODE

LABEL = 8
"""Cells of the labels left of the axis."""
LEAST_PLOT = 12
"""Cells below which a plot is no picture any more."""
LEAST_LINES = 3
"""Lines of dots below which it is none either."""
LEAST_WITH_LABELS = LABEL + 1 + LEAST_PLOT
FOOT = 1
"""Lines below the dots: the times."""
FUTURE = 1.0
"""How much of the past's length the future may have at most."""
MIDDLE_FROM = 7
"""Lines from which on the middle of the scale has a label too."""
LAST_MOMENT = 2.5e11
"""The calendar ends with the year 9999."""


class Limit(NamedTuple):
    """A line that must not be reached."""

    value: float
    style: str = "warning"


class Tick(NamedTuple):
    """A mark at the axis."""

    value: float
    label: str


class Ahead(NamedTuple):
    """A straight line into the future, and where on the limit it is expected."""

    at: float
    """A moment on it, seconds since 1970."""
    value: float
    per_second: float
    until: float
    """The end of what is drawn."""
    earliest: float | None = None
    latest: float | None = None
    """When the limit is reached, at the earliest and at the latest; drawn as the thick part of its line."""


class Plot(NamedTuple):
    """What a plot shows. Values of ``crosses`` stand as crosses over those of ``curve``."""

    curve: Curve
    label: Callable[[float], str]
    """A value in at most eight cells, with its unit."""
    time: Callable[[float], str]
    """A moment, in the zone that ``zone`` names."""
    zone: str = ""
    bars: bool = False
    """Counts: filled from zero. Otherwise a line, joined only where every step was seen."""
    crosses: Curve | None = None
    zero: bool = True
    """False lets the scale begin at the least value."""
    limit: Limit | None = None
    tick: Tick | None = None
    top: float | None = None
    """What the scale reaches at least."""
    ahead: Ahead | None = None
    style: str = "accent"


def is_room(width: int, height: int) -> bool:
    """True where a plot of that size, with its times, can be read."""
    return width >= LEAST_PLOT and height >= LEAST_LINES + FOOT


def draw(plot: Plot, width: int, height: int) -> tuple[Runs, ...]:
    """The plot in ``height`` lines of exactly ``width`` cells; nothing where that is too small for one."""
    curve = plot.curve
    past = Span(curve.start, curve.start + curve.step * len(curve.values))
    if not is_room(width, height) or not 0 <= past.start < past.end < LAST_MOMENT:
        return ()
    plot = _drawable(plot)
    scale = _scale(plot)
    gutter = LABEL + 1 if width >= LEAST_WITH_LABELS else 0
    canvas = Canvas(width - gutter, height - FOOT)
    span = past if plot.ahead is None else Span(past.start, max(past.end, min(plot.ahead.until, _furthest(past))))
    ended = max(1, min(canvas.columns, span.column(past.end, canvas.columns)))
    _draw_series(plot, canvas, scale, span, ended)
    _draw_limit(plot, canvas, scale, span, ended)
    lines = [(*label, *canvas.runs(line)) for line, label in enumerate(_labels(plot, canvas, scale, gutter))]
    return (*lines, _times(plot, span, past, gutter, canvas.width, ended))


def _drawable(plot: Plot) -> Plot:
    """Without lines that are no numbers."""
    ahead = plot.ahead
    if ahead is not None and any(finite(each) is None for each in ahead[:4]):
        ahead = None
    limit = plot.limit if plot.limit is not None and finite(plot.limit.value) == plot.limit.value else None
    tick = plot.tick if plot.tick is not None and finite(plot.tick.value) == plot.tick.value else None
    return plot._replace(ahead=ahead, limit=limit, tick=tick)


def _furthest(past: Span) -> float:
    return past.end + FUTURE * (past.end - past.start)


def _scale(plot: Plot) -> Scale:
    values = [*plot.curve.values, *(plot.crosses.values if plot.crosses is not None else ()), plot.top]
    values += [each.value for each in (plot.limit, plot.tick) if each is not None]
    return scale_of(values, zero=plot.zero or plot.bars)


def _draw_series(plot: Plot, canvas: Canvas, scale: Scale, span: Span, ended: int) -> None:
    curve, crosses = plot.curve, plot.crosses
    columns = columns_of(curve.start, curve.step, curve.values, span, canvas.columns)[:ended]
    if plot.bars:
        _draw_bars(canvas, columns, scale, plot.style)
    else:
        _draw_line(canvas, columns, scale, plot.style)
    others: Sequence[Range | None] = ()
    if crosses is not None:
        others = columns_of(crosses.start, crosses.step, crosses.values, span, canvas.columns)[:ended]
        for x, pair in enumerate(_pairs(others)):
            high = max((each.high for each in pair if each is not None), default=0.0)
            if high > 0:
                canvas.mark(x, canvas.line_of(scale.dot(high, canvas.dots)), PLOT.cross, "critical", over=True)
    for x, pair in enumerate(_pairs(columns)):
        if all(each is None for each in pair) and all(each is None for each in others[2 * x : 2 * x + 2]):
            canvas.mark(x, canvas.height - 1, UNICODE.dot, "muted")


def _pairs(columns: Sequence[Range | None]) -> list[Sequence[Range | None]]:
    return [columns[index : index + 2] for index in range(0, len(columns), 2)]


def _draw_bars(canvas: Canvas, columns: Sequence[Range | None], scale: Scale, style: str) -> None:
    floor = scale.dot(0.0, canvas.dots)
    for number, each in enumerate(columns):
        if each is not None:
            low, high = scale.dot(min(0.0, each.low), canvas.dots), scale.dot(max(0.0, each.high), canvas.dots)
            canvas.rise(number, min(low, floor), max(high, floor), style)


def _draw_line(canvas: Canvas, columns: Sequence[Range | None], scale: Scale, style: str) -> None:
    """Dots, with rises and falls joined between neighbours; never across a gap."""
    dots = [None if each is None else tuple(scale.dot(it, canvas.dots) for it in each) for each in columns]
    for number, (before, now) in enumerate(pairwise([None, *dots])):
        if now is None:
            continue
        low, high = now
        if before is not None:
            low = min(low, before[1] + 1) if before[1] < low else low
            high = max(high, before[0] - 1) if before[0] > high else high
        canvas.rise(number, low, high, style)


def _draw_limit(plot: Plot, canvas: Canvas, scale: Scale, span: Span, ended: int) -> None:
    ahead, limit = plot.ahead, plot.limit
    line = canvas.line_of(scale.dot(limit.value, canvas.dots)) if limit is not None else -1
    if ahead is not None and span.column(ahead.until, canvas.columns) > ended:
        _draw_ahead(canvas, scale, span, ended, ahead, line)
    if limit is not None:
        for x in range(canvas.width):
            canvas.mark(x, line, PLOT.limit, limit.style)


def _draw_ahead(canvas: Canvas, scale: Scale, span: Span, ended: int, ahead: Ahead, line: int) -> None:
    """Every second cell, so that it looks like none of what was seen; on the limit's line, when it may be reached."""
    present = -(-ended // 2)
    seconds = (span.end - span.start) / canvas.width
    if line >= 0 and ahead.earliest is not None:
        latest = ahead.latest if ahead.latest is not None else span.end
        first = max(present, span.column(ahead.earliest, canvas.columns) // 2)
        for x in range(first, min(canvas.width - 1, span.column(latest, canvas.columns) // 2) + 1):
            canvas.mark(x, line, PLOT.when, "warning")
    for x in range(present, canvas.width, 2):
        value = finite(ahead.value + ahead.per_second * (span.start + (x + 0.5) * seconds - ahead.at))
        if value is not None and scale.low <= value <= scale.high:
            canvas.mark(x, canvas.line_of(scale.dot(value, canvas.dots)), PLOT.ahead, "strong")
    if present < canvas.width:
        for y in range(canvas.height):
            canvas.mark(present, y, PLOT.now, "muted")


def _labels(plot: Plot, canvas: Canvas, scale: Scale, gutter: int) -> list[Runs]:
    """What stands left of each line: the value at its top (first line), at its bottom (last line), and a tick's."""
    if not gutter:
        return [()] * canvas.height
    last = canvas.height - 1
    texts = {0: plot.label(scale.high), last: plot.label(scale.low)}
    named = [Tick(plot.limit.value, plot.label(plot.limit.value))] if plot.limit is not None else []
    named += [plot.tick] if plot.tick is not None else []
    lines = {canvas.line_of(scale.dot(each.value, canvas.dots)): each.label for each in named}
    middle = last // 2
    if canvas.height >= MIDDLE_FROM and not lines.keys() & {middle - 1, middle, middle + 1}:
        texts[middle] = plot.label(scale.value(DOTS * (last - middle) + (DOTS - 1) / 2, canvas.dots))
    texts = {**lines, **texts}
    axes = [PLOT.tick if line in texts else PLOT.axis for line in range(canvas.height)]
    return [(Cell(fit(texts.get(line, ""), LABEL, True) + axis, "muted"),) for line, axis in enumerate(axes)]


def _times(plot: Plot, span: Span, past: Span, gutter: int, width: int, ended: int) -> Runs:
    """Below the dots: the first moment, the present where the future is drawn, the last one with its zone."""
    line = [" "] * (gutter + width)

    def write(at: int, text: str) -> None:
        at = max(gutter, min(at, gutter + width - len(text)))
        room = line[max(0, at - 1) : at + len(text) + 1]
        if at >= gutter and len(text) <= width and not "".join(room).strip():
            line[at : at + len(text)] = text

    end = f"{plot.time(span.end)} {plot.zone}".rstrip()
    write(gutter + width - len(end), end)
    write(gutter, plot.time(span.start))
    if span.end > past.end:
        write(gutter + ended // 2 - 1, "now")
    return (Cell("".join(line), "muted"),)
