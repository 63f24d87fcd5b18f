"""Snapshots for the tests of the screen: a fleet as it is when well, and hands to hurt it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from zlib import crc32

import msgspec

from harbortui.engine.messages import ToEngine, Told
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import Finding, InstanceVerdict, State, Verdict
from harbortui.model.harbor import (
    COMPONENTS,
    ComponentHealth,
    Execution,
    GcRun,
    GcSchedule,
    Health,
    Policy,
    Quota,
    SystemInfo,
)
from harbortui.model.nomad import (
    Allocation,
    AllocationUsage,
    DeploymentState,
    Job,
    Placement,
    TaskEvent,
    TaskSpec,
    TaskState,
    TaskUsage,
)
from harbortui.model.snapshot import InstanceSnapshot, Origin, Snapshot, Target
from harbortui.model.storage import BucketState, BucketUsage, StoreHealth
from harbortui.model.vault import VaultState
from harbortui.ui.port import Shown

NOW = 1_763_733_780.0
"""2025-11-21 14:03:00 UTC."""
DAY = 86_400.0
MIB = 1024 * 1024
GIB = 1024 * MIB
NAMES = ("harbor-vm-06", "harbor-vm-05", "harbor-nas")
STORE = "http://10.0.0.200:9000"


def fresh(source: str, value: Any, *, at: float = NOW - 5, every: float = 60.0) -> Facet[Any]:
    """A facet that has just been learned."""
    return Facet(source=source, every=every, value=value, at=at, tried_at=at)


def failed(source: str, kind: FailureKind, detail: str = "", *, needs: str = "", every: float = 60.0) -> Facet[Any]:
    """A facet that never brought a value."""
    return Facet(
        source=source, every=every, tried_at=NOW, failure=Failure(kind=kind, detail=detail, at=NOW, needs=needs)
    )


def stale(facet: Facet[Any], kind: FailureKind = FailureKind.TIMEOUT, *, age: float = 300.0) -> Facet[Any]:
    """The same facet, older, after a failure."""
    failure = Failure(kind=kind, detail="no answer within 10 s", at=NOW)
    return msgspec.structs.replace(facet, at=NOW - age, tried_at=NOW, failure=failure)


def allocation(name: str, **changes: Any) -> Allocation:
    """A running allocation with the eight tasks."""
    tasks = tuple(
        TaskState(
            name=each,
            state="running",
            started_at=NOW - 12 * DAY,
            events=(TaskEvent(type="Started", at=NOW - 12 * DAY, message="Task started by client"),),
        )
        for each in COMPONENTS
    )
    values: dict[str, Any] = {
        "id": f"7f3a19c2-0000-4000-8000-{crc32(name.encode()):012d}",
        "node_name": name.replace("harbor-vm", "client"),
        "job_version": 14,
        "desired": "run",
        "status": "running",
        "create_time": NOW - 12 * DAY,
        "tasks": tasks,
    }
    return Allocation(**{**values, **changes})


def instance(name: str = NAMES[0], **facets: Any) -> InstanceSnapshot:
    """One instance, all well, with some facets replaced."""
    specs = tuple(
        TaskSpec(name=each, image=f"goharbor/{each}:v2.11.2", cpu_mhz=200, memory_mb=256, memory_max_mb=512)
        for each in COMPONENTS
    )
    current = allocation(name)
    usage = AllocationUsage(
        allocation_id=current.id,
        tasks=tuple(TaskUsage(name=each, memory_bytes=200 * MIB, cpu_mhz=34.0) for each in COMPONENTS),
    )
    components = tuple(ComponentHealth(name=each, status="healthy") for each in COMPONENTS if each != "nginx")
    policies = (
        Policy(id=1, name="sync-to-nas", enabled=True, trigger="event_based", destination_registry="harbor-nas"),
        Policy(
            id=2, name="nightly-full", enabled=False, trigger="scheduled", cron="0 0 3 * * *", source_registry="vm-06"
        ),
    )
    executions = tuple(
        Execution(
            id=100 + n,
            policy_id=1,
            status="Succeed",
            trigger="event",
            total=4,
            succeed=4,
            start_time=NOW - 600 * n - 60,
            end_time=NOW - 600 * n - 40,
        )
        for n in range(12)
    )
    run = GcRun(
        id=7,
        status="Success",
        kind="SCHEDULE",
        start_time=NOW - 2 * DAY,
        end_time=NOW - 2 * DAY + 700,
        freed_bytes=18 * GIB,
    )
    usage_of_bucket = BucketUsage(source="MinIO metrics", bytes=412 * GIB, objects=1_200_000, measured_at=NOW - 300)
    values: dict[str, Any] = {
        "health": fresh("Harbor /health", Health(status="healthy", components=components), every=15.0),
        "system": fresh("Harbor /systeminfo", SystemInfo(version="v2.11.2-6e5ccb15"), every=600.0),
        "quotas": fresh(
            "Harbor /quotas", (Quota(project="library", used=341 * GIB), Quota(project="proxy", used=GIB)), every=300.0
        ),
        "policies": fresh("Harbor /replication/policies", policies, every=300.0),
        "executions": fresh("Harbor /replication/executions", executions, every=30.0),
        "gc_runs": fresh("Harbor /system/gc", (run,)),
        "gc_schedule": fresh(
            "Harbor /system/gc/schedule", GcSchedule(type="Weekly", cron="0 0 3 * * 0", next_time=NOW + 2 * DAY)
        ),
        "job": fresh("Nomad job", Job(id=name, version=14, count=1, tasks=specs)),
        "allocations": fresh("Nomad allocations", (current,), every=15.0),
        "usage": fresh("Nomad client stats", usage),
        "deployment": fresh("Nomad deployment", DeploymentState()),
        "placement": fresh("Nomad evaluations", Placement()),
        "bucket": fresh("S3 HEAD bucket", BucketState(name=name, provider="MinIO", usage=usage_of_bucket)),
    }
    target = Target(name=name, url=f"https://{name}.example", job=name, bucket=name, store_endpoint=STORE)
    return InstanceSnapshot(target=target, **{**values, **facets})


def fleet(*instances: InstanceSnapshot, origin: Origin = Origin.LIVE, at: float = NOW) -> Snapshot:
    """A fleet of three, or of these."""
    return Snapshot(
        fleet="ackermann",
        origin=origin,
        taken_at=at,
        vault=fresh("Vault health and token", VaultState(version="1.15")),
        stores={STORE: fresh("MinIO health", StoreHealth(provider="MinIO", live=True, ready=True))},
        instances=instances or tuple(instance(name) for name in NAMES),
    )


def verdict(snapshot: Snapshot, *findings: Finding) -> Verdict:
    """A verdict made of these findings."""
    found: dict[str, State] = {}
    for each in findings:
        found[each.instance] = max(each.state, found.get(each.instance, State.OK))
    verdicts = tuple(
        InstanceVerdict(name=each.name, state=found.get(each.name, State.OK), sentence=_sentence(each.name, found))
        for each in snapshot.instances
    )
    state = max((each.state for each in verdicts), default=State.OK)
    text = findings[0].title if findings else f"all {len(verdicts)} instances are well"
    return Verdict(state=state, sentence=text, instances=verdicts, findings=findings)


def _sentence(name: str, found: dict[str, State]) -> str:
    return f"{name} is hurt" if found.get(name, State.OK) else "all well"


def hurt() -> tuple[Snapshot, Verdict]:
    """The fleet with one instance in trouble and one with an old garbage collection."""
    broken = instance(NAMES[1])
    components = tuple(
        ComponentHealth(name=each, status="unhealthy" if each == "registry" else "healthy", error="s3aws: AccessDenied")
        for each in COMPONENTS
        if each != "nginx"
    )
    runs = tuple(
        Execution(
            id=200 + n,
            policy_id=1,
            status="Failed",
            trigger="event",
            total=1,
            failed=1,
            status_text="500 from source registry: blob a3ed95cae upload failed",
            start_time=NOW - 60 * n - 30,
            end_time=NOW - 60 * n - 24,
        )
        for n in range(5)
    )
    current = allocation(NAMES[1])
    tasks = tuple(
        msgspec.structs.replace(task, restarts=3, last_restart=NOW - 120, started_at=NOW - 120, events=_trouble())
        if task.name == "registry"
        else task
        for task in current.tasks
    )
    broken = msgspec.structs.replace(
        broken,
        health=fresh("Harbor /health", Health(status="unhealthy", components=components), every=15.0),
        executions=fresh("Harbor /replication/executions", runs, every=30.0),
        allocations=fresh("Nomad allocations", (msgspec.structs.replace(current, tasks=tasks),), every=15.0),
        bucket=failed("S3 HEAD bucket", FailureKind.FORBIDDEN, "AccessDenied on HEAD harbor-vm-05"),
    )
    snapshot = fleet(instance(NAMES[0]), broken, instance(NAMES[2]))
    return snapshot, verdict(
        snapshot,
        Finding(
            rule="component-unhealthy",
            state=State.CRITICAL,
            instance=NAMES[1],
            subject="registry",
            title="harbor-vm-05: registry is unhealthy and restarted 3 times in the last hour",
            evidence=("Harbor /health, 5 s old: s3aws: AccessDenied",),
            since=NOW - 300,
        ),
        Finding(
            rule="gc-overdue",
            state=State.WARNING,
            instance=NAMES[2],
            subject="garbage collection",
            title="garbage collection is overdue: weekly, last run 9 days ago",
            since=NOW - 2 * DAY,
        ),
    )


def _trouble() -> tuple[TaskEvent, ...]:
    return (
        TaskEvent(type="Terminated", at=NOW - 150, message="", exit_code=137, oom_killed=True),
        TaskEvent(type="Restarting", at=NOW - 135, message="Task restarting in 15s"),
        TaskEvent(type="Started", at=NOW - 120, message="Task started by client"),
    )


class FakePort:
    """An engine that says what the test tells it to."""

    def __init__(self, *first: Shown | Told) -> None:
        self.sent: list[ToEngine] = []
        self._queue: asyncio.Queue[Shown | Told | BaseException] = asyncio.Queue()
        for message in first:
            self._queue.put_nowait(message)

    def say(self, message: Shown | Told | BaseException) -> None:
        """Have the engine say this; an exception ends it with that."""
        self._queue.put_nowait(message)

    @property
    def is_quiet(self) -> bool:
        """True once all that was said was taken."""
        return self._queue.empty()

    def send(self, message: ToEngine) -> None:
        self.sent.append(message)

    async def messages(
        self,
    ) -> AsyncIterator[Shown | Told]:
        while True:
            message = await self._queue.get()
            if isinstance(message, BaseException):
                raise message
            yield message

    async def aclose(self) -> None:
        return None
