"""The parts of Nomad's answers that are read at all.

A field that is not here is skipped by the decoder and never becomes an object: environments, templates, task
configuration other than the image, meta and artifacts hold secrets. Field names are Nomad's (hashicorp/nomad
nomad/structs); nil slices, maps and pointers arrive as ``null``, empty fields of
allocations and evaluations may be absent.
"""

from __future__ import annotations

import msgspec

from harbortui.sources.rows import Int64, UtcTime

ABSENT = msgspec.Raw(b"null")


class Wire(msgspec.Struct, frozen=True, rename="pascal"):
    """Base of the structs below."""


class ResourcesWire(Wire, frozen=True, rename="pascal"):
    """CPU in MHz, memory in MiB; ``MemoryMaxMB`` 0 = unset, -1 = no limit."""

    cpu: Int64 = msgspec.field(default=0, name="CPU")
    memory_mb: Int64 = msgspec.field(default=0, name="MemoryMB")
    memory_max_mb: Int64 = msgspec.field(default=0, name="MemoryMaxMB")


class ConfigWire(msgspec.Struct, frozen=True):
    """The one key of a task's driver configuration that is kept."""

    image: str = ""


class LifecycleWire(Wire, frozen=True, rename="pascal"):
    """When a task runs beside the main ones."""

    hook: str = ""
    sidecar: bool = False


class TaskWire(Wire, frozen=True, rename="pascal"):
    """A task of a job's group; ``KillTimeout`` in nanoseconds."""

    name: str
    driver: str = ""
    config: ConfigWire | None = None
    resources: ResourcesWire | None = None
    kill_timeout: Int64 | None = None
    lifecycle: LifecycleWire | None = None


class GroupWire(Wire, frozen=True, rename="pascal"):
    """A task group; its tasks are decoded row by row."""

    name: str
    count: Int64 = 0
    tasks: msgspec.Raw = ABSENT


class JobWire(Wire, frozen=True, rename="pascal"):
    """``GET /v1/job/:id``; ``SubmitTime`` in nanoseconds."""

    id: str = msgspec.field(name="ID")
    namespace: str = "default"
    region: str = ""
    type: str = ""
    status: str = ""
    stop: bool = False
    version: Int64 = 0
    stable: bool | None = None
    submit_time: Int64 = 0
    datacenters: tuple[str, ...] | None = None
    task_groups: msgspec.Raw = ABSENT
    modify_index: Int64 = 0


class DetailsWire(msgspec.Struct, frozen=True):
    """Details of a task event; the rest repeats the message."""

    exit_code: str = ""
    signal: str = ""
    oom_killed: str = ""
    fails_task: str = ""


class EventWire(Wire, frozen=True, rename="pascal"):
    """A task event; ``Time`` in nanoseconds."""

    type: str = ""
    time: Int64 = 0
    message: str = ""
    display_message: str = ""
    exit_code: Int64 = 0
    fails_task: bool = False
    details: DetailsWire | None = None


class TaskStateWire(Wire, frozen=True, rename="pascal"):
    """A task's state; times are RFC 3339, null or year 1 when unset."""

    state: str = ""
    failed: bool = False
    restarts: Int64 = 0
    last_restart: UtcTime | None = None
    started_at: UtcTime | None = None
    finished_at: UtcTime | None = None
    events: tuple[EventWire, ...] | None = None


class DeploymentStatusWire(Wire, frozen=True, rename="pascal"):
    """The deployment's view of an allocation."""

    healthy: bool | None = None
    canary: bool = False


class AllocationWire(Wire, frozen=True, rename="pascal"):
    """A row of ``GET /v1/job/:id/allocations``; its tasks are decoded one by one."""

    id: str = msgspec.field(name="ID")
    name: str = ""
    task_group: str = ""
    node_id: str = msgspec.field(default="", name="NodeID")
    node_name: str = ""
    job_version: Int64 = 0
    desired_status: str = ""
    desired_description: str = ""
    client_status: str = ""
    client_description: str = ""
    deployment_status: DeploymentStatusWire | None = None
    next_allocation: str = ""
    previous_allocation: str = ""
    create_time: Int64 = 0
    modify_time: Int64 = 0
    create_index: Int64 = 0
    modify_index: Int64 = 0
    task_states: msgspec.Raw = ABSENT


class GrantedCpuWire(Wire, frozen=True, rename="pascal"):
    """MHz."""

    cpu_shares: Int64 = 0


