"""Nodes, namespaces, regions, servers, agents and the scheduler's configuration."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.nomad.alloc_views import allocation_stub
from harbortui.sim.nomad.answers import json_answer, state_answer
from harbortui.sim.nomad.context import Call
from harbortui.sim.nomad.encoding import Json
from harbortui.sim.nomad.errors import not_found
from harbortui.sim.nomad.node_views import full_node, node_stub, server_health, server_members
from harbortui.sim.nomad.paging import Listing, list_answer
from harbortui.sim.world.nomad_types import Node
from harbortui.sim.world.options import DATACENTER, NAMESPACE, REGION


async def list_nodes(call: Call) -> web.StreamResponse:
    """GET /v1/nodes."""
    call.allow_node()
    resources, os = call.flag("resources"), call.flag("os")
    prefix = call.query.get("prefix", "").lower()
    listing = Listing[Node](
        rows=lambda: sorted(call.nomad.nodes.values(), key=lambda node: node.id),
        token=lambda node: node.id,
        full=lambda node, _fields: full_node(call.server, node),
        stub=lambda node: node_stub(call.server, node, resources, os),
        index=lambda: call.nomad.table_index("nodes"),
    )
    return await list_answer(call, listing, lambda node: node.id.startswith(prefix))


async def get_node(call: Call) -> web.StreamResponse:
    """GET /v1/node/:id."""
    call.allow_node()
    node = _node(call)
    return await state_answer(call, lambda: node.modify_index, lambda: full_node(call.server, node))


async def node_allocations(call: Call) -> web.StreamResponse:
    """GET /v1/node/:id/allocations."""
    call.allow_node()
    call.allow("read-job")
    node = _node(call)
    return await state_answer(
        call,
        lambda: call.nomad.table_index("allocs"),
        lambda: [allocation_stub(call.server, a) for a in call.nomad.allocs.values() if a.node_id == node.id],
    )


async def drain_node(call: Call) -> web.StreamResponse:
    """PUT /v1/node/:id/drain {DrainSpec: {...}|null}."""
    call.allow_node(write=True)
    node = _node(call)
    body = await call.body()
    call.nomad.drain(node.id, body.get("DrainSpec") is not None)
    answer: Json = {
        "EvalIDs": None,
        "EvalCreateIndex": 0,
        "NodeModifyIndex": node.modify_index,
        "Index": call.nomad.index,
    }
    return json_answer(call, answer, call.nomad.index)


def _node(call: Call) -> Node:
    node_id = call.path("node_id")
    call.check_uuid(node_id, "node")
    node = call.nomad.nodes.get(node_id)
    if node is None:
        raise not_found("node not found")
    return node


async def list_namespaces(call: Call) -> web.StreamResponse:
    """GET /v1/namespaces: those the token can touch at all."""
    token = call.token
    prefix = call.query.get("prefix", "")
    seen = bool(token.management or token.capabilities) and NAMESPACE.startswith(prefix)
    return await state_answer(call, lambda: 1, lambda: [_namespace()] if seen else [])


async def get_namespace(call: Call) -> web.StreamResponse:
    """GET /v1/namespace/:name."""
    token = call.token
    if not (token.management or token.capabilities):
        call.allow_management()
    if call.path("name") != NAMESPACE:
        raise not_found("Namespace not found")
    return await state_answer(call, lambda: 1, _namespace)


def _namespace() -> Json:
    return {
        "Name": NAMESPACE,
        "Description": "Default shared namespace",
        "Meta": None,
        "Quota": "",
        "Capabilities": None,
        "NodePoolConfiguration": None,
        "VaultConfiguration": None,
        "ConsulConfiguration": None,
        "Hash": "",
        "CreateIndex": 1,
        "ModifyIndex": 1,
    }


async def list_regions(call: Call) -> web.StreamResponse:
    """GET /v1/regions: no token needed."""
    return json_answer(call, [REGION])


async def get_leader(call: Call) -> web.StreamResponse:
    """GET /v1/status/leader: the leader's RPC address."""
    return json_answer(call, _rpc_addresses(call)[0] if call.nomad.leader else "")


async def get_peers(call: Call) -> web.StreamResponse:
    """GET /v1/status/peers."""
    return json_answer(call, _rpc_addresses(call))


