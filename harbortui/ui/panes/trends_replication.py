"""How replication went: tasks an hour, executions a day, failed ones beside those that ended well. Pure."""

from __future__ import annotations

from harbortui.model.past import Curve, PastDetail
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.panes.plots import LEGEND_FROM, throughput_plot
from harbortui.ui.panes.trend_parts import Room, badge, cells_for, nothing, trends_of
from harbortui.ui.trend import GAP_TOLD, fold, spark


def replication_trends(detail: PastDetail | None, room: Room, now: float, key: str) -> Pane:
    """Tasks an hour over three days, executions a day over thirty; drawn is what the cursor is in."""
    title = "Replication: throughput"
    trends = trends_of(detail)
    blocks = [
        _ended("hour", "Tasks", "An hour, last 3 days", "3 d", trends.copied, trends.uncopied, room),
        _ended("day", "Executions", "A day, last 30 days", "30 d", trends.done, trends.failed, room),
    ]
    told = [each for each in blocks if each is not None]
    if not told:
        return nothing(title, detail)
    told[-1] = told[-1]._replace(rows=(*told[-1].rows, note("gap", GAP_TOLD)))
    hours = blocks[0] is not None and not key.startswith("day/")
    lines = sum(len(each.rows) + 1 for each in told) - 1
    picture = throughput_plot(trends, now, *room.above(min(lines, max(2, room.height - LEGEND_FROM))), hours=hours)
    return Pane(title, tuple(told), badge(), picture)


def _ended(
    unit: str, what: str, over: str, whole: str, done: Curve | None, failed: Curve | None, room: Room
) -> Block | None:
    """Those that ended well and those that failed, in each step and in all; None where nothing is known."""
    if done is None or failed is None:
        return None
    now = "Today" if unit == "day" else "Now"
    first, rest = Column(what, 10), (Column(now, 5, right=True), Column(whole, 6, right=True))
    cells = cells_for(room.width, (first, *rest))
    top = max(max(done.seen, default=0.0), max(failed.seen, default=0.0), 1.0)
    rows = []
    for name, curve, style in (("ok", done, "text"), ("failed", failed, "critical")):
        total, newest = sum(curve.seen), curve.values[-1] if curve.values else None
        tone = style if total else "muted"
        line = spark(fold(curve.values, cells), 0.0, top)
        counts = (Cell("" if newest is None else f"{newest:.0f}"), Cell(f"{total:.0f}", tone))
        rows.append(Row(f"{unit}/{name}", (Cell(name, "strong"), Cell(line, tone), *counts)))
    return Block((first, Column(over, cells), *rest), tuple(rows), what)
