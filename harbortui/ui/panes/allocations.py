"""Pane 2: allocations, current and past, the newest deployment, placement failures and task events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbortui.model.finding import State
from harbortui.model.nomad import Allocation, Node
from harbortui.model.past import PastDetail
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.facets import badge_instead, is_old, notes
from harbortui.ui.panes.events import MAX_EVENTS, happened, timeline
from harbortui.ui.panes.join import current_allocation
from harbortui.ui.panes.older import older_events
from harbortui.ui.panes.parts import node_of, node_state, node_trouble
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.things import Thing, key_of

COLUMNS = (
    Column("", 1),
    Column("Alloc", 8),
    Column("Ver", 3, 2, right=True),
    Column("Node", 10, 1, most=24),
    Column("Status", 8, most=12),
    Column("Age", 5, 1, right=True),
    Column("Why", 12, 4, most=80),
)


def allocations_pane(
    instance: InstanceSnapshot,
    now: float,
    past: PastDetail | None = None,
    nodes: Sequence[Node] = (),
    judged: Mapping[str, State] | None = None,
) -> Pane:
    """Current allocations first, then past ones, newest first; then what their tasks went through.

    ``nodes`` are those of its Nomad: one that is draining or down matters here while something of ours runs on it.
    ``judged`` is the worst that the findings say of a task: the badge must not look calmer than they do.
    """
    known = instance.allocations.value or ()
    ranked = sorted(known, key=lambda each: (not each.is_current, -(each.create_time or 0.0)))
    rows = [*notes((instance.allocations, instance.job, instance.deployment, instance.placement), now)]
    troubles = [*_deployment(instance), *_placement(instance), *_nodes(instance, nodes)]
    rows += troubles
    rows += [allocation_row(each, now, old=is_old(instance.allocations, now)) for each in ranked]
    if instance.allocations.value == ():
        rows.append(note("none", f"{UNICODE.critical} Nomad knows no allocation of this job", "critical"))
    events = timeline(happened(ranked), older_events(past, known, now), now, MAX_EVENTS)
    badge = _badge(instance, now, judged or {}, troubles)
    return Pane("Allocations", (Block(COLUMNS, tuple(rows)), *events), badge)


def _badge(instance: InstanceSnapshot, now: float, judged: Mapping[str, State], troubles: Sequence[Row]) -> Cell:
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
    hurt = [task.name for task in allocation.tasks if judged.get(task.name, State.OK) > State.OK]
    told = {cell.style for row in troubles for cell in row.cells}
    worse = next((each for each in (State.CRITICAL, State.WARNING) if state_name(each) in told), State.OK)
    state = max([allocation_state(allocation), worse, *(judged[name] for name in hurt)])
    see = f", see {', '.join(hurt)}" if hurt else ""
    return Cell(f"{state_glyph(state)} {allocation.status}{see}{version}", state_name(state))


def allocation_state(allocation: Allocation) -> State:
    """How an allocation is, as far as Nomad tells."""
    if allocation.status in ("failed", "lost"):
        return State.CRITICAL
    if allocation.status == "unknown":
        return State.UNKNOWN
    if allocation.status == "pending" or allocation.healthy is False:
        return State.WARNING
    return State.OK


def allocation_row(allocation: Allocation, now: float, *, old: bool) -> Row:
    """One allocation as pane 2 shows it; ``old`` when that is not the present."""
    state = State.UNKNOWN if old and allocation.is_current else allocation_state(allocation)
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


_NODE_MEANS = {
    "draining": "Nomad moves what runs there and places nothing new",
    "ineligible": "what runs there goes on, but a replacement must fit elsewhere",
}


def _nodes(instance: InstanceSnapshot, nodes: Sequence[Node]) -> list[Row]:
    """The node of what runs now, when it is drained, closed for new work, or down."""
    current = current_allocation(instance)
    node = node_of(nodes, current.node_id, current.node_name) if current is not None else None
    trouble = node_trouble(node) if node is not None else ""
    if node is None or not trouble:
        return []
    state = node_state(node)
    text = f"{state_glyph(state)} node {node.name} is {trouble}"
    text += f": {_NODE_MEANS[trouble]}" if trouble in _NODE_MEANS else ""
    return [note(key_of(Thing("node", instance.name, node.id)), text, state_name(state))]
