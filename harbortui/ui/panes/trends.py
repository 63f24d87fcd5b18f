"""What ``v`` shows in place of a pane: how it went. Pure: what the history answered in, rows out, gaps as gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbortui.model.history import PastGc
from harbortui.model.past import Curve, Past, PastDetail, Trends
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.panes.join import MIB, task_specs
from harbortui.ui.panes.older import bucket_around
from harbortui.ui.symbols import UNICODE
from harbortui.ui.trend import (
    GAP_TOLD,
    chart,
    fold,
    forecast_words,
    growth,
    growth_words,
    is_soon,
    last,
    spark,
    spark_of,
)

GUTTER = 2
LEAST_CELLS = 8
CHART_LINES = 6
LABEL = 9
MAX_GC = 50
DAY = 86_400.0

Names = tuple[Column, ...]


def pane_of(number: int, instance: InstanceSnapshot, detail: PastDetail | None, now: float, width: int) -> Pane:
    """The trends in place of an instance's pane, 1 to 4, for a table of that width."""
    if number == 1:
        return components_trends(instance, detail, width)
    if number == 2:
        return allocations_trends(detail, width)
    return storage_trends(detail, now, width) if number == 3 else replication_trends(detail, width)


def fleet_trends(
    snapshot: Snapshot, pasts: Mapping[str, Past], width: int, now: float, why_not: str | None = ""
) -> Pane:
    """Each instance's bucket: how it grew, and when it is full where a limit is known.

    ``why_not`` is why there is nothing to read, None while it is being read.
    """
    if not pasts and why_not != "":
        return _only("Trends", note("none", why_not) if why_not else _reading())
    first, rest = Column("Instance", 12), (Column("Now", 8, right=True), Column("A week", 8, right=True))
    full = Column("Full", 26, 1, most=40)
    cells = _room(width, (first, *rest, full))
    columns = (first, Column("Bucket, 60 days", cells), *rest, full)
    rows = [_fleet_row(each.name, pasts.get(each.name), cells, now) for each in snapshot.instances]
    return Pane("Trends", (Block(columns, (*rows, note("gap", GAP_TOLD))),), _badge())


def _fleet_row(name: str, past: Past | None, cells: int, now: float) -> Row:
    bucket = past.bucket if past is not None else None
    if bucket is None or not bucket.curve.seen:
        return Row(name, (Cell(name, "strong"), Cell("nothing known", "muted"), Cell(""), Cell(""), Cell("")))
    foreseen = bucket.forecast
    style = "warning" if is_soon(foreseen, now) else "text"
    newest = bucket.curve.values[-1]
    return Row(
        name,
        (
            Cell(name, "strong"),
            Cell(spark_of(fold(bucket.curve.values, cells, last))),
            Cell(words.size(newest) if newest is not None else ""),
            Cell(growth(bucket.trend) if bucket.trend is not None else "", style),
            Cell(forecast_words(foreseen, now) if foreseen is not None else "", style),
        ),
        more=(("source", bucket.curve.source),),
    )


def components_trends(instance: InstanceSnapshot, detail: PastDetail | None, width: int) -> Pane:
    """Memory of each task over a day, against its hard limit; without one, against the most there was."""
    title = "Components: memory"
    curves = _trends(detail).memory
    if not curves:
        return _nothing(title, detail)
    first = Column("Task", 11, most=14)
    rest = (Column("Now", 5, right=True), Column("Most", 5, right=True), Column("Limit", 5, 1, right=True))
    cells = _room(width, (first, *rest))
    columns = (first, Column("MiB, last day", cells), *rest)
    limits = {name: spec.memory_limit_mb for name, spec in task_specs(instance).items()}
    rows = [_memory(each, limits.get(each.name), cells) for each in sorted(curves, key=lambda each: each.name)]
    told = note("scale", f"full height is the hard limit; {GAP_TOLD}")
    return Pane(title, (Block(columns, (*rows, told)),), _badge())


def _memory(curve: Curve, limit: int | None, cells: int) -> Row:
    seen = curve.seen
    most = max(seen, default=0.0)
    top = limit * MIB if limit else most
    share = most / top if limit and top else 0.0
    style = "critical" if share >= 0.95 else "warning" if share >= 0.8 else "text"
    now = curve.values[-1] if curve.values[-1:] != (None,) else None
    return Row(
        curve.name,
        (
            Cell(curve.name, "strong"),
            Cell(spark(fold(curve.values, cells), 0.0, top), style),
            Cell(_mib(now)),
            Cell(_mib(most if seen else None), style),
            Cell(str(limit or ""), "muted"),
        ),
    )


def _mib(count: float | None) -> str:
    return "" if count is None else f"{count / MIB:.0f}"


def allocations_trends(detail: PastDetail | None, width: int) -> Pane:
    """Restarts of each task over a week."""
    title = "Allocations: restarts"
    curves = _trends(detail).restarts
    if not curves:
        return _nothing(title, detail)
    first, rest = Column("Task", 11, most=14), (Column("24 h", 4, right=True), Column("7 d", 4, right=True))
    cells = _room(width, (first, *rest))
    columns = (first, Column("Restarts, last week", cells), *rest)
    top = max((max(each.seen, default=0.0) for each in curves), default=0.0)
    rows = []
    for each in sorted(curves, key=lambda each: each.name):
        day = detail.restarts_of(each.name) if detail is not None else None
        total = sum(each.seen)
        style = "warning" if total else "muted"
        line = spark(fold(each.values, cells, sum), 0.0, max(1.0, top))
        counts = (Cell(str(day.count) if day is not None and day.count else "", "warning"), Cell(f"{total:.0f}", style))
        rows.append(Row(each.name, (Cell(each.name, "strong"), Cell(line, style), *counts)))
    return Pane(title, (Block(columns, (*rows, note("scale", GAP_TOLD))),), _badge())


