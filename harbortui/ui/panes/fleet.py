"""The fleet table and the list of findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbortui.model.facet import FacetState
from harbortui.model.finding import InstanceVerdict, State, Verdict
from harbortui.model.harbor import COMPONENTS
from harbortui.model.nomad import Node
from harbortui.model.past import Past
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, blank, note
from harbortui.ui.facets import brief, known
from harbortui.ui.header import NOT_VISIBLE
from harbortui.ui.panes.columns import FLEET, FLEET_TRENDS, TREND
from harbortui.ui.panes.components import parts_healthy
from harbortui.ui.panes.join import (
    memory_of,
    outcomes,
    replication_state,
    restarted_lately,
    restarts_of,
    task_states,
)
from harbortui.ui.panes.kept import KeptRows, Seen
from harbortui.ui.panes.parts import nodes_of
from harbortui.ui.panes.placed import deployment_told, node_cell, placement_told
from harbortui.ui.panes.usage import bucket_words
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.trend import fold, forecast_words, growth, growth_words, is_soon, last, spark_of

SPARK = 5
MONTH = 30

FINDINGS = (
    Column("State", 10),
    Column("Instance", 12, 1, most=24, names=True),
    Column("Finding", 30, most=200),
    Column("Subject", 11, 3, most=20),
    Column("Since", 5, 2, right=True),
)


def fleet_pane(snapshot: Snapshot, verdict: Verdict, now: float, pasts: Mapping[str, Past] | None = None) -> Pane:
    """One row per instance, the worst first as the findings have it, in the order of the configuration otherwise."""
    verdicts = {each.name: each for each in verdict.instances}
    first: dict[str, int] = {}
    for at, finding in enumerate(verdict.findings):
        first.setdefault(finding.instance, at)
    ranked = sorted(
        snapshot.instances,
        key=lambda each: (-_state(verdicts.get(each.name)), first.get(each.name, len(verdict.findings))),
    )
    told = pasts or {}
    trends = any(each.bucket is not None and each.bucket.curve.seen for each in told.values())
    zone = words.zone(now)
    seen = (
        Seen(
            each, verdicts.get(each.name), told.get(each.name), now, trends, zone, nodes_of(snapshot, each).value or ()
        )
        for each in ranked
    )
    rows = tuple(_kept.row(each) for each in seen)
    return Pane("Instances", (Block(FLEET_TRENDS if trends else FLEET, rows),), _counts(snapshot, verdicts))


def _row(seen: Seen) -> Row:
    row = instance_row(seen.instance, seen.verdict, seen.now, seen.nodes)
    return _with_trend(row, seen.past, seen.now) if seen.trends else row


_kept = KeptRows(_row)


def _with_trend(row: Row, past: Past | None, now: float) -> Row:
    """The same row with how its bucket grew in a month, and by how much it grows in a week."""
    bucket = past.bucket if past is not None else None
    if bucket is None or not bucket.curve.seen:
        return row._replace(cells=(*row.cells[:TREND], Cell(""), *row.cells[TREND:]))
    style = "warning" if is_soon(bucket.forecast, now) else "muted"
    line = spark_of(fold(bucket.curve.values[-MONTH:], SPARK, last))
    text = f"{line} {growth(bucket.trend)}" if bucket.trend is not None else line
    more = [("growth", growth_words(bucket.trend))] if bucket.trend is not None else []
    if bucket.forecast is not None:
        more.append(("full", forecast_words(bucket.forecast, now)))
    cells = (*row.cells[:TREND], Cell(text, style), *row.cells[TREND:])
    return row._replace(cells=cells, more=(*row.more, *more))


def instance_row(
    instance: InstanceSnapshot, verdict: InstanceVerdict | None, now: float, nodes: Sequence[Node] = ()
) -> Row:
    """One instance as the fleet table shows it; ``nodes`` are those of its Nomad."""
    state = _state(verdict)
    style = state_name(state)
    word = state.word if verdict is not None else "loading"
    cells = (
        Cell(f"{state_glyph(state)} {word}", style),
        Cell(instance.name, "strong"),
        node_cell(instance, nodes, now),
        _parts(instance, now),
        _tasks(instance, now),
        _memory(instance, now),
        _bucket(instance, now),
        _replication(instance, now),
        _last_gc(instance, now),
        _version(instance, now),
    )
    more = [("deployment", deployment_told(instance)), ("placement", placement_told(instance))]
    more = [pair for pair in more if pair[1]]
    more += [("url", instance.target.url), ("job", instance.target.job), ("bucket", instance.target.bucket)]
    if verdict is not None:
        more.append(("verdict", verdict.sentence))
        more.extend(("not visible", each) for each in verdict.not_visible)
    return Row(instance.name, cells, more=tuple(more))


def findings_pane(verdict: Verdict, now: float) -> Pane:
    """What the rules found, worst first."""
    rows = tuple(
        Row(
            f"{each.rule}/{each.instance}/{each.subject}",
            (
                Cell(f"{state_glyph(each.state)} {each.state.word}", state_name(each.state)),
                Cell(each.instance or "fleet", "strong"),
                Cell(each.title),
                Cell(each.subject, "muted"),
                Cell(words.since(each.since, now), "muted"),
            ),
            more=(("rule", each.rule), *(("evidence", line) for line in each.evidence)),
        )
        for each in verdict.findings
    )
    rows += _unseen(verdict)
    if not verdict.findings:
        return Pane("Findings", (Block(FINDINGS, rows or (note("none", "no findings"),)),))
    worst = max(each.state for each in verdict.findings)
    counts = [(state, sum(each.state is state for each in verdict.findings)) for state in sorted(State, reverse=True)]
    text = f" {UNICODE.dot} ".join(f"{count} {state.word}" for state, count in counts if count)
    return Pane("Findings", (Block(FINDINGS, rows),), Cell(text, state_name(worst)))


def _unseen(verdict: Verdict) -> tuple[Row, ...]:
    """What nobody can judge now, one row for all instances that miss the same."""
    missing: dict[tuple[str, ...], list[str]] = {}
    for each in verdict.instances:
        if each.not_visible:
            missing.setdefault(each.not_visible, []).append(each.name)
    return tuple(
        Row(
            f"unseen/{names[0]}",
            (
                Cell(f"{state_glyph(State.UNKNOWN)} unseen", "unknown"),
                Cell(names[0] if len(names) == 1 else words.plural(len(names), "instance"), "strong"),
                Cell(f"{NOT_VISIBLE} {', '.join(hidden)}"),
                *blank(2),
            ),
            more=tuple(("instance", name) for name in names if len(names) > 1),
        )
        for hidden, names in missing.items()
    )


def _state(verdict: InstanceVerdict | None) -> State:
    return State.UNKNOWN if verdict is None else verdict.state


def _counts(snapshot: Snapshot, verdicts: dict[str, InstanceVerdict]) -> Cell:
    if not verdicts:
        return Cell(words.plural(len(snapshot.instances), "instance"), "muted")
    states = [_state(verdicts.get(each.name)) for each in snapshot.instances]
    text = "  ".join(f"{state_glyph(s)} {states.count(s)} {s.word}" for s in sorted(State, reverse=True) if s in states)
    return Cell(text, state_name(max(states, default=State.OK)))


def _parts(instance: InstanceSnapshot, now: float) -> Cell:
    healthy, seen = parts_healthy(instance, now)
    if not seen:
        return Cell("?/8", "unknown" if instance.health.failure else "muted")
    return Cell(f"{healthy}/{len(COMPONENTS)}", "ok" if healthy == len(COMPONENTS) else "critical")


def _tasks(instance: InstanceSnapshot, now: float) -> Cell:
    tasks = task_states(instance)
    if not tasks:
        return known(instance.allocations, now, "no allocation", "critical")
    running = sum(task.state == "running" for task in tasks)
    restarts = restarts_of(instance)
    text = f"{running} run" + (f" {UNICODE.dot} {restarts} rst" if restarts else "")
    text += f" {UNICODE.dot} deploys" if deployment_told(instance) else ""
    lately = any(restarted_lately(task, now) for task in tasks)
    style = "critical" if running < len(tasks) else "warning" if lately else "text"
    return known(instance.allocations, now, text, style)


def _memory(instance: InstanceSnapshot, now: float) -> Cell:
    used, limit = memory_of(instance)
    if used is None:
        return brief(instance.usage, now) if instance.usage.value is None else Cell("", "muted")
    share = used / limit if limit else 0.0
    text = words.percent(used, limit) if limit else words.size(used)
    return known(instance.usage, now, text, "critical" if share >= 0.95 else "warning" if share >= 0.8 else "text")


def _bucket(instance: InstanceSnapshot, now: float) -> Cell:
    bucket = instance.bucket.value
    if bucket is None:
        return brief(instance.bucket, now)
    return known(instance.bucket, now, bucket_words(instance, now))


def _replication(instance: InstanceSnapshot, now: float) -> Cell:
    executions = instance.executions.value
    if executions is None:
        return brief(instance.executions, now)
    counted = outcomes(executions)
    if not any(counted):
        return known(instance.executions, now, "none yet", "muted")
    state = replication_state(executions)
    style = "text" if state is State.OK else state_name(state)
    failed = f"{counted.failed} failed" if counted.failed else ""
    running = f"{counted.running} run" if counted.running else ""
    stopped = f"{counted.stopped} stopped" if counted.stopped else ""
    parts = [failed, f"{counted.done} ok", running, stopped]
    return known(instance.executions, now, " ".join(part for part in parts if part), style)


def _last_gc(instance: InstanceSnapshot, now: float) -> Cell:
    runs = instance.gc_runs.value
    if runs is None:
        return brief(instance.gc_runs, now)
    real = [run for run in runs if not run.dry_run]
    if not real:
        return known(instance.gc_runs, now, "never", "muted")
    last = max(real, key=lambda run: run.start_time or 0.0)
    freed = f" {UNICODE.dot} {words.size(last.freed_bytes)}" if last.freed_bytes else ""
    word = "" if last.status == "Success" else f" {last.status.lower()}"
    style = "critical" if last.status == "Error" else "text"
    return known(instance.gc_runs, now, f"{words.since(last.start_time, now)}{word}{freed}", style)


def _version(instance: InstanceSnapshot, now: float) -> Cell:
    system = instance.system.value
    if system is None:
        return brief(instance.system, now)
    if not system.version:
        return Cell("not told", "muted")
    style = "text" if instance.system.state(now) is FacetState.FRESH else "muted"
    return Cell(system.version.split("-")[0], style)
