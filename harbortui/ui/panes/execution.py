"""A replication execution's page: figures, why it failed, and its tasks, those that failed first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harbortui.diagnose.causes import meaning
from harbortui.model.asked import Query, Topic
from harbortui.model.facet import Facet
from harbortui.model.finding import State
from harbortui.model.harbor import Execution, ExecutionTask, Policy
from harbortui.model.past import PastDetail
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.panes.parts import (
    FACTS,
    NOT_KNOWN,
    badge,
    empty_page,
    fact,
    facts,
    instance_of,
    joined,
    link,
    look_notes,
    looked,
    moment_ago,
    not_there,
    past_of,
    said,
    told,
)
from harbortui.ui.panes.replication import EXECUTION_STATES, EXECUTION_WORDS
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.things import Thing, key_of
from harbortui.ui.view import View

TASKS = (
    Column("", 1),
    Column("Task", 6, 3, right=True, most=10),
    Column("Type", 8, 4, most=14),
    Column("Status", 10, most=12),
    Column("From", 18, most=70),
    Column("To", 16, 1, most=70),
    Column("Start", 8, 2, most=11),
    Column("Took", 7, 2, right=True, most=9),
)
_ORDER = {"Failed": 0, "InProgress": 1, "Pending": 2, "Stopped": 3, "Succeed": 4}
_STATES = {"Failed": State.CRITICAL, "Stopped": State.WARNING}


def query(thing: Thing) -> Query:
    """What brings its tasks."""
    return Query(topic=Topic.EXECUTION_TASKS, instance=thing.instance, id=thing.id)


def looks(thing: Thing) -> tuple[Query, ...]:
    """What is asked for while the page is open."""
    return (query(thing),)


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"execution {thing.id}"


def page(view: View, thing: Thing, width: int) -> Pane:
    """One execution, also one that only the history still knows."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, "Execution", thing)
    now, title = view.now, f"Execution {thing.id}"
    policies = {each.id: each for each in instance.policies.value or ()}
    run = execution_of(instance, past_of(view, thing.instance), thing.id)
    tasks = looked(view, query(thing), "Harbor tasks of an execution")
    if run is None:
        rows = not_there(instance.executions, now, f"execution {thing.id}", width)
        return Pane(
            title,
            (Block(FACTS, rows), *_tasks(view, thing, tasks, width)),
            NOT_KNOWN,
        )
    policy = policies.get(run.policy_id)
    top = (*told((instance.executions,), now, width), *failed_because(run, policy, width))
    blocks = (Block(FACTS, (*top, *_facts(view, thing, run, policy))), *_tasks(view, thing, tasks, width))
    return Pane(title, blocks, _badge(run))


def _badge(run: Execution) -> Cell:
    state = State.OK if run.skipped else EXECUTION_STATES.get(run.status, State.UNKNOWN)
    return badge(state, "skipped" if run.skipped else EXECUTION_WORDS.get(run.status, run.status))


def execution_of(instance: InstanceSnapshot, past: PastDetail | None, id_: str) -> Execution | None:
    """The execution as Harbor tells it, else as the history kept it."""
    found = next((each for each in instance.executions.value or () if str(each.id) == id_), None)
    old = next((each for each in past.executions if str(each.id) == id_), None) if past is not None else None
    if found is not None or old is None:
        return found
    return Execution(
        id=old.id,
        policy_id=old.policy_id,
        status=old.status,
        start_time=old.start_time,
        end_time=old.end_time,
        total=old.total,
        failed=old.failed,
        succeed=old.succeed,
        in_progress=old.in_progress,
        stopped=old.stopped,
    )


def failed_because(run: Execution, policy: Policy | None, width: int) -> tuple[Row, ...]:
    """What Harbor says of it in full, and what that means where it is known."""
    if not run.status_text:
        return ()
    bad = run.status == "Failed" and not run.skipped
    direction, peer = (policy.direction, policy.peer) if policy is not None else ("", "")
    words_of = meaning(run.status_text, direction, peer) if bad else ""
    first = said("meaning", f"{UNICODE.critical} {words_of}", width, "critical") if words_of else ()
    return (*first, *said("text", run.status_text, width, "critical" if bad and not words_of else "text"))


def _facts(view: View, thing: Thing, run: Execution, policy: Policy | None) -> Iterator[Row]:
    now = view.now
    name = joined(policy.name, f"{policy.direction} {policy.peer}") if policy is not None else f"policy {run.policy_id}"
    counts = (
        (run.succeed, "succeeded"),
        (run.failed, "failed"),
        (run.in_progress, "in progress"),
        (run.stopped, "stopped"),
    )
    text = ", ".join(f"{count} {word}" for count, word in counts if count)
    empty = "none: it ended before its first task" if run.status == "Failed" else "none yet"
    total = f"{run.total}: {text}" if text else str(run.total)
    yield fact("counts", "Tasks", total if run.total else empty, "critical" if run.failed else "text")
    yield link(Thing("policy", thing.instance, str(run.policy_id)), "Policy", name)
    took = run.end_time - run.start_time if run.end_time is not None and run.start_time is not None else None
    running = run.status == "InProgress"
    so_far = f"{words.since(run.start_time, now)} so far" if running else words.duration(took)
    yield from facts(
        ("trigger", "Begun by", run.trigger),
        ("start", "Started", moment_ago(run.start_time, now)),
        ("end", "Ended", "" if running else words.moment(run.end_time)),
        ("took", "Took", so_far),
    )
    if run.skipped:
        yield fact("skipped", "Skipped", "another execution of the policy was still in progress; nothing failed")


def _tasks(view: View, thing: Thing, facet: Facet[Any], width: int) -> tuple[Block, ...]:
    known: tuple[ExecutionTask, ...] = facet.value or ()
    ranked = sorted(known, key=lambda each: (_ORDER.get(each.status, 1), each.id))
    rows = [*look_notes(view, facet, width), *(_task(thing, each, view.now) for each in ranked)]
    if facet.value == ():
        rows.append(note("none", "it has no tasks"))
    return (Block(TASKS, tuple(rows), f"Tasks ({len(ranked)}, {words.zone(view.now)})" if ranked else "Tasks"),)


def _task(thing: Thing, task: ExecutionTask, now: float) -> Row:
    state = _STATES.get(task.status, State.OK)
    quiet = task.status in ("InProgress", "Pending")
    took = task.end_time - task.start_time if task.end_time is not None and task.start_time is not None else None
    cells = (
        Cell(UNICODE.dot if quiet else state_glyph(state), "muted" if quiet else state_name(state)),
        Cell(str(task.id), "muted"),
        Cell(
            " ".join(each for each in (task.operation if task.operation != "copy" else "", task.resource_type) if each)
        ),
        Cell(EXECUTION_WORDS.get(task.status, task.status.lower()), state_name(state) if state else "text"),
        Cell(task.source),
        Cell(task.destination, "muted"),
        Cell(words.stamp(task.start_time, now) if task.start_time is not None else "", "muted"),
        Cell(words.duration(took) if not quiet else "", "muted"),
    )
    return Row(key_of(Thing("task-log", thing.instance, thing.id, str(task.id))), cells)
