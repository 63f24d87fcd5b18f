"""An allocation's page: where it runs, of which version, why, how its deployment judges it, and all that happened."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.diagnose.task_events import blamed
from harbortui.model.finding import State
from harbortui.model.nomad import Allocation, TaskState
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.facets import is_old
from harbortui.ui.panes.allocations import allocation_state
from harbortui.ui.panes.events import exit_words, happened, timeline
from harbortui.ui.panes.join import current_allocation, restarted_lately
from harbortui.ui.panes.older import older_events
from harbortui.ui.panes.parts import (
    FACTS,
    NOT_KNOWN,
    badge,
    empty_page,
    fact,
    facts,
    instance_of,
    link,
    moment_ago,
    node_of,
    node_state,
    node_trouble,
    nodes_of,
    not_there,
    past_of,
    said,
    told,
)
from harbortui.ui.panes.related import findings_block
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.things import Thing, key_of
from harbortui.ui.view import View

MAX_EVENTS = 200
TASKS = (
    Column("", 1),
    Column("Task", 11, most=20),
    Column("State", 8, most=10),
    Column("Rst", 3, 2, right=True),
    Column("Started", 8, 1, most=11),
    Column("Ended", 8, 3, most=11),
    Column("Last event", 12, 1, most=120),
)


def page(view: View, thing: Thing, width: int) -> Pane:
    """One allocation, current or past."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, "Allocation", thing)
    now = view.now
    known = instance.allocations.value or ()
    each = next((it for it in known if it.id == thing.id), None)
    title = f"Allocation {thing.id[:8]}"
    if each is None:
        rows = not_there(instance.allocations, now, f"allocation {thing.id}", width)
        return Pane(title, (Block(FACTS, (*rows, *_in_past(view, thing))),), NOT_KNOWN)
    state = State.UNKNOWN if is_old(instance.allocations, now) else allocation_state(each)
    top = [*told((instance.allocations,), now, width), *_why(instance, each, state, width)]
    rows = (*top, *_facts(view, instance, each))
    older = [it for it in older_events(past_of(view, thing.instance), known, now) if _is_of(it, each.id)]
    blocks = (
        Block(FACTS, rows),
        *findings_block(view, thing.instance, each.short_id),
        *_tasks(instance, each, now),
        *timeline(happened((each,)), older, now, MAX_EVENTS),
    )
    return Pane(title, blocks, badge(state, each.status or "unknown"))


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"allocation {thing.id[:8]}"


def _in_past(view: View, thing: Thing) -> tuple[Row, ...]:
    past = past_of(view, thing.instance)
    found = [each for each in past.events if each.allocation == thing.id] if past is not None else []
    return facts(("past", "History", f"{words.plural(len(found), 'event')} of it, in pane 2" if found else ""))


def _is_of(row: Row, id_: str) -> bool:
    return not row.wide and ("allocation", id_) in row.more


def _why(instance: InstanceSnapshot, each: Allocation, state: State, width: int) -> Iterator[Row]:
    """Why it ended or is not placed, in full."""
    for number, line in enumerate(blamed(each) if state is State.CRITICAL else ()):
        yield from said(f"blamed/{number}", f"{UNICODE.critical} {line}", width, "critical")
    placement = instance.placement.value
    if placement is None or not placement.failures or not (each.is_current or current_allocation(instance) is None):
        return
    text = f"Nomad finds no node for {words.plural(len(placement.failures), 'group')} of this job"
    yield link(Thing("placement", instance.name), "Placement", text, "warning", State.WARNING)


def _facts(view: View, instance: InstanceSnapshot, each: Allocation) -> Iterator[Row]:
    now, job = view.now, instance.job.value
    yield fact("id", "Id", each.id)
    node = node_of(nodes_of(view.snapshot, instance).value or (), each.node_id, each.node_name)
    if node is not None:
        trouble = node_trouble(node)
        text = f"{node.name} {UNICODE.dot} {trouble}" if trouble else node.name
        yield link(
            Thing("node", instance.name, node.id), "Node", text, "warning" if trouble else "text", node_state(node)
        )
    else:
        yield fact("node", "Node", each.node_name or "none: it is not placed", "text" if each.node_name else "warning")
    behind = job is not None and each.job_version != job.version
    text = f"{each.job_version}" + (f", the job is at {job.version} by now" if behind and job is not None else "")
    yield fact("version", "Job version", text, "warning" if behind and each.is_current else "text")
    yield from facts(
        ("group", "Group", each.group),
        ("desired", "Wanted", f"{each.desired} {UNICODE.dot} {each.desired_description}".rstrip(f" {UNICODE.dot}")),
        ("said", "Nomad says", each.description),
        ("created", "Placed", moment_ago(each.create_time, now)),
        ("modified", "Changed", moment_ago(each.modify_time, now)),
    )
    yield from _deployment(instance, each)
    yield from _chain(instance, each)


def _deployment(instance: InstanceSnapshot, each: Allocation) -> Iterator[Row]:
    verdicts = {True: "healthy", False: "unhealthy", None: "not judged"}
    text = verdicts[each.healthy] + (", a canary" if each.canary else "")
    style = "critical" if each.healthy is False else "text"
    latest = instance.deployment.value.latest if instance.deployment.value is not None else None
    if latest is not None and latest.job_version == each.job_version:
        text += f" {UNICODE.dot} deployment {latest.id[:8]} {latest.status}"
        yield link(Thing("deployment", instance.name, latest.id), "Deployment", text, style)
    elif each.healthy is not None:
        yield fact("deployment", "Deployment", text, style)


def _chain(instance: InstanceSnapshot, each: Allocation) -> Iterator[Row]:
    """The allocation it took over from, and the one that took over from it."""
    known = {it.id: it for it in instance.allocations.value or ()}
    for name, id_ in (("Took over from", each.previous_allocation), ("Replaced by", each.next_allocation)):
        if id_:
            other = known.get(id_)
            text = id_[:8] + (f" {UNICODE.dot} {other.status} on {other.node_name}" if other is not None else "")
            yield link(Thing("allocation", instance.name, id_), name, text)


def _tasks(instance: InstanceSnapshot, each: Allocation, now: float) -> tuple[Block, ...]:
    ranked = sorted(each.tasks, key=lambda task: -_task_state(task, each, now))
    rows = tuple(_task_row(instance.name, task, each, now) for task in ranked)
    return (Block(TASKS, rows, f"Tasks ({len(rows)})"),) if rows else ()


def _task_state(task: TaskState, each: Allocation, now: float) -> State:
    if task.failed:
        return State.CRITICAL
    return State.WARNING if (task.state == "pending" and each.is_current) or restarted_lately(task, now) else State.OK


def _task_row(instance: str, task: TaskState, each: Allocation, now: float) -> Row:
    state = _task_state(task, each, now)
    last = max(task.events, key=lambda event: event.at, default=None)
    text = ", ".join([last.type, *exit_words(last), *([last.message] if last.message else [])]) if last else ""
    cells = (
        Cell(state_glyph(state), state_name(state)),
        Cell(task.name, "strong"),
        Cell("failed" if task.failed else task.state, state_name(state) if state else "text"),
        Cell(str(task.restarts or ""), "warning" if restarted_lately(task, now) else "muted"),
        Cell(words.stamp(task.started_at, now) if task.started_at is not None else "", "muted"),
        Cell(words.stamp(task.finished_at, now) if task.finished_at is not None else "", "muted"),
        Cell(text, "muted"),
    )
    return Row(key_of(Thing("component", instance, task.name)), cells)
