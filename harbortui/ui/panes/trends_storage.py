"""How the bucket went: its plot, its growth in words, and what each garbage collection freed. Pure."""

from __future__ import annotations

from harbortui.model.history import PastGc
from harbortui.model.past import Curve, PastDetail
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.panes.older import bucket_around
from harbortui.ui.panes.plots import LEGEND_FROM, bucket_plot
from harbortui.ui.panes.trend_parts import GUTTER, LEAST_CELLS, Room, badge, nothing, trends_of
from harbortui.ui.trend import GAP_TOLD, chart, fold, forecast_words, growth_words, is_soon, last, spark_of, sureness

CHART_LINES = 6
LABEL = 9
MAX_GC = 50
STORAGE_ROWS = 4
"""Sentences about the bucket, and the header of its garbage collections."""

Names = tuple[Column, ...]


def storage_trends(detail: PastDetail | None, now: float, room: Room) -> Pane:
    """The bucket over sixty days, and what each garbage collection freed."""
    title = "Storage: usage"
    trends = trends_of(detail)
    curve = next(iter(trends.size), None)
    if detail is None or curve is None or not curve.seen:
        return nothing(title, detail)
    bucket, width = detail.past.bucket, room.width
    # The plot says in words what the first rows say: one of them in view is enough.
    least = min(room.height - LEGEND_FROM, STORAGE_ROWS + len(detail.collections))
    picture = bucket_plot(curve, bucket, now, *room.above(max(1, least)))
    source = f"{curve.source}, 60 days"
    block = Block(_chart_columns(width, source), _chart(curve, _chart_room(width)))
    blocks = [Block((Column(source, 30, most=60),), ()) if picture else block]
    rows = []
    if bucket is not None and bucket.trend is not None:
        rows.append(note("growth", f"{growth_words(bucket.trend)}, by {bucket.trend.days:.0f} days"))
    if bucket is not None and bucket.forecast is not None:
        sure = sureness(bucket.forecast, now)
        text = f"full {forecast_words(bucket.forecast, now)}, of {words.size(bucket.forecast.limit)}"
        text += f": {sure}" if sure else ""
        rows.append(note("full", text, "warning" if is_soon(bucket.forecast, now) else "text"))
    objects = next((each for each in trends.objects if each.source == curve.source and each.seen), None)
    if objects is not None:
        line = spark_of(fold(objects.values, max(LEAST_CELLS, width - 30), last))
        rows.append(note("objects", f"{words.number(int(objects.seen[-1]))} objects {line}"))
    rows.append(note("gap", GAP_TOLD))
    blocks[0] = blocks[0]._replace(rows=(*blocks[0].rows, *rows))
    if detail.collections:
        blocks.append(Block(_GC, tuple(_collection(each, now) for each in detail.collections[:MAX_GC]), "Collections"))
    return Pane(title, tuple(blocks), badge(), picture)


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
