"""Who may do what, variables, and search."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web

from harbortui.sim.nomad.answers import json_answer, state_answer
from harbortui.sim.nomad.context import Call, as_text
from harbortui.sim.nomad.encoding import Json, nanos
from harbortui.sim.nomad.errors import bad_request, not_found, permission_denied
from harbortui.sim.nomad.jobspec import full_job
from harbortui.sim.world.options import NAMESPACE

T = TypeVar("T")

SEARCH_LIMIT = 20


async def token_self(call: Call) -> web.StreamResponse:
    """GET /v1/acl/token/self; the body holds the secret. With ACLs off 1.8.4 and older refuse, newer describe that."""
    if not call.server.options.acl and not call.server.at_least(1, 8, 5):
        raise bad_request("ACL support disabled")
    token = call.token
    return await state_answer(call, lambda: 7, lambda: call.server.acl.describe(token))


async def list_tokens(call: Call) -> web.StreamResponse:
    """GET /v1/acl/tokens: for management tokens, without secrets."""
    call.allow_management()
    acl = call.server.acl
    return json_answer(call, [acl.describe(token, with_secret=False) for token in acl.tokens.values()], 7)


async def get_policy(call: Call) -> web.StreamResponse:
    """GET /v1/acl/policy/:name."""
    return json_answer(call, call.server.acl.policy(call.token, call.path("name")), 6)


async def list_policies(call: Call) -> web.StreamResponse:
    """GET /v1/acl/policies: those the token may see."""
    if not call.token.management and not call.token.capabilities:
        raise permission_denied()
    return json_answer(call, call.server.acl.policies(call.token), 6)


async def list_variables(call: Call) -> web.StreamResponse:
    """GET /v1/vars: metadata of the variables; needs a variables policy, which the fleet's tokens do not have."""
    call.allow_management()
    prefix = call.query.get("prefix", "")
    rows = [_variable(call, job_id) for job_id in sorted(call.nomad.jobs)] if call.in_namespace else []
    return json_answer(call, [row for row in rows if str(row["Path"]).startswith(prefix)], call.nomad.index)


async def get_variable(call: Call) -> web.StreamResponse:
    """GET /v1/var/:path: with its items in clear."""
    call.allow_management()
    job_id = call.path("path").removeprefix("nomad/jobs/")
    if job_id not in call.nomad.jobs or not call.path("path").startswith("nomad/jobs/"):
        raise not_found("variable not found")
    items = {"db_password": call.world.secrets.db_password, "redis_password": call.world.secrets.redis_password}
    return json_answer(call, {**_variable(call, job_id), "Items": items}, call.nomad.index)


def _variable(call: Call, job_id: str) -> Json:
    job = call.nomad.jobs[job_id]
    created = nanos(job.versions[0].submit_time)
    return {
        "Namespace": NAMESPACE,
        "Path": f"nomad/jobs/{job_id}",
        "CreateIndex": job.create_index,
        "CreateTime": created,
        "ModifyIndex": job.create_index,
        "ModifyTime": created,
    }


async def search(call: Call) -> web.StreamResponse:
    """POST /v1/search {"Prefix", "Context"}."""
    body = await call.body()
    prefix, context = as_text(body.get("Prefix")), as_text(body.get("Context")) or "all"
    names = _searchable(call, context)
    matches = {kind: [name for name in rows if name.startswith(prefix)] for kind, rows in names.items()}
    answer: Json = {
        "Matches": {kind: rows[:SEARCH_LIMIT] for kind, rows in matches.items()},
        "Truncations": {kind: len(rows) > SEARCH_LIMIT for kind, rows in matches.items()},
        "Index": call.nomad.index,
        "LastContact": 0,
        "KnownLeader": True,
        "NextToken": "",
    }
    return json_answer(call, answer, call.nomad.index)


