"""Changes of jobs: plan (a dry run), register, revert, stop, evaluate, scale, dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from harbortui.sim.nomad.answers import json_answer
from harbortui.sim.nomad.context import Call, as_object, as_text
from harbortui.sim.nomad.deploy_views import placement_metric
from harbortui.sim.nomad.encoding import ZERO_TIME, Json, derived_uuid
from harbortui.sim.nomad.errors import bad_request, internal, not_found
from harbortui.sim.nomad.handlers_jobs import find_job
from harbortui.sim.nomad.job_diff import job_diff
from harbortui.sim.nomad.jobspec import full_job
from harbortui.sim.world.nomad_types import Evaluation, Job
from harbortui.sim.world.options import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable


async def plan_job(call: Call) -> web.StreamResponse:
    """PUT /v1/job/:id/plan: what registering the body's job would do; changes nothing."""
    call.allow("submit-job", "plan-job")
    body = await call.body()
    wanted = as_object(body.get("Job"))
    if not wanted:
        raise bad_request("Job must be specified")
    if as_text(wanted.get("ID")) != call.path("job_id"):
        raise bad_request("Job ID does not match")
    job = find_job(call)
    old = full_job(call.server, job) if job is not None else {}
    diff = job_diff(old, wanted)
    failure = call.nomad.scheduler_failing
    updates = _desired_updates(call, job, diff)
    failed = {GROUP: placement_metric(failure)} if failure is not None and updates["Ignore"] == 0 else None
    answer: Json = {
        "Annotations": {"DesiredTGUpdates": {GROUP: updates}, "PreemptedAllocs": None},
        "CreatedEvals": None,
        "Deployment": None,
        "Diff": diff if body.get("Diff") is True else None,
        "FailedTGAllocs": failed,
        "JobModifyIndex": job.job_modify_index if job is not None else 0,
        "NextPeriodicLaunch": ZERO_TIME,
        "Warnings": "",
        "Index": call.nomad.index,
        "LastContact": 0,
        "KnownLeader": True,
        "NextToken": "",
    }
    return json_answer(call, answer, call.nomad.index)


def _desired_updates(call: Call, job: Job | None, diff: Json) -> dict[str, int]:
    updates = dict.fromkeys(
        ("Ignore", "Place", "Migrate", "Stop", "InPlaceUpdate", "DestructiveUpdate", "Canary", "Preemptions"), 0
    )
    running = call.nomad.current_alloc(job.id) if job is not None else None
    groups = diff["TaskGroups"]
    changed_tasks = isinstance(groups, list) and any(as_object(group).get("Tasks") for group in groups)
    if running is None:
        updates["Place"] = 1
    else:
        updates["DestructiveUpdate" if changed_tasks else "Ignore"] = 1
    return updates


async def register_job(call: Call) -> web.StreamResponse:
    """PUT /v1/jobs and /v1/job/:id: a new version from the body's job.

    Of the specification the images' Harbor version and the memory limits are taken over.
    """
    call.allow("submit-job", "register-job")
    body = await call.body()
    wanted = as_object(body.get("Job"))
    job_id = as_text(wanted.get("ID"))
    if not job_id:
        raise bad_request("Job ID hasn't been provided" if wanted else "Job must be specified")
    job = call.nomad.jobs.get(job_id)
    _enforce_index(body, job)
    if job is None or call.server.instance_of(job_id) is None:
        raise internal(f"this cluster runs the fleet's Harbor jobs only, not {job_id!r}")
    tasks = _tasks(wanted)
    version = next((str(as_object(t.get("Config")).get("image", "")).rpartition(":")[2] for t in tasks), "")
    memory = {as_text(task.get("Name")): _memory(task) for task in tasks}
    if not version or not memory:
        raise internal("1 error occurred:\n\t* Missing tasks for task group\n\n")
    if job_diff(full_job(call.server, job), wanted)["Type"] == "None" and not job.current.stop:
        return _registered(call, job, call.nomad.evaluate(job_id))
    return _registered(call, job, call.nomad.scheduler.register(job_id, version, memory))


def _enforce_index(body: Json, job: Job | None) -> None:
    if body.get("EnforceIndex") is not True:
        return
    wanted, current = body.get("JobModifyIndex") or 0, job.job_modify_index if job else 0
    if wanted == current:
        return
    if job is None:
        raise internal(f"Enforcing job modify index {wanted}: job does not exist")
    if wanted == 0:
        raise internal("Enforcing job modify index 0: job already exists")
    raise internal(f"Enforcing job modify index {wanted}: job exists with conflicting job modify index: {current}")


