"""Allocations as the API writes them: stubs, whole ones, task states and their events."""

from __future__ import annotations

from collections.abc import Container

from harbortui.sim.nomad.context import NomadServer
from harbortui.sim.nomad.encoding import (
    Json,
    derived_uuid,
    go_duration,
    nanos,
    rfc3339,
    rfc3339_or_null,
    without_empty,
)
from harbortui.sim.nomad.jobspec import HTTP_PORT_TO, full_job, group_networks, task_resources
from harbortui.sim.world.nomad_types import Allocation, TaskDef, TaskEvent, TaskState
from harbortui.sim.world.options import GROUP, NAMESPACE

_DETAIL_FIELDS = {
    "RestartReason": "restart_reason",
    "SetupError": "setup_error",
    "DriverError": "driver_error",
    "KillError": "kill_error",
    "KillReason": "kill_reason",
    "DownloadError": "download_error",
    "ValidationError": "validation_error",
    "FailedSibling": "failed_sibling",
    "VaultError": "vault_renewal_error",
    "TaskSignalReason": "task_signal_reason",
    "TaskSignal": "task_signal",
    "DriverMessage": "driver_message",
}
"""The old fields of an event and the detail that replaced each; servers still fill both."""


def task_event(event: TaskEvent) -> Json:
    """One task event."""
    details = event.details
    answer: Json = {
        "Type": event.type,
        "Time": nanos(event.time),
        "Message": event.message,
        "DisplayMessage": event.display,
        "Details": dict(details),
        "FailsTask": event.fails_task,
        "ExitCode": event.exit_code,
        "Signal": event.signal,
        "KillTimeout": int((go_duration(details.get("kill_timeout", "")) or 0) * 1e9),
        "StartDelay": _number(details.get("start_delay")),
        "DiskLimit": 0,
        "GenericSource": "",
    }
    answer.update({field: details.get(key, "") for field, key in _DETAIL_FIELDS.items()})
    return answer


def task_state(server: NomadServer, state: TaskState) -> Json:
    """The state of one task."""
    answer: Json = {
        "State": state.state,
        "Failed": state.failed,
        "Restarts": state.restarts,
        "LastRestart": rfc3339_or_null(state.last_restart),
        "StartedAt": rfc3339_or_null(state.started_at),
        "FinishedAt": rfc3339_or_null(state.finished_at),
        "Events": [task_event(event) for event in state.events],
    }
    if server.at_least(1, 8):
        answer["Paused"] = ""
    return answer


def task_states(server: NomadServer, alloc: Allocation) -> Json | None:
    """All task states; null before the client has reported any."""
    return {name: task_state(server, state) for name, state in alloc.tasks.items()} or None


def allocation_stub(server: NomadServer, alloc: Allocation, resources: bool = False, states: bool = True) -> Json:
    """A row of an allocation list."""
    stub: Json = {
        "ID": alloc.id,
        "EvalID": alloc.eval_id,
        "Name": alloc.name,
        "Namespace": NAMESPACE,
        "NodeID": alloc.node_id,
        "NodeName": alloc.node_name,
        "JobID": alloc.job_id,
        "JobType": "service",
        "JobVersion": alloc.job_version,
        "TaskGroup": GROUP,
        "DesiredStatus": alloc.desired_status,
        "DesiredDescription": alloc.desired_description,
        "DesiredTransition": _desired_transition(),
        "ClientStatus": alloc.client_status,
        "ClientDescription": alloc.client_description,
        "TaskStates": task_states(server, alloc) if states else None,
        "DeploymentStatus": _deployment_status(alloc),
        "FollowupEvalID": alloc.followup_eval,
        "NextAllocation": alloc.next,
        "RescheduleTracker": None,
        "PreemptedAllocations": None,
        "PreemptedByAllocation": "",
        "CreateIndex": alloc.create_index,
        "ModifyIndex": alloc.modify_index,
        "CreateTime": nanos(alloc.create_time),
        "ModifyTime": nanos(alloc.modify_time),
    }
    if resources:
        stub["AllocatedResources"] = allocated_resources(server, alloc)
    return stub


def filterable_allocation(
    server: NomadServer, alloc: Allocation, wanted: Container[str] = ("Job", "TaskStates")
) -> Json:
    """Every field of an allocation, empty ones too: what filters look at. The big ones are made when `wanted`."""
    job = server.nomad.jobs.get(alloc.job_id) if "Job" in wanted else None
    version = server.nomad.job_version(alloc.job_id, alloc.job_version)
    resources = allocated_resources(server, alloc)
    networks = _networks(server, alloc)
    whole = allocation_stub(server, alloc, states="TaskStates" in wanted)
    del whole["JobType"], whole["JobVersion"]
    whole.update(
        {
            "Job": full_job(server, job, version) if job is not None and version is not None else None,
            "Resources": {**_old_resources(server, version.tasks if version else ()), "Networks": networks},
            "SharedResources": _shared_resources(server, networks),
            "TaskResources": {task.name: task_resources(server, task) for task in (version.tasks if version else ())},
            "AllocatedResources": resources,
            "Metrics": alloc_metrics(server, alloc),
            "PreviousAllocation": alloc.previous,
            "DeploymentID": alloc.deployment_id,
            "NetworkStatus": {"InterfaceName": "", "Address": "", "AddressIPv6": "", "DNS": None},
            "AllocStates": _lost_states(alloc),
            "AllocModifyIndex": alloc.alloc_modify_index or alloc.create_index,
            "SignedIdentities": None,
            "SigningKeyID": derived_uuid(server.options.seed, "key", "signing"),
        }
    )
    return whole


