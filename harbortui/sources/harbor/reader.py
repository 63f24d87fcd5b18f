"""How a Harbor is asked with credentials: proven first, proven anew when they are refused, lists row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.record import Record
from harbortui.model.redact import Clean
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.client import HarborClient
from harbortui.sources.harbor.paging import read_pages
from harbortui.sources.harbor.policy import MAX_PAGE_SIZE
from harbortui.sources.harbor.probe import CredentialProbe
from harbortui.sources.http import JSON_CAP, JSON_TYPES, TOTAL_SECONDS, Query, Reply
from harbortui.sources.rows import Unreadable

T = TypeVar("T")
W = TypeVar("W")
R = TypeVar("R", bound=Record)


class HarborReader:
    """Authorised reads of one Harbor; no method raises for what Harbor does."""

    def __init__(self, client: HarborClient, probe: CredentialProbe, clean: Clean) -> None:
        self.client = client
        self.clean = clean
        self._probe = probe

    async def get(
        self,
        path: str,
        *,
        query: Query = (),
        expect: tuple[str, ...] = JSON_TYPES,
        cap: int = JSON_CAP,
        newest: int | None = None,
        deadline: float = TOTAL_SECONDS,
    ) -> Reply | Failure:
        """One 200 answer."""
        admitted = await self._probe.admit()
        if isinstance(admitted, Failure):
            return admitted
        deadline = min(deadline, TOTAL_SECONDS)
        reply = await self.client.get(
            path, query=query, expect=expect, cap=cap, newest=newest, deadline=deadline, credentials=admitted
        )
        if isinstance(reply, Failure) and reply.kind is FailureKind.AUTH:
            return await self.refused(admitted, reply)
        return reply

    async def refused(self, credentials: Credentials, failure: Failure) -> Failure:
        """Proven credentials brought a 401, or less than they should: prove them anew, which may tell why."""
        self._probe.doubt(credentials)
        proven = await self._probe.admit()
        return proven if isinstance(proven, Failure) else failure

    async def read(
        self, path: str, decode: Callable[[Reply, Clean], T], *, query: Query = (), cap: int = JSON_CAP
    ) -> Answer[T]:
        """One answer decoded as a whole."""
        reply = await self.get(path, query=query, cap=cap)
        if isinstance(reply, Failure):
            return reply
        try:
            return Ok(decode(reply, self.clean), server_time=reply.server_time)
        except Unreadable as error:
            return self.client.unreadable(error)

    async def rows(
        self,
        path: str,
        kind: type[W],
        *,
        key: Callable[[W], object],
        name: str,
        query: Query = (),
        size: int = MAX_PAGE_SIZE,
        limit: int | None = None,
    ) -> Answer[tuple[W, ...]]:
        """All rows of a paged list, or the first ``limit``, as they are on the wire; what was lost is clean."""
        try:
            answer = await read_pages(
                lambda page, deadline: self.get(path, query=page, deadline=deadline),
                kind,
                key=key,
                size=size,
                name=name,
                limit=limit,
                query=query,
            )
        except Unreadable as error:
            return self.client.unreadable(error)
        if isinstance(answer, Failure):
            return answer
        lost = tuple(map(self.clean, answer.lost_rows))
        return Ok(answer.value, lost_rows=lost, server_time=answer.server_time)

    async def list(
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
        """The same in the words of the model."""
        answer = await self.rows(path, kind, key=key, name=name, query=query, size=size, limit=limit)
        if isinstance(answer, Failure):
            return answer
        rows = tuple(to_model(row, self.clean) for row in answer.value)
        return Ok(rows, lost_rows=answer.lost_rows, server_time=answer.server_time)
