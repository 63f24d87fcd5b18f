"""Decoding of allocations and of what their tasks use."""

from __future__ import annotations

from harbortui.model.nomad import Allocation, AllocationUsage, TaskEvent, TaskState, TaskUsage
from harbortui.model.redact import Clean
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.values import from_nanoseconds, keyed_of
from harbortui.sources.nomad.wire import (
    AllocationWire,
    CpuWire,
    EventWire,
    MemoryWire,
    StatsWire,
    TaskStateWire,
    TaskStatsWire,
)
from harbortui.sources.rows import read_object, read_rows, unix

MAX_PAST = 10
"""Ended allocations that are kept, newest first; all that still run are kept."""

MAX_EVENTS = 10
"""Nomad itself keeps ten events of a task."""

MOST_MEMORY = 2**50
"""Bytes, more than any machine has: above it a counter went below zero and is no measure."""

LEFTOVER_SECONDS = 30.0
"""A sample this much older than the newest of the same allocation is the last one of a task that ended."""


def decode_allocations(body: bytes, clean: Clean) -> Ok[tuple[Allocation, ...]]:
    """``GET /v1/job/:id/allocations``, newest first; an unknown job has none.

    Raises:
        Unreadable: not an array.
    """
    rows = read_rows(body, AllocationWire, name="allocation")
    lost = list(rows.lost)
    kept: list[Allocation] = []
    past = 0
    for wire in sorted(rows.rows, key=lambda each: (each.create_time, each.create_index), reverse=True):
        ended = wire.client_status in ("complete", "failed", "lost")
        past += ended
        if ended and past > MAX_PAST:
            continue
        allocation, wrong = _allocation(wire, clean)
        kept.append(allocation)
        lost += wrong
    return Ok(tuple(kept), tuple(clean(each) for each in lost))


def _allocation(wire: AllocationWire, clean: Clean) -> tuple[Allocation, tuple[str, ...]]:
    states, lost = keyed_of(wire.task_states, TaskStateWire, f"allocation {wire.id[:8]} task", clean)
    deployment = wire.deployment_status
    allocation = Allocation(
        id=clean(wire.id),
        name=clean(wire.name),
        group=clean(wire.task_group),
        node_id=clean(wire.node_id),
        node_name=clean(wire.node_name),
        job_version=wire.job_version,
        desired=clean(wire.desired_status),
        desired_description=clean(wire.desired_description),
        status=clean(wire.client_status),
        description=clean(wire.client_description),
        healthy=deployment.healthy if deployment else None,
        canary=deployment.canary if deployment else False,
        create_time=from_nanoseconds(wire.create_time),
        modify_time=from_nanoseconds(wire.modify_time),
        next_allocation=clean(wire.next_allocation),
        previous_allocation=clean(wire.previous_allocation),
        modify_index=wire.modify_index,
        tasks=tuple(_state(name, state, clean) for name, state in states.items()),
    )
    return allocation, lost


def _state(name: str, wire: TaskStateWire, clean: Clean) -> TaskState:
    return TaskState(
        name=clean(name),
        state=clean(wire.state),
        failed=wire.failed,
        restarts=wire.restarts,
        last_restart=unix(wire.last_restart),
        started_at=unix(wire.started_at),
        finished_at=unix(wire.finished_at),
        events=tuple(_event(each, clean) for each in (wire.events or ())[-MAX_EVENTS:]),
    )


def _event(wire: EventWire, clean: Clean) -> TaskEvent:
    details = wire.details
    return TaskEvent(
        type=clean(wire.type),
        at=from_nanoseconds(wire.time) or 0.0,
        message=clean(wire.display_message or wire.message),
        exit_code=_exit_code(wire) if wire.type == "Terminated" else None,
        signal=_signal(wire) if wire.type == "Terminated" else None,
        oom_killed=details is not None and details.oom_killed == "true",
        fails_task=wire.fails_task or (details is not None and details.fails_task == "true"),
    )


def _exit_code(wire: EventWire) -> int:
    """Nomad has the code as text in the details; the number beside it is deprecated and may be 0 in new versions."""
    found = _number(wire.details.exit_code if wire.details else "")
    return wire.exit_code if found is None else found


def _signal(wire: EventWire) -> int | None:
    """The signal that ended the task; 0 in the answer means none did."""
    return _number(wire.details.signal if wire.details else "") or None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 12 else None


def decode_usage(body: bytes, allocation_id: str, clean: Clean) -> Ok[AllocationUsage]:
    """``GET /v1/client/allocation/:id/stats``, task by task.

    A task that has not started is missing; one that ended keeps its last sample in the answer, which is not use.

    Raises:
        Unreadable: not such an answer.
    """
    wire = read_object(body, StatsWire)
    stats, lost = keyed_of(wire.tasks, TaskStatsWire, "task", clean)
    newest = max((each.timestamp for each in stats.values()), default=0)
    tasks = tuple(_usage(name, each, newest, clean) for name, each in stats.items())
    # A node that samples nothing answers like one that has not sampled yet: no tasks, at the time 0.
    collected = bool(tasks or lost) or wire.timestamp > 0
    return Ok(AllocationUsage(allocation_id=allocation_id, tasks=tasks, collected=collected), lost)


def _usage(name: str, wire: TaskStatsWire, newest: int, clean: Clean) -> TaskUsage:
    at = from_nanoseconds(wire.timestamp)
    measures = wire.resource_usage
    if measures is None or newest - wire.timestamp > LEFTOVER_SECONDS * 1e9:
        return TaskUsage(name=clean(name), sampled_at=at)
    return TaskUsage(
        name=clean(name), memory_bytes=_memory(measures.memory_stats), cpu_mhz=_cpu(measures.cpu_stats), sampled_at=at
    )


def _memory(wire: MemoryWire | None) -> int | None:
    """RSS; ``Usage`` where the driver does not measure RSS (the rule of Nomad's own ``alloc status``)."""
    if wire is None:
        return None
    measured = wire.measured or ()
    if wire.rss > 0 or "RSS" in measured:
        return _plausible(wire.rss)
    return _plausible(wire.usage) if wire.usage > 0 or "Usage" in measured else None


def _plausible(amount: int) -> int | None:
    return max(0, amount) if amount <= MOST_MEMORY else None


def _cpu(wire: CpuWire | None) -> float | None:
    """MHz; 0 without anything measured means "not known"."""
    if wire is None or (wire.total_ticks <= 0 and not wire.measured):
        return None
    return max(0.0, wire.total_ticks)
