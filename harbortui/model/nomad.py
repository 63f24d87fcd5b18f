"""What Nomad tells: the fields of its HTTP API that the console may keep. Task environments and templates never are."""

from __future__ import annotations

import msgspec

from harbortui.model.record import Record


class TaskSpec(Record, frozen=True, kw_only=True):
    """A task of the job's specification; CPU in MHz shares, memory in MiB as Nomad counts it."""

    name: str
    driver: str = ""
    image: str = ""
    cpu_mhz: int = 0
    memory_mb: int = 0
    memory_max_mb: int = 0
    """0 = not set, -1 = no limit."""
    kill_timeout: float = 5.0
    """Seconds."""
    lifecycle: str = ""

    @property
    def memory_limit_mb(self) -> int | None:
        """The hard limit: memory_max when set, else memory; None when the task has no limit."""
        if self.memory_max_mb < 0:
            return None
        return self.memory_max_mb or self.memory_mb or None


class Job(Record, frozen=True, kw_only=True):
    """``GET /v1/job/:id`` without environments, templates, meta and config other than the image."""

    id: str
    namespace: str = "default"
    region: str = ""
    type: str = ""
    status: str = ""
    stop: bool = False
    version: int = 0
    stable: bool | None = None
    submit_time: float | None = None
    datacenters: tuple[str, ...] = ()
    group: str = ""
    count: int = 0
    tasks: tuple[TaskSpec, ...] = ()
    modify_index: int = 0


class TaskEvent(Record, frozen=True, kw_only=True):
    """One of the last ten events Nomad keeps of a task; ``message`` is sanitised and redacted."""

    type: str
    at: float
    message: str = ""
    exit_code: int | None = None
    signal: int | None = None
    oom_killed: bool = False
    fails_task: bool = False
    """Nomad gave the task up because of it."""


class TaskState(Record, frozen=True, kw_only=True):
    """A task of an allocation."""

    name: str
    state: str
    """pending, running or dead."""
    failed: bool = False
    restarts: int = 0
    last_restart: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    events: tuple[TaskEvent, ...] = ()


class Allocation(Record, frozen=True, kw_only=True):
    """An allocation of the job, current or past."""

    id: str
    name: str = ""
    group: str = ""
    node_id: str = ""
    node_name: str = ""
    job_version: int = 0
    desired: str = ""
    """run, stop or evict."""
    desired_description: str = ""
    status: str = ""
    """pending, running, complete, failed, lost or unknown (ClientStatus)."""
    description: str = ""
    healthy: bool | None = None
    """The deployment's view; None when it has none."""
    canary: bool = False
    create_time: float | None = None
    modify_time: float | None = None
    next_allocation: str = ""
    previous_allocation: str = ""
    modify_index: int = 0
    tasks: tuple[TaskState, ...] = ()

    @property
    def short_id(self) -> str:
        """The first eight hex digits, as Nomad's own tools show it."""
        return self.id[:8]

    @property
    def is_current(self) -> bool:
        """True while Nomad wants it to run and it has not ended."""
        return self.desired == "run" and self.status in ("pending", "running", "unknown")


class TaskUsage(Record, frozen=True, kw_only=True):
    """A task's last sample from ``/v1/client/allocation/:id/stats``; None where the driver measures nothing."""

    name: str
    memory_bytes: int | None = None
    cpu_mhz: float | None = None
    sampled_at: float | None = None


class TaskGrant(Record, frozen=True, kw_only=True):
    """What the scheduler gave a task of one allocation; the job may have asked for more."""

    name: str
    cpu_mhz: int = 0
    memory_mb: int = 0
    memory_max_mb: int = 0
    """0 = none, -1 = no limit."""


class AllocationUsage(Record, frozen=True, kw_only=True):
    """Resource use of the current allocation, task by task."""

    allocation_id: str
    tasks: tuple[TaskUsage, ...] = ()
    granted: tuple[TaskGrant, ...] = ()
    """Empty when it is not known."""
    collected: bool = True
    """False when the node keeps no samples, as without ``telemetry { publish_allocation_metrics = true }`` since Nomad
    1.10.2; also before any task has started."""


class Deployment(Record, frozen=True, kw_only=True):
    """The job's latest deployment, summed over its groups."""

    id: str
    status: str
    description: str = ""
    job_version: int = 0
    desired: int = 0
    placed: int = 0
    healthy: int = 0
    unhealthy: int = 0
    requires_promotion: bool = False
    desired_canaries: int = 0
    canaries: int = 0
    """Canaries that have been placed."""
    auto_revert: bool = False
    """Nomad goes back to the last stable version by itself when it fails."""
    auto_promote: bool = False
    progress_by: float | None = None
    """When it fails unless another allocation is healthy by then, unix seconds; the first of its groups."""


class DeploymentState(Record, frozen=True, kw_only=True):
    """``GET /v1/job/:id/deployment``: None when the job has never had one (the body is ``null``)."""

    latest: Deployment | None = None


class PlacementFailure(Record, frozen=True, kw_only=True):
    """Why a group found no node, from the newest evaluation that says so."""

    group: str
    nodes_evaluated: int = 0
    nodes_exhausted: int = 0
    reasons: tuple[str, ...] = ()
    """``constraint …`` and ``exhausted …`` lines, with their counts; or that there was no node to look at."""


class Placement(Record, frozen=True, kw_only=True):
    """What the newest evaluations say about placement."""

    evaluation_id: str = ""
    status: str = ""
    """blocked, pending, complete, failed or canceled; empty without evaluations."""
    triggered_by: str = ""
    at: float | None = None
    failures: tuple[PlacementFailure, ...] = ()
    next_try: float | None = None
    """When Nomad means to place a new allocation after a delay; None when it waits for nothing."""


class Node(Record, frozen=True, kw_only=True):
    """A client node from ``GET /v1/nodes``."""

    id: str
    name: str
    datacenter: str = ""
    status: str = ""
    """initializing, ready, down or disconnected."""
    eligible: bool = True
    draining: bool = False
    version: str = ""


def granted_specs(job: Job | None, usage: AllocationUsage | None) -> dict[str, TaskSpec]:
    """The job's tasks by name, with the resources that the allocation was granted where that is known.

    A job may ask for a ``memory_max`` that is ignored, and be newer than the allocation that runs.
    """
    specs = {spec.name: spec for spec in job.tasks} if job is not None else {}
    for grant in usage.granted if usage is not None else ():
        if grant.name in specs:
            specs[grant.name] = msgspec.structs.replace(
                specs[grant.name],
                cpu_mhz=grant.cpu_mhz,
                memory_mb=grant.memory_mb,
                memory_max_mb=grant.memory_max_mb,
            )
    return specs
