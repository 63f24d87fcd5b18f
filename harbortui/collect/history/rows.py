"""The rows that one look adds to the history: numbers and bounded names, nothing else."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from harbortui.collect.history.codes import Metric


class Place(NamedTuple):
    """What a value is of."""

    endpoint: str
    metric: Metric
    name: str = ""
    """The component or task, where there is one."""
    detail: str = ""
    """The source, where several count differently."""


class Sample(NamedTuple):
    """A number at a minute (minutes since 1970, UTC)."""

    place: Place
    minute: int
    value: int


class StateRow(NamedTuple):
    """A state as seen at a time (milliseconds since 1970); only changes are kept of it."""

    place: Place
    at: int
    value: int


class Listed(NamedTuple):
    """The names that an endpoint has a state of at a time (milliseconds): what is not among them is gone."""

    endpoint: str
    metric: Metric
    at: int
    names: tuple[str, ...]


class ExecutionRow(NamedTuple):
    """A replication execution; times in milliseconds."""

    endpoint: str
    id: int
    policy: int
    status: int
    start: int | None
    end: int | None
    total: int
    failed: int
    succeed: int
    in_progress: int
    stopped: int


class EventRow(NamedTuple):
    """A task event; time in milliseconds."""

    endpoint: str
    at: int
    allocation: str
    task: str
    type: int
    exit_code: int | None
    signal: int | None
    oom: int


class GcRow(NamedTuple):
    """A garbage collection; times in milliseconds."""

    endpoint: str
    id: int
    status: int
    start: int | None
    end: int | None
    dry_run: int
    freed: int | None
    blobs: int | None
    manifests: int | None


class Measured(NamedTuple):
    """What the bucket behind a Harbor held when its source counted (milliseconds); put beside its collections."""

    harbor: str
    bucket: str
    source: str
    at: int
    bytes: int


class AllocationRow(NamedTuple):
    """An allocation's start; time in milliseconds."""

    endpoint: str
    id: str
    created: int
    version: int
    node: str
    status: int


Row: TypeAlias = Sample | StateRow | Listed | ExecutionRow | EventRow | GcRow | Measured | AllocationRow


class Rows(NamedTuple):
    """Everything of one look, written together or not at all."""

    samples: tuple[Sample, ...] = ()
    states: tuple[StateRow, ...] = ()
    listed: tuple[Listed, ...] = ()
    executions: tuple[ExecutionRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    collections: tuple[GcRow, ...] = ()
    measured: tuple[Measured, ...] = ()
    allocations: tuple[AllocationRow, ...] = ()

    @property
    def empty(self) -> bool:
        """True when there is nothing to write."""
        return not any(self)
