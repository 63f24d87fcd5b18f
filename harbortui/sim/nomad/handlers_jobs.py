"""Reads of jobs: /v1/jobs, /v1/jobs/statuses, /v1/job/:id and what hangs below it."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from harbortui.sim.nomad.alloc_views import allocation_stub
from harbortui.sim.nomad.answers import state_answer
from harbortui.sim.nomad.context import Call, as_object, as_text
from harbortui.sim.nomad.deploy_views import deployment_json, evaluation_json
from harbortui.sim.nomad.encoding import Json
from harbortui.sim.nomad.errors import Refused, bad_request, not_found
from harbortui.sim.nomad.job_views import (
    job_statuses,
    job_stub,
    job_summary,
    job_versions,
    latest_deployment,
    summary_index,
)
from harbortui.sim.nomad.jobspec import full_job
from harbortui.sim.nomad.paging import Listing, list_answer
from harbortui.sim.nomad.service_views import service_registrations
from harbortui.sim.world.nomad_types import Allocation, Job
from harbortui.sim.world.options import GROUP, NAMESPACE

_ENDINGS = tuple(f"/{word}" for word in ("plan", "evaluate", "dispatch", "revert", "stable", "periodic/force"))


async def list_jobs(call: Call) -> web.StreamResponse:
    """GET /v1/jobs."""
    call.allow("list-jobs")
    with_meta = call.flag("meta")
    server = call.server
    listing = Listing[Job](
        rows=lambda: sorted(_jobs(call), key=lambda job: job.id),
        token=lambda job: f"{NAMESPACE}.{job.id}",
        full=lambda job, _fields: full_job(server, job),
        stub=lambda job: job_stub(server, job, with_meta),
        index=lambda: max(call.nomad.table_index("jobs"), call.nomad.table_index("allocs")),
    )
    prefix = call.query.get("prefix", "")
    return await list_answer(call, listing, lambda job: job.id.startswith(prefix))


async def jobs_statuses(call: Call) -> web.StreamResponse:
    """GET or POST /v1/jobs/statuses: jobs, allocations and latest deployments in one call."""
    call.allow("read-job")
    wanted = await _wanted_jobs(call)
    server = call.server
    listing = Listing[Job](
        rows=lambda: sorted(_jobs(call), key=lambda job: job.modify_index),
        token=lambda job: f"{job.modify_index}.{NAMESPACE}.{job.id}",
        full=lambda job, _fields: full_job(server, job),
        stub=lambda job: job_statuses(server, job),
        index=lambda: max(call.nomad.table_index(name) for name in ("jobs", "allocs", "deployments")),
    )
    return await list_answer(call, listing, lambda job: not wanted or job.id in wanted)


async def _wanted_jobs(call: Call) -> set[str]:
    body = await call.body() if call.request.method != "GET" else {}
    rows = body.get("Jobs")
    return {as_text(as_object(row).get("ID")) for row in rows} if isinstance(rows, list) else set()


def _jobs(call: Call) -> list[Job]:
    return list(call.nomad.jobs.values()) if call.in_namespace else []


def find_job(call: Call) -> Job | None:
    """The job the path names, in the namespace asked for."""
    return call.nomad.jobs.get(call.path("job_id")) if call.in_namespace else None


async def get_job(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id; an id that ends like a call that changes something is that call, percent-encoded or not."""
    if call.path("job_id").endswith(_ENDINGS):
        raise Refused(405, "Invalid method")
    return await _of_job(call, lambda job: full_job(call.server, job), lambda job: job.modify_index)


