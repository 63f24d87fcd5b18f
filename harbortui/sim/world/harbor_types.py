"""What one Harbor instance's database, Redis and job logs hold. Times are unix seconds, sizes bytes, speeds kbit/s."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

TaskStatus = Literal["Pending", "InProgress", "Succeed", "Failed", "Stopped"]
ExecStatus = Literal["InProgress", "Succeed", "Failed", "Stopped"]
JobStatus = Literal["Pending", "Running", "Success", "Error", "Stopped"]


class Blob(NamedTuple):
    """A blob by content: 64 hex digits of sha256 (no algorithm prefix) and bytes. Shared between images."""

    hex: str
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An image's content, the same object on every instance that holds it.

    `manifest` and `config` are blobs too; `digest` is "sha256:" + manifest.hex; `size` is what Harbor shows (the
    manifest, config and layers added up).
    """

    digest: str
    manifest: Blob
    config: Blob
    layers: tuple[Blob, ...]
    size: int
    created: float
    architecture: str = "amd64"

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """All blobs of the image: manifest, config, layers."""
        return (self.manifest, self.config, *self.layers)


@dataclass(slots=True)
class RegistryEndpoint:
    """A row of /registries: a peer Harbor or an upstream of a proxy cache. `peer` names the peer instance, "" else."""

    id: int
    name: str
    type: str
    url: str
    access_key: str
    created: float
    status: Literal["healthy", "unhealthy"] = "healthy"
    peer: str = ""
    insecure: bool = False
    description: str = ""


@dataclass(slots=True)
class Project:
    """A project; `registry_id` > 0 makes it a proxy cache. `quota_hard` bytes, -1 unlimited."""

    id: int
    name: str
    registry_id: int
    created: float
    public: bool
    quota_hard: int
    retention_id: int = 0


@dataclass(slots=True)
class Artifact:
    """One artifact row of one instance. `pull_time` 0.0 when never pulled."""

    id: int
    project_id: int
    repository_id: int
    image: Image
    tags: list[str]
    push_time: float
    pull_time: float = 0.0
    pushed_by: str = "admin"


@dataclass(slots=True)
class Repository:
    """A repository; `name` with its project, e.g. "library/shop-api". `artifacts` in push order."""

    id: int
    project_id: int
    name: str
    created: float
    updated: float
    pull_count: int = 0
    artifacts: list[Artifact] = field(default_factory=list)


@dataclass(slots=True)
class Policy:
    """A replication policy: push from here to registry `dest_registry_id`."""

    id: int
    name: str
    dest_registry_id: int
    peer: str
    created: float
    updated: float
    trigger: Literal["manual", "scheduled", "event_based"] = "event_based"
    source: str = "library/**"
    enabled: bool = True
    override: bool = True
    replicate_deletion: bool = False
    copy_by_chunk: bool = False
    single_active: bool = False
    speed: int = 0
    cron: str = ""


@dataclass(slots=True)
class ReplicationTask:
    """One task of an execution; `note` is "skip" when the peer held the same digest already, else the error or ""."""

    id: int
    execution_id: int
    job_id: str
    repository: str
    artifact: Image
    tag: str
    created: float
    started: float = 0.0
    ended: float = 0.0
    status: TaskStatus = "Pending"
    operation: Literal["copy", "deletion"] = "copy"
    note: str = ""
    peer: str = ""
    checked_in: float = 0.0


@dataclass(slots=True)
class Execution:
    """One replication execution. Counts are what Harbor last computed (it lags by up to 30 s)."""

    id: int
    policy_id: int
    trigger: Literal["manual", "scheduled", "event_based"]
    started: float
    status: ExecStatus = "InProgress"
    status_text: str = ""
    ended: float = 0.0
    tasks: list[ReplicationTask] = field(default_factory=list)

    def count(self, status: TaskStatus) -> int:
        """How many tasks have `status` (InProgress counts Pending too, as Harbor's in_progress does)."""
        wanted = ("Pending", "InProgress") if status == "InProgress" else (status,)
        return sum(task.status in wanted for task in self.tasks)


@dataclass(slots=True)
class JobRun:
    """One run of a system job: GARBAGE_COLLECTION, PURGE_AUDIT_LOG, RETENTION...

    `parameters` is what Harbor serialises into job_parameters; for garbage collection it holds redis_url_reg with a
    password (planted), and after completion freed_space, purged_blobs, purged_manifests.
    """

    id: int
    vendor: str
    job_id: str
    kind: Literal["MANUAL", "SCHEDULE"]
    parameters: dict[str, object]
    created: float
    updated: float
    status: JobStatus = "Pending"
    started: float = 0.0
    ended: float = 0.0


@dataclass(slots=True)
class Schedule:
    """A row of /schedules. `kind` Hourly|Daily|Weekly|Custom; `vendor_id` -1 when none; cron has six fields."""

    id: int
    vendor: str
    vendor_id: int
    kind: str
    cron: str
    parameters: dict[str, object]
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class QueueView:
    """A row of /jobservice/queues; `latency` in seconds of the oldest waiting job."""

    job_type: str
    count: int
    latency: int
    paused: bool


class WorkerView(NamedTuple):
    """A worker; idle when job_id is ""."""

    id: str
    pool_id: str
    job_name: str
    job_id: str
    start_at: float
    checkin_at: float


class PoolView(NamedTuple):
    """A worker pool of the job service."""

    pool_id: str
    pid: int
    start_at: float
    heartbeat_at: float
    concurrency: int


class AuditRow(NamedTuple):
    """One audit entry; rendered as audit_log (<= 2.12) or audit_log_ext (>= 2.13).

    `operation` create|delete|pull|login...; `resource` as Harbor writes it, e.g. "library/shop-api:v1.2.3".
    """

    id: int
    op_time: float
    username: str
    operation: str
    resource: str
    resource_type: str
    project_id: int
    success: bool = True
