"""What Nomad knows, in seconds and plain names; the HTTP layer turns it into Nomad's JSON.

All times are unix seconds as float (Nomad's nanoseconds are made at the edge); sizes in MB as in the job specification.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ClientStatus = Literal["pending", "running", "complete", "failed", "lost", "unknown"]
DesiredStatus = Literal["run", "stop", "evict"]
MAX_TASK_EVENTS = 10


@dataclass(slots=True)
class Node:
    """One Nomad client. Several instances may share a node only through faults; normally one node each."""

    id: str
    name: str
    address: str
    create_index: int
    modify_index: int
    status: Literal["initializing", "ready", "down", "disconnected"] = "ready"
    eligible: bool = True
    draining: bool = False
    cpu_mhz: int = 8_000
    memory_mb: int = 16_384
    version: str = "1.8.4"


@dataclass(frozen=True, slots=True)
class TaskDef:
    """One task as a job version describes it. `env` holds planted secrets as real jobs do."""

    name: str
    image: str
    cpu: int
    memory: int
    memory_max: int
    kill_timeout: float
    env: dict[str, str]


@dataclass(slots=True)
class JobVersion:
    """One version of a job: what was submitted and when."""

    version: int
    submit_time: float
    harbor_version: str
    tasks: tuple[TaskDef, ...]
    create_index: int
    modify_index: int
    stable: bool = True
    stop: bool = False
    count: int = 1


@dataclass(slots=True)
class Job:
    """A Nomad service job; `versions` oldest first, the last is current."""

    id: str
    create_index: int
    modify_index: int
    job_modify_index: int
    versions: list[JobVersion] = field(default_factory=list)
    status: Literal["pending", "running", "dead"] = "running"

    @property
    def current(self) -> JobVersion:
        """The version in force."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One task event; `type` in Nomad's words ("Received", "Task Setup", "Driver", "Started", "Terminated", ...)."""

    type: str
    time: float
    display: str
    details: dict[str, str] = field(default_factory=dict)
    exit_code: int = 0
    signal: int = 0
    message: str = ""
    fails_task: bool = False


@dataclass(slots=True)
class TaskState:
    """State of one task of one allocation; `events` keeps the last ten as Nomad does."""

    name: str
    state: Literal["pending", "running", "dead"] = "pending"
    failed: bool = False
    restarts: int = 0
    last_restart: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    events: list[TaskEvent] = field(default_factory=list)
    generation: int = 0

    def add(self, event: TaskEvent) -> None:
        """Append an event and forget all but the newest ten."""
        self.events.append(event)
        del self.events[:-MAX_TASK_EVENTS]


@dataclass(slots=True)
class Allocation:
    """One allocation of one job; `healthy` is the deployment's verdict (None = not decided)."""

    id: str
    eval_id: str
    name: str
    job_id: str
    job_version: int
    node_id: str
    node_name: str
    create_time: float
    modify_time: float
    create_index: int
    modify_index: int
    alloc_modify_index: int
    tasks: dict[str, TaskState]
    client_status: ClientStatus = "pending"
    desired_status: DesiredStatus = "run"
    client_description: str = ""
    desired_description: str = ""
    deployment_id: str = ""
    healthy: bool | None = None
    healthy_at: float | None = None
    previous: str = ""
    next: str = ""
    followup_eval: str = ""

    @property
    def terminal(self) -> bool:
        """True when it will never run again."""
        return self.client_status in ("complete", "failed", "lost")


@dataclass(slots=True)
class Deployment:
    """A deployment of one job version."""

    id: str
    job_id: str
    job_version: int
    job_modify_index: int
    job_create_index: int
    create_index: int
    modify_index: int
    create_time: float
    modify_time: float
    status: Literal["running", "paused", "failed", "successful", "cancelled", "blocked"] = "running"
    description: str = "Deployment is running"
    desired_total: int = 1
    placed: int = 0
    healthy: int = 0
    unhealthy: int = 0
    require_progress_by: float = 0.0


@dataclass(slots=True)
class PlacementFailure:
    """Why a task group could not be placed (Nomad's AllocMetric, what the console reads of it)."""

    nodes_evaluated: int
    nodes_filtered: int = 0
    nodes_exhausted: int = 0
    nodes_in_pool: int = 0
    constraint_filtered: dict[str, int] = field(default_factory=dict)
    dimension_exhausted: dict[str, int] = field(default_factory=dict)
    nodes_available: dict[str, int] = field(default_factory=dict)
    coalesced: int = 0


@dataclass(slots=True)
class Evaluation:
    """One evaluation; `failed_groups` maps a task group to why it was not placed."""

    id: str
    job_id: str
    triggered_by: str
    create_index: int
    modify_index: int
    create_time: float
    modify_time: float
    status: Literal["blocked", "pending", "complete", "failed", "canceled"] = "complete"
    description: str = ""
    deployment_id: str = ""
    node_id: str = ""
    previous: str = ""
    next: str = ""
    blocked_eval: str = ""
    failed_groups: dict[str, PlacementFailure] = field(default_factory=dict)
    queued: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """One entry of the event log behind /v1/event/stream.

    `topic` Job|Allocation|Deployment|Evaluation|Node; `key` the object's id; `filter_keys` e.g. the job id. The payload
    is made by the HTTP layer from the object `obj` (a live dataclass of this module) when the event is sent.
    """

    index: int
    time: float
    topic: str
    type: str
    key: str
    filter_keys: tuple[str, ...]
    obj: object
