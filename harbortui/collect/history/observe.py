"""From two snapshots to rows: what is worth keeping of the newer one, as a pure function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harbortui.collect.history.codes import Metric
from harbortui.collect.history.keys import bounded, bucket_of, harbor_of, job_of, whole
from harbortui.collect.history.look import NAMES_PER_LOOK, Look, milliseconds
from harbortui.collect.history.observe_lists import allocations, collections, executions
from harbortui.collect.history.observe_states import harbor, reach, tasks
from harbortui.collect.history.rows import (
    AllocationRow,
    EventRow,
    ExecutionRow,
    GcRow,
    Listed,
    Measured,
    Place,
    Row,
    Rows,
    Sample,
    StateRow,
)
from harbortui.model.snapshot import InstanceSnapshot, Origin, Snapshot
from harbortui.model.storage import BucketUsage


def observe(before: Snapshot | None, snapshot: Snapshot, now: float) -> Rows:
    """What to append for ``snapshot`` when ``before`` is what was appended last (None: nothing by us).

    A facet counts when its content changed, or when it was learned again in a minute of which nothing is recorded. A
    snapshot from a file gives nothing: its time has been recorded by whoever was there.
    """
    if snapshot.origin is Origin.SNAPSHOT:
        return Rows()
    rows: list[Row] = []
    for instance in snapshot.instances:
        look = Look(instance, now, *_known(before, instance))
        for part in (harbor, tasks, _memory, _bucket, executions, collections, allocations):
            rows.extend(part(look))
    return _sorted(rows)


def _known(before: Snapshot | None, instance: InstanceSnapshot) -> tuple[InstanceSnapshot | None, float]:
    known = before.instance(instance.name) if before is not None else None
    if before is None or known is None or known.target != instance.target:
        return None, 0.0
    return known, before.taken_at


def _sorted(rows: list[Row]) -> Rows:
    def of(kind: type[Any]) -> tuple[Any, ...]:
        return tuple(row for row in rows if isinstance(row, kind))

    return Rows(
        of(Sample), of(StateRow), of(Listed), of(ExecutionRow), of(EventRow), of(GcRow), of(Measured), of(AllocationRow)
    )


def _memory(look: Look) -> Iterator[Row]:
    endpoint = job_of(look.instance.target)
    usage = look.instance.usage.value
    minute = look.minute("usage")
    if not endpoint or usage is None or minute is None:
        return
    for task in usage.tasks[:NAMES_PER_LOOK]:
        value = whole(task.memory_bytes)
        if value is not None and value >= 0:
            yield Sample(Place(endpoint, Metric.MEMORY_BYTES, bounded(task.name)), minute, value)


def _bucket(look: Look) -> Iterator[Row]:
    endpoint = bucket_of(look.instance.target)
    if not endpoint:
        return
    yield from reach(look, "bucket", endpoint, Metric.BUCKET)
    facet, counted = look.instance.bucket, look.instance.counted
    minute = look.minute("bucket")
    if facet.value is not None and facet.value.usage is not None and minute is not None:
        yield from _usage(look, endpoint, facet.value.usage, minute, facet.at)
    minute = look.minute("counted")
    if counted.value is not None and minute is not None:
        yield from _usage(look, endpoint, counted.value.usage, minute, counted.at)


def _usage(look: Look, endpoint: str, usage: BucketUsage, minute: int, at: float | None) -> Iterator[Row]:
    """One source's figure; each source is a series of its own."""
    source, held = bounded(usage.source), whole(usage.bytes)
    if held is None or held < 0:
        return
    yield Sample(Place(endpoint, Metric.BUCKET_BYTES, "", source), minute, held)
    # A figure that its source counted we know not when says nothing of before and after a garbage collection.
    measured = milliseconds(at if usage.measured_at is None and not usage.period else usage.measured_at)
    if measured is not None:
        yield Measured(harbor_of(look.instance.target), endpoint, source, measured, held)
    objects = whole(usage.objects)
    if objects is not None and objects >= 0:
        yield Sample(Place(endpoint, Metric.BUCKET_OBJECTS, "", source), minute, objects)
