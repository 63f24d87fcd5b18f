"""Vault as the console knows it: its state, and the secrets the configuration refers to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.model.vault import VaultState
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.rows import Unreadable, read_object
from harbortui.sources.tls import TlsSettings
from harbortui.sources.vault.client import TOTAL_SECONDS, VaultClient, VaultReply
from harbortui.sources.vault.failures import status_failure
from harbortui.sources.vault.login import Login, can_login_again
from harbortui.sources.vault.policy import allow_list
from harbortui.sources.vault.token import UNKNOWN_TOKEN, TokenOwner
from harbortui.sources.vault.wire import HealthAnswer, SecretAnswer, VersionedData

_STANDBY_STATUS = frozenset({429, 472, 473, 474})
"""Standby, disaster-recovery secondary, performance standby, and since Vault 1.19 a standby whose last heartbeats to
the active node failed, which may serve all the same (hashicorp/vault issue 29893)."""
_HEALTH_STATUS = _STANDBY_STATUS | {200, 501, 503, 530}
"""With active, not initialised, sealed, and since Vault 1.19 removed from the cluster."""


class VaultSource:
    """Asks one Vault; its token never leaves this source."""

    def __init__(
        self,
        *,
        url: str,
        login: Login | None,
        paths: Collection[str],
        clean: Clean,
        now: Callable[[], float],
        learn: Callable[[Secret], None],
        tls: TlsSettings | None = None,
        proxy: str = "",
        namespace: str = "",
        total: float = TOTAL_SECONDS,
        inspected: Collection[str] = (),
    ) -> None:
        """``paths`` are the only secrets that can be read, ``inspected`` the only paths of which
        :meth:`capabilities` may be asked; ``learn`` is told every secret, so that it can be redacted;
        ``total`` is the seconds one call may take.

        Raises:
            ValueError: ``url`` or a path is not usable.
        """
        self._clean = clean
        self._now = now
        self._learn = learn
        self._login = login
        self._client = VaultClient(
            url=url,
            allow=allow_list(url, login=login, paths=paths, inspected=inspected),
            clean=clean,
            now=now,
            tls=tls,
            proxy=proxy,
            namespace=namespace,
            total=total,
        )
        self._owner = TokenOwner(self._client, login, clean=clean, now=now, learn=learn)

    async def state(self) -> Answer[VaultState]:
        """Health, joined with what Vault says of our token."""
        reply = await self._client.health()
        if isinstance(reply, Failure):
            return reply
        if reply.status not in _HEALTH_STATUS or reply.is_html:
            return status_failure(reply, clean=self._clean, at=self._now())
        try:
            health = read_object(reply.body, HealthAnswer, unique=True)
        except Unreadable as error:
            if reply.status >= 429:
                return status_failure(reply, clean=self._clean, at=self._now())
            return self._failure(FailureKind.PROTOCOL, str(error))
        state = VaultState(
            initialized=health.initialized,
            sealed=health.sealed,
            standby=health.standby or health.performance_standby or reply.status in _STANDBY_STATUS,
            removed=bool(health.removed_from_cluster),
            version=self._clean(health.version),
        )
        usable = health.initialized and not health.sealed and not state.removed and self._login is not None
        return Ok(await self._with_token(state) if usable else state)

    async def read(self, path: str) -> Answer[dict[str, Secret]]:
        """The newest version of a secret: ``kv/data/harbor`` in a version 2 store, ``kv/harbor`` in a version 1 store.

        Values that are not text are lost rows. A token that died is replaced once, where that needs no person.
        """
        answer = await self._read(path)
        if isinstance(answer, Failure) and answer.kind is FailureKind.AUTH and can_login_again(self._login):
            answer = await self._read(path)
        return answer

    async def capabilities(self, paths: Collection[str]) -> Answer[dict[str, tuple[str, ...]]]:
        """What our token may do at each path, in Vault's words (``read``, ``root``, ``deny`` ...)."""
        token = await self._owner.token()
        if isinstance(token, Failure):
            return token
        reply = await self._client.capabilities(token, sorted(paths))
        if isinstance(reply, Failure):
            return reply
        if reply.status != 200:
            return status_failure(reply, clean=self._clean, at=self._now())
        try:
            data = read_object(bytes(read_object(reply.body, SecretAnswer).data), dict[str, list[str]])
        except Unreadable as error:
            return self._failure(FailureKind.PROTOCOL, str(error))
        return Ok({path: tuple(map(self._clean, data.get(path, ()))) for path in sorted(paths)})

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Keep the token alive; ends by cancellation only."""
        await self._owner.run(sleep)

    async def aclose(self) -> None:
        """Cut the connections."""
        await self._client.aclose()

    async def _with_token(self, state: VaultState) -> VaultState:
        data = await self._owner.describe()
        if isinstance(data, Failure):
            return self._without_lookup(state, data)
        policies = (*(data.policies or ()), *(data.identity_policies or ()))
        return msgspec.structs.replace(
            state,
            token_ttl=float(data.ttl) if data.ttl > 0 else None,
            token_renewable=data.renewable,
            token_uses=max(0, data.num_uses) if data.num_uses else None,
            token_policies=tuple(map(self._clean, policies)),
        )

    def _without_lookup(self, state: VaultState, failure: Failure) -> VaultState:
        """A token that could not be looked up may be good all the same: only a refusal says that it is not."""
        if failure.kind is FailureKind.FORBIDDEN:
            left = self._owner.seconds_left
            return msgspec.structs.replace(state, token_blind=True, token_ttl=left, token_renewable=left is not None)
        if failure.kind in (FailureKind.AUTH, FailureKind.NO_CREDENTIALS, FailureKind.LOCAL):
            return msgspec.structs.replace(state, token_failure=failure.detail)
        return msgspec.structs.replace(state, token_unknown=failure.detail)

    async def _read(self, path: str) -> Answer[dict[str, Secret]]:
        token = await self._owner.token()
        if isinstance(token, Failure):
            return token
        reply = await self._client.read(token, path)
        if isinstance(reply, Failure):
            return reply
        if reply.status == 200:
            return self._decode(reply)
        if reply.status in (401, 403) and await self._owner.is_dead(token):
            return self._failure(FailureKind.AUTH, UNKNOWN_TOKEN)
        failure = status_failure(reply, clean=self._clean, at=self._now())
        if failure.kind is FailureKind.FORBIDDEN:
            return msgspec.structs.replace(failure, needs=self._clean(f"read on {path}"))
        return failure

    def _decode(self, reply: VaultReply) -> Answer[dict[str, Secret]]:
        try:
            fields = _fields(reply.body)
        except Unreadable as error:
            return self._failure(FailureKind.PROTOCOL, str(error))
        if fields is None:
            return self._failure(FailureKind.NOT_FOUND, "the newest version of the secret was deleted")
        secrets: dict[str, Secret] = {}
        lost: list[str] = []
        for name, raw in fields.items():
            try:
                secrets[name] = Secret(read_object(bytes(raw), str))
            except Unreadable:
                lost.append(self._clean(f"{name} is not text"))
        for secret in secrets.values():
            self._learn(secret)
        return Ok(secrets, lost_rows=tuple(lost))

    def _failure(self, kind: FailureKind, words: str) -> Failure:
        return Failure(kind=kind, detail=self._clean(words), at=self._now())


def _fields(body: bytes) -> dict[str, msgspec.Raw] | None:
    """The key-value pairs of either store version; None for a deleted version."""
    data = bytes(read_object(body, SecretAnswer).data)
    try:
        return read_object(data, VersionedData).data
    except Unreadable:
        return read_object(data, dict[str, msgspec.Raw])
