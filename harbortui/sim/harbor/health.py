"""GET /health: what core's own ten-second probes last saw.

The answer is 200 whether healthy or not (issue #16406). nginx, the object store and the peers are never looked at, so
they can be gone with everything green; a component that died stays green until the next probe (goharbor/harbor
src/controller/health/checker.go).
"""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import Row, reply
from harbortui.sim.world import Instance
from harbortui.sim.world.nomad_types import TaskState

PERIOD = 10.0
DOWN_EVENTS = frozenset({"Terminated", "Killed", "Restarting", "Not Restarting", "Driver Failure", "Setup Failure"})
REFUSED = "dial tcp 127.0.0.1:{port}: connect: connection refused"
SQL = (
    'failed to run SQL "SELECT 1": failed to connect to `host=127.0.0.1 user=postgres database=registry`: '
    f"dial error ({REFUSED.format(port=5432)})"
)
REDIS = REFUSED.format(port=6379)
STATS = (
    "received unexpected status code: 500 "
    f'{{"code":10004,"message":"check stats of server failed with error","details":"{REDIS}"}}'
)
PROBES: tuple[tuple[str, int, str], ...] = (
    ("jobservice", 8083, "/api/v1/stats"),
    ("portal", 8081, ""),
    ("registry", 5000, "/"),
    ("registryctl", 8085, "/api/health"),
)


def up_at(state: TaskState, at: float) -> bool:
    """True when the task ran at `at`, by its events."""
    marks = [(event.time, event.type == "Started") for event in state.events if _matters(event.type)]
    before = [up for time, up in marks if time <= at]
    if before:
        return before[-1]
    if marks:
        return not marks[0][1]
    return state.state == "running"


def _matters(kind: str) -> bool:
    return kind == "Started" or kind in DOWN_EVENTS


def probed_at(instance: Instance, now: float) -> float:
    """When core's probes last ran, unix seconds: every ten seconds since core started."""
    started = instance.started_at
    return started + (now - started) // PERIOD * PERIOD


def components(instance: Instance, at: float) -> list[Row]:
    """The components by name as the probes of `at` found them."""
    alloc = instance.world.nomad.current_alloc(instance.job_id)
    up = {name: up_at(state, at) for name, state in alloc.tasks.items()} if alloc else {}
    errors: dict[str, str] = {"core": ""}
    errors["database"] = "" if up.get("database") else SQL
    errors["redis"] = "" if up.get("redis") else REDIS
    for name, port, path in PROBES:
        url = f"http://127.0.0.1:{port}{path}"
        refused = f'failed to check health: Get "{url}": {REFUSED.format(port=port)}'
        errors[name] = "" if up.get(name) else refused
    if not errors["jobservice"] and errors["redis"]:
        errors["jobservice"] = STATS
    return [
        {"name": name, "status": "unhealthy", "error": errors[name]}
        if errors[name]
        else {"name": name, "status": "healthy"}
        for name in sorted(errors)
    ]


def get_health(call: Call) -> web.Response:
    """Anonymous; always 200."""
    rows = components(call.instance, probed_at(call.instance, call.harbor.world.now))
    healthy = all(row["status"] == "healthy" for row in rows)
    return reply({"components": rows, "status": "healthy" if healthy else "unhealthy"})


ROUTES = (Route("GET", "/health", get_health),)
