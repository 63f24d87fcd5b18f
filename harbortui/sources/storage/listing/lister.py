"""One object store endpoint, counted: what a count would take, the count, a sample, and what neither shows."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount, BucketSample, CountPlan, HiddenBytes
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.http import HttpHost
from harbortui.sources.lane import Lane
from harbortui.sources.origin import Origin
from harbortui.sources.storage.listing.access import Access
from harbortui.sources.storage.listing.count import CountEvent, counted
from harbortui.sources.storage.listing.fetch import ATTEMPTS, PAGE_SECONDS, Fetcher
from harbortui.sources.storage.listing.hidden import hidden_bytes
from harbortui.sources.storage.listing.hosts import Hosts
from harbortui.sources.storage.listing.layout import Layout
from harbortui.sources.storage.listing.pace import MOST, START, Pace
from harbortui.sources.storage.listing.plan import plan_count
from harbortui.sources.storage.listing.sample import USUAL_PREFIXES, take_sample
from harbortui.sources.storage.listing.stopped import NotSharded, Stopped, Unruly
from harbortui.sources.storage.listing.table import Unreadable
from harbortui.sources.storage.listing.versions import versioning
from harbortui.sources.storage.policy import BUCKET, listing_reads
from harbortui.sources.storage.signing import signed_headers
from harbortui.sources.tls import TlsSettings

SIGNING_SECONDS = 10.0
"""For the first signature, which imports botocore."""

PLAN_ATTEMPTS = 2
"""For each call of a plan: nothing has been begun, and a person waits for what it would take."""

T = TypeVar("T")


class BucketLister:
    """Counts buckets of one endpoint; belongs to one event loop. No method raises for what the store does."""

    def __init__(
        self,
        *,
        endpoint: str,
        clean: Callable[[str], str],
        now: Callable[[], float],
        region: str = "us-east-1",
        tls: TlsSettings | None = None,
        proxy: str = "",
        concurrency: int = MOST,
        deadline: float = PAGE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``concurrency`` calls at most are under way at once, ``deadline`` seconds are for one page.

        Raises:
            ValueError: ``endpoint`` is no http(s) URL.
        """
        self._origin = Origin.of(endpoint)
        self._clean = clean
        self._now = now
        self._region = region
        self._concurrency = min(max(1, concurrency), MOST)
        self._deadline = deadline
        self._clock = clock
        self._chance = chance
        self._sleep = sleep
        allow = listing_reads(self._origin.prefix)
        self._hosts = Hosts(
            lambda: HttpHost(
                url=self._origin.url, allow=allow, clean=clean, now=now, tls=tls, proxy=proxy, connections=1
            )
        )
        self._lane = Lane(f"sign-{self._origin.host}", 1)

    async def plan(
        self, bucket: str, credentials: Credentials | None, *, root: str = "", objects: int | None = None
    ) -> Answer[CountPlan]:
        """What a count would take: some five calls. ``root`` is the registry's root directory in the bucket,
        ``objects`` how many there are as far as the store itself knows.
        """
        access = await self._access(bucket, credentials, root, attempts=PLAN_ATTEMPTS)
        if isinstance(access, Failure):
            return access
        return await self._settled(access, plan_count(access, self._origin.host, objects))

    async def count(
        self,
        bucket: str,
        credentials: Credentials | None,
        *,
        root: str = "",
        objects: int | None = None,
    ) -> AsyncGenerator[CountEvent, None]:
        """Progress four times a second, then the :class:`BucketCount` or why there is none.

        Closing the iterator (``contextlib.aclosing``) cancels the count.
        """
        access = await self._access(bucket, credentials, root)
        if isinstance(access, Failure):
            yield access
            return
        events = counted(access, objects)
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()
            await self._hosts.rest()

    async def sample(
        self, bucket: str, credentials: Credentials | None, *, root: str = "", prefixes: int = USUAL_PREFIXES
    ) -> Answer[BucketSample]:
        """The blobs, estimated from ``prefixes`` of the 256."""
        access = await self._access(bucket, credentials, root)
        return access if isinstance(access, Failure) else await self._settled(access, take_sample(access, prefixes))

    async def versioning(self, bucket: str, credentials: Credentials | None) -> Answer[str]:
        """``Enabled``, ``Suspended``, or empty when the bucket never kept versions; one call."""
        access = await self._access(bucket, credentials, "", attempts=PLAN_ATTEMPTS)
        return access if isinstance(access, Failure) else await self._settled(access, versioning(access))

    async def hidden(
        self,
        bucket: str,
        credentials: Credentials | None,
        *,
        root: str = "",
        count: BucketCount | None = None,
    ) -> Answer[HiddenBytes]:
        """What a count does not see; ``count`` tells of the stale uploads."""
        access = await self._access(bucket, credentials, root)
        return access if isinstance(access, Failure) else await self._settled(access, hidden_bytes(access, count))

    async def aclose(self) -> None:
        """Close all connections."""
        self._lane.close()
        await self._hosts.aclose()

    async def _settled(self, access: Access, work: Awaitable[T]) -> Answer[T]:
        try:
            return Ok(await work)
        except (Stopped, Unreadable, Unruly, NotSharded) as error:
            return access.failure(error)
        finally:
            await self._hosts.rest()

    async def _access(
        self, bucket: str, credentials: Credentials | None, root: str, *, attempts: int = ATTEMPTS
    ) -> Access | Failure:
        if credentials is None or not credentials.user or not credentials.secret:
            return self._failure(FailureKind.NO_CREDENTIALS, "no access key for the object store")
        if re.fullmatch(BUCKET, bucket) is None:
            return self._failure(FailureKind.LOCAL, "not a bucket's name")
        key = credentials

        def sign(url: str) -> dict[str, str]:
            return signed_headers(url, self._region, key)

        try:
            await self._lane.run(lambda: sign(self._origin.url), deadline=SIGNING_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            return self._hosts.failure(error)
        fetcher = Fetcher(
            hosts=self._hosts,
            base=self._origin.url,
            sign=sign,
            clean=self._clean,
            now=self._now,
            random=self._chance,
            sleep=self._sleep,
            pace=Pace(START, self._concurrency),
            deadline=self._deadline,
            attempts=attempts,
        )
        return Access(bucket, Layout(root), fetcher, self._clock, self._origin.host)

    def _failure(self, kind: FailureKind, words: str) -> Failure:
        return Failure(kind=kind, detail=words, at=self._now())