def storage_trends(detail: PastDetail | None, now: float, width: int) -> Pane:
    """The bucket over sixty days, and what each garbage collection freed."""
    title = "Storage: usage"
    trends = _trends(detail)
    curve = next(iter(trends.size), None)
    if detail is None or curve is None or not curve.seen:
        return _nothing(title, detail)
    blocks = [Block(_chart_columns(width, f"{curve.source}, 60 days"), _chart(curve, _chart_room(width)))]
    bucket = detail.past.bucket
    rows = []
    if bucket is not None and bucket.trend is not None:
        rows.append(note("growth", f"{growth_words(bucket.trend)}, by {bucket.trend.days:.0f} days"))
    if bucket is not None and bucket.forecast is not None:
        text = f"full {forecast_words(bucket.forecast, now)}, of {words.size(bucket.forecast.limit)}"
        rows.append(note("full", text, "warning" if is_soon(bucket.forecast, now) else "text"))
    objects = next((each for each in trends.objects if each.source == curve.source and each.seen), None)
    if objects is not None:
        line = spark_of(fold(objects.values, max(LEAST_CELLS, width - 30), last))
        rows.append(note("objects", f"{words.number(int(objects.seen[-1]))} objects {line}"))
    rows.append(note("gap", GAP_TOLD))
    blocks[0] = blocks[0]._replace(rows=(*blocks[0].rows, *rows))
    if detail.collections:
        blocks.append(Block(_GC, tuple(_collection(each, now) for each in detail.collections[:MAX_GC]), "Collections"))
    return Pane(title, tuple(blocks), _badge())


_GC = (
    Column("", 5, right=True),
    Column("Result", 8, 1),
    Column("Harbor's word", 14, most=20),
    Column("The bucket's", 20, most=60),
)


def _collection(run: PastGc, now: float) -> Row:
    word = "would free" if run.dry_run else "freed"
    freed = "" if run.freed_bytes is None else f"{word} {words.size(run.freed_bytes)}"
    cells = (
        Cell(words.since(run.start_time, now), "muted"),
        Cell(run.status.lower(), "text" if run.status == "Success" else "critical"),
        Cell(freed),
        Cell("" if run.dry_run else bucket_around(run).removeprefix("bucket ")),
    )
    return Row(f"gc/{run.id}", cells, more=(("started", words.moment(run.start_time)), ("run", str(run.id))))


def _chart_columns(width: int, title: str) -> Names:
    return (Column("Bytes", LABEL, right=True), Column(title, _chart_room(width)))


def _chart_room(width: int) -> int:
    return max(LEAST_CELLS, min(120, width - GUTTER - LABEL - 1))


def _chart(curve: Curve, cells: int) -> tuple[Row, ...]:
    values = fold(curve.values, cells, last)
    low, high = min(curve.seen), max(curve.seen)
    labels = {0: words.size(high), CHART_LINES - 1: words.size(low)}
    return tuple(
        Row(f"line/{number}", (Cell(labels.get(number, ""), "muted"), Cell(line, "accent")))
        for number, line in enumerate(chart(values, low, high if high > low else low + 1, CHART_LINES))
    )


def replication_trends(detail: PastDetail | None, width: int) -> Pane:
    """Executions a day over thirty days."""
    title = "Replication: executions"
    done, failed = _trends(detail).done, _trends(detail).failed
    if done is None or failed is None:
        return _nothing(title, detail)
    first, rest = Column("Ended", 7), (Column("Today", 5, right=True), Column("30 d", 6, right=True))
    cells = _room(width, (first, *rest))
    columns = (first, Column("A day, last 30 days", cells), *rest)
    top = max(max(done.seen, default=0.0), max(failed.seen, default=0.0), 1.0)
    rows = []
    for name, curve, style in (("ok", done, "text"), ("failed", failed, "critical")):
        total, today = sum(curve.seen), curve.values[-1] if curve.values else None
        tone = style if total else "muted"
        line = spark(fold(curve.values, cells, sum), 0.0, top)
        counts = (Cell("" if today is None else f"{today:.0f}"), Cell(f"{total:.0f}", tone))
        rows.append(Row(name, (Cell(name, "strong"), Cell(line, tone), *counts)))
    return Pane(title, (Block(columns, (*rows, note("gap", GAP_TOLD))),), _badge())


def _trends(detail: PastDetail | None) -> Trends:
    return detail.trends if detail is not None and detail.trends is not None else Trends()


def _nothing(title: str, detail: PastDetail | None) -> Pane:
    """Why there is nothing to see."""
    if detail is None or detail.trends is None:
        return _only(title, _reading())
    lost = (note(f"lost/{number}", text, "warning") for number, text in enumerate(detail.lost))
    return _only(title, note("none", "the history knows nothing of this yet"), *lost)


def _reading() -> Row:
    return note("reading", f"{UNICODE.unknown} reading the history")


def _only(title: str, *rows: Row) -> Pane:
    return Pane(title, (Block((Column("", 30),), rows),), _badge())


def _room(width: int, others: Sequence[Column]) -> int:
    """Cells that are left for the curve."""
    return max(LEAST_CELLS, min(96, width - GUTTER - sum(each.width + 1 for each in others)))


def _badge() -> Cell:
    return Cell("v: back", "muted")
