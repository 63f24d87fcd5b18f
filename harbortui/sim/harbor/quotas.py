"""Project quotas: what is used is the sum of a project's distinct blobs; -1 is no limit."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route, mapping
from harbortui.sim.harbor.encoding import Row, empty, reply, when
from harbortui.sim.harbor.errors import ApiError, not_found
from harbortui.sim.harbor.query import Keys, arrange, page_of
from harbortui.sim.world import Project


def quota_row(call: Call, project: Project) -> Row:
    """One quota."""
    return {
        "creation_time": when(project.created),
        "hard": {"storage": project.quota_hard},
        "id": project.id,
        "ref": {"id": project.id, "name": project.name, "owner_name": "admin"},
        "update_time": when(call.harbor.world.now),
        "used": {"storage": call.instance.project_usage(project.id)},
    }


def list_quotas(call: Call) -> web.Response:
    """Filtered by `reference` and `reference_id`; no `q`."""
    call.require("quota:list")
    query = call.request.query
    found = list(call.instance.projects.values())
    if query.get("reference", "project") != "project":
        found = []
    if query.get("reference_id"):
        found = [p for p in found if str(p.id) == query["reference_id"]]
    keys: Keys[Project] = {
        "id": lambda p: p.id,
        "used.storage": lambda p: call.instance.project_usage(p.id),
        "hard.storage": lambda p: p.quota_hard,
        "creation_time": lambda p: p.created,
    }
    ordered = arrange(found, query.get("sort", ""), keys)
    return page_of(call.request, ordered, lambda p: quota_row(call, p))


def _find(call: Call) -> Project:
    number = call.number("id")
    found = call.instance.project(number)
    if found is None:
        raise not_found(f"quota {number}")
    return found


def get_quota(call: Call) -> web.Response:
    """One quota."""
    call.require("quota:read")
    return reply(quota_row(call, _find(call)))


def put_quota(call: Call) -> web.Response:
    """Set the limit: `{"hard":{"storage":N}}`, N bytes or -1."""
    call.require("quota:update")
    project = _find(call)
    hard = mapping(call.body.get("hard")).get("storage")
    if not isinstance(hard, int) or isinstance(hard, bool) or hard == 0 or hard < -1:
        raise ApiError("BAD_REQUEST", f"invalid hard limit value for resource storage: {hard}")
    call.instance.set_quota(project.id, hard)
    return empty()


ROUTES = (
    Route("GET", "/quotas", list_quotas),
    Route("GET", "/quotas/{id}", get_quota),
    Route("PUT", "/quotas/{id}", put_quota),
)
