"""One Harbor instance, asked through its public API; every method answers a value or a failure."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import (
    Account,
    Execution,
    GcRun,
    GcSchedule,
    Health,
    Policy,
    Quota,
    RegistryEndpoint,
    SystemInfo,
)
from harbortui.model.redact import Clean
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor import decode, wire
from harbortui.sources.harbor.client import HarborClient
from harbortui.sources.harbor.looks import HarborLooks
from harbortui.sources.harbor.policy import allow_list
from harbortui.sources.harbor.probe import CredentialProbe, Supply
from harbortui.sources.harbor.reader import HarborReader
from harbortui.sources.harbor.reasons import ping, why_hanging, why_refused
from harbortui.sources.headers import clock_skew
from harbortui.sources.http import HttpHost
from harbortui.sources.rows import Unreadable
from harbortui.sources.tls import TlsSettings

HEALTH_SECONDS = 15.0
"""Health is asked with more patience: with an exhausted database pool it hangs while the rest still answers."""
EXECUTIONS_PER_PAGE = 30
"""Each row costs Harbor one aggregate query."""


class HarborSource:
    """Asks one Harbor. Credentials go only with calls that need them, and only after they were proven."""

    def __init__(
        self,
        *,
        url: str,
        credentials: Supply,
        http: HttpHost,
        clean: Clean,
        now: Callable[[], float],
        request_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        health_seconds: float = HEALTH_SECONDS,
    ) -> None:
        self.url = url
        self._health_seconds = health_seconds
        self._clean = clean
        self._now = now
        self._client = HarborClient(http, clean=clean, now=now, request_id=request_id)
        self._probe = CredentialProbe(credentials, self._client.who, now, lambda: why_refused(self._client, clean))
        self._reader = HarborReader(self._client, self._probe, clean)
        self.looks = HarborLooks(self._reader, now)
        """What is read only while somebody looks at it."""

    @classmethod
    def open(
        cls,
        *,
        url: str,
        credentials: Supply,
        clean: Clean,
        now: Callable[[], float],
        tls: TlsSettings | None = None,
        proxy: str = "",
    ) -> HarborSource:
        """A source with a guarded host of its own.

        Raises:
            ValueError: ``url`` is not an http(s) URL with a host and without credentials.
        """
        http = HttpHost(url=url, allow=allow_list(url), clean=clean, now=now, tls=tls, proxy=proxy)
        return cls(url=url, credentials=credentials, http=http, clean=clean, now=now)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    # Anonymous

    async def health(self) -> Answer[Health]:
        """``GET /health``: 200 also when unhealthy. A hang is told apart from a dead core by ``/ping``."""
        reply = await self._client.get("/health", deadline=self._health_seconds)
        if isinstance(reply, Failure):
            return await why_hanging(self._client, reply) if reply.kind is FailureKind.TIMEOUT else reply
        try:
            value, lost = decode.health(reply.body, self._clean)
        except Unreadable as error:
            return self._client.unreadable(error)
        return Ok(value, lost_rows=lost, server_time=reply.server_time)

    async def ping(self) -> Answer[None]:
        """``GET /ping``: core answers without touching the database."""
        reply = await ping(self._client)
        return reply if isinstance(reply, Failure) else Ok(None, server_time=reply.server_time)

    async def system(self) -> Answer[SystemInfo]:
        """``GET /systeminfo``: with credentials when there are any, else only what anonymous callers see."""
        admitted = await self._probe.admit()
        if isinstance(admitted, Failure) and admitted.kind not in (FailureKind.NO_CREDENTIALS, FailureKind.SEALED):
            return admitted
        credentials = admitted if isinstance(admitted, Credentials) else None
        reply = await self._client.get("/systeminfo", credentials=credentials)
        if isinstance(reply, Failure):
            return reply
        try:
            value, told = decode.system(reply.body, self._clean)
        except Unreadable as error:
            return self._client.unreadable(error)
        if credentials is not None and value.read_only is None:
            # Revoked credentials bring no 401 here, only less data; 2.11 and 2.12 tell their version to everybody.
            words = "Harbor takes us for anonymous: the credentials no longer work"
            return await self._reader.refused(credentials, self._client.failure(FailureKind.AUTH, words))
        server_time = told if told is not None else reply.server_time
        value = msgspec.structs.replace(value, clock_skew=clock_skew(server_time, self._now()))
        return Ok(value, server_time=server_time)

    async def account(self) -> Answer[Account]:
        """Who Harbor takes us for; refused credentials are answered from memory for five minutes."""
        return await self._probe.account()

    # With credentials

    async def quotas(self) -> Answer[tuple[Quota, ...]]:
        """All quotas, most used first."""
        query = [("reference", "project"), ("sort", "-used.storage")]
        return await self._reader.list(
            "/quotas", wire.QuotaRow, decode.quota, lambda row: row.ref.name, "quota", query=query
        )

    async def registries(self) -> Answer[tuple[RegistryEndpoint, ...]]:
        """All replication endpoints and proxy upstreams."""
        return await self._reader.list("/registries", wire.RegistryRow, decode.registry, lambda row: row.id, "registry")

    async def policies(self) -> Answer[tuple[Policy, ...]]:
        """All replication policies."""
        return await self._reader.list(
            "/replication/policies", wire.PolicyRow, decode.policy, lambda row: row.id, "policy"
        )

    async def executions(self, limit: int = EXECUTIONS_PER_PAGE) -> Answer[tuple[Execution, ...]]:
        """The newest executions of all policies."""
        return await self._reader.list(
            "/replication/executions",
            wire.ExecutionRow,
            decode.execution,
            lambda row: row.id,
            "execution",
            query=[("sort", "-start_time")],
            size=min(max(1, limit), EXECUTIONS_PER_PAGE),
            limit=limit,
        )

    async def gc_runs(self) -> Answer[tuple[GcRun, ...]]:
        """The newest garbage collections."""
        answer = await self._reader.rows(
            "/system/gc",
            wire.GcRow,
            key=lambda row: row.id,
            name="garbage collection",
            size=20,
            limit=20,
            query=[("sort", "-creation_time")],
        )
        if isinstance(answer, Failure):
            return answer
        runs = [decode.gc_run(row, self._clean) for row in answer.value]
        wrong = tuple(words for _, words in runs if words)
        found = tuple(run for run, _ in runs)
        return Ok(found, lost_rows=answer.lost_rows + wrong, server_time=answer.server_time)

    async def gc_schedule(self) -> Answer[GcSchedule]:
        """When the garbage collection runs by itself."""
        reply = await self._reader.get("/system/gc/schedule")
        if isinstance(reply, Failure):
            return reply
        try:
            return Ok(decode.gc_schedule(reply.body, self._clean), server_time=reply.server_time)
        except Unreadable as error:
            return self._client.unreadable(error)
