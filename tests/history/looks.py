"""Snapshots by hand, at times that a test chooses, and a place to keep them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from harbortui.collect.history.place import HistoryPlace
from harbortui.collect.history.read import History
from harbortui.collect.history.recorder import Recorder
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import COMPONENTS, ComponentHealth, Execution, GcRun, Health
from harbortui.model.nomad import Allocation, AllocationUsage, TaskEvent, TaskState, TaskUsage
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target
from harbortui.model.storage import BucketState, BucketUsage
from harbortui.sources.answer import Ok

NOW = 1_768_399_200.0
"""Wednesday 2026-01-14 14:00:00 UTC."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
TARGET = Target(name="a", url="http://a", nomad_address="http://n", job="a", store_endpoint="http://s", bucket="harbor")
ALLOCATION = "0a1b2c3d-1111-2222-3333-444455556666"
SOURCE = "MinIO account info"


class Clock:
    """A time that a test moves."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def seen(value: Any, at: float) -> Facet[Any]:
    return Facet(source="test", every=60.0, value=value, at=at, tried_at=at)


def lost(kind: FailureKind, at: float) -> Facet[Any]:
    return Facet(source="test", every=60.0, tried_at=at, failure=Failure(kind=kind, detail="told", at=at))


def health(**states: str) -> Health:
    told = {name: "healthy" for name in COMPONENTS if name != "nginx"} | states
    return Health(status="x", components=tuple(ComponentHealth(name=each, status=told[each]) for each in told))


def bucket(size: int, objects: int | None = 10, **more: Any) -> BucketState:
    return BucketState(name="harbor", usage=BucketUsage(source=SOURCE, bytes=size, objects=objects, **more))


def allocation(*events: TaskEvent, restarts: int = 0, **more: Any) -> Allocation:
    task = TaskState(name="core", state="running", restarts=restarts, events=events)
    given = {"id": ALLOCATION, "desired": "run", "status": "running", "create_time": NOW - DAY, "node_name": "vm-1"}
    return Allocation(**{**given, "tasks": (task,), **more})


def execution(number: int, status: str = "Succeed", **more: Any) -> Execution:
    start = NOW - DAY + number * 60
    given = {"policy_id": 1, "status": status, "start_time": start, "end_time": start + 5, "total": 1, "succeed": 1}
    return Execution(id=number, **{**given, **more})


def instance(at: float, **facets: Any) -> InstanceSnapshot:
    """All well and learned at that time, but for what is given (values or whole facets)."""
    given = {
        "health": health(),
        "allocations": (allocation(),),
        "usage": AllocationUsage(allocation_id=ALLOCATION, tasks=(TaskUsage(name="core", memory_bytes=500),)),
        "bucket": bucket(1000),
        "executions": (execution(1),),
        "gc_runs": (GcRun(id=1, status="Success", start_time=NOW - 3 * DAY, end_time=NOW - 3 * DAY + 60),),
        **facets,
    }
    made = {name: value if isinstance(value, Facet) else seen(value, at) for name, value in given.items()}
    return InstanceSnapshot(target=TARGET, **made)


def look(at: float, **facets: Any) -> Snapshot:
    """A fleet of that one instance."""
    return Snapshot(taken_at=at, instances=(instance(at, **facets),))


def again(before: Snapshot, at: float) -> Snapshot:
    """The same learned again: the values are the same objects, as the store keeps them."""
    (only,) = before.instances
    facets = {
        name: msgspec.structs.replace(getattr(only, name), at=at, tried_at=at)
        for name in ("health", "allocations", "usage", "bucket", "executions", "gc_runs")
    }
    return msgspec.structs.replace(before, taken_at=at, instances=(msgspec.structs.replace(only, **facets),))


@contextmanager
def opened(path: Path, uri: str = "") -> Iterator[sqlite3.Connection]:
    """The file itself, changes kept."""
    connection = sqlite3.connect(f"file:{path}{uri}", uri=True)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


class Kept:
    """A recorder and a reader of one place."""

    def __init__(self, directory: Path, writer: str = "host-1", **place: Any) -> None:
        self.place = HistoryPlace(directory, writer, **place)
        self.clock = Clock()
        self.recorder = Recorder(self.place, self.clock)
        self.history = History(self.place, self.clock)

    def record(self, snapshot: Snapshot) -> None:
        """Record it at its own time; it must work."""
        self.clock.now = snapshot.taken_at
        assert self.recorder.record(snapshot) is None


def value(answer: Any) -> Any:
    """What was learned; the answer must be whole."""
    assert isinstance(answer, Ok) and answer.lost_rows == (), answer
    return answer.value
