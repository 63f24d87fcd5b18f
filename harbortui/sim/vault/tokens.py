"""Tokens of the simulated Vault: who may do what, how long they live, and the logins that make them.

Shapes and texts follow the HTTP API (auth/token, auth/approle, auth/userpass) of Vault 1.x and OpenBao 2.x.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harbortui.sim.world.options import VAULT_PATH

if TYPE_CHECKING:
    from harbortui.sim.world import World

DAY = 86_400
CONSOLE_TTL = 30 * DAY
LOGIN_TTL = 3_600
LOGIN_MAX_TTL = 4 * 3_600
ROLE_ID = "5fb2e1d0-7c1f-4b6e-9d0c-harbortui-ops"
USER = "oncall"

READ_POLICY = "harbor-read"
DEFAULT_RULES: dict[str, tuple[str, ...]] = {
    "auth/token/lookup-self": ("read",),
    "auth/token/renew-self": ("update",),
    "auth/token/revoke-self": ("update",),
    "sys/capabilities-self": ("update",),
}
POLICIES: dict[str, dict[str, tuple[str, ...]]] = {
    "default": DEFAULT_RULES,
    READ_POLICY: {VAULT_PATH: ("read",), VAULT_PATH.replace("/data/", "/metadata/"): ("read",)},
    "root": {},
}


@dataclass(slots=True)
class Token:
    """One token; `ttl` is what a renewal gives back, `max_ttl` the most it lives from creation (0: no bound)."""

    id: str
    accessor: str
    path: str
    display_name: str
    policies: tuple[str, ...]
    created: float
    ttl: int
    max_ttl: int = 0
    renewable: bool = True
    expires: float = field(default=0.0)
    revoked: bool = False
    meta: dict[str, str] | None = None
    """What the login says of itself: the role's or the user's name."""

    def __post_init__(self) -> None:
        self.expires = self.expires or self.created + self.ttl

    def alive(self, now: float) -> bool:
        """False once revoked or run out."""
        return not self.revoked and (self.ttl == 0 or now < self.expires)

    def capabilities(self, path: str) -> tuple[str, ...]:
        """What the token may do at a path, in Vault's words."""
        if "root" in self.policies:
            return ("root",)
        found = {word for name in self.policies for word in POLICIES.get(name, {}).get(path, ())}
        return tuple(sorted(found)) or ("deny",)

    def allows(self, capability: str, path: str) -> bool:
        """True when the token may do that there."""
        return bool({capability, "root"} & set(self.capabilities(path)))

    def renew(self, now: float, increment: int) -> int:
        """Give it `increment` (or its own TTL) from now, within its bound; returns the seconds it now lives."""
        wanted = now + min(increment or self.ttl, 32 * DAY)
        if self.max_ttl:
            wanted = min(wanted, self.created + self.max_ttl)
        self.expires = max(wanted, now)
        return int(self.expires - now)


class TokenStore:
    """All tokens, and the two ways to log in."""

    def __init__(self, world: World) -> None:
        self._world = world
        start = world.options.start
        secrets = world.secrets
        self.secret_id = secrets.robot_secret
        self.password = secrets.console_password
        self._tokens: dict[str, Token] = world.vault.tokens
        self._add(
            Token(
                secrets.vault_token,
                world.vault.token_accessor,
                "auth/token/create",
                "token-harbortui",
                ("default", READ_POLICY),
                start,
                CONSOLE_TTL,
            )
        )

    def find(self, secret: str, now: float) -> Token | None:
        """The living token of that value."""
        token = self._tokens.get(secret)
        return token if token is not None and token.alive(now) else None

    def approle(self, role_id: str, secret_id: str, now: float) -> Token | None:
        """A token for a right pair; None otherwise."""
        if (role_id, secret_id) != (ROLE_ID, self.secret_id):
            return None
        return self._login("auth/approle/login", "approle", now, {"role_name": "harbortui"})

    def userpass(self, user: str, password: str, now: float) -> Token | None:
        """A token for the right password; None otherwise."""
        if (user, password) != (USER, self.password):
            return None
        return self._login(f"auth/userpass/login/{user}", f"userpass-{user}", now, {"username": user})

    def _login(self, path: str, display: str, now: float, meta: dict[str, str]) -> Token:
        count = len(self._tokens)
        digest = hashlib.sha256(f"{self._world.options.seed}:{path}:{count}".encode()).hexdigest()
        identity = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        policies = ("default", READ_POLICY)
        secret = f"hvs.PLANTED{digest[:29]}"
        return self._add(Token(secret, identity, path, display, policies, now, LOGIN_TTL, LOGIN_MAX_TTL, meta=meta))

    def _add(self, token: Token) -> Token:
        self._tokens[token.id] = token
        return token
