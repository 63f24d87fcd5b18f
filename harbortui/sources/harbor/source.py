"""One Harbor instance, asked through its public API; every method answers a value or a failure."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import (
    Account,
    Execution,
    ExecutionTask,
    GcRun,
    GcSchedule,
    Health,
    Policy,
    Quota,
    RegistryEndpoint,
    SystemInfo,
)
from harbortui.model.record import Record
from harbortui.model.redact import Clean
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor import decode, wire
from harbortui.sources.harbor.client import HarborClient
from harbortui.sources.harbor.paging import read_pages
from harbortui.sources.harbor.policy import MAX_PAGE_SIZE, allow_list
from harbortui.sources.harbor.probe import CredentialProbe, Supply
from harbortui.sources.harbor.projects import ProjectReader
from harbortui.sources.harbor.reasons import ping, why_hanging, why_refused
from harbortui.sources.headers import clock_skew
from harbortui.sources.http import JSON_CAP, JSON_TYPES, TEXT_CAP, TEXT_TYPES, TOTAL_SECONDS, HttpHost, Query, Reply
from harbortui.sources.rows import Unreadable
from harbortui.sources.tls import TlsSettings

HEALTH_SECONDS = 15.0
"""Health is asked with more patience: with an exhausted database pool it hangs while the rest still answers."""
EXECUTIONS_PER_PAGE = 30
"""Each row costs Harbor one aggregate query."""

W = TypeVar("W")
R = TypeVar("R", bound=Record)


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
        self.projects = ProjectReader(self._authorised, clean=clean, now=now)
        """The sums of single projects, for a person who asks."""
        self._probe = CredentialProbe(credentials, self._client.who, now, lambda: why_refused(self._client, clean))

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
            return await self._refused(credentials, self._client.failure(FailureKind.AUTH, words))
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
        return await self._list("/quotas", wire.QuotaRow, decode.quota, lambda row: row.ref.name, "quota", query=query)

    async def registries(self) -> Answer[tuple[RegistryEndpoint, ...]]:
        """All replication endpoints and proxy upstreams."""
        return await self._list("/registries", wire.RegistryRow, decode.registry, lambda row: row.id, "registry")

    async def policies(self) -> Answer[tuple[Policy, ...]]:
        """All replication policies."""
        return await self._list("/replication/policies", wire.PolicyRow, decode.policy, lambda row: row.id, "policy")

    async def executions(self, limit: int = EXECUTIONS_PER_PAGE) -> Answer[tuple[Execution, ...]]:
        """The newest executions of all policies."""
        return await self._list(
            "/replication/executions",
            wire.ExecutionRow,
            decode.execution,
            lambda row: row.id,
            "execution",
            query=[("sort", "-start_time")],
            size=min(max(1, limit), EXECUTIONS_PER_PAGE),
            limit=limit,
        )

    async def tasks(self, execution_id: int) -> Answer[tuple[ExecutionTask, ...]]:
        """The tasks of one execution, oldest first; Harbor has no order of its own."""
        path = f"/replication/executions/{execution_id}/tasks"
        return await self._list(path, wire.TaskRow, decode.task, lambda row: row.id, "task", query=[("sort", "id")])

    async def task_log(self, execution_id: int, task_id: int) -> Answer[tuple[str, ...]]:
        """The lines of one task's log; gone after a day, and 404 while the job is pending."""
        path = f"/replication/executions/{execution_id}/tasks/{task_id}/log"
        reply = await self._authorised(path, expect=TEXT_TYPES, cap=TEXT_CAP)
        if isinstance(reply, Failure):
            return reply
        return Ok(decode.log_lines(reply.body, self._clean), server_time=reply.server_time)

    async def gc_runs(self) -> Answer[tuple[GcRun, ...]]:
        """The newest garbage collections."""
        try:
            answer = await read_pages(
                lambda query, left: self._authorised("/system/gc", query=query, deadline=min(left, TOTAL_SECONDS)),
                wire.GcRow,
                key=lambda row: row.id,
                size=20,
                limit=20,
                name="garbage collection",
                query=[("sort", "-creation_time")],
            )
        except Unreadable as error:
            return self._client.unreadable(error)
        if isinstance(answer, Failure):
            return answer
        runs = [decode.gc_run(row, self._clean) for row in answer.value]
        wrong = tuple(words for _, words in runs if words)
        lost = tuple(map(self._clean, answer.lost_rows))
        return Ok(tuple(run for run, _ in runs), lost_rows=lost + wrong, server_time=answer.server_time)

    async def gc_schedule(self) -> Answer[GcSchedule]:
        """When the garbage collection runs by itself."""
        reply = await self._authorised("/system/gc/schedule")
        if isinstance(reply, Failure):
            return reply
        try:
            return Ok(decode.gc_schedule(reply.body, self._clean), server_time=reply.server_time)
        except Unreadable as error:
            return self._client.unreadable(error)

    # How it is asked

    async def _authorised(
        self,
        path: str,
        *,
        query: Query = (),
        expect: tuple[str, ...] = JSON_TYPES,
        cap: int = JSON_CAP,
        deadline: float = TOTAL_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> Reply | Failure:
        admitted = await self._probe.admit()
        if isinstance(admitted, Failure):
            return admitted
        reply = await self._client.get(
            path, query=query, expect=expect, cap=cap, deadline=deadline, credentials=admitted, headers=headers
        )
        if isinstance(reply, Failure) and reply.kind is FailureKind.AUTH:
            return await self._refused(admitted, reply)
        return reply

    async def _refused(self, credentials: Credentials, failure: Failure) -> Failure:
        """Proven credentials brought a 401, or less than they should: prove them anew, which may tell why."""
        self._probe.doubt(credentials)
        proven = await self._probe.admit()
        return proven if isinstance(proven, Failure) else failure

    async def _list(
        self,
        path: str,
        kind: type[W],
        to_model: Callable[[W, Clean], R],
        key: Callable[[W], object],
        name: str,
        *,
        query: Query = (),
        size: int = MAX_PAGE_SIZE,
        limit: int | None = None,
    ) -> Answer[tuple[R, ...]]:
        try:
            answer = await read_pages(
                lambda page, left: self._authorised(path, query=page, deadline=min(left, TOTAL_SECONDS)),
                kind,
                key=key,
                size=size,
                name=name,
                limit=limit,
                query=query,
            )
        except Unreadable as error:
            return self._client.unreadable(error)
        if isinstance(answer, Failure):
            return answer
        rows = tuple(to_model(row, self._clean) for row in answer.value)
        return Ok(rows, lost_rows=tuple(map(self._clean, answer.lost_rows)), server_time=answer.server_time)
