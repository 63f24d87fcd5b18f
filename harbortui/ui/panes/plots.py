"""The plots above the figures of ``v``: what is drawn of each thing, and the words around it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len

from harbortui.model.history import Outlook
from harbortui.model.nomad import TaskSpec
from harbortui.model.past import BucketTrend, Curve, Past, Trends
from harbortui.ui import words
from harbortui.ui.cell import Cell
from harbortui.ui.fit import fit
from harbortui.ui.panes.join import MIB
from harbortui.ui.plot import FOOT, LEAST_LINES, LEAST_WITH_LABELS, Ahead, Limit, Plot, Tick, draw
from harbortui.ui.plot_canvas import Runs
from harbortui.ui.plot_symbols import PLOT
from harbortui.ui.trend import GAP_TOLD, forecast_words, growth, growth_words, is_soon, sureness

Picture = tuple[Runs, ...]
Label = Callable[[float], str]
Moment = Callable[[float], str]

LEAST_HEIGHT = 1 + LEAST_LINES + FOOT
"""Lines of the smallest plot, with the words above it."""
LEGEND_FROM = LEAST_HEIGHT + 1
MOST_HEIGHT = 20
"""A plot does not get better by being taller."""
MINI_WIDTH = LEAST_WITH_LABELS + 3
MINI_HEIGHT = LEAST_HEIGHT + 1
BETWEEN = 2
"""Cells between two plots side by side."""
DAY = 86_400.0
_SHORT = 2 * DAY
"""A plot of less than that has hours on its axis."""


def memory_plot(curve: Curve, spec: TaskSpec | None, now: float, width: int, height: int) -> Picture:
    """One task's memory over a day against its hard limit, with a tick at what is reserved."""
    limit = spec.memory_limit_mb if spec is not None else None
    reserved = spec.memory_mb if spec is not None else 0
    top = None if not limit else limit * float(MIB)
    newest = next((each for each in reversed(curve.values) if each is not None), None)
    caption = [Cell(curve.name, "strong"), *_figures(curve, now, words.size)]
    if top and newest is not None:
        share = newest / top
        style = "critical" if share >= 0.95 else "warning" if share >= 0.8 else "text"
        caption.insert(2, Cell(f"{words.percent(newest, top)} of the hard limit", style))
    legend = [Cell(f"{PLOT.limit} hard limit {words.size(top)}", "warning") if top else Cell("no hard limit", "muted")]
    tick = None
    if reserved and reserved != limit:
        tick = Tick(reserved * float(MIB), words.size(reserved * float(MIB)))
        legend.append(Cell(f"{PLOT.tick} reserved {tick.label}", "muted"))
    plot = Plot(
        curve,
        words.size,
        *_clock(curve),
        limit=Limit(top, "warning") if top else None,
        tick=tick,
    )
    return _framed(caption, plot, legend, width, height)


def bucket_plot(curve: Curve, bucket: BucketTrend | None, now: float, width: int, height: int) -> Picture:
    """The bucket, where its growth leads, and its quota; the scale begins at the least there was."""
    foreseen = bucket.forecast if bucket is not None else None
    caption = _figures(curve, now, words.size)
    if bucket is not None and bucket.trend is not None:
        caption.insert(1, Cell(growth_words(bucket.trend)))
    legend = []
    if foreseen is not None:
        style = "warning" if is_soon(foreseen, now) else "text"
        sure = sureness(foreseen, now)
        mark = f"{PLOT.ahead} " if sure else ""
        legend.append(Cell(f"{mark}forecast: {forecast_words(foreseen, now)}", style))
        legend += [Cell(f"{PLOT.when} {sure}", "warning")] * bool(sure)
        legend.append(Cell(f"{PLOT.limit} quota {words.size(foreseen.limit)}", "warning"))
    else:
        legend.append(Cell("no quota known, so no forecast", "muted"))
    return _framed(caption, _growing(curve, bucket), legend, width, height)


def _growing(curve: Curve, bucket: BucketTrend | None) -> Plot:
    foreseen = bucket.forecast if bucket is not None else None
    limit = Limit(foreseen.limit) if foreseen is not None else None
    return Plot(curve, words.size, *_clock(curve), zero=False, limit=limit, ahead=_ahead(bucket))


def _ahead(bucket: BucketTrend | None) -> Ahead | None:
    """The line that the forecast follows; none where no time is told."""
    foreseen = bucket.forecast if bucket is not None else None
    if foreseen is None or foreseen.outlook is not Outlook.FILLING or foreseen.at is None or foreseen.trend is None:
        return None
    line, at = foreseen.trend, foreseen.at
    latest = foreseen.latest if foreseen.latest is not None else at
    until = max(at, latest) + (max(at, latest) - line.until) / 10
    return Ahead(line.until, line.level, line.per_day / DAY, until, foreseen.earliest, foreseen.latest)


def throughput_plot(trends: Trends, now: float, width: int, height: int, *, hours: bool) -> Picture:
    """Replication tasks an hour over three days, or executions a day over thirty; failed ones as crosses."""
    done, failed = (trends.copied, trends.uncopied) if hours else (trends.done, trends.failed)
    if done is None or failed is None:
        return ()
    what, each = ("Tasks", "an hour") if hours else ("Executions", "a day")
    seen = done.seen
    total, lost = sum(seen), sum(failed.seen)
    caption = [
        Cell(f"{what} {each}", "strong"),
        Cell(_newest(done, now, _count)),
        Cell(f"most {_count(max(seen, default=0.0))}"),
        Cell(f"{_count(total)} in all, {_count(lost)} failed", "critical" if lost else "muted"),
    ]
    legend = [Cell(f"{PLOT.cross} failed", "critical" if lost else "muted")]
    if hours:
        legend.append(Cell("a task copies one repository; Harbor tells no bytes", "muted"))
    plot = Plot(done, _count, *_clock(done), bars=True, crosses=failed, top=1.0)
    return _framed(caption, plot, legend, width, height)


