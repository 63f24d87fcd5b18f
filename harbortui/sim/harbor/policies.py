"""Replication policies: list, read, replace."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route, mapping
from harbortui.sim.harbor.encoding import Row, compact, empty, reply, when
from harbortui.sim.harbor.errors import ApiError, internal, not_found
from harbortui.sim.harbor.query import Keys, listing
from harbortui.sim.harbor.registries import LOCAL, registry_row
from harbortui.sim.world.harbor_types import Policy

TRIGGERS = ("manual", "scheduled", "event_based")
POLICY_KEYS: Keys[Policy] = {
    "id": lambda p: p.id,
    "name": lambda p: p.name,
    "enabled": lambda p: p.enabled,
    "dest_registry_id": lambda p: p.dest_registry_id,
    "creation_time": lambda p: p.created,
    "update_time": lambda p: p.updated,
}


def policy_row(call: Call, policy: Policy) -> Row:
    """One policy. A disabled one has no `enabled` key; `speed` and `copy_by_chunk` are pointers and always there."""
    registry = call.instance.registries.get(policy.dest_registry_id)
    trigger: Row = {"type": policy.trigger}
    if policy.cron:
        trigger["trigger_settings"] = {"cron": policy.cron}
    row: Row = {
        "copy_by_chunk": policy.copy_by_chunk,
        "creation_time": when(policy.created),
        "deletion": policy.replicate_deletion,
        "dest_namespace_replace_count": 0,
        "dest_registry": registry_row(registry) if registry else None,
        "enabled": policy.enabled,
        "filters": [{"type": "name", "value": policy.source}] if policy.source else None,
        "id": policy.id,
        "name": policy.name,
        "override": policy.override,
        "replicate_deletion": policy.replicate_deletion,
        "speed": policy.speed,
        "src_registry": LOCAL,
        "trigger": trigger,
        "update_time": when(policy.updated),
    }
    keep = ["copy_by_chunk", "dest_namespace_replace_count", "filters", "speed"]
    if call.version >= (2, 14, 0):
        row["single_active_replication"] = policy.single_active
        keep.append("single_active_replication")
    return compact(row, keep)


def list_policies(call: Call) -> web.Response:
    """Newest first; `name` is a fuzzy match."""
    call.require("replication-policy:list")
    name = call.request.query.get("name", "").lower()
    found = [p for p in call.instance.policies.values() if name in p.name.lower()]
    return listing(call.request, found, lambda p: policy_row(call, p), POLICY_KEYS, "-creation_time")


def find_policy(call: Call, number: int) -> Policy:
    """The policy of that id; 404 when there is none."""
    found = call.instance.policies.get(number)
    if found is None:
        raise not_found(f"replication policy {number}")
    return found


def get_policy(call: Call) -> web.Response:
    """One policy."""
    call.require("replication-policy:read")
    return reply(policy_row(call, find_policy(call, call.number("id"))))


def put_policy(call: Call) -> web.Response:
    """A full replacement: what the body does not say becomes false or empty."""
    call.require("replication-policy:update")
    policy = find_policy(call, call.number("id"))
    body = call.body
    name, kind = body.get("name"), mapping(body.get("trigger")).get("type", "manual")
    if not isinstance(name, str) or not name:
        raise ApiError("BAD_REQUEST", "empty policy name")
    destination = mapping(body.get("dest_registry")).get("id", 0)
    source = mapping(body.get("src_registry")).get("id", 0)
    if bool(destination) == bool(source):
        raise ApiError(
            "BAD_REQUEST", "either src_registry or dest_registry should be empty and the other one shouldn't"
        )
    if destination not in call.instance.registries:
        raise not_found(f"registry {destination or source}")
    if kind not in TRIGGERS:
        raise ApiError("BAD_REQUEST", "invalid trigger type")
    single = call.version >= (2, 14, 0) and bool(body.get("single_active_replication"))
    if single and kind == "event_based":
        raise internal("single active replication is not allowed for event_based triggers")
    _replace(policy, body, name, kind, single)
    call.instance.set_policy(policy.id, enabled=bool(body.get("enabled")))
    return empty()


def _replace(policy: Policy, body: Row, name: str, kind: object, single: bool) -> None:
    policy.name = name
    policy.trigger = "scheduled" if kind == "scheduled" else "event_based" if kind == "event_based" else "manual"
    cron = mapping(mapping(body.get("trigger")).get("trigger_settings")).get("cron", "")
    policy.cron = cron if isinstance(cron, str) else ""
    filters = body.get("filters")
    values = [mapping(item) for item in filters] if isinstance(filters, list) else []
    named = [item.get("value") for item in values if item.get("type") == "name"]
    policy.source = str(named[0]) if named else ""
    policy.override = bool(body.get("override"))
    policy.replicate_deletion = bool(body.get("deletion"))
    policy.copy_by_chunk = bool(body.get("copy_by_chunk"))
    policy.single_active = single
    speed = body.get("speed", 0)
    policy.speed = max(0, speed) if isinstance(speed, int) else 0


ROUTES = (
    Route("GET", "/replication/policies", list_policies),
    Route("GET", "/replication/policies/{id}", get_policy),
    Route("PUT", "/replication/policies/{id}", put_policy),
)
