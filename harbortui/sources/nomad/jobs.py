"""Decoding of a job's specification, its deployment and its nodes."""

from __future__ import annotations

from harbortui.model.nomad import Deployment, DeploymentState, Job, Node, TaskSpec
from harbortui.model.redact import Clean
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.values import from_nanoseconds, rows_of
from harbortui.sources.nomad.wire import DeploymentWire, GroupWire, JobWire, NodeWire, ResourcesWire, TaskWire
from harbortui.sources.rows import read_object, read_rows, unix

_NANO = 1e9
_KILL_SECONDS = 5.0
"""Nomad's default."""


def decode_job(body: bytes, clean: Clean) -> Ok[Job]:
    """``GET /v1/job/:id``; tasks of all groups in the order of the specification.

    Raises:
        Unreadable: not a job.
    """
    wire = read_object(body, JobWire)
    groups = rows_of(wire.task_groups, GroupWire, "task group")
    lost = list(groups.lost)
    tasks: list[TaskSpec] = []
    for group in groups.rows:
        rows = rows_of(group.tasks, TaskWire, "task")
        tasks += [_task(each, clean) for each in rows.rows]
        lost += rows.lost
    job = Job(
        id=clean(wire.id),
        namespace=clean(wire.namespace),
        region=clean(wire.region),
        type=clean(wire.type),
        status=clean(wire.status),
        stop=wire.stop,
        version=wire.version,
        stable=wire.stable,
        submit_time=from_nanoseconds(wire.submit_time),
        datacenters=tuple(clean(each) for each in wire.datacenters or ()),
        group=clean(groups.rows[0].name) if groups.rows else "",
        count=sum(group.count for group in groups.rows),
        tasks=tuple(tasks),
        modify_index=wire.modify_index,
    )
    return Ok(job, tuple(clean(each) for each in lost))


def _task(wire: TaskWire, clean: Clean) -> TaskSpec:
    resources = wire.resources or ResourcesWire()
    hook = wire.lifecycle
    return TaskSpec(
        name=clean(wire.name),
        driver=clean(wire.driver),
        image=clean(wire.config.image) if wire.config else "",
        cpu_mhz=resources.cpu,
        memory_mb=resources.memory_mb,
        memory_max_mb=resources.memory_max_mb,
        kill_timeout=_KILL_SECONDS if wire.kill_timeout is None else wire.kill_timeout / _NANO,
        lifecycle=clean(f"{hook.hook} sidecar" if hook.sidecar else hook.hook) if hook else "",
    )


def decode_deployment(body: bytes, clean: Clean) -> Ok[DeploymentState]:
    """``GET /v1/job/:id/deployment``; the body is ``null`` when there has never been one.

    Raises:
        Unreadable: neither a deployment nor ``null``.
    """
    if body.strip() == b"null":
        return Ok(DeploymentState())
    wire = read_object(body, DeploymentWire)
    groups = [each for each in (wire.task_groups or {}).values() if each is not None]
    waits = wire.status in ("running", "paused", "blocked", "pending")
    latest = Deployment(
        id=clean(wire.id),
        status=clean(wire.status),
        description=clean(wire.status_description),
        job_version=wire.job_version,
        desired=sum(each.desired_total for each in groups),
        placed=sum(each.placed_allocs for each in groups),
        healthy=sum(each.healthy_allocs for each in groups),
        unhealthy=sum(each.unhealthy_allocs for each in groups),
        requires_promotion=waits and any(each.desired_canaries > 0 and not each.promoted for each in groups),
        desired_canaries=sum(each.desired_canaries for each in groups),
        canaries=sum(len(each.placed_canaries or ()) for each in groups),
        auto_revert=any(each.auto_revert for each in groups),
        auto_promote=any(each.auto_promote for each in groups),
        progress_by=min((at for each in groups if (at := unix(each.require_progress_by)) is not None), default=None),
    )
    return Ok(DeploymentState(latest=latest))


def decode_nodes(body: bytes, clean: Clean) -> Ok[tuple[Node, ...]]:
    """``GET /v1/nodes``, by name.

    Raises:
        Unreadable: not an array.
    """
    rows = read_rows(body, NodeWire, name="node")
    nodes = (
        Node(
            id=clean(each.id),
            name=clean(each.name),
            datacenter=clean(each.datacenter),
            status=clean(each.status),
            eligible=each.scheduling_eligibility != "ineligible",
            draining=each.drain,
            version=clean(each.version),
        )
        for each in rows.rows
    )
    return Ok(tuple(sorted(nodes, key=lambda each: (each.name, each.id))), tuple(clean(each) for each in rows.lost))
