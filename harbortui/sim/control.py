"""The control server: what tests and people do to the simulated fleet while it runs. JSON over HTTP on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from harbortui.sim.faults import REGISTRY, parse_fault
from harbortui.sim.summary import summary
from harbortui.sim.world import NomadError, PlacementFailure

if TYPE_CHECKING:
    from harbortui.sim.fleet import SimFleet

FLEET: web.AppKey[SimFleet] = web.AppKey("fleet")
Body = dict[str, Any]


def app(fleet: SimFleet) -> web.Application:
    """The control application of a fleet."""
    application = web.Application(middlewares=[_errors])
    application[FLEET] = fleet
    application.add_routes(
        [
            web.get("/counts", _counts),
            web.post("/counts/reset", _reset),
            web.get("/clock", _clock),
            web.post("/clock", _set_clock),
            web.get("/fault", _faults),
            web.post("/fault", _fault),
            web.get("/secrets", _secrets),
            web.get("/world", _world),
            web.post("/world", _do),
        ]
    )
    return application


@web.middleware
async def _errors(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except (KeyError, ValueError, TypeError, NomadError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    return response


async def _body(request: web.Request) -> Body:
    value = json.loads(await request.text() or "{}")
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    return value


async def _counts(request: web.Request) -> web.Response:
    return web.json_response({name: row.counts.as_dict() for name, row in request.app[FLEET].listeners.items()})


async def _reset(request: web.Request) -> web.Response:
    for listener in request.app[FLEET].listeners.values():
        listener.counts.reset()
    return web.json_response({})


def _clock_state(fleet: SimFleet) -> web.Response:
    return web.json_response({"now": fleet.clock.now(), "speed": fleet.clock.speed})


async def _clock(request: web.Request) -> web.Response:
    return _clock_state(request.app[FLEET])


async def _set_clock(request: web.Request) -> web.Response:
    """{"hold": true|unix} {"set": unix} {"advance": seconds} {"speed": x}, in this order."""
    fleet, body = request.app[FLEET], await _body(request)
    fleet.set_clock(body)
    return _clock_state(fleet)


async def _faults(request: web.Request) -> web.Response:
    fleet = request.app[FLEET]
    modes = {name: listener.fault.mode for name, listener in fleet.listeners.items()}
    return web.json_response({"backends": modes, "named": {f.name: f.title for f in REGISTRY.values()}})


async def _fault(request: web.Request) -> web.Response:
    """{"backend", "mode", "seconds"?, "wrong"?} or {"name", "clear"?: true, ...parameters}."""
    fleet, body = request.app[FLEET], await _body(request)
    fleet.world.sync()
    if "name" in body:
        named = REGISTRY[body["name"]]
        (named.clear if body.get("clear") else named.put)(fleet, body)
    else:
        await fleet.set_fault(str(body["backend"]), parse_fault(body))
    return web.json_response({})


async def _secrets(request: web.Request) -> web.Response:
    return web.json_response(request.app[FLEET].world.secrets.all())


async def _world(request: web.Request) -> web.Response:
    fleet = request.app[FLEET]
    fleet.world.sync()
    return web.json_response(summary(fleet.world))


async def _do(request: web.Request) -> web.Response:
    """{"do": name of a change, ...parameters}; the answer may name what was made."""
    fleet, body = request.app[FLEET], await _body(request)
    fleet.world.sync()
    made = CHANGES[str(body["do"])](fleet, body)
    fleet.world.touch()
    return web.json_response({"made": made})


def _alloc(fleet: SimFleet, body: Body) -> str:
    alloc = fleet.world.nomad.current_alloc(str(body["instance"]))
    if alloc is None:
        raise ValueError(f"{body['instance']} has no allocation")
    return alloc.id


def _node(fleet: SimFleet, body: Body) -> str:
    node = fleet.world.nomad.node_by_name(fleet.world.instance(str(body["instance"])).node_name)
    if node is None:
        raise ValueError("no such node")
    return node.id


def _placement(fleet: SimFleet, body: Body) -> None:
    count = len(fleet.world.nomad.nodes)
    dimensions = {"memory": count}
    exhausted = PlacementFailure(count, nodes_exhausted=count, nodes_in_pool=count, dimension_exhausted=dimensions)
    fleet.world.nomad.fail_placement(exhausted if body.get("on", True) else None)


CHANGES: dict[str, Callable[[SimFleet, Body], object]] = {
    "crash_task": lambda f, b: f.world.nomad.crash_task(_alloc(f, b), b["task"], int(b.get("exit_code", 1))),
    "oom_kill": lambda f, b: f.world.nomad.oom_kill(_alloc(f, b), b["task"]),
    "restart_loop": lambda f, b: f.world.nomad.restart_loop(_alloc(f, b), b["task"], float(b.get("every", 20.0))),
    "stop_loop": lambda f, b: f.world.nomad.stop_loop(_alloc(f, b), b["task"]),
    "restart_task": lambda f, b: f.world.nomad.restart_task(_alloc(f, b), b["task"]),
    "restart_all": lambda f, b: f.world.nomad.restart_all(_alloc(f, b)),
    "fail_alloc": lambda f, b: f.world.nomad.fail_alloc(_alloc(f, b), b["task"]),
    "stop_alloc": lambda f, b: f.world.nomad.stop_alloc(_alloc(f, b)).id,
    "stop_job": lambda f, b: f.world.nomad.stop_job(b["instance"]).id,
    "start_job": lambda f, b: f.world.nomad.start_job(b["instance"]).id,
    "revert": lambda f, b: f.world.nomad.revert(b["instance"], int(b["version"])).id,
    "drain": lambda f, b: f.world.nomad.drain(_node(f, b), bool(b.get("on", True))),
    "node_down": lambda f, b: f.world.nomad.node_down(_node(f, b), bool(b.get("on", True))),
    "fail_placement": _placement,
    "leader": lambda f, b: setattr(f.world.nomad, "leader", bool(b.get("on", True))),
    "memory": lambda f, b: f.world.stats.pressure.__setitem__((b["instance"], b["task"]), float(b["share"])),
    "push": lambda f, b: f.world.instance(b["instance"]).push(b["repository"], b["tag"]).image.digest,
    "pull": lambda f, b: f.world.instance(b["instance"]).pull(b["repository"], b["tag"]).image.digest,
    "delete": lambda f, b: f.world.instance(b["instance"]).delete_artifact(b["repository"], b["reference"]),
    "start_gc": lambda f, b: f.world.instance(b["instance"]).start_gc(bool(b.get("dry_run"))).id,
    "start_replication": lambda f, b: f.world.instance(b["instance"]).start_replication(int(b["policy"])).id,
    "set_policy": lambda f, b: f.world.instance(b["instance"]).set_policy(int(b["policy"]), enabled=b["enabled"]).id,
    "queue": lambda f, b: f.world.instance(b["instance"]).queue_action(b["job_type"], b["action"]),
    "read_only": lambda f, b: f.world.instance(b["instance"]).set_read_only(bool(b.get("on", True))),
    "quota": lambda f, b: f.world.instance(b["instance"]).set_quota(int(b["project"]), int(b["hard"])),
    "seal_vault": lambda f, b: setattr(f.world.vault, "sealed", bool(b.get("on", True))),
    "log": lambda f, b: f.world.logs.emit(b["instance"], b["task"], b.get("stream", "stdout"), b["text"]),
}