async def fuzzy_search(call: Call) -> web.StreamResponse:
    """POST /v1/search/fuzzy {"Text", "Context"}: names that contain the text; at least two letters."""
    body = await call.body()
    text, context = as_text(body.get("Text")), as_text(body.get("Context")) or "all"
    if len(text) < 2:
        raise bad_request(f"fuzzy search query must be at least 2 characters, got {len(text)}")
    matches: dict[str, list[Json]] = {}
    for kind, rows in _fuzzy_names(call, context).items():
        found: list[Json] = [{"ID": name, "Scope": scope} for name, scope in rows if text.lower() in name.lower()]
        if found:
            matches[kind] = found[:SEARCH_LIMIT]
    answer = {"Matches": matches, "Truncations": dict.fromkeys(matches, False), "Index": call.nomad.index}
    return json_answer(call, answer, call.nomad.index)


def _searchable(call: Call, context: str) -> dict[str, list[str]]:
    nomad, token = call.nomad, call.token
    names: dict[str, list[str]] = {}
    if token.may("read-job", call.namespace):
        names = {
            "jobs": sorted(nomad.jobs),
            "allocs": sorted(nomad.allocs),
            "deployment": sorted(nomad.deployments),
            "evals": sorted(nomad.evals),
        }
    if token.may_node():
        names["nodes"] = sorted(nomad.nodes)
    return _in_context(names, context)


def _fuzzy_names(call: Call, context: str) -> dict[str, list[tuple[str, list[str]]]]:
    names: dict[str, list[tuple[str, list[str]]]] = {}
    if call.token.may("read-job", call.namespace):
        jobs = list(call.nomad.jobs.values())
        names["jobs"] = [(job.id, [NAMESPACE, job.id]) for job in jobs]
        names["groups"] = [("harbor", [NAMESPACE, job.id]) for job in jobs]
        names["tasks"] = [(t.name, [NAMESPACE, job.id, "harbor"]) for job in jobs for t in job.current.tasks]
        names["images"] = [(t.image, [NAMESPACE, job.id, "harbor", t.name]) for job in jobs for t in job.current.tasks]
    if call.token.may_node():
        names["nodes"] = [(node.name, [node.id]) for node in call.nomad.nodes.values()]
    return _in_context(names, context)


def _in_context(names: dict[str, list[T]], context: str) -> dict[str, list[T]]:
    if context == "all":
        return names
    if context not in names:
        raise permission_denied()
    return {context: names[context]}


async def validate_job(call: Call) -> web.StreamResponse:
    """PUT /v1/validate/job: the shape is checked no further than that there is a job."""
    call.allow("read-job", "parse-job")
    job = (await call.body()).get("Job")
    if not isinstance(job, dict) or not job.get("ID"):
        raise bad_request("Job must be specified")
    return json_answer(call, {"DriverConfigValidated": True, "ValidationErrors": None, "Error": "", "Warnings": ""})


async def scaling_policies(call: Call) -> web.StreamResponse:
    """GET /v1/scaling/policies: none of the fleet's jobs has one."""
    call.allow("list-scaling-policies", "list-jobs")
    return await state_answer(call, lambda: 1, list)


async def list_services(call: Call) -> web.StreamResponse:
    """GET /v1/services: the services registered with Nomad, by namespace."""
    call.allow("read-job")
    rows = (
        [{"ServiceName": job_id, "Tags": ["harbor"]} for job_id in sorted(call.nomad.jobs)] if call.in_namespace else []
    )
    data = [{"Namespace": NAMESPACE, "Services": rows}] if rows else []
    return await state_answer(call, lambda: call.nomad.table_index("allocs"), lambda: data)


async def parse_job(call: Call) -> web.StreamResponse:
    """PUT /v1/jobs/parse: HCL is not understood here; the job it names is answered if the fleet has it."""
    call.allow("parse-job", "submit-job")
    text = as_text((await call.body()).get("JobHCL"))
    for job in call.nomad.jobs.values():
        if f'job "{job.id}"' in text:
            return json_answer(call, full_job(call.server, job))
    raise bad_request("Failed to parse job: no job of this fleet in the source")