async def get_summary(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/summary."""
    return await _of_job(call, lambda job: job_summary(call.server, job), lambda job: summary_index(call.server, job))


async def get_versions(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/versions."""
    diffs = call.flag("diffs")
    return await _of_job(
        call,
        lambda job: job_versions(call.server, job, diffs),
        lambda job: job.modify_index,
        "job versions not found",
    )


async def get_submission(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/submission: the HCL as submitted; 404 for a version that is not kept."""
    call.allow("read-job")
    text = call.query.get("version", "")
    if not text.isdigit():
        raise bad_request('Failed to parse value of "version" as a uint64: strconv.ParseUint: invalid syntax')
    job = find_job(call)
    version = call.nomad.job_version(job.id, int(text)) if job else None
    if job is None or version is None:
        raise not_found("job source not found")
    images = "".join(
        f'    task "{task.name}" {{\n      driver = "docker"\n      config {{ image = "{task.image}" }}\n    }}\n'
        for task in version.tasks
    )
    source = f'job "{job.id}" {{\n  datacenters = ["dc1"]\n  group "{GROUP}" {{\n{images}  }}\n}}\n'
    data: Json = {
        "Source": source,
        "Format": "hcl2",
        "VariableFlags": None,
        "Variables": "",
        "Namespace": NAMESPACE,
        "JobID": job.id,
        "Version": version.version,
        "JobModifyIndex": version.modify_index,
    }
    return await state_answer(call, lambda: job.modify_index, lambda: data)


async def get_scale(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/scale."""

    def status(job: Job) -> Json:
        counts = {"Desired": job.current.count, "Placed": 0, "Running": 0, "Healthy": 0, "Unhealthy": 0, "Events": None}
        alloc = call.nomad.current_alloc(job.id)
        if alloc is not None:
            counts |= {"Placed": 1, "Running": int(alloc.client_status == "running")}
            counts |= {"Healthy": int(alloc.healthy is True), "Unhealthy": int(alloc.healthy is False)}
        return {
            "JobID": job.id,
            "Namespace": NAMESPACE,
            "JobCreateIndex": job.create_index,
            "JobModifyIndex": job.modify_index,
            "JobStopped": job.current.stop,
            "TaskGroups": {GROUP: counts},
        }

    return await _of_job(call, status, lambda job: summary_index(call.server, job), capability="read-job-scaling")


async def _of_job(
    call: Call,
    data: Callable[[Job], object],
    index: Callable[[Job], int],
    missing: str = "job not found",
    capability: str = "read-job",
) -> web.StreamResponse:
    call.allow("read-job", capability)

    def current() -> Job:
        job = find_job(call)
        if job is None:
            raise not_found(missing)
        return job

    def current_index() -> int:
        job = find_job(call)
        return index(job) if job else call.nomad.table_index("jobs")

    return await state_answer(call, current_index, lambda: data(current()))


async def job_allocations(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/allocations: always with task states; an unknown job has none."""
    return await _rows_of_job(
        call, "allocs", lambda job_id: [allocation_stub(call.server, alloc) for alloc in job_allocs(call, job_id)]
    )


async def job_evaluations(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/evaluations."""
    evals = call.nomad.evals
    return await _rows_of_job(
        call, "evals", lambda job_id: [evaluation_json(e) for e in evals.values() if e.job_id == job_id]
    )


async def job_deployments(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/deployments."""
    rows = call.nomad.deployments
    return await _rows_of_job(
        call,
        "deployments",
        lambda job_id: [deployment_json(call.server, d) for d in rows.values() if d.job_id == job_id],
    )


async def job_services(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/services."""
    return await _rows_of_job(
        call,
        "allocs",
        lambda job_id: [row for a in job_allocs(call, job_id) for row in service_registrations(call.server, a)],
    )


async def job_latest_deployment(call: Call) -> web.StreamResponse:
    """GET /v1/job/:id/deployment: null when there is none."""
    call.allow("read-job")

    def latest() -> Json | None:
        found = latest_deployment(call.server, call.path("job_id")) if call.in_namespace else None
        return deployment_json(call.server, found) if found else None

    return await state_answer(call, lambda: call.nomad.table_index("deployments"), latest)


def job_allocs(call: Call, job_id: str) -> list[Allocation]:
    """A job's allocations, oldest first, that the state still holds."""
    return [alloc for alloc in call.nomad.job_allocs(job_id) if alloc.id in call.nomad.allocs]


async def _rows_of_job(call: Call, table: str, rows: Callable[[str], list[Json]]) -> web.StreamResponse:
    call.allow("read-job")
    job_id = call.path("job_id") if call.in_namespace else ""
    return await state_answer(call, lambda: call.nomad.table_index(table), lambda: rows(job_id))