class GrantedMemoryWire(Wire, frozen=True, rename="pascal"):
    """MiB; ``MemoryMaxMB`` 0 = none, whatever the job asks, where memory is not oversubscribed; -1 = no limit."""

    memory_mb: Int64 = msgspec.field(default=0, name="MemoryMB")
    memory_max_mb: Int64 = msgspec.field(default=0, name="MemoryMaxMB")


class GrantedTaskWire(Wire, frozen=True, rename="pascal"):
    """One task of ``AllocatedResources``."""

    cpu: GrantedCpuWire | None = None
    memory: GrantedMemoryWire | None = None


class AllocatedWire(Wire, frozen=True, rename="pascal"):
    """``AllocatedResources``; its tasks are decoded one by one."""

    tasks: msgspec.Raw = ABSENT


class GrantedWire(Wire, frozen=True, rename="pascal"):
    """A row of ``GET /v1/allocations?resources=true``."""

    id: str = msgspec.field(name="ID")
    allocated_resources: AllocatedWire | None = None


class MemoryWire(Wire, frozen=True, rename="pascal"):
    """Bytes as unsigned 64 bit, and what the driver did not measure is 0 and not named in ``Measured``.

    A driver that subtracts one counter from another may go below zero, which then is a number near 2**64.
    """

    rss: int = msgspec.field(default=0, name="RSS")
    usage: int = 0
    measured: tuple[str, ...] | None = None


class CpuWire(Wire, frozen=True, rename="pascal"):
    """``TotalTicks`` in MHz."""

    total_ticks: float = 0.0
    measured: tuple[str, ...] | None = None


class UsageWire(Wire, frozen=True, rename="pascal"):
    """One sample's measures."""

    memory_stats: MemoryWire | None = None
    cpu_stats: CpuWire | None = None


class TaskStatsWire(Wire, frozen=True, rename="pascal"):
    """One task's last sample; ``Timestamp`` in nanoseconds."""

    resource_usage: UsageWire | None = None
    timestamp: Int64 = 0


class StatsWire(Wire, frozen=True, rename="pascal"):
    """``GET /v1/client/allocation/:id/stats``; its tasks are decoded one by one."""

    tasks: msgspec.Raw = ABSENT
    timestamp: Int64 = 0


class GroupDeploymentWire(Wire, frozen=True, rename="pascal"):
    """A group's part of a deployment."""

    promoted: bool = False
    auto_revert: bool = False
    auto_promote: bool = False
    require_progress_by: UtcTime | None = None
    desired_canaries: Int64 = 0
    placed_canaries: tuple[str, ...] | None = None
    desired_total: Int64 = 0
    placed_allocs: Int64 = 0
    healthy_allocs: Int64 = 0
    unhealthy_allocs: Int64 = 0


class DeploymentWire(Wire, frozen=True, rename="pascal"):
    """``GET /v1/job/:id/deployment``."""

    id: str = msgspec.field(name="ID")
    status: str = ""
    status_description: str = ""
    job_version: Int64 = 0
    task_groups: dict[str, GroupDeploymentWire | None] | None = None


class MetricWire(Wire, frozen=True, rename="pascal"):
    """Why a group found no node (``AllocMetric``)."""

    nodes_evaluated: Int64 = 0
    nodes_exhausted: Int64 = 0
    class_filtered: dict[str, Int64] | None = None
    constraint_filtered: dict[str, Int64] | None = None
    dimension_exhausted: dict[str, Int64] | None = None
    quota_exhausted: tuple[str, ...] | None = None


class EvaluationWire(Wire, frozen=True, rename="pascal"):
    """A row of ``GET /v1/job/:id/evaluations``; ``CreateTime`` in nanoseconds, ``WaitUntil`` as text."""

    id: str = msgspec.field(name="ID")
    status: str = ""
    triggered_by: str = ""
    create_index: Int64 = 0
    modify_index: Int64 = 0
    create_time: Int64 = 0
    wait_until: UtcTime | None = None
    failed_tg_allocs: dict[str, MetricWire | None] | None = msgspec.field(default=None, name="FailedTGAllocs")


class NodeWire(Wire, frozen=True, rename="pascal"):
    """A row of ``GET /v1/nodes``."""

    id: str = msgspec.field(name="ID")
    name: str = ""
    datacenter: str = ""
    status: str = ""
    scheduling_eligibility: str = ""
    drain: bool = False
    version: str = ""
