"""Calls that a server passes on to the allocation's node: stats, restart, signal, pause."""

from __future__ import annotations

import json

from aiohttp import web

from harbortui.sim.nomad.answers import json_answer
from harbortui.sim.nomad.context import Call, as_text
from harbortui.sim.nomad.encoding import Json
from harbortui.sim.nomad.errors import bad_request, internal, not_found
from harbortui.sim.nomad.node_views import host_stats
from harbortui.sim.nomad.stats_views import allocation_stats
from harbortui.sim.world.nomad_types import Allocation

SIGNALS = frozenset(
    {
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGABRT",
        "SIGKILL",
        "SIGUSR1",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGWINCH",
    }
)


async def get_stats(call: Call) -> web.StreamResponse:
    """GET /v1/client/allocation/:id/stats; `task` narrows it to one."""
    call.allow("read-job")
    alloc = reachable_allocation(call)
    task = call.query.get("task", "")
    if task and task not in alloc.tasks:
        raise internal(f'allocation "{alloc.id}" has no task "{task}"')
    return json_answer(call, allocation_stats(call.server, alloc, task))


async def restart_allocation(call: Call) -> web.StreamResponse:
    """Restart tasks in place. Nomad checks no method here: a GET restarts too (command/agent/alloc_endpoint.go).

    The answer comes when the old processes have ended, in world time; the restart goes on when nobody waits for it.
    """
    call.allow("alloc-lifecycle")
    body = await _loose_body(call)
    task, all_tasks = as_text(body.get("TaskName")), body.get("AllTasks") is True
    alloc = reachable_allocation(call)
    if all_tasks and task:
        raise internal("task name cannot be set when restarting all tasks")
    exited = call.nomad.restart_task(alloc.id, task) if task else call.nomad.restart_all(alloc.id, all_tasks)
    await call.world.until(exited)
    return json_answer(call, {"Index": 0})


async def _loose_body(call: Call) -> Json:
    # json.Decoder: an empty body is no body, a broken one is an error without a status of its own.
    raw = await call.request.read()
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise internal(f"invalid character in body: {error}") from None
    if not isinstance(value, dict):
        raise internal("json: cannot unmarshal value into Go value of type struct")
    return value


async def signal_allocation(call: Call) -> web.StreamResponse:
    """PUT /v1/client/allocation/:id/signal."""
    body = await call.body()
    if not body:
        raise bad_request("Failed to decode body: Request body is empty")
    call.allow("alloc-lifecycle")
    alloc = reachable_allocation(call)
    signal = as_text(body.get("Signal"))
    if signal not in SIGNALS:
        raise internal(f"Failed to signal task: invalid signal {signal}")
    call.nomad.signal(alloc.id, signal, as_text(body.get("Task")))
    return json_answer(call, {"Index": 0})


async def pause_allocation(call: Call) -> web.StreamResponse:
    """PUT /v1/client/allocation/:id/pause: schedules are part of the Enterprise edition."""
    call.allow("submit-job", "pause-allocation")
    reachable_allocation(call)
    raise internal("Nomad Enterprise required")


async def get_host_stats(call: Call) -> web.StreamResponse:
    """GET /v1/client/stats?node_id=."""
    call.allow_node()
    node_id = call.query.get("node_id", "")
    if not node_id:
        raise bad_request("No local Node and node_id not provided")
    node = call.nomad.nodes.get(node_id)
    if node is None:
        raise internal(f"Unknown node {node_id}")
    if node.status != "ready":
        raise not_found("No path to node")
    return json_answer(call, host_stats(call.server, node))


def reachable_allocation(call: Call) -> Allocation:
    """The allocation of the path, when its node answers and still holds it."""
    alloc = call.allocation(call.path("alloc_id"))
    node = call.nomad.nodes.get(alloc.node_id)
    if node is None or node.status != "ready":
        raise not_found("No path to node")
    if alloc.id in call.server.collected:
        raise not_found(f'Unknown allocation "{alloc.id}"')
    return alloc