def full_allocation(server: NomadServer, alloc: Allocation, with_job: bool = True) -> Json:
    """An allocation as /allocation/:id and event payloads write it: empty fields are absent."""
    whole = without_empty(filterable_allocation(server, alloc, ("Job", "TaskStates") if with_job else ("TaskStates",)))
    del whole["DesiredTransition"]  # Nothing but nils here, which makes the struct an empty one.
    return whole


def allocated_resources(server: NomadServer, alloc: Allocation) -> Json:
    """What the scheduler gave each task and the group."""
    version = server.nomad.job_version(alloc.job_id, alloc.job_version)
    tasks = version.tasks if version else ()
    address = _address(server, alloc)
    instance = server.instance_of(alloc.job_id)
    port = {"Label": "http", "Value": instance.port if instance else 0, "To": HTTP_PORT_TO, "HostIP": address}
    return {
        "Tasks": {task.name: _task_share(task) for task in tasks},
        "TaskLifecycles": {task.name: None for task in tasks},
        "Shared": {"Networks": _networks(server, alloc), "DiskMB": 300, "Ports": [port]},
    }


def _networks(server: NomadServer, alloc: Allocation) -> list[Json]:
    return group_networks(server, alloc.job_id, _address(server, alloc))


def _address(server: NomadServer, alloc: Allocation) -> str:
    node = server.nomad.nodes.get(alloc.node_id)
    return node.address.partition(":")[0] if node else ""


def alloc_metrics(server: NomadServer, alloc: Allocation) -> Json:
    """The AllocMetric of a successful placement on the one node that fits."""
    total = len(server.nomad.nodes)
    node = server.nomad.nodes.get(alloc.node_id)
    name = f"${{node.unique.name}} = {node.name}" if node else ""
    return {
        "NodesEvaluated": total,
        "NodesFiltered": total - 1,
        "NodesInPool": total,
        "NodePool": "default",
        "NodesAvailable": {"dc1": total},
        "ClassFiltered": None,
        "ConstraintFiltered": {name: total - 1} if total > 1 else None,
        "NodesExhausted": 0,
        "ClassExhausted": None,
        "DimensionExhausted": None,
        "QuotaExhausted": None,
        "ResourcesExhausted": None,
        "Scores": None,
        "AllocationTime": 184_000,
        "CoalescedFailures": 0,
        "ScoreMetaData": [{"NodeID": alloc.node_id, "NormScore": 0.42, "Scores": {"binpack": 0.42}}],
    }


def _task_share(task: TaskDef) -> Json:
    return {
        "Cpu": {"CpuShares": task.cpu, "ReservedCores": None},
        "Memory": {"MemoryMB": task.memory, "MemoryMaxMB": task.memory_max},
        "Networks": None,
        "Devices": None,
    }


def _shared_resources(server: NomadServer, networks: list[Json]) -> Json:
    return {**_old_resources(server, ()), "Networks": networks}


def _old_resources(server: NomadServer, tasks: tuple[TaskDef, ...]) -> Json:
    return {
        **({"SecretsMB": 0} if server.at_least(1, 10) else {}),
        "CPU": sum(task.cpu for task in tasks),
        "Cores": 0,
        "MemoryMB": sum(task.memory for task in tasks),
        "MemoryMaxMB": sum(task.memory_max for task in tasks),
        "DiskMB": 300,
        "IOPS": 0,
        "Networks": None,
        "Devices": None,
        "NUMA": None,
    }


def _deployment_status(alloc: Allocation) -> Json | None:
    if alloc.healthy is None or alloc.healthy_at is None:
        return None
    return {
        "Healthy": alloc.healthy,
        "Timestamp": rfc3339(alloc.healthy_at),
        "Canary": False,
        "ModifyIndex": alloc.modify_index,
    }


def _desired_transition() -> Json:
    return {"Migrate": None, "Reschedule": None, "ForceReschedule": None, "NoShutdownDelay": None}


def _lost_states(alloc: Allocation) -> list[Json] | None:
    if alloc.client_status not in ("lost", "unknown"):
        return None
    return [{"Field": 0, "Value": alloc.client_status, "Time": rfc3339(alloc.modify_time)}]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
