"""Deployments and evaluations."""

from __future__ import annotations

from typing import Literal

from aiohttp import web

from harbortui.sim.nomad.alloc_views import allocation_stub
from harbortui.sim.nomad.answers import json_answer, state_answer
from harbortui.sim.nomad.context import Call, as_text
from harbortui.sim.nomad.deploy_views import (
    deployment_json,
    evaluation_json,
    filterable_evaluation,
    related_evaluations,
)
from harbortui.sim.nomad.encoding import Json
from harbortui.sim.nomad.errors import bad_request, internal, not_found
from harbortui.sim.nomad.paging import Listing, by_index, list_answer
from harbortui.sim.world.nomad_types import Deployment, Evaluation

_ACTIVE = ("running", "paused", "blocked")


async def list_deployments(call: Call) -> web.StreamResponse:
    """GET /v1/deployments."""
    call.allow("read-job")
    prefix = call.query.get("prefix", "").lower()
    listing = Listing[Deployment](
        rows=lambda: list(call.nomad.deployments.values()) if call.in_namespace else [],
        token=lambda row: by_index(row.create_index, row.id),
        full=lambda row, _fields: deployment_json(call.server, row),
        stub=lambda row: deployment_json(call.server, row),
        index=lambda: call.nomad.table_index("deployments"),
    )
    return await list_answer(call, listing, lambda row: row.id.startswith(prefix))


async def get_deployment(call: Call) -> web.StreamResponse:
    """GET /v1/deployment/:id."""
    call.allow("read-job")
    found = _deployment(call)
    return await state_answer(call, lambda: found.modify_index, lambda: deployment_json(call.server, found))


async def deployment_allocations(call: Call) -> web.StreamResponse:
    """GET /v1/deployment/allocations/:id."""
    call.allow("read-job")
    key = call.path("deployment_id")
    call.check_uuid(key, "deployment")
    return await state_answer(
        call,
        lambda: call.nomad.table_index("allocs"),
        lambda: [allocation_stub(call.server, a) for a in call.nomad.allocs.values() if a.deployment_id == key],
    )


async def fail_deployment(call: Call) -> web.StreamResponse:
    """PUT /v1/deployment/fail/:id."""
    call.allow("submit-job", "fail-deployment")
    found = _deployment(call)
    if found.status not in _ACTIVE:
        raise internal("can't fail terminal deployment")
    return _moved(call, found, "failed", "Deployment marked as failed")


async def pause_deployment(call: Call) -> web.StreamResponse:
    """PUT /v1/deployment/pause/:id {DeploymentID, Pause}."""
    call.allow("submit-job", "pause-deployment")
    body = await _deployment_body(call)
    found = _deployment(call)
    paused = body.get("Pause") is True
    if found.status not in _ACTIVE:
        raise internal(f"can't {'pause' if paused else 'resume'} terminal deployment")
    if paused:
        return _moved(call, found, "paused", "Deployment is paused")
    return _moved(call, found, "running", "Deployment is running")


async def promote_deployment(call: Call) -> web.StreamResponse:
    """PUT /v1/deployment/promote/:id: the fleet's jobs have no canaries, so there is nothing to promote."""
    call.allow("submit-job", "promote-deployment")
    await _deployment_body(call)
    if _deployment(call).status not in _ACTIVE:
        raise internal("can't promote terminal deployment")
    raise internal("no canaries to promote")


async def unblock_deployment(call: Call) -> web.StreamResponse:
    """PUT /v1/deployment/unblock/:id: for multi-region deployments only."""
    call.allow("submit-job", "unblock-deployment")
    await _deployment_body(call)
    if _deployment(call).status != "blocked":
        raise internal("can't unblock deployment: not a blocked multiregion deployment")
    raise internal("Nomad Enterprise required")


