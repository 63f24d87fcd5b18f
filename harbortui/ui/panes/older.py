"""Rows that only the history knows: how the bucket grows, and what Harbor and Nomad have forgotten."""

from __future__ import annotations

from collections.abc import Iterable

from harbortui.model.finding import State
from harbortui.model.harbor import Execution, Policy
from harbortui.model.history import Outlook, PastEvent, PastExecution, PastGc
from harbortui.model.nomad import Allocation
from harbortui.model.past import PastDetail
from harbortui.ui import words
from harbortui.ui.cell import Cell, Row, note
from harbortui.ui.panes.fact import fact
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.trend import fold, forecast_words, growth_words, is_soon, last, signed, spark_of

SPARK = 20
MAX_OLDER = 200
MAX_EVENTS = 100
SOURCE = "history"
_STATES = {"Succeed": State.OK, "Failed": State.CRITICAL, "Stopped": State.WARNING}
_WORDS = {"Succeed": "ok", "InProgress": "was in progress"}


def growth_rows(past: PastDetail | None, now: float) -> list[Row]:
    """How the bucket grows, and when its quota is used up; nothing where nothing is known."""
    bucket = past.past.bucket if past is not None else None
    if bucket is None or not bucket.curve.seen:
        return []
    curve = spark_of(fold(bucket.curve.values, SPARK, last))
    days = f"{bucket.trend.days:.0f} days" if bucket.trend is not None else ""
    age = words.since(bucket.curve.last_at, now)
    text = growth_words(bucket.trend) if bucket.trend is not None else "too little data for a trend yet"
    source = f"{SOURCE} of {bucket.curve.source}"
    rows = [fact("trend", None, "Trend", Cell(f"{text} {curve}"), source, age, seen_over=days)]
    foreseen = bucket.forecast
    if foreseen is not None:
        soon = is_soon(foreseen, now)
        state = State.WARNING if soon else None
        style = "warning" if soon else "text" if foreseen.outlook is Outlook.FILLING else "muted"
        value = Cell(f"{forecast_words(foreseen, now)} {UNICODE.dot} {words.size(foreseen.limit)}", style)
        expected = words.moment(foreseen.at)
        rows.append(fact("full", state, "Full", value, source, age, expected=expected, seen_over=days))
    return rows


def bucket_around(run: PastGc | None) -> str:
    """What the bucket held before and after a garbage collection; empty where one of them is not known."""
    if run is None or run.dry_run or run.bytes_before is None or run.bytes_after is None:
        return ""
    before, after = words.size(run.bytes_before), words.size(run.bytes_after)
    return f"bucket {before} {UNICODE.right} {after} ({signed(run.bytes_after - run.bytes_before)})"


def collections_of(past: PastDetail | None) -> dict[int, PastGc]:
    """Garbage collections by their ids."""
    return {each.id: each for each in past.collections} if past is not None else {}


def older_executions(
    past: PastDetail | None, known: Iterable[Execution], policies: dict[int, Policy], peers: dict[int, str], now: float
) -> list[Row]:
    """Executions that Harbor does not tell any more."""
    told = {each.id for each in known}
    rest = [each for each in past.executions if each.id not in told][:MAX_OLDER] if past is not None else []
    if not rest:
        return []
    rows = [note("older", f"{words.plural(len(rest), 'older execution')}, from the history")]
    return rows + [_execution(each, policies.get(each.policy_id), peers.get(each.policy_id, ""), now) for each in rest]


def _execution(run: PastExecution, policy: Policy | None, peer: str, now: float) -> Row:
    state = _STATES.get(run.status)
    glyph = Cell(UNICODE.dot, "muted") if state is None else Cell(state_glyph(state), state_name(state))
    took = words.duration(run.end_time - run.start_time) if run.start_time and run.end_time else ""
    cells = (
        glyph,
        Cell(words.since(run.start_time, now), "muted"),
        Cell(policy.name if policy is not None else f"policy {run.policy_id}", "muted"),
        Cell(peer, "muted"),
        Cell(""),
        Cell(f"{run.succeed}/{run.total}", "muted"),
        Cell(str(run.failed) if run.failed else "", "critical"),
        Cell(took, "muted"),
        Cell(_WORDS.get(run.status, run.status.lower()), "muted" if state is not State.CRITICAL else "critical"),
    )
    more = (
        ("execution", str(run.id)),
        ("started", words.moment(run.start_time)),
        ("ended", words.moment(run.end_time)),
    )
    return Row(f"past/{run.id}", cells, more=tuple(pair for pair in more if pair[1]))


def older_events(past: PastDetail | None, known: Iterable[Allocation], now: float) -> list[Row]:
    """Task events that Nomad does not tell any more."""
    told = {
        (round(event.at or 0.0, 1), each.id, task.name, event.type)
        for each in known
        for task in each.tasks
        for event in task.events
    }
    found = past.events if past is not None else ()
    rest = [each for each in found if (round(each.at, 1), each.allocation, each.task, each.type) not in told]
    rest = rest[:MAX_EVENTS]
    if not rest:
        return []
    rows = [note("older", f"{words.plural(len(rest), 'older event')}, from the history")]
    return rows + [_event(each, now) for each in rest]


def _event(event: PastEvent, now: float) -> Row:
    bad = event.oom_killed or bool(event.exit_code)
    told = [
        "OOM killed" if event.oom_killed else "",
        f"exit {event.exit_code}" if event.exit_code is not None else "",
        f"signal {event.signal}" if event.signal else "",
        f"allocation {event.allocation[:8]}",
    ]
    cells = (
        Cell(words.stamp(event.at, now), "muted"),
        Cell(event.task, "muted"),
        Cell(event.type, "critical" if bad else "muted"),
        Cell(", ".join(each for each in told if each), "critical" if bad else "muted"),
    )
    more = (("at", words.moment(event.at)), ("allocation", event.allocation))
    return Row(f"past/{event.at}/{event.allocation}/{event.task}/{event.type}", cells, more=more)
