"""One Nomad address: what the console asks of it."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

import msgspec

from harbortui.model.asked import RawObject
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.nomad import Allocation, AllocationUsage, DeploymentState, Job, Node, Placement
from harbortui.model.redact import Clean
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.errors import failure_of
from harbortui.sources.http import HttpHost
from harbortui.sources.nomad.allocations import decode_allocations, decode_usage
from harbortui.sources.nomad.client import Body, NomadClient, TokenSource
from harbortui.sources.nomad.events import JobEvent, Subscription, subscribe
from harbortui.sources.nomad.grants import Grants
from harbortui.sources.nomad.identity import Identity
from harbortui.sources.nomad.jobs import decode_deployment, decode_job, decode_nodes
from harbortui.sources.nomad.logs import LogStream, follow
from harbortui.sources.nomad.placement import decode_placement
from harbortui.sources.nomad.policy import is_allocation_id, stream_reads
from harbortui.sources.nomad.raw import call_of, decode_raw
from harbortui.sources.nomad.worker import TOTAL_SECONDS, Call
from harbortui.sources.origin import Origin
from harbortui.sources.rows import Unreadable
from harbortui.sources.tls import TlsSettings

T = TypeVar("T")
Decode = Callable[[bytes, Clean], Ok[T]]

STREAMS = 6
"""Streams at most: an event stream for each namespace, a tail, and the next tail while the last one closes."""


class NomadSource:
    """Reads of one (address, region, token). No method raises for what Nomad does."""

    def __init__(
        self,
        *,
        address: str,
        token: TokenSource,
        clean: Clean,
        now: Callable[[], float],
        region: str = "",
        tls: TlsSettings | None = None,
        proxy: str = "",
        deadline: float = TOTAL_SECONDS,
    ) -> None:
        """``address`` as in NOMAD_ADDR. Raises ValueError when it is no http(s) URL."""
        address = address.rstrip("/")
        tls = tls or TlsSettings()
        self._region = region
        self._token = token
        self._clean = clean
        self._now = now
        self._client = NomadClient(
            address=address,
            region=region,
            token=token,
            tls=tls,
            proxy=proxy,
            clean=clean,
            now=now,
            deadline=deadline,
        )
        self._identity = Identity(self._client, token, now)
        self._grants = Grants(self._client, clean)
        self._streams = HttpHost(
            url=address,
            allow=stream_reads(Origin.of(address).prefix),
            clean=clean,
            now=now,
            tls=tls,
            proxy=proxy,
            connections=STREAMS,
        )

    async def job(self, job_id: str, namespace: str) -> Answer[Job]:
        """The job's specification, by allow-list of fields."""
        return await self._read(Call("job", (_segment(job_id),), "read-job", namespace), decode_job)

    async def allocations(self, job_id: str, namespace: str) -> Answer[tuple[Allocation, ...]]:
        """The job's allocations, newest first; an unknown job has none."""
        call = Call("job", (_segment(job_id), "allocations"), "read-job", namespace)
        return await self._read(call, decode_allocations)

    async def deployment(self, job_id: str, namespace: str) -> Answer[DeploymentState]:
        """The job's latest deployment."""
        return await self._read(Call("job", (_segment(job_id), "deployment"), "read-job", namespace), decode_deployment)

    async def placement(self, job_id: str, namespace: str) -> Answer[Placement]:
        """Why the job is not placed, if it is not."""
        return await self._read(Call("job", (_segment(job_id), "evaluations"), "read-job", namespace), decode_placement)

    async def nodes(self) -> Answer[tuple[Node, ...]]:
        """The region's client nodes."""
        return await self._read(Call("nodes", (), "node:read"), decode_nodes)

    async def usage(self, allocation_id: str, namespace: str) -> Answer[AllocationUsage]:
        """The last samples of the allocation's tasks; NOT_FOUND once its node has cleaned it up."""
        if not is_allocation_id(allocation_id):
            return self._no_allocation()
        call = Call("stats", (allocation_id, "stats"), "read-job", namespace)
        answer = await self._read(call, lambda body, clean: decode_usage(body, allocation_id, clean))
        if isinstance(answer, Failure):
            return answer
        granted = await self._grants.of(allocation_id, namespace)
        return replace(answer, value=msgspec.structs.replace(answer.value, granted=granted))

    async def raw(self, kind: str, name: str, namespace: str) -> Answer[RawObject]:
        """A job, allocation, deployment, evaluation or node as Nomad tells it, masked; ids are whole."""
        call = call_of(kind, name, namespace)
        if call is None:
            return Failure(kind=FailureKind.NOT_FOUND, detail="not a full id of Nomad's", at=self._now())
        return await self._read(call, lambda body, clean: Ok(decode_raw(body, kind, name, clean)))

    async def tail(
        self, allocation_id: str, task: str, stream: str, namespace: str, start_bytes: int = 16_384
    ) -> AsyncGenerator[bytes | Failure, None]:
        """The last ``start_bytes`` of a task's ``stdout`` or ``stderr``, then what is written.

        The bytes are as the task wrote them, cut anywhere; what comes before the first line end is the rest of a cut
        line, and an empty piece says that an empty log is open. Ends after a failure, or without one when the server
        ends the stream; it does not end when the task does.
        """
        if not is_allocation_id(allocation_id):
            yield self._no_allocation()
            return
        headers = await self._headers()
        if isinstance(headers, Failure):
            yield headers
            return
        log = LogStream(allocation_id, task, stream, namespace, self._region, start_bytes)
        async with aclosing(follow(self._streams, log, headers, clean=self._clean, now=self._now)) as following:
            async for item in following:
                yield await self._identity.explain(item) if isinstance(item, Failure) else item

    async def events(self, namespace: str, start_index: int = 0) -> AsyncGenerator[JobEvent | Failure, None]:
        """What changed about the namespace's jobs after ``start_index`` (0: from now on).

        The first event, with nothing but an index, says that the subscription stands: list again then, since nothing
        tells what was missed. Ends after a failure or at the end of the stream; the caller backs off and comes again.
        """
        headers = await self._headers()
        if isinstance(headers, Failure):
            yield headers
            return
        if start_index <= 0:
            probed = await self._probe(namespace)
            if isinstance(probed, Failure):
                yield await self._identity.explain(probed)
                return
            start_index = probed.index or 0
        subscription = Subscription(namespace, self._region, start_index)
        async with aclosing(
            subscribe(self._streams, subscription, headers, clean=self._clean, now=self._now)
        ) as subscribed:
            async for item in subscribed:
                if isinstance(item, Failure) and item.kind is FailureKind.FORBIDDEN and item.status == 200:
                    probed = await self._probe(namespace)
                    item = probed if isinstance(probed, Failure) else item
                yield await self._identity.explain(item) if isinstance(item, Failure) else item

    async def aclose(self) -> None:
        """Cut all connections."""
        await self._client.aclose()
        await self._streams.aclose()

    async def _read(self, call: Call, decode: Decode[T]) -> Answer[T]:
        body = await self._client.get(call)
        if isinstance(body, Failure):
            return await self._identity.explain(body)
        try:
            # Names and messages repeat a hundred times in an answer; what was cleaned is kept no longer than it, since
            # a secret may be learned in between.
            decoded = decode(body.data, functools.cache(self._clean))
        except Unreadable as error:
            return failure_of(error, clean=self._clean, at=self._now())
        return Ok(decoded.value, decoded.lost_rows, server_time=body.server_time, index=body.index)

    async def _probe(self, namespace: str) -> Body | Failure:
        """The smallest list: it tells today's index, and why a subscription may be denied."""
        return await self._client.get(Call("jobs", (), "list-jobs", namespace, (("per_page", "1"),)))

    async def _headers(self) -> dict[str, str] | Failure:
        token = await self._token()
        if isinstance(token, Failure):
            return token
        return {"X-Nomad-Token": token.reveal()} if token else {}

    def _no_allocation(self) -> Failure:
        return Failure(kind=FailureKind.NOT_FOUND, detail="not a full allocation id", at=self._now())


def _segment(job_id: str) -> str:
    """A job's id as one path segment; ids of dispatched jobs hold slashes."""
    return quote(job_id, safe="")