def _tasks(job: Json) -> list[Json]:
    groups = job.get("TaskGroups")
    rows: Iterable[object] = groups if isinstance(groups, list) else []
    found: list[Json] = []
    for group in rows:
        tasks = as_object(group).get("Tasks")
        found += [as_object(task) for task in tasks] if isinstance(tasks, list) else []
    return found


def _memory(task: Json) -> tuple[int, int]:
    resources = as_object(task.get("Resources"))
    reserved, limit = resources.get("MemoryMB"), resources.get("MemoryMaxMB")
    return (reserved if isinstance(reserved, int) else 300, limit if isinstance(limit, int) else 0)


async def revert_job(call: Call) -> web.StreamResponse:
    """PUT /v1/job/:id/revert."""
    call.allow("submit-job", "revert-job")
    body = await call.body()
    job = _job_of_body(call, body)
    version = body.get("JobVersion")
    if not isinstance(version, int):
        raise bad_request("Failed to decode body: JobVersion must be a number")
    prior = body.get("EnforcePriorVersion")
    return _registered(call, job, call.nomad.revert(job.id, version, prior if isinstance(prior, int) else None))


async def stop_job(call: Call) -> web.StreamResponse:
    """DELETE /v1/job/:id; with purge the job is forgotten."""
    call.allow("submit-job", "deregister-job", "purge-job")
    purge = call.flag("purge")
    job = find_job(call)
    if job is None:
        # Nomad makes an evaluation for a job that is not there: stopping is idempotent.
        eval_id = derived_uuid(call.server.options.seed, "no-job", call.path("job_id"), call.nomad.index)
        return json_answer(call, _eval_answer(eval_id, call.nomad.index, 0), call.nomad.index)
    return _registered(call, job, call.nomad.stop_job(job.id, purge))


async def evaluate_job(call: Call) -> web.StreamResponse:
    """PUT /v1/job/:id/evaluate."""
    call.allow("submit-job", "evaluate-job")
    options = as_object((await call.body()).get("EvalOptions"))
    job = _existing(call)
    return _registered(call, job, call.nomad.evaluate(job.id, options.get("ForceReschedule") is True))


async def scale_job(call: Call) -> web.StreamResponse:
    """PUT /v1/job/:id/scale: the group's count."""
    call.allow("scale-job", "submit-job")
    body = await call.body()
    group = as_text(as_object(body.get("Target")).get("Group"))
    if not group:
        raise bad_request("missing task group name for scaling action")
    job = _existing(call)
    if group != GROUP:
        raise bad_request(f'task group "{group}" specified for scaling does not exist in job')
    count = body.get("Count")
    if count is None:
        return json_answer(call, _eval_answer("", 0, job.job_modify_index), call.nomad.index)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise bad_request("scaling action count can't be negative")
    return _registered(call, job, call.nomad.scale(job.id, count))


async def dispatch_job(call: Call) -> web.StreamResponse:
    """PUT /v1/job/:id/dispatch: none of the fleet's jobs takes parameters."""
    call.allow("dispatch-job", "submit-job")
    job = _existing(call, "parameterized job not found")
    raise internal(f'Specified job "{job.id}" is not a parameterized job')


async def force_periodic(call: Call) -> web.StreamResponse:
    """PUT /v1/job/:id/periodic/force: none of the fleet's jobs is periodic."""
    call.allow("dispatch-job", "submit-job")
    job = _existing(call)
    raise internal(f'can\'t force launch non-periodic job "{job.id}"')


def _existing(call: Call, missing: str = "job not found") -> Job:
    job = find_job(call)
    if job is None:
        raise not_found(missing)
    return job


def _job_of_body(call: Call, body: Json) -> Job:
    job_id = as_text(body.get("JobID"))
    if not job_id:
        raise bad_request("JobID must be specified")
    if job_id != call.path("job_id"):
        raise bad_request("Job ID does not match")
    return _existing(call)


def _registered(call: Call, job: Job, evaluation: Evaluation) -> web.Response:
    answer = _eval_answer(evaluation.id, evaluation.create_index, job.job_modify_index)
    return json_answer(call, answer, call.nomad.index)


def _eval_answer(eval_id: str, index: int, job_modify_index: int) -> Json:
    return {
        "EvalID": eval_id,
        "EvalCreateIndex": index,
        "JobModifyIndex": job_modify_index,
        "Warnings": "",
        "Index": index,
        "LastContact": 0,
        "KnownLeader": False,
        "NextToken": "",
    }
