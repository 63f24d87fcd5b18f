"""sys/: health with its status codes, seal status, leader, seal and unseal, capabilities, as OpenBao 2.4 has them.

Performance standbys and replication, with 473 and 472, are Vault Enterprise's.

Status codes: https://developer.hashicorp.com/vault/api-docs/system/health.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from harbortui.sim.vault.answers import document, envelope, errors, nothing

if TYPE_CHECKING:
    from harbortui.sim.vault.server import VaultServer

VERSION = "2.4.4"
CLUSTER = "vault-cluster-harbor"
CLUSTER_ID = "d9a2a0c4-6d05-4e39-8e0b-1c1f9b3f0a51"
THRESHOLD, SHARES = 3, 5


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "false").lower() in ("", "true", "1")


def _health_status(server: VaultServer, request: web.Request) -> int:
    state = server.state
    if not state.initialized:
        return int(request.query.get("uninitcode", 501))
    if state.sealed:
        return int(request.query.get("sealedcode", 503))
    if state.mode == "standby":
        return 200 if _flag(request, "standbyok") else int(request.query.get("standbycode", 429))
    if state.mode == "performance":
        return 200 if _flag(request, "perfstandbyok") else int(request.query.get("performancestandbycode", 473))
    if state.mode == "dr":
        return int(request.query.get("drsecondarycode", 472))
    return int(request.query.get("activecode", 200))


async def health(server: VaultServer, request: web.Request) -> web.Response:
    """``sys/health``, GET or HEAD; the status code is the message."""
    state = server.state
    body: dict[str, Any] = {
        "initialized": state.initialized,
        "sealed": state.sealed,
        "standby": state.mode != "active" or state.sealed,
        "performance_standby": state.mode == "performance",
        "replication_performance_mode": "unknown" if state.sealed else "disabled",
        "replication_dr_mode": "unknown" if state.sealed else "secondary" if state.mode == "dr" else "disabled",
        "server_time_utc": int(server.now),
        "version": VERSION,
    }
    if not state.sealed and state.initialized:
        body |= {"cluster_name": CLUSTER, "cluster_id": CLUSTER_ID}
    return document(body, _health_status(server, request))


async def seal_status(server: VaultServer, request: web.Request) -> web.Response:
    """``sys/seal-status``: never needs a token."""
    state = server.state
    body: dict[str, Any] = {
        "type": "shamir",
        "initialized": state.initialized,
        "sealed": state.sealed,
        "t": THRESHOLD if state.initialized else 0,
        "n": SHARES if state.initialized else 0,
        "progress": len(server.unseal_keys),
        "nonce": "",
        "version": VERSION,
        "build_date": "",
        "migration": False,
        "recovery_seal": False,
        "storage_type": "raft",
    }
    if not state.sealed:
        body |= {"cluster_name": CLUSTER, "cluster_id": CLUSTER_ID}
    return document(body)


async def leader(server: VaultServer, request: web.Request) -> web.Response:
    """``sys/leader``."""
    active = server.state.mode == "active"
    return document(
        {
            "ha_enabled": True,
            "is_self": active,
            "active_time": "2026-01-02T03:04:05Z" if active else "0001-01-01T00:00:00Z",
            "leader_address": "http://127.0.0.1:8200",
            "leader_cluster_address": "https://127.0.0.1:8201",
            "raft_committed_index": 180,
            "raft_applied_index": 180,
        }
    )


async def seal(server: VaultServer, request: web.Request) -> web.Response:
    """``PUT sys/seal``: needs root or sudo, which the console's token has not."""
    token = server.token(request)
    if token is None:
        return server.unknown()
    if "root" not in token.policies:
        return server.denied()
    server.state.sealed = True
    return nothing()


async def unseal(server: VaultServer, request: web.Request) -> web.Response:
    """``PUT sys/unseal`` with {"key"} or {"reset": true}; any three different keys unseal."""
    body = json.loads(await request.text() or "{}")
    if body.get("reset"):
        server.unseal_keys.clear()
    elif isinstance(body.get("key"), str) and body["key"]:
        server.unseal_keys.add(body["key"])
    else:
        return errors(400, "'key' must be specified in request body as JSON, or 'reset' set to true")
    if len(server.unseal_keys) >= THRESHOLD:
        server.unseal_keys.clear()
        server.state.sealed = False
    return await seal_status(server, request)


async def capabilities_self(server: VaultServer, request: web.Request) -> web.Response:
    """``POST sys/capabilities-self`` with {"paths": [...]}."""
    token = server.token(request)
    if token is None:
        return server.unknown()
    body = json.loads(await request.text() or "{}")
    paths = body.get("paths") or ([body["path"]] if body.get("path") else [])
    if not paths:
        return errors(400, "paths must be supplied")
    found = {path: list(token.capabilities(path)) for path in paths}
    data: dict[str, Any] = dict(found)
    if len(paths) == 1:
        data["capabilities"] = found[paths[0]]
    return envelope(data, also=data)
