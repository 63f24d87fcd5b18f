"""From two snapshots to rows: what is worth keeping of the newer one, as a pure function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from harbortui.collect.history.codes import (
    ALLOCATION_STATUS,
    ANSWERS,
    EVENT_TYPES,
    EXECUTION_STATUS,
    GC_STATUS,
    STATES,
    Metric,
    code_of,
)
from harbortui.collect.history.keys import bounded, bucket_of, count, harbor_of, job_of, whole
from harbortui.collect.history.rows import (
    AllocationRow,
    EventRow,
    ExecutionRow,
    GcRow,
    Measured,
    Place,
    Rows,
    Sample,
    StateRow,
)
from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.model.harbor import NGINX, Execution, GcRun
from harbortui.model.nomad import Allocation
from harbortui.model.snapshot import InstanceSnapshot, Origin, Snapshot

TOO_OLD = 600.0
"""Seconds: what was learned longer ago belongs to another session, which has recorded it."""
AHEAD = 120.0
"""Seconds that a time may lie after ours and still be believed."""
NAMES_PER_LOOK = 64
"""Components or tasks of one instance that are looked at; a real one has eight."""

Row = Sample | StateRow | ExecutionRow | EventRow | GcRow | Measured | AllocationRow


class Look(NamedTuple):
    """One instance at ``now``, and what was recorded of it at ``then``."""

    instance: InstanceSnapshot
    now: float
    before: InstanceSnapshot | None = None
    then: float = 0.0

    def facet(self, name: str) -> Facet[Any]:
        """A facet of the instance."""
        found: Facet[Any] = getattr(self.instance, name)
        return found

    def recorded(self, name: str, field: str = "at") -> Facet[Any] | None:
        """The facet as it was recorded; None when it was not, or was too old then to be."""
        if self.before is None:
            return None
        found: Facet[Any] = getattr(self.before, name)
        return found if current(getattr(found, field), self.then) else None

    def news(self, name: str) -> bool:
        """True when the facet's value is another than the one recorded before."""
        new, old = self.facet(name), self.recorded(name)
        if new.value is None or not current(new.at, self.now):
            return False
        return old is None or old.value is not new.value

    def minute(self, name: str, field: str = "at") -> int | None:
        """The minute in which the value was learned (``tried_at``: asked for), unless it is recorded already."""
        at: float | None = getattr(self.facet(name), field)
        old = self.recorded(name, field)
        before: float | None = getattr(old, field) if old is not None else None
        if at is None or not current(at, self.now):
            return None
        return int(at // 60) if before is None or int(at // 60) > int(before // 60) else None


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
        for part in (_harbor, _job, _memory, _bucket, _executions, _collections):
            rows.extend(part(look))
    return _sorted(rows)


def _known(before: Snapshot | None, instance: InstanceSnapshot) -> tuple[InstanceSnapshot | None, float]:
    known = before.instance(instance.name) if before is not None else None
    if before is None or known is None or known.target != instance.target:
        return None, 0.0
    return known, before.taken_at


def current(at: float | None, now: float) -> bool:
    """True for a time that belongs to this session."""
    return at is not None and now - TOO_OLD <= at <= now + AHEAD


def _sorted(rows: list[Row]) -> Rows:
    def of(kind: type[Any]) -> tuple[Any, ...]:
        return tuple(row for row in rows if isinstance(row, kind))

    return Rows(of(Sample), of(StateRow), of(ExecutionRow), of(EventRow), of(GcRow), of(Measured), of(AllocationRow))


def _reach(look: Look, name: str, endpoint: str, metric: Metric) -> Iterator[Row]:
    """Whether the endpoint answers, and the minutes in which that became known."""
    facet = look.facet(name)
    state = ANSWERS if facet.failure is None else STATES.get(facet.failure.kind.value)
    if facet.tried_at is None or state is None or not current(facet.tried_at, look.now):
        return
    if (minute := look.minute(name, "tried_at")) is not None:
        yield Sample(Place(endpoint, Metric.ASKED), minute, 1)
    before = look.recorded(name, "tried_at")
    if before is None or _kind(before) is not _kind(facet):
        yield StateRow(Place(endpoint, metric), _ms(facet.tried_at), state)


def _kind(facet: Facet[Any]) -> FailureKind | None:
    return None if facet.failure is None else facet.failure.kind


def _harbor(look: Look) -> Iterator[Row]:
    endpoint = harbor_of(look.instance.target)
    yield from _reach(look, "health", endpoint, Metric.HARBOR)
    facet = look.instance.health
    if (minute := look.minute("health")) is not None:
        yield Sample(Place(endpoint, Metric.SEEN), minute, 1)
    if look.news("health") and facet.value is not None and facet.at is not None:
        for each in facet.value.components[:NAMES_PER_LOOK]:
            place = Place(endpoint, Metric.COMPONENT, bounded(each.name))
            yield StateRow(place, _ms(facet.at), code_of(STATES, each.status))
    yield from _nginx(look, endpoint)


def _nginx(look: Look, endpoint: str) -> Iterator[Row]:
    """Harbor never names nginx; what came through it, or did not, says how it is."""
    tried, answers = look.instance.health.tried_at, look.instance.nginx_answers
    if answers is None or tried is None or not current(tried, look.now):
        return
    recorded = look.recorded("health", "tried_at") is not None and look.before is not None
    if not recorded or (look.before is not None and look.before.nginx_answers is not answers):
        state = STATES["healthy" if answers else "unhealthy"]
        yield StateRow(Place(endpoint, Metric.COMPONENT, NGINX), _ms(tried), state)


def _job(look: Look) -> Iterator[Row]:
    endpoint = job_of(look.instance.target)
    facet = look.instance.allocations
    if not endpoint or facet.value is None or facet.at is None:
        return
    if (minute := look.minute("allocations")) is not None:
        yield Sample(Place(endpoint, Metric.SEEN), minute, 1)
    if not look.news("allocations"):
        return
    for allocation in facet.value:
        yield from _allocation(endpoint, allocation)
    newest = max(
        (each for each in facet.value if each.is_current), key=lambda each: each.create_time or 0.0, default=None
    )
    for task in newest.tasks[:NAMES_PER_LOOK] if newest is not None else ():
        name = bounded(task.name)
        yield StateRow(Place(endpoint, Metric.TASK, name), _ms(facet.at), code_of(STATES, task.state))
        yield StateRow(Place(endpoint, Metric.RESTARTS, name), _ms(facet.at), count(task.restarts))


def _allocation(endpoint: str, allocation: Allocation) -> Iterator[Row]:
    identity = bounded(allocation.id)
    if (created := _ms_or_none(allocation.create_time)) is not None:
        status = code_of(ALLOCATION_STATUS, allocation.status)
        node = bounded(allocation.node_name)
        yield AllocationRow(endpoint, identity, created, count(allocation.job_version), node, status)
    for task in allocation.tasks[:NAMES_PER_LOOK]:
        for event in task.events:
            if (at := _ms_or_none(event.at)) is not None:
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
    yield from _reach(look, "bucket", endpoint, Metric.BUCKET)
    facet = look.instance.bucket
    usage = facet.value.usage if facet.value is not None else None
    minute = look.minute("bucket")
    if usage is None or minute is None:
        return
    source, held = bounded(usage.source), whole(usage.bytes)
    if held is None or held < 0:
        return
    yield Sample(Place(endpoint, Metric.BUCKET_BYTES, "", source), minute, held)
    measured = _ms_or_none(usage.measured_at) or _ms_or_none(facet.at)
    if measured is not None:
        yield Measured(harbor_of(look.instance.target), endpoint, source, measured, held)
    objects = whole(usage.objects)
    if objects is not None and objects >= 0:
        yield Sample(Place(endpoint, Metric.BUCKET_OBJECTS, "", source), minute, objects)


def _executions(look: Look) -> Iterator[Row]:
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
        _ms_or_none(each.start_time),
        _ms_or_none(each.end_time),
        count(each.total),
        count(each.failed),
        count(each.succeed),
        count(each.in_progress),
        count(each.stopped),
    )


def _collections(look: Look) -> Iterator[Row]:
    if look.news("gc_runs"):
        endpoint = harbor_of(look.instance.target)
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
        _ms_or_none(each.start_time),
        _ms_or_none(each.end_time),
        int(each.dry_run),
        whole(each.freed_bytes),
        whole(each.purged_blobs),
        whole(each.purged_manifests),
    )


def _ms(at: float) -> int:
    return int(at * 1000)


def _ms_or_none(at: float | None) -> int | None:
    value = whole(at)
    return None if at is None or value is None or not 0 < value < 2**41 else int(at * 1000)
