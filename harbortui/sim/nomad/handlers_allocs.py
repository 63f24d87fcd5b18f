"""Allocations: lists, single ones, and stopping them through the scheduler."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from harbortui.sim.nomad.alloc_views import (
    allocation_stub,
    filterable_allocation,
    full_allocation,
)
from harbortui.sim.nomad.answers import json_answer, state_answer
from harbortui.sim.nomad.context import Call
from harbortui.sim.nomad.encoding import Json
from harbortui.sim.nomad.errors import bad_request, internal, not_found
from harbortui.sim.nomad.paging import Listing, by_index, list_answer
from harbortui.sim.nomad.service_views import checks, service_registrations
from harbortui.sim.world.nomad_types import Allocation

_HEX = frozenset("0123456789abcdefABCDEF-")


def check_prefix(prefix: str) -> None:
    """Raise 500 for a prefix that the UUID index cannot look up: not hex, or an odd number of digits."""
    digits = prefix.replace("-", "")
    if not _HEX.issuperset(prefix) or len(digits) > 32:
        raise internal(f"alloc lookup failed: index error: Invalid UUID: {prefix}")
    if len(digits) % 2:
        raise internal(
            "alloc lookup failed: index error: UUID must be 36 characters: input (without hyphens) must be even length"
        )


async def list_allocations(call: Call) -> web.StreamResponse:
    """GET /v1/allocations."""
    call.allow("read-job")
    resources, states = call.flag("resources"), call.flag("task_states", True)
    prefix = call.query.get("prefix", "").lower()
    check_prefix(prefix)
    server = call.server
    listing = Listing[Allocation](
        rows=lambda: list(call.nomad.allocs.values()) if call.in_namespace else [],
        token=lambda alloc: by_index(alloc.create_index, alloc.id),
        full=lambda alloc, fields: filterable_allocation(server, alloc, fields),
        stub=lambda alloc: allocation_stub(server, alloc, resources, states),
        index=lambda: call.nomad.table_index("allocs"),
    )
    return await list_answer(call, listing, lambda alloc: alloc.id.startswith(prefix))


async def get_allocation(call: Call) -> web.StreamResponse:
    """GET /v1/allocation/:id. A token that may not read its namespace gets a 500 that reads like a missing one."""
    alloc_id = call.path("alloc_id")
    call.check_uuid(alloc_id, "alloc")
    if alloc_id in call.nomad.allocs and not call.token.may("read-job", "default"):
        raise internal(f'Unknown allocation "{alloc_id}"')

    def current() -> Json:
        alloc = call.nomad.allocs.get(alloc_id)
        if alloc is None:
            raise not_found("alloc not found")
        return full_allocation(call.server, alloc)

    def index() -> int:
        alloc = call.nomad.allocs.get(alloc_id)
        return alloc.modify_index if alloc else call.nomad.table_index("allocs")

    return await state_answer(call, index, current)


async def allocation_services(call: Call) -> web.StreamResponse:
    """GET /v1/allocation/:id/services."""
    return await _of_allocation(call, lambda alloc: service_registrations(call.server, alloc))


async def allocation_checks(call: Call) -> web.StreamResponse:
    """GET /v1/allocation/:id/checks and /v1/client/allocation/:id/checks."""
    if call.request.path.startswith("/v1/client/"):
        # A node answers this, not the servers' state: there is no index and nothing to wait for.
        call.allow("read-job")
        return json_answer(call, checks(call.server, call.allocation(call.path("alloc_id"))))
    return await _of_allocation(call, lambda alloc: checks(call.server, alloc))


async def _of_allocation(call: Call, data: Callable[[Allocation], object]) -> web.StreamResponse:
    call.allow("read-job")
    alloc = call.allocation(call.path("alloc_id"))
    return await state_answer(call, lambda: alloc.modify_index, lambda: data(alloc))


async def stop_allocation(call: Call) -> web.StreamResponse:
    """PUT /v1/allocation/:id/stop: the scheduler places a replacement under a new id."""
    call.allow("alloc-lifecycle")
    call.flag("no_shutdown_delay")
    reschedule = call.flag("reschedule")
    alloc_id = call.path("alloc_id")
    call.check_uuid(alloc_id, "alloc")
    if alloc_id not in call.nomad.allocs:
        raise not_found("allocation not found")
    evaluation = call.nomad.stop_alloc(alloc_id, reschedule)
    answer = {"EvalID": evaluation.id, "Index": call.nomad.index}
    return json_answer(call, answer, call.nomad.index)


async def collect_allocation(call: Call) -> web.StreamResponse:
    """GET (or anything) /v1/client/allocation/:id/gc: the client forgets an ended allocation."""
    call.allow("submit-job", "gc-allocation")
    alloc = call.allocation(call.path("alloc_id"))
    if not alloc.terminal or alloc.id in call.server.collected:
        raise not_found(f'Unknown allocation "{alloc.id}"')
    call.server.collected.add(alloc.id)
    return web.Response(status=200)


async def collect_node(call: Call) -> web.StreamResponse:
    """GET (or anything) /v1/client/gc: the client forgets all its ended allocations."""
    call.allow_node(write=True)
    node_id = call.query.get("node_id", "")
    if not node_id:
        raise bad_request("No local Node and node_id not provided")
    if node_id not in call.nomad.nodes:
        raise internal(f"Unknown node {node_id}")
    ended = [alloc.id for alloc in call.nomad.allocs.values() if alloc.node_id == node_id and alloc.terminal]
    call.server.collected.update(ended)
    return web.Response(status=200)