def _rpc_addresses(call: Call) -> list[str]:
    return [f"{member['Addr']}:4647" for member in server_members(call.server)]


async def agent_health(call: Call) -> web.StreamResponse:
    """GET /v1/agent/health: a failing server answers 500 with the same JSON."""
    kind = call.query.get("type", "")
    answer: Json = {}
    if kind in ("", "server"):
        leading = call.nomad.leader
        answer["server"] = {"ok": leading, "message": "ok" if leading else "No cluster leader"}
    if kind == "client":
        answer["client"] = {"ok": False, "message": "client not enabled"}
    response = json_answer(call, answer)
    if not all(part["ok"] for part in answer.values() if isinstance(part, dict)):
        response.set_status(500)
    return response


async def agent_self(call: Call) -> web.StreamResponse:
    """GET /v1/agent/self."""
    call.allow_management()
    server = call.server
    member = server_members(server)[0]
    config: Json = {
        "Region": REGION,
        "Datacenter": DATACENTER,
        "NodeName": member["Name"],
        "BindAddr": "0.0.0.0",
        "ACL": {"Enabled": server.options.acl, "TokenTTL": 30_000_000_000, "PolicyTTL": 30_000_000_000},
        "Server": {"Enabled": True, "BootstrapExpect": 3, "EncryptKey": "<redacted>"},
        "Client": {"Enabled": False},
        "Ports": {"HTTP": 4_646, "RPC": 4_647, "Serf": 4_648},
        "Limits": {"HTTPMaxConnsPerClient": 100, "HTTPSHandshakeTimeout": "5s"},
        "Telemetry": {"CollectionInterval": "1s"},
        "Version": {"Version": server.version, "VersionPrerelease": "", "VersionMetadata": "", "Revision": "a1b2c3d"},
    }
    stats = {
        "nomad": {"server": "true", "leader": str(call.nomad.leader).lower(), "leader_addr": "10.0.2.104:4647"},
        "raft": {"last_log_index": str(call.nomad.index), "num_peers": "2"},
    }
    return json_answer(call, {"config": config, "member": member, "stats": stats})


async def agent_members(call: Call) -> web.StreamResponse:
    """GET /v1/agent/members."""
    call.allow_node()
    members = server_members(call.server)
    name = members[0]["Name"]
    return json_answer(call, {"ServerName": name, "ServerRegion": REGION, "ServerDC": DATACENTER, "Members": members})


async def agent_servers(call: Call) -> web.StreamResponse:
    """GET /v1/agent/servers."""
    call.allow_management()
    return json_answer(call, _rpc_addresses(call))


async def scheduler_configuration(call: Call) -> web.StreamResponse:
    """GET /v1/operator/scheduler/configuration: whether memory_max has any effect."""
    call.allow_management()
    preemption = {
        "SystemSchedulerEnabled": True,
        "SysBatchSchedulerEnabled": False,
        "BatchSchedulerEnabled": False,
        "ServiceSchedulerEnabled": False,
    }
    config: Json = {
        "SchedulerAlgorithm": "binpack",
        "PreemptionConfig": preemption,
        "MemoryOversubscriptionEnabled": call.nomad.oversubscription,
        "RejectJobRegistration": False,
        "PauseEvalBroker": False,
        "CreateIndex": 5,
        "ModifyIndex": 5,
    }
    answer = {
        "SchedulerConfig": config,
        "Index": 5,
        "LastContact": 0,
        "KnownLeader": call.nomad.leader,
        "NextToken": "",
    }
    return json_answer(call, answer, 5)


async def autopilot_health(call: Call) -> web.StreamResponse:
    """GET /v1/operator/autopilot/health: 429 when a server is unhealthy."""
    call.allow_management()
    health = server_health(call.server)
    response = json_answer(call, health)
    if not health["Healthy"]:
        response.set_status(429)
    return response


async def system_gc(call: Call) -> web.StreamResponse:
    """PUT /v1/system/gc: ended allocations lose what their clients kept."""
    call.allow_management()
    call.server.collected.update(alloc.id for alloc in call.nomad.allocs.values() if alloc.terminal)
    return web.Response(status=200)


async def reconcile_summaries(call: Call) -> web.StreamResponse:
    """PUT /v1/system/reconcile/summaries: summaries are always right here."""
    call.allow_management()
    return web.Response(status=200)
