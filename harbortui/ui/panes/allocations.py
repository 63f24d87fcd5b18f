"""Pane 2: allocations, current and past, the newest deployment, placement failures and task events."""

from __future__ import annotations

from harbortui.model.finding import State
from harbortui.model.nomad import Allocation, TaskEvent
from harbortui.model.past import PastDetail
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.facets import badge_instead, is_old, notes
from harbortui.ui.panes.join import current_allocation
from harbortui.ui.panes.older import older_events
from harbortui.ui.symbols import UNICODE, state_glyph, state_name

COLUMNS = (
    Column("", 1),
    Column("Alloc", 8),
    Column("Ver", 3, 2, right=True),
    Column("Node", 10, 1, most=24),
    Column("Status", 8, most=12),
    Column("Age", 5, 1, right=True),
    Column("Why", 12, 4, most=80),
)
EVENTS = (
    Column("When", 8, most=11),
    Column("Task", 11, 1),
    Column("Event", 11, most=16),
    Column("What", 10, 2, most=120),
)
MAX_EVENTS = 40


def allocations_pane(instance: InstanceSnapshot, now: float, past: PastDetail | None = None) -> Pane:
    """Current allocations first, then past ones, newest first; then what their tasks went through."""
    known = instance.allocations.value or ()
    ranked = sorted(known, key=lambda each: (not each.is_current, -(each.create_time or 0.0)))
    rows = [*notes((instance.allocations, instance.job, instance.deployment, instance.placement), now)]
    rows += [*_deployment(instance), *_placement(instance)]
    rows += [_row(each, now, old=is_old(instance.allocations, now)) for each in ranked]
    if instance.allocations.value == ():
        rows.append(note("none", f"{UNICODE.critical} Nomad knows no allocation of this job", "critical"))
    events = (*_events(ranked, now), *older_events(past, known, now))
    blocks = [Block(COLUMNS, tuple(rows))]
    if events:
        blocks.append(Block(EVENTS, events, f"Events ({words.zone(now)})"))
    return Pane("Allocations", tuple(blocks), _badge(instance, now))


def _badge(instance: InstanceSnapshot, now: float) -> Cell:
    if instance.allocations.value is None:
        return badge_instead(instance.allocations, now)
    job = instance.job.value
    version = f" {UNICODE.dot} job version {job.version}" if job is not None else ""
    old = is_old(instance.allocations, now)
    if job is not None and job.stop and not is_old(instance.job, now):
        return Cell(f"{UNICODE.critical} job stopped{version}", "critical")
    allocation = current_allocation(instance)
    if old:
        word = f"{allocation.status if allocation is not None else 'none running'}?"
        return Cell(f"{UNICODE.unknown} {word}{version}", "unknown")
    if allocation is None:
        return Cell(f"{UNICODE.critical} none running{version}", "critical")
    state = _state(allocation)
    return Cell(f"{state_glyph(state)} {allocation.status}{version}", state_name(state))


def _state(allocation: Allocation) -> State:
    if allocation.status in ("failed", "lost"):
        return State.CRITICAL
    if allocation.status == "unknown":
        return State.UNKNOWN
    if allocation.status == "pending" or allocation.healthy is False:
        return State.WARNING
    return State.OK


def _row(allocation: Allocation, now: float, *, old: bool) -> Row:
    state = State.UNKNOWN if old and allocation.is_current else _state(allocation)
    current = allocation.is_current
    glyph = state_glyph(state) if current else UNICODE.dot
    style = state_name(state) if glyph != UNICODE.dot else "muted"
    tone = "text" if current else "muted"
    status = f"{allocation.status}?" if old and current else allocation.status
    why = allocation.description or allocation.desired_description
    cells = (
        Cell(glyph, style),
        Cell(allocation.short_id, "strong" if current else "muted"),
        Cell(str(allocation.job_version), tone),
        Cell(allocation.node_name, tone),
        Cell(status, state_name(state) if state is not State.OK else tone),
        Cell(words.since(allocation.create_time, now), "muted"),
        Cell(why, "muted"),
    )
    more = (
        ("id", allocation.id),
        ("group", allocation.group),
        ("desired", f"{allocation.desired} {allocation.desired_description}".strip()),
        ("created", words.moment(allocation.create_time)),
        ("modified", words.moment(allocation.modify_time)),
        ("next allocation", allocation.next_allocation),
        ("previous allocation", allocation.previous_allocation),
    )
    return Row(allocation.id, cells, more=tuple(pair for pair in more if pair[1]))


def _deployment(instance: InstanceSnapshot) -> list[Row]:
    latest = instance.deployment.value.latest if instance.deployment.value is not None else None
    if latest is None or latest.status in ("successful", "cancelled"):
        return []
    style = "critical" if latest.status == "failed" else "warning"
    text = f"{UNICODE.warning} deployment of version {latest.job_version} {latest.status}: "
    text += f"{latest.healthy} of {latest.desired} healthy, {latest.unhealthy} unhealthy. {latest.description}"
    return [note("deployment", text.rstrip(), style)]


def _placement(instance: InstanceSnapshot) -> list[Row]:
    placement = instance.placement.value
    if placement is None:
        return []
    return [
        note(
            f"placement/{each.group}",
            f"{UNICODE.critical} group {each.group} cannot be placed: {each.nodes_evaluated} nodes evaluated, "
            f"{each.nodes_exhausted} exhausted; {'; '.join(each.reasons)}",
            "critical",
        )
        for each in placement.failures
    ]


def _events(allocations: list[Allocation], now: float) -> tuple[Row, ...]:
    """The newest events of all allocations' tasks."""
    found = [
        (event, task.name, allocation)
        for allocation in allocations
        for task in allocation.tasks
        for event in task.events
    ]
    found.sort(key=lambda each: -each[0].at)
    return tuple(
        _event_row(f"{allocation.short_id}/{task}/{event.at}/{number}", event, task, allocation, now)
        for number, (event, task, allocation) in enumerate(found[:MAX_EVENTS])
    )


def _event_row(key: str, event: TaskEvent, task: str, allocation: Allocation, now: float) -> Row:
    bad = event.oom_killed or bool(event.exit_code) or "Fail" in event.type
    style = "critical" if event.oom_killed else "warning" if bad or event.type == "Restarting" else "text"
    facts = ["OOM killed"] if event.oom_killed else []
    facts += [f"exit {event.exit_code}"] if event.exit_code is not None else []
    facts += [event.message] if event.message else []
    cells = (
        Cell(words.stamp(event.at, now), "muted"),
        Cell(task),
        Cell(event.type, style),
        Cell(", ".join(facts), style),
    )
    return Row(f"event/{key}", cells, more=(("at", words.moment(event.at)), ("allocation", allocation.id)))
