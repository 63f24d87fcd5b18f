"""Every request the console may send to Vault; secret paths are those the configuration names, none else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.origin import Origin
from harbortui.sources.vault.login import AppRoleLogin, Login, UserpassLogin

API = "/v1"
_SEGMENT = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._@+-]+"
_KV_PATH = re.compile(rf"{_SEGMENT}(/{_SEGMENT})+")
_NEVER = frozenset({"sys", "auth", "identity", "cubbyhole"})


def allow_list(url: str, *, login: Login | None, paths: Collection[str], inspected: Collection[str] = ()) -> AllowList:
    """The declared requests: health, our own token, one way to log in, and the configured secrets.

    ``inspected`` are the paths of which may be asked what our token may do there; by default none, and nothing is ever
    read or changed by it.

    A read is not harmless in itself: reading ``database/creds/x`` makes a new database user with a lease. So no path
    is allowed that the configuration does not name.

    Raises:
        ValueError: a path is not that of a secret in a key-value store.
    """
    root = re.escape(Origin.of(url).prefix + API)
    rules = [
        Rule("health", "GET", f"{root}/sys/health"),
        Rule("own token", "GET", f"{root}/auth/token/lookup-self"),
        Rule("renewal", "POST", f"{root}/auth/token/renew-self", body=lambda body: _keys(body) == set()),
    ]
    if isinstance(login, AppRoleLogin):
        path = f"{root}/auth/{re.escape(login.mount)}/login"
        rules.append(Rule("login", "POST", path, body=lambda body: _keys(body) == {"role_id", "secret_id"}))
    if isinstance(login, UserpassLogin):
        path = f"{root}/auth/{re.escape(login.mount)}/login/{re.escape(login.username)}"
        rules.append(Rule("login", "POST", path, body=lambda body: _keys(body) == {"password"}))
    if inspected:
        own = f"{root}/sys/capabilities-self"
        rules.append(Rule("own capabilities", "POST", own, body=lambda body: _asks_about(body, frozenset(inspected))))
    rules += [Rule("secret", "GET", f"{root}/{re.escape(_checked(path))}") for path in paths]
    return AllowList(rules)


def _checked(path: str) -> str:
    segments = path.split("/")
    if _KV_PATH.fullmatch(path) is None or segments[0] in _NEVER or "creds" in segments[1:2]:
        raise ValueError(f"{path!r} is not the path of a secret in a key-value store")
    return path


def _keys(body: bytes) -> set[str] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return set(value) if isinstance(value, dict) else None


def _asks_about(body: bytes, inspected: frozenset[str]) -> bool:
    try:
        value = json.loads(body)
    except ValueError:
        return False
    paths = value.get("paths") if isinstance(value, dict) and len(value) == 1 else None
    return isinstance(paths, list) and all(isinstance(path, str) and path in inspected for path in paths)
