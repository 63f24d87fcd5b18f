"""The forms of Vault's answers, as OpenBao 2.4 gives them (HashiCorp's Vault adds fields such as ``mount_type``)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from harbortui.sim.vault.tokens import Token
from harbortui.sim.world.timefmt import iso_seconds

DENIED = "1 error occurred:\n\t* permission denied\n\n"
"""A policy's no."""
UNKNOWN_TOKEN = "permission denied"
"""The no to a token that is missing, unknown, expired or revoked."""


def document(body: object, status: int = 200) -> web.Response:
    """A JSON answer as Vault sends it: never cached, with a newline at the end."""
    return web.Response(
        status=status,
        body=json.dumps(body).encode() + b"\n",
        # Exactly this, without a charset: hvac reads error bodies only then.
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )


def nothing() -> web.Response:
    """204, with a content type all the same."""
    return web.Response(status=204, headers={"Content-Type": "application/json", "Cache-Control": "no-store"})


def errors(status: int, *texts: str) -> web.Response:
    """The one error form; a path that does not exist has no text at all."""
    return document({"errors": list(texts)}, status)


def envelope(
    data: object = None,
    auth: object = None,
    warnings: Sequence[str] | None = None,
    also: Mapping[str, object] | None = None,
) -> web.Response:
    """A successful answer; ``also`` stands beside the usual keys, as some of ``sys/`` has its data twice."""
    return document(
        {
            **(also or {}),
            "request_id": str(uuid.uuid4()),
            "lease_id": "",
            "renewable": False,
            "lease_duration": 0,
            "data": data,
            "wrap_info": None,
            "warnings": list(warnings) if warnings else None,
            "auth": auth,
        }
    )


def lookup(token: Token, now: float) -> dict[str, Any]:
    """``auth/token/lookup-self``; ``id`` is the token itself, as in the real answer."""
    ttl = int(token.expires - now) if token.ttl else 0
    if token.policies == ("root",):
        life: dict[str, Any] = {}
    else:
        life = {"issue_time": iso_seconds(int(token.created)), "renewable": token.renewable}
    return {
        "accessor": token.accessor,
        "creation_time": int(token.created),
        "creation_ttl": token.ttl,
        "display_name": token.display_name,
        "entity_id": "",
        "expire_time": iso_seconds(int(token.expires)) if token.ttl else None,
        "explicit_max_ttl": 0,
        "id": token.id,
        **life,
        "meta": token.meta,
        "num_uses": 0,
        "orphan": True,
        "path": token.path,
        "policies": sorted(token.policies),
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
        "metadata": token.meta,
        "lease_duration": lease,
        "renewable": token.renewable,
        "entity_id": "",
        "token_type": "service",
        "orphan": True,
        "mfa_requirement": None,
        "num_uses": 0,
    }