def restarts_plot(curve: Curve, width: int, height: int) -> Picture:
    """Restarts of one task over a week."""
    seen = curve.seen
    total = sum(seen)
    caption = [
        Cell(curve.name, "strong"),
        Cell(f"{words.plural(int(total), 'restart')} in {_length(curve)}", "warning" if total else "muted"),
        Cell(f"most {_count(max(seen, default=0.0))} in {words.roughly(curve.step)}"),
    ]
    plot = Plot(curve, _count, *_clock(curve), bars=True, top=1.0, style="warning" if total else "accent")
    return _framed(caption, plot, [], width, height)


def fleet_plots(pasts: Mapping[str, Past], now: float, width: int, height: int) -> Picture:
    """A small plot for each bucket, side by side, each on its own scale; those that fill soonest when not all fit."""
    known = [(name, past.bucket) for name, past in pasts.items() if past.bucket is not None and past.bucket.curve.seen]
    rows = min(MOST_HEIGHT, height) // MINI_HEIGHT
    beside = min(len(known), (width + BETWEEN) // (MINI_WIDTH + BETWEEN))
    if not known or rows < 1 or beside < 1:
        return ()
    known.sort(key=lambda each: not is_soon(each[1].forecast, now))
    known = known[: rows * beside]
    rows = -(-len(known) // beside)
    each_width = (width - BETWEEN * (beside - 1)) // beside
    each_height = min(MOST_HEIGHT // 2, height // rows)
    lines: list[Runs] = []
    for first in range(0, len(known), beside):
        minis = [_mini(name, it, now, each_width, each_height) for name, it in known[first : first + beside]]
        lines += (_beside(each) for each in zip(*minis, strict=True))
    return tuple(lines)


def _mini(name: str, bucket: BucketTrend, now: float, width: int, height: int) -> Picture:
    style = "warning" if is_soon(bucket.forecast, now) else "text"
    caption = [Cell(name, "strong"), Cell(_newest(bucket.curve, now, words.size).removeprefix("now "))]
    if bucket.trend is not None:
        caption.append(Cell(growth(bucket.trend), style))
    blank = ((Cell(" " * width),),) * (height - 1)
    return (sentence(caption, width), *(draw(_growing(bucket.curve, bucket), width, height - 1) or blank))


def _beside(lines: Sequence[Runs]) -> Runs:
    found: list[Cell] = []
    for number, line in enumerate(lines):
        found += [Cell(" " * BETWEEN)] * bool(number) + list(line)
    return tuple(found)


def _framed(caption: Sequence[Cell], plot: Plot, legend: Sequence[Cell], width: int, height: int) -> Picture:
    """Words, plot, and what its marks mean; nothing where there is no room for a plot."""
    height = min(MOST_HEIGHT, height)
    if height < LEAST_HEIGHT:
        return ()
    below = height >= LEGEND_FROM
    lines = draw(plot, width, height - 1 - below)
    if not lines:
        return ()
    told = [Cell(GAP_TOLD, "muted")] if None in plot.curve.values else []
    return (sentence(caption, width), *lines, *((sentence([*legend, *told], width),) if below else ()))


def sentence(cells: Sequence[Cell], width: int) -> Runs:
    """Cells two apart in exactly ``width`` cells; what does not fit is left out, the first one is cut."""
    found: list[Cell] = []
    left = width
    for cell in cells:
        apart = 2 if found else 0
        length = cell_len(cell.text)
        if length + apart > left and found:
            continue
        text = fit(cell.text, min(length, left))
        found.append(Cell(" " * apart + text, cell.style))
        left -= apart + cell_len(text)
    return (*found, *([Cell(" " * left)] if left else []))


def _figures(curve: Curve, now: float, label: Label) -> list[Cell]:
    """The newest value with its age where it has one, then the least and the most."""
    seen = curve.seen
    return [
        Cell(_newest(curve, now, label)),
        Cell(f"least {label(min(seen))}, most {label(max(seen))}" if seen else "", "muted"),
    ]


def _newest(curve: Curve, now: float, label: Label) -> str:
    """``now 412 GiB``, or ``412 GiB, 3 h ago`` when the newest step has nothing."""
    at, seen = curve.last_at, curve.seen
    if at is None or not seen:
        return "nobody looked"
    newest = label(seen[-1])
    return f"now {newest}" if now - at < curve.step else f"{newest}, {words.age(now - at)} ago"


def _count(value: float) -> str:
    """Of a count, also of half a one on an axis."""
    return words.number(int(value)) if value >= 10 or value == int(value) else f"{value:.1f}"


def _clock(curve: Curve) -> tuple[Moment, str]:
    length = curve.step * len(curve.values)
    return words.day_hour if length < _SHORT else words.day, words.zone(curve.start)


def _length(curve: Curve) -> str:
    return words.plural(round(curve.step * len(curve.values) / DAY), "day")
