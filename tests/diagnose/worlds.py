"""Instances by hand: all well at NOW, then one thing made wrong."""

from __future__ import annotations

from typing import Any

import msgspec

from harbortui.diagnose import Limits, diagnose
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import Finding, Verdict
from harbortui.model.harbor import COMPONENTS, ComponentHealth, Execution, GcRun, GcSchedule, Health, Policy, SystemInfo
from harbortui.model.nomad import (
    Allocation,
    AllocationUsage,
    DeploymentState,
    Job,
    Node,
    Placement,
    TaskSpec,
    TaskState,
)
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target
from harbortui.model.storage import BucketState, StoreHealth
from harbortui.model.vault import VaultState

NOW = 1_768_399_200.0
"""Wednesday 2026-01-14 14:00:00 UTC; the weekly schedule fired on Sunday 03:00."""
SUNDAY = NOW - 3 * 86_400 - 11 * 3600
HOUR, DAY = 3600.0, 86_400.0
TARGET = Target(name="a", url="http://a", nomad_address="http://n", job="a", store_endpoint="http://s", bucket="harbor")


def seen(value: Any, *, at: float = NOW, every: float = 60.0, source: str = "test") -> Facet[Any]:
    return Facet(source=source, every=every, value=value, at=at, tried_at=at)


def lost(kind: FailureKind, *, last: Facet[Any] | None = None, **more: Any) -> Facet[Any]:
    """A facet whose newest attempt failed, with the value it had before, if any."""
    failure = Failure(kind=kind, detail=f"{kind.value} it was", at=NOW - 5, **more)
    return msgspec.structs.replace(last or Facet(source="test", every=60.0), failure=failure, tried_at=NOW)


def task(name: str = "core", **more: Any) -> TaskState:
    return TaskState(name=name, **{"state": "running", **more})


def allocation(*tasks: TaskState, **more: Any) -> Allocation:
    given = {"id": "0a1b2c3d-0000", "desired": "run", "status": "running", "create_time": NOW - DAY, "node_id": "n1"}
    return Allocation(**{**given, "tasks": tasks or (task(),), **more})


def execution(number: int, status: str, **more: Any) -> Execution:
    start = NOW - HOUR + number * 60
    return Execution(id=number, **{"policy_id": 1, "status": status, "start_time": start, "total": 1, **more})


def well() -> InstanceSnapshot:
    health = Health(
        status="healthy",
        components=tuple(ComponentHealth(name=name, status="healthy") for name in COMPONENTS if name != "nginx"),
    )
    spec = TaskSpec(name="core", memory_mb=512, memory_max_mb=1024)
    return InstanceSnapshot(
        target=TARGET,
        health=seen(health),
        system=seen(SystemInfo(version="v2.11.2", read_only=False, clock_skew=0.2)),
        policies=seen((Policy(id=1, name="to-nas", enabled=True, destination_registry="harbor-nas"),)),
        executions=seen((execution(1, "Succeed"), execution(2, "Succeed"))),
        gc_runs=seen((GcRun(id=1, status="Success", kind="SCHEDULE", start_time=SUNDAY),)),
        gc_schedule=seen(GcSchedule(type="Custom", cron="0 0 3 * * 0")),
        job=seen(Job(id="a", status="running", tasks=(spec,))),
        allocations=seen((allocation(),)),
        usage=seen(AllocationUsage(allocation_id="0a1b2c3d-0000")),
        deployment=seen(DeploymentState()),
        placement=seen(Placement(status="complete")),
        bucket=seen(BucketState(name="harbor", clock_skew=0.1)),
    )


def fleet(*instances: InstanceSnapshot, **more: Any) -> Snapshot:
    given = {
        "vault": seen(VaultState()),
        "nodes": {"http://n": seen((Node(id="n1", name="vm-1", status="ready"),))},
        "stores": {"http://s": seen(StoreHealth(provider="MinIO", live=True, ready=True))},
    }
    return Snapshot(instances=instances, **{**given, **more})


def but(**facets: Any) -> InstanceSnapshot:
    """The instance that is well, but for these facets."""
    return msgspec.structs.replace(well(), **facets)


def judged(*instances: InstanceSnapshot, limits: Limits | None = None, **more: Any) -> Verdict:
    return diagnose(fleet(*instances, **more), now=NOW, limits=limits)


def found(instance: InstanceSnapshot, **more: Any) -> list[tuple[str, str, str]]:
    """(rule, state, subject) of every finding."""
    return [row(each) for each in judged(instance, **more).findings]


def row(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.state.word, finding.subject