async def deployment_health(call: Call) -> web.StreamResponse:
    """PUT /v1/deployment/allocation-health/:id {DeploymentID, HealthyAllocationIDs, UnhealthyAllocationIDs}."""
    call.allow("submit-job", "set-allocation-health")
    body = await _deployment_body(call)
    found = _deployment(call)
    if found.status not in _ACTIVE:
        raise internal("can't set health of allocations for a terminal deployment")
    if not body.get("HealthyAllocationIDs") and not body.get("UnhealthyAllocationIDs"):
        raise bad_request("must specify at least one healthy/unhealthy allocation ID")
    if body.get("UnhealthyAllocationIDs"):
        found.unhealthy += 1
        return _moved(call, found, "failed", "Failed due to unhealthy allocations")
    found.healthy += 1
    return _moved(call, found, "successful", "Deployment completed successfully")


async def _deployment_body(call: Call) -> Json:
    body = await call.body()
    wanted = as_text(body.get("DeploymentID"))
    if not wanted:
        raise bad_request("DeploymentID must be specified")
    if wanted != call.path("deployment_id"):
        raise bad_request("Deployment ID does not match")
    return body


def _deployment(call: Call) -> Deployment:
    key = call.path("deployment_id")
    call.check_uuid(key, "deployment")
    found = call.nomad.deployments.get(key)
    if found is None:
        raise not_found("deployment not found")
    return found


def _moved(
    call: Call, found: Deployment, status: Literal["running", "paused", "failed", "successful"], description: str
) -> web.Response:
    found.status, found.description = status, description
    found.modify_time = call.world.now
    found.modify_index = call.nomad.bump("Deployment", "DeploymentStatusUpdate", found.id, (found.job_id,), found)
    job = call.nomad.jobs.get(found.job_id)
    evaluation = call.nomad.scheduler.evaluate(found.job_id, "deployment-watcher") if job else None
    answer = {
        "EvalID": evaluation.id if evaluation else "",
        "EvalCreateIndex": evaluation.create_index if evaluation else 0,
        "DeploymentModifyIndex": found.modify_index,
        "RevertedJobVersion": None,
        "Index": call.nomad.index,
    }
    return json_answer(call, answer, call.nomad.index)


async def list_evaluations(call: Call) -> web.StreamResponse:
    """GET /v1/evaluations."""
    call.allow("read-job")
    status, job_id = call.query.get("status", ""), call.query.get("job", "")
    if call.query.get("filter") and (status or job_id):
        raise bad_request("Filter expression cannot be used with other filter parameters")
    prefix = call.query.get("prefix", "").lower()
    listing = Listing[Evaluation](
        rows=lambda: list(call.nomad.evals.values()) if call.in_namespace else [],
        token=lambda row: by_index(row.create_index, row.id),
        full=lambda row, _fields: filterable_evaluation(row),
        stub=evaluation_json,
        index=lambda: call.nomad.table_index("evals"),
    )

    def asked_for(row: Evaluation) -> bool:
        return row.id.startswith(prefix) and status in ("", row.status) and job_id in ("", row.job_id)

    return await list_answer(call, listing, asked_for)


async def count_evaluations(call: Call) -> web.StreamResponse:
    """GET /v1/evaluations/count."""
    call.allow("read-job")
    return await state_answer(
        call,
        lambda: call.nomad.table_index("evals"),
        lambda: {"Count": len(call.nomad.evals) if call.in_namespace else 0},
    )


async def get_evaluation(call: Call) -> web.StreamResponse:
    """GET /v1/evaluation/:id; `related` is compared with the exact word."""
    call.allow("read-job")
    found = _evaluation(call)
    related = related_evaluations(call.server, found) if call.query.get("related") == "true" else None
    return await state_answer(call, lambda: found.modify_index, lambda: evaluation_json(found, related))


async def evaluation_allocations(call: Call) -> web.StreamResponse:
    """GET /v1/evaluation/:id/allocations."""
    call.allow("read-job")
    key = call.path("eval_id")
    call.check_uuid(key, "eval")
    return await state_answer(
        call,
        lambda: call.nomad.table_index("allocs"),
        lambda: [allocation_stub(call.server, a) for a in call.nomad.allocs.values() if a.eval_id == key],
    )


def _evaluation(call: Call) -> Evaluation:
    key = call.path("eval_id")
    call.check_uuid(key, "eval")
    found = call.nomad.evals.get(key)
    if found is None:
        raise not_found("eval not found")
    return found
