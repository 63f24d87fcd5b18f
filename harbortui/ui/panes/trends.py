"""What ``v`` shows in place of a pane: how it went. Pure: what the history answered in, rows out, gaps as gaps.

Figures with a line of bars each, and where the table has lines to spare a plot above them, of the row under the cursor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbortui.model.past import Curve, Past, PastDetail
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.panes.join import MIB, task_specs
from harbortui.ui.panes.plots import (
    fleet_plots,
    memory_plot,
    restarts_plot,
)
from harbortui.ui.panes.trend_parts import FRAME, Room, badge, cells_for, feed, nothing, only, reading, trends_of
from harbortui.ui.panes.trends_replication import replication_trends
from harbortui.ui.panes.trends_storage import storage_trends
from harbortui.ui.plot_symbols import PLOT
from harbortui.ui.trend import (
    GAP_TOLD,
    fold,
    forecast_words,
    growth,
    is_soon,
    last,
    spark,
    spark_of,
)


def pane_of(
    number: int,
    instance: InstanceSnapshot,
    detail: PastDetail | None,
    now: float,
    width: int,
    height: int = 0,
    key: str = "",
) -> Pane:
    """The trends in place of an instance's pane, 1 to 4, for a table of that size whose cursor is on row ``key``."""
    room = Room(width, height - FRAME)
    if number == 1:
        return components_trends(instance, detail, room, now, key)
    if number == 2:
        return allocations_trends(detail, room, key)
    return storage_trends(detail, now, room) if number == 3 else replication_trends(detail, room, now, key)


def fleet_trends(
    snapshot: Snapshot, pasts: Mapping[str, Past], width: int, now: float, why_not: str | None = "", height: int = 0
) -> Pane:
    """Each instance's bucket: how it grew, and when it is full where a limit is known.

    ``why_not`` is why there is nothing to read, None while it is being read; ``height`` has room for frame and rows.
    """
    if not pasts and why_not != "":
        return only("Trends", *((note("none", why_not), *feed()) if why_not else (reading(),)))
    first, rest = Column("Instance", 12), (Column("Now", 8, right=True), Column("A week", 8, right=True))
    full = Column("Full", 26, 1, most=40)
    cells = cells_for(width, (first, *rest, full))
    columns = (first, Column("Bucket, 60 days", cells), *rest, full)
    rows = [_fleet_row(each.name, pasts.get(each.name), cells, now) for each in snapshot.instances]
    there = {each.name: pasts[each.name] for each in snapshot.instances if each.name in pasts}
    picture = fleet_plots(there, now, *Room(width, height - FRAME).above(len(rows) + 1))
    marks = f"{GAP_TOLD}  {PLOT.ahead} forecast  {PLOT.limit} quota  {PLOT.when} when; each its own scale"
    told = note("gap", marks if picture else GAP_TOLD)
    return Pane("Trends", (Block(columns, (*rows, told)),), badge(), picture)


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


def components_trends(instance: InstanceSnapshot, detail: PastDetail | None, room: Room, now: float, key: str) -> Pane:
    """Memory of each task over a day, against its hard limit; without one, against the most there was."""
    title = "Components: memory"
    curves = trends_of(detail).memory
    if not curves:
        return nothing(title, detail)
    first = Column("Task", 11, most=14)
    rest = (Column("Now", 5, right=True), Column("Most", 5, right=True), Column("Limit", 5, 1, right=True))
    cells = cells_for(room.width, (first, *rest))
    columns = (first, Column("MiB, last day", cells), *rest)
    specs = task_specs(instance)
    limits = {name: spec.memory_limit_mb for name, spec in specs.items()}
    curves = tuple(sorted(curves, key=lambda each: each.name))
    rows = [_memory(each, limits.get(each.name), cells) for each in curves]
    told = note("scale", f"full height is the hard limit; {GAP_TOLD}")
    chosen = _chosen(curves, key)
    picture = memory_plot(chosen, specs.get(chosen.name), now, *room.above(len(rows) + 1))
    return Pane(title, (Block(columns, (*rows, told)),), badge(), picture)


def _chosen(curves: Sequence[Curve], key: str) -> Curve:
    """That of the row under the cursor; the first one when the cursor is on none."""
    return next((each for each in curves if each.name == key), curves[0])


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


def allocations_trends(detail: PastDetail | None, room: Room, key: str) -> Pane:
    """Restarts of each task over a week."""
    title = "Allocations: restarts"
    curves = trends_of(detail).restarts
    if not curves:
        return nothing(title, detail)
    first, rest = Column("Task", 11, most=14), (Column("24 h", 4, right=True), Column("7 d", 4, right=True))
    cells = cells_for(room.width, (first, *rest))
    columns = (first, Column("Restarts, last week", cells), *rest)
    top = max((max(each.seen, default=0.0) for each in curves), default=0.0)
    rows = []
    curves = tuple(sorted(curves, key=lambda each: each.name))
    for each in curves:
        day = detail.restarts_of(each.name) if detail is not None else None
        total = sum(each.seen)
        style = "warning" if total else "muted"
        line = spark(fold(each.values, cells), 0.0, max(1.0, top))
        counts = (Cell(str(day.count) if day is not None and day.count else "", "warning"), Cell(f"{total:.0f}", style))
        rows.append(Row(each.name, (Cell(each.name, "strong"), Cell(line, style), *counts)))
    picture = restarts_plot(_chosen(curves, key), *room.above(len(rows) + 1))
    return Pane(title, (Block(columns, (*rows, note("scale", GAP_TOLD))),), badge(), picture)
