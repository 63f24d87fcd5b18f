"""What the backends soon forget: executions, garbage collections, task events, starts of allocations."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.collect.history.codes import (
    ALLOCATION_STATUS,
    EVENT_TYPES,
    EXECUTION_STATUS,
    GC_STATUS,
    Metric,
    code_of,
)
from harbortui.collect.history.keys import bounded, count, harbor_of, job_of, whole
from harbortui.collect.history.look import NAMES_PER_LOOK, Look, milliseconds
from harbortui.collect.history.rows import AllocationRow, EventRow, ExecutionRow, GcRow, Place, Row, Sample
from harbortui.model.harbor import Execution, GcRun
from harbortui.model.nomad import Allocation


def executions(look: Look) -> Iterator[Row]:
    """Replication executions, and the minutes in which they were listed."""
    endpoint = harbor_of(look.instance.target)
    if look.instance.executions.value is not None and (minute := look.minute("executions")) is not None:
        yield Sample(Place(endpoint, Metric.LISTED), minute, 1)
    if look.news("executions"):
        for each in look.instance.executions.value or ():
            if (row := _execution(endpoint, each)) is not None:
                yield row


def _execution(endpoint: str, each: Execution) -> ExecutionRow | None:
    identity, policy = whole(each.id), whole(each.policy_id)
    if identity is None or policy is None:
        return None
    status = "Skipped" if each.skipped else each.status
    return ExecutionRow(
        endpoint,
        identity,
        policy,
        code_of(EXECUTION_STATUS, status),
        milliseconds(each.start_time),
        milliseconds(each.end_time),
        count(each.total),
        count(each.failed),
        count(each.succeed),
        count(each.in_progress),
        count(each.stopped),
    )


def collections(look: Look) -> Iterator[Row]:
    """Garbage collections, and the minutes in which they were listed."""
    endpoint = harbor_of(look.instance.target)
    if look.instance.gc_runs.value is not None and (minute := look.minute("gc_runs")) is not None:
        yield Sample(Place(endpoint, Metric.COLLECTED), minute, 1)
    if look.news("gc_runs"):
        for each in look.instance.gc_runs.value or ():
            if (row := _collection(endpoint, each)) is not None:
                yield row


def _collection(endpoint: str, each: GcRun) -> GcRow | None:
    identity = whole(each.id)
    if identity is None:
        return None
    return GcRow(
        endpoint,
        identity,
        code_of(GC_STATUS, each.status),
        milliseconds(each.start_time),
        milliseconds(each.end_time),
        int(each.dry_run),
        whole(each.freed_bytes),
        whole(each.purged_blobs),
        whole(each.purged_manifests),
    )


def allocations(look: Look) -> Iterator[Row]:
    """Starts of allocations, and the events of their tasks."""
    endpoint = job_of(look.instance.target)
    if endpoint and look.news("allocations"):
        for each in look.instance.allocations.value or ():
            yield from _allocation(endpoint, each)


def _allocation(endpoint: str, allocation: Allocation) -> Iterator[Row]:
    identity = bounded(allocation.id)
    if (created := milliseconds(allocation.create_time)) is not None:
        status = code_of(ALLOCATION_STATUS, allocation.status)
        node = bounded(allocation.node_name)
        yield AllocationRow(endpoint, identity, created, count(allocation.job_version), node, status)
    for task in allocation.tasks[:NAMES_PER_LOOK]:
        for event in task.events:
            if (at := milliseconds(event.at)) is not None:
                yield EventRow(
                    endpoint,
                    at,
                    identity,
                    bounded(task.name),
                    code_of(EVENT_TYPES, event.type),
                    whole(event.exit_code),
                    whole(event.signal),
                    int(event.oom_killed),
                )
