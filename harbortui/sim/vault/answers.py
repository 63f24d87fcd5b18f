"""The forms of Vault's answers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from harbortui.sim.vault.tokens import Token
from harbortui.sim.world.timefmt import iso_seconds

DENIED = "1 error occurred:\n\t* permission denied\n\n"


def document(body: object, status: int = 200) -> web.Response:
    """A JSON answer as Vault sends it: never cached, with a newline at the end."""
    return web.Response(
        status=status,
        body=json.dumps(body).encode() + b"\n",
        # Exactly this, without a charset: hvac reads error bodies only then.
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )


def errors(status: int, *texts: str) -> web.Response:
    """The one error form; a path that does not exist has no text at all."""
    return document({"errors": list(texts)}, status)


def envelope(data: object = None, auth: object = None, warnings: Sequence[str] | None = None) -> web.Response:
    """A successful answer."""
    return document(
        {
            "request_id": str(uuid.uuid4()),
            "lease_id": "",
            "renewable": False,
            "lease_duration": 0,
            "data": data,
            "wrap_info": None,
            "warnings": list(warnings) if warnings else None,
            "auth": auth,
            "mount_type": "",
        }
    )


def lookup(token: Token, now: float) -> dict[str, Any]:
    """``auth/token/lookup-self``; ``id`` is the token itself, as in the real answer."""
    ttl = int(token.expires - now) if token.ttl else 0
    return {
        "accessor": token.accessor,
        "creation_time": int(token.created),
        "creation_ttl": token.ttl,
        "display_name": token.display_name,
        "entity_id": "",
        "expire_time": iso_seconds(int(token.expires)) if token.ttl else None,
        "explicit_max_ttl": 0,
        "id": token.id,
        "issue_time": iso_seconds(int(token.created)),
        "meta": None,
        "num_uses": 0,
        "orphan": True,
        "path": token.path,
        "policies": sorted(token.policies),
        "renewable": token.renewable,
        "ttl": ttl,
        "type": "service",
    }


def auth(token: Token, lease: int) -> dict[str, Any]:
    """The ``auth`` block of a login or a renewal."""
    return {
        "client_token": token.id,
        "accessor": token.accessor,
        "policies": sorted(token.policies),
        "token_policies": sorted(token.policies),
        "metadata": {},
        "lease_duration": lease,
        "renewable": token.renewable,
        "entity_id": "",
        "token_type": "service",
        "orphan": True,
        "mfa_requirement": None,
        "num_uses": 0,
    }
