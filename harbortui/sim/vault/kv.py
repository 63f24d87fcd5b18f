"""kv/: the key-value store, version 2. A deleted version answers 404 with a body, as the real one does.

Shapes: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from harbortui.sim.vault.answers import document, envelope, errors
from harbortui.sim.world.timefmt import iso_seconds

if TYPE_CHECKING:
    from harbortui.sim.vault.server import VaultServer

V1_WARNING = (
    "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. "
    "If using the OpenBao CLI, use 'bao kv get' for this operation."
)


def _version(server: VaultServer, path: str) -> dict[str, Any]:
    number, created = server.state.metadata(path)
    deleted = server.state.deleted.get(path)
    return {
        "created_time": iso_seconds(int(created)),
        "custom_metadata": None,
        "deletion_time": iso_seconds(int(deleted)) if deleted is not None else "",
        "destroyed": path in server.state.destroyed,
        "version": number,
    }


async def read(server: VaultServer, request: web.Request) -> web.Response:
    """``GET kv/data/:path?version=N``."""
    path = f"kv/data/{request.match_info['path']}"
    token = server.token(request)
    if token is None:
        return server.unknown()
    if not token.allows("read", path):
        return server.denied()
    if path not in server.state.data:
        return errors(404)
    current = server.state.metadata(path)[0]
    asked = int(request.query.get("version") or 0)
    metadata = _version(server, path)
    if asked not in (0, current):
        return errors(404)
    if metadata["deletion_time"]:
        return document({**_bare(), "data": {"data": None, "metadata": metadata}}, 404)
    return envelope({"data": dict(server.state.data[path]), "metadata": metadata})


async def metadata(server: VaultServer, request: web.Request) -> web.Response:
    """``GET kv/metadata/:path``, with ``?list=true`` for folders (the web server here cannot read the method LIST)."""
    folder = request.match_info["path"].strip("/")
    path = f"kv/metadata/{folder}" if folder else "kv/metadata"
    wanted = "list" if request.query.get("list") == "true" else "read"
    token = server.token(request)
    if token is None:
        return server.unknown()
    if not token.allows(wanted, path):
        return server.denied()
    if wanted == "list":
        return _listing(server, folder)
    data = f"kv/data/{folder}"
    if data not in server.state.data:
        return errors(404)
    version = _version(server, data)
    number = version["version"]
    return envelope(
        {
            "cas_required": False,
            "created_time": version["created_time"],
            "current_metadata_version": 0,
            "current_version": number,
            "custom_metadata": None,
            "delete_version_after": "0s",
            "max_versions": 0,
            "metadata_cas_required": False,
            "oldest_version": max(0, number - 9),
            "updated_time": version["created_time"],
            "versions": {
                str(number): {key: version[key] for key in ("created_time", "deletion_time", "destroyed")},
            },
        }
    )


async def old_form(server: VaultServer, request: web.Request) -> web.Response:
    """``GET kv/:path`` as if it were version 1: 404 with the famous warning."""
    token = server.token(request)
    if token is None:
        return server.unknown()
    if not token.allows("read", f"kv/{request.match_info['path']}"):
        return server.denied()
    return document({**_bare(), "data": None, "warnings": [V1_WARNING]}, 404)


def _listing(server: VaultServer, folder: str) -> web.Response:
    prefix = f"kv/data/{folder}/" if folder else "kv/data/"
    below = sorted({_child(path.removeprefix(prefix)) for path in server.state.data if path.startswith(prefix)})
    return envelope({"keys": below}) if below else errors(404)


def _child(rest: str) -> str:
    head, slash, _ = rest.partition("/")
    return head + slash


def _bare() -> dict[str, Any]:
    return {
        "request_id": "00000000-0000-4000-8000-000000000000",
        "lease_id": "",
        "renewable": False,
        "lease_duration": 0,
        "wrap_info": None,
        "warnings": None,
        "auth": None,
    }
