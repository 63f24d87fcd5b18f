"""Robot accounts, read only."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import Row, compact, reply, when
from harbortui.sim.harbor.errors import ApiError, not_found
from harbortui.sim.harbor.grants import of_robot
from harbortui.sim.harbor.query import Keys, listing, parse
from harbortui.sim.world import Robot

KEYS: Keys[Robot] = {
    "id": lambda r: r.id,
    "name": lambda r: r.name.removeprefix("robot$"),
    "disabled": lambda r: r.disabled,
    "creation_time": lambda r: r.created,
}


def _access(permissions: Sequence[str]) -> list[Row]:
    pairs = (permission.split(":") for permission in permissions)
    return [{"action": action, "resource": resource} for resource, action in pairs]


def robot_row(call: Call, robot: Robot) -> Row:
    """One robot; the secret is never shown, `expires_at` is in epoch seconds, -1 for never."""
    system, project = of_robot(robot.name, call.version)
    permissions: list[Row] = []
    if system:
        permissions.append({"access": _access(system), "kind": "system", "namespace": "/"})
    if project:
        permissions.append({"access": _access(project), "kind": "project", "namespace": "*"})
    row: Row = {
        "creation_time": when(robot.created),
        "description": robot.description,
        "disable": robot.disabled,
        "duration": -1 if robot.expires_at < 0 else 30,
        "editable": True,
        "expires_at": robot.expires_at,
        "id": robot.id,
        "level": "system",
        "name": robot.name,
        "permissions": permissions or None,
        "update_time": when(robot.created),
    }
    if call.version >= (2, 12, 0):
        row |= {"creator_ref": 1, "creator_type": "local"}
    return compact(row, ("disable", "editable", "permissions"))


def list_robots(call: Call) -> web.Response:
    """System robots; `q=Level=project,ProjectID=N` asks for a project's, of which there are none."""
    call.login_required()
    conditions = parse(call.request.query.get("q", ""))
    level = conditions["level"].texts[0] if "level" in conditions else "system"
    if level not in ("system", "project"):
        raise ApiError("BAD_REQUEST", "bad request error level input")
    if level == "project" and "projectid" not in conditions:
        raise ApiError("BAD_REQUEST", "must with project ID when to query project robots")
    call.require("robot:list")
    found = call.harbor.accounts.robots if level == "system" else []
    return listing(call.request, found, lambda r: robot_row(call, r), KEYS, "name")


def get_robot(call: Call) -> web.Response:
    """One robot."""
    call.login_required()
    number = call.number("robot_id")
    found = next((robot for robot in call.harbor.accounts.robots if robot.id == number), None)
    if found is None:
        raise not_found(f"robot {number}")
    call.require("robot:read")
    return reply(robot_row(call, found))


ROUTES = (
    Route("GET", "/robots", list_robots),
    Route("GET", "/robots/{robot_id}", get_robot),
)
