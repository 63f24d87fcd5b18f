"""Counting one instance's bucket when a person asks: with which credentials, where, and with which root."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount, BucketSample, CountProgress, HiddenBytes
from harbortui.model.snapshot import Target
from harbortui.model.usage import UsagePlan
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials

if TYPE_CHECKING:
    from harbortui.sources.storage.listing.lister import BucketLister

FetchCredentials = Callable[[], Awaitable[Credentials | Failure | None]]
CountEvent = CountProgress | BucketCount | Failure


class Counter(Protocol):
    """What counts one bucket. Nothing is asked until a method is called; none raises for what a store does."""

    @property
    def place(self) -> tuple[str, str]:
        """Endpoint and bucket: what may be counted once at a time."""

    async def plan(self, objects: int | None) -> Answer[UsagePlan]:
        """What a count takes; ``objects`` is how many there are as far as somebody knows."""

    def count(self, objects: int | None) -> AsyncGenerator[CountEvent, None]:
        """Progress, then the count or why there is none; closing it cancels."""

    async def sample(self, prefixes: int) -> Answer[BucketSample]:
        """The blobs, estimated from so many of 256 prefixes."""

    async def hidden(self, count: BucketCount) -> Answer[HiddenBytes]:
        """What the count does not see."""


class BucketCounter:
    """Counts a target's bucket through the lister of its endpoint, which several targets may share."""

    def __init__(
        self,
        target: Target,
        lister: Callable[[], BucketLister],
        credentials: FetchCredentials,
        refused: Callable[[], None],
    ) -> None:
        """``refused`` is called when the store does not take the credentials."""
        self._target = target
        self._lister = lister
        self._credentials = credentials
        self._refused = refused

    @property
    def place(self) -> tuple[str, str]:
        """Endpoint and bucket."""
        return self._target.store_endpoint, self._target.bucket

    @property
    def _root(self) -> str:
        return self._target.prefix.strip("/")

    async def plan(self, objects: int | None) -> Answer[UsagePlan]:
        """A handful of calls."""
        key = await self._credentials()
        if isinstance(key, Failure):
            return key
        lister, bucket = self._lister(), self._target.bucket
        plan = await lister.plan(bucket, key, root=self._root, objects=objects)
        if isinstance(plan, Failure):
            return self._noted(plan)
        versioning = await lister.versioning(bucket, key)
        status = None if isinstance(versioning, Failure) else versioning.value
        return Ok(UsagePlan(count=plan.value, versioning=status))

    async def count(self, objects: int | None) -> AsyncGenerator[CountEvent, None]:
        """The whole bucket."""
        key = await self._credentials()
        if isinstance(key, Failure):
            yield key
            return
        async with aclosing(self._lister().count(self._target.bucket, key, root=self._root, objects=objects)) as events:
            async for event in events:
                yield self._noted(event) if isinstance(event, Failure) else event

    async def sample(self, prefixes: int) -> Answer[BucketSample]:
        """An estimate."""
        key = await self._credentials()
        if isinstance(key, Failure):
            return key
        found = await self._lister().sample(self._target.bucket, key, root=self._root, prefixes=prefixes)
        return self._noted(found) if isinstance(found, Failure) else found

    async def hidden(self, count: BucketCount) -> Answer[HiddenBytes]:
        """Old versions, unfinished multipart uploads, stale uploads."""
        key = await self._credentials()
        if isinstance(key, Failure):
            return key
        found = await self._lister().hidden(self._target.bucket, key, root=self._root, count=count)
        return self._noted(found) if isinstance(found, Failure) else found

    def _noted(self, failure: Failure) -> Failure:
        if failure.kind is FailureKind.AUTH:
            self._refused()
        return failure
