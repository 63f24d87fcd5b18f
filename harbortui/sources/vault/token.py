"""The one owner of our Vault token: logs in, knows how long it lives, renews it at two thirds of that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.rows import Unreadable, read_object
from harbortui.sources.vault.client import VaultClient, VaultReply
from harbortui.sources.vault.failures import refuses_only_this, status_failure, told
from harbortui.sources.vault.login import AppRoleLogin, Login, TokenFileLogin, TokenLogin, UserpassLogin
from harbortui.sources.vault.wire import Auth, AuthAnswer, TokenAnswer, TokenData

REFUSED_SECONDS = 300.0
"""A refused login is not tried again before: Vault locks a user out after five of them."""
RENEW_AT = 2 / 3
_RETRY_SECONDS = 30.0
_IDLE_SECONDS = 60.0
_MIN_WAIT = 1.0
_SAME_END = 5.0
"""Seconds by which two looks at one life may differ: Vault tells whole seconds, and the answer travels."""
_TOKEN_CAP = 16_384
UNKNOWN_TOKEN = "Vault does not know our token any more: expired, revoked or used up"


@dataclass(frozen=True, slots=True)
class _Lease:
    token: Secret
    learned_at: float
    ttl: float | None
    """None for a token that never ends."""
    renewable: bool

    @property
    def renew_at(self) -> float | None:
        return None if self.ttl is None else self.learned_at + self.ttl * RENEW_AT

    @property
    def ends_at(self) -> float | None:
        return None if self.ttl is None else self.learned_at + self.ttl

    def ends_with(self, other: _Lease) -> bool:
        """True when both are the same life of the same token."""
        if (self.token, self.renewable) != (other.token, other.renewable):
            return False
        if self.ends_at is None or other.ends_at is None:
            return self.ends_at == other.ends_at
        return abs(self.ends_at - other.ends_at) < _SAME_END


class TokenOwner:
    """Holds the token; everyone else asks for it and hands it back to nobody."""

    def __init__(
        self,
        client: VaultClient,
        login: Login | None,
        *,
        clean: Clean,
        now: Callable[[], float],
        learn: Callable[[Secret], None],
    ) -> None:
        self._client = client
        self._login = login
        self._clean = clean
        self._now = now
        self._learn = learn
        self._lock = asyncio.Lock()
        self._lease: _Lease | None = None
        self._refused: Failure | None = None

    async def token(self) -> Secret | Failure:
        """The token of the moment; logs in when there is none, one login at a time."""
        match self._login:
            case None:
                return self._failure(FailureKind.NO_CREDENTIALS, "no way to log in to Vault is configured")
            case TokenLogin(token):
                self._learn(token)
                return token
            case TokenFileLogin(path):
                return self._from_file(path)
            case AppRoleLogin() | UserpassLogin():
                return await self._logged_in(self._login)

    async def describe(self) -> TokenData | Failure:
        """What Vault knows of our token, asked now; also tells the owner when to renew."""
        token = await self.token()
        if isinstance(token, Failure):
            return token
        asked_at = self._now()
        reply = await self._client.lookup(token)
        if isinstance(reply, Failure):
            return reply
        if reply.status != 200:
            return self._rejected(token, reply)
        try:
            data = read_object(reply.body, TokenAnswer).data
        except Unreadable as error:
            return self._failure(FailureKind.PROTOCOL, str(error))
        ttl = float(data.ttl) if data.ttl > 0 else None
        fresh = _Lease(token, asked_at, ttl, data.renewable)
        # A look is no renewal: two thirds are counted from when the life began, or each look would put it off.
        if self._lease is None or not self._lease.ends_with(fresh):
            self._lease = fresh
        return data

    async def is_dead(self, token: Secret) -> bool:
        """True when Vault no longer knows this token; it is forgotten then, and the next call logs in anew."""
        reply = await self._client.lookup(token)
        if isinstance(reply, Failure) or reply.status not in (401, 403) or refuses_only_this(reply):
            return False
        self._forget(token)
        return True

    @property
    def seconds_left(self) -> float | None:
        """How long our token still lives, as far as a login told; None when nothing did, or when it never ends."""
        ends_at = self._lease.ends_at if self._lease is not None else None
        return None if ends_at is None else max(0.0, ends_at - self._now())

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Renew for ever: at two thirds of the life, sooner again after a failure. Ends by cancellation only."""
        while True:
            await sleep(await self._renew_if_due())

    async def _renew_if_due(self) -> float:
        """Renew when it is time; the answer is how many seconds to wait before looking again."""
        if self._lease is None and self._login is not None:
            await self.describe()
        lease = self._lease
        if lease is None or lease.renew_at is None:
            return _IDLE_SECONDS
        left = lease.renew_at - self._now()
        if left > 0:
            return max(_MIN_WAIT, min(left, _IDLE_SECONDS))
        if await self._renew(lease):
            return _MIN_WAIT
        ends_at = lease.ends_at or self._now()
        if self._now() >= ends_at:
            self._forget(lease.token)
        return max(_MIN_WAIT, min(_RETRY_SECONDS, (ends_at - self._now()) / 3))

    async def _renew(self, lease: _Lease) -> bool:
        if not lease.renewable:
            return await self._replace(lease)
        asked_at = self._now()
        reply = await self._client.renew(lease.token)
        if isinstance(reply, Failure):
            return False
        auth = _auth(reply)
        if auth is None:
            return reply.status in (400, 401, 403) and await self._replace(lease)
        self._lease = _Lease(lease.token, asked_at, float(auth.lease_duration) or None, auth.renewable)
        # At its maximum life a renewal brings hardly any time: a new token is due.
        return auth.lease_duration > 2 * _MIN_WAIT or await self._replace(lease)

    async def _replace(self, lease: _Lease) -> bool:
        """A new token in place of one that cannot be renewed, where that needs no person."""
        if not isinstance(self._login, AppRoleLogin | UserpassLogin):
            return False
        self._forget(lease.token)
        return not isinstance(await self._logged_in(self._login), Failure)

    async def _logged_in(self, login: AppRoleLogin | UserpassLogin) -> Secret | Failure:
        async with self._lock:
            if self._lease is not None:
                return self._lease.token
            if self._refused is not None and abs(self._now() - self._refused.at) < REFUSED_SECONDS:
                return self._refused
            asked_at = self._now()
            reply = await self._client.login(login)
            if isinstance(reply, Failure):
                return reply
            auth = _auth(reply)
            if auth is None or not auth.client_token:
                return self._login_refused(reply)
            token = Secret(auth.client_token)
            self._learn(token)
            self._refused = None
            self._lease = _Lease(token, asked_at, float(auth.lease_duration) or None, auth.renewable)
            return token

    def _login_refused(self, reply: VaultReply) -> Failure:
        if reply.status == 200:
            return self._failure(FailureKind.PROTOCOL, "Vault's answer to the login holds no token")
        failure = status_failure(reply, clean=self._clean, at=self._now())
        if reply.status in (400, 401, 403):
            words = f"Vault refuses the login: {told(reply) or failure.detail}"
            if reply.status == 403:
                # openbao vault/request_handling.go: five failures lock a name for a quarter of an hour.
                words += " (no such login, or locked after wrong ones)"
            words = self._clean(words)
            failure = Failure(kind=FailureKind.AUTH, detail=words, at=failure.at, status=reply.status)
            self._refused = failure
        return failure

    def _rejected(self, token: Secret, reply: VaultReply) -> Failure:
        if refuses_only_this(reply):
            return self._failure(FailureKind.FORBIDDEN, "our token may not look itself up")
        if reply.status in (401, 403):
            self._forget(token)
            return self._failure(FailureKind.AUTH, UNKNOWN_TOKEN)
        return status_failure(reply, clean=self._clean, at=self._now())

    def _forget(self, token: Secret) -> None:
        if self._lease is not None and self._lease.token == token:
            self._lease = None

    def _from_file(self, path: Path) -> Secret | Failure:
        try:
            with path.open("rb") as file:
                text = file.read(_TOKEN_CAP).decode().strip()
        except FileNotFoundError:
            return self._failure(FailureKind.NO_CREDENTIALS, f"no token in {path}: log in with `vault login`")
        except (OSError, UnicodeError):
            return self._failure(FailureKind.LOCAL, f"cannot read the token in {path}")
        if not text or not text.isprintable() or not text.isascii():
            return self._failure(FailureKind.NO_CREDENTIALS, f"no token in {path}: log in with `vault login`")
        token = Secret(text)
        self._learn(token)
        return token

    def _failure(self, kind: FailureKind, words: str) -> Failure:
        return Failure(kind=kind, detail=self._clean(words), at=self._now())


def _auth(reply: VaultReply) -> Auth | None:
    if reply.status != 200:
        return None
    try:
        return read_object(reply.body, AuthAnswer).auth
    except Unreadable:
        return None
