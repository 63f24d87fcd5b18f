"""auth/: the token's own endpoints, AppRole and userpass logins.

Shapes: https://developer.hashicorp.com/vault/api-docs/auth/token, auth/approle, auth/userpass.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web

from harbortui.sim.vault.answers import auth, envelope, errors, lookup, nothing

if TYPE_CHECKING:
    from harbortui.sim.vault.server import VaultServer

_DURATION = re.compile(r"(\d+)(s|m|h|d)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, None: 1}


def seconds(text: object) -> int:
    """``"1h"``, ``"3600"`` or 3600 as seconds; ValueError otherwise."""
    match = _DURATION.fullmatch(str(text or "0"))
    if match is None:
        field = 'Field validation failed: error converting input for field "increment"'
        raise ValueError(f'{field}: time: invalid duration "{text}"')
    return int(match[1]) * _UNITS[match[2]]


def _words(amount: int) -> str:
    """Seconds as Go prints a duration in warnings: ``48h``, ``1h30m``, ``7s``."""
    parts = ((amount // 3600, "h"), (amount % 3600 // 60, "m"), (amount % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


async def _body(request: web.Request) -> dict[str, Any]:
    value = json.loads(await request.text() or "{}")
    return value if isinstance(value, dict) else {}


async def lookup_self(server: VaultServer, request: web.Request) -> web.Response:
    """``GET auth/token/lookup-self``."""
    token = server.token(request)
    if token is None:
        return server.unknown()
    if not token.allows("read", "auth/token/lookup-self"):
        return server.denied()
    return envelope(lookup(token, server.now))


async def renew_self(server: VaultServer, request: web.Request) -> web.Response:
    """``POST auth/token/renew-self`` {"increment": "1h"}; more than the bound is capped with a warning."""
    token = server.token(request)
    if token is None:
        return server.unknown()
    if not token.allows("update", "auth/token/renew-self"):
        return server.denied()
    if not token.renewable:
        return errors(400, "lease is not renewable")
    wanted = seconds((await _body(request)).get("increment"))
    given = token.renew(server.now, wanted)
    warnings = []
    if wanted and given < wanted:
        told = f'TTL of "{_words(wanted)}" exceeded the effective max_ttl of "{_words(given)}"'
        warnings = [f"{told}; TTL value is capped accordingly"]
    return envelope(auth=auth(token, given), warnings=warnings)


async def revoke_self(server: VaultServer, request: web.Request) -> web.Response:
    """``POST auth/token/revoke-self``."""
    token = server.token(request)
    if token is None:
        return server.unknown()
    token.revoked = True
    return nothing()


async def approle_login(server: VaultServer, request: web.Request) -> web.Response:
    """``POST auth/approle/login`` {"role_id", "secret_id"}."""
    body = await _body(request)
    if not body.get("role_id"):
        return errors(500, "missing role_id")
    token = server.tokens.approle(str(body["role_id"]), str(body.get("secret_id", "")), server.now)
    return errors(400, "invalid role or secret ID") if token is None else envelope(auth=auth(token, token.ttl))


async def userpass_login(server: VaultServer, request: web.Request) -> web.Response:
    """``POST auth/userpass/login/:user`` {"password"}."""
    user = request.match_info["user"]
    token = server.tokens.userpass(user, str((await _body(request)).get("password", "")), server.now)
    return errors(400, "invalid username or password") if token is None else envelope(auth=auth(token, token.ttl))
