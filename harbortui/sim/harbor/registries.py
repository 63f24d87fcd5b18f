"""Registries: the peers and the upstreams of proxy caches.

`status` is not live: for type harbor an unreachable remote keeps its old "healthy" (issue #21673). Only the ping asks
the remote: 200 ok, 400 it answered but its /v2/ refused, 500 (masked) it could not be reached.
"""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import Row, compact, empty, reply, when
from harbortui.sim.harbor.errors import ApiError, internal, not_found
from harbortui.sim.harbor.query import Keys, listing
from harbortui.sim.world.harbor_types import RegistryEndpoint

MASK = "*****"
LOCAL: Row = {
    "creation_time": when(0.0),
    "credential": {"access_secret": MASK, "type": "secret"},
    "id": 0,
    "insecure": True,
    "name": "Local",
    "status": "healthy",
    "type": "harbor",
    "update_time": when(0.0),
    "url": "http://127.0.0.1:8080",
}
KEYS: Keys[RegistryEndpoint] = {
    "id": lambda r: r.id,
    "name": lambda r: r.name,
    "type": lambda r: r.type,
    "url": lambda r: r.url,
    "status": lambda r: r.status,
    "creation_time": lambda r: r.created,
}
ADAPTERS = ("docker-hub", "docker-registry", "github-ghcr", "harbor", "quay")


def registry_row(registry: RegistryEndpoint) -> Row:
    """One registry; the secret is masked by Harbor itself, and anonymous access has no credential at all."""
    credential: Row = {"access_key": registry.access_key, "access_secret": MASK, "type": "basic"}
    row: Row = {
        "creation_time": when(registry.created),
        "credential": credential if registry.access_key else None,
        "description": registry.description,
        "id": registry.id,
        "insecure": registry.insecure,
        "name": registry.name,
        "status": registry.status,
        "type": registry.type,
        "update_time": when(registry.created),
        "url": registry.url,
    }
    return compact(row, ("id",))


def _find(call: Call, number: int) -> RegistryEndpoint:
    found = call.instance.registries.get(number)
    if found is None:
        raise not_found(f"registry {number}")
    return found


def list_registries(call: Call) -> web.Response:
    """`name` is a fuzzy match."""
    call.require("registry:list")
    name = call.request.query.get("name", "").lower()
    rows = [r for r in call.instance.registries.values() if name in r.name.lower()]
    return listing(call.request, rows, registry_row, KEYS, "name")


def get_registry(call: Call) -> web.Response:
    """One registry."""
    call.require("registry:read")
    return reply(registry_row(_find(call, call.number("id"))))


def ping_registry(call: Call) -> web.Response:
    """Ask the remote now; nothing is stored."""
    call.require("registry:read")
    number = call.body.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise ApiError("BAD_REQUEST", "type or url cannot be empty")
    _find(call, number)
    outcome = call.instance.ping_registry(number)
    if outcome == "unhealthy":
        raise ApiError("BAD_REQUEST", "the registry is unhealthy")
    if outcome != "ok":
        raise internal("failed to ping the registry: connect: connection refused")
    return empty()


def registry_info(call: Call) -> web.Response:
    """What the adapter of a registry can do; 0 is the local Harbor. It calls the remote."""
    call.require("registry:read")
    number = call.number("id")
    kind = "harbor"
    if number:
        kind = _find(call, number).type
        if call.instance.ping_registry(number) != "ok":
            raise internal("failed to call the remote registry")
    filters: list[Row] = [{"style": "input", "type": "name", "values": None}]
    filters.append({"style": "input", "type": "tag", "values": None})
    filters.append({"style": "radio", "type": "resource", "values": ["image", "artifact"]})
    triggers = ["manual", "scheduled"] + (["event_based"] if kind == "harbor" else [])
    row: Row = {
        "supported_copy_by_chunk": kind == "harbor",
        "supported_resource_filters": filters,
        "supported_triggers": triggers,
        "type": kind,
    }
    return reply(row)


def adapters(call: Call) -> web.Response:
    """Adapter types. A hand-made 2.14 deployment without REPLICATION_ADAPTER_WHITELIST has none."""
    call.require("replication-adapter:list")
    return reply([] if call.version >= (2, 14, 0) else list(ADAPTERS))


ROUTES = (
    Route("POST", "/registries/ping", ping_registry),
    Route("GET", "/registries", list_registries),
    Route("GET", "/registries/{id}", get_registry),
    Route("GET", "/registries/{id}/info", registry_info),
    Route("GET", "/replication/adapters", adapters),
)
