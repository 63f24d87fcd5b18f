"""Counting a bucket: survey, many walks, totals by class; seen from outside as a stream of progress with a result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount, CountProgress
from harbortui.sources.storage.listing.access import Access
from harbortui.sources.storage.listing.cuts import Cutter
from harbortui.sources.storage.listing.pages import Objects
from harbortui.sources.storage.listing.plan import plan_of
from harbortui.sources.storage.listing.ranges import KeyRange
from harbortui.sources.storage.listing.run import Run
from harbortui.sources.storage.listing.stopped import NotSharded, Stopped, Unruly
from harbortui.sources.storage.listing.survey import Surveyor
from harbortui.sources.storage.listing.table import Unreadable
from harbortui.sources.storage.listing.tally import Tally

PROGRESS_SECONDS = 0.25
MOST_BYTES = 1 << 63
"""A total from here on is none, and could not travel to the console."""

CountEvent = CountProgress | BucketCount | Failure


class Counting:
    """One count of one bucket."""

    def __init__(self, access: Access, objects: int | None = None) -> None:
        self._access = access
        self._hint = objects
        self._expected: int | None = None
        self._began = access.clock()
        self._started_at = access.fetcher.now()
        self._tally = Tally(access.layout, self._started_at)
        self._run: Run | None = None
        self._notes: list[str] = []

    async def whole(self) -> None:
        """Count everything.

        Raises:
            Stopped: the store refuses or fails.
            Unreadable, Unruly: the store's pages cannot be trusted.
        """
        survey = await Surveyor(self._access.layout, self._access.ask, self._access.clock).survey()
        plan = plan_of(survey, self._access.bucket, "", self._hint)
        self._expected = None if plan.at_least else plan.objects
        try:
            await self._walks(KeyRange().cut(survey.cuts), cutting=survey.whole is None)
        except NotSharded as error:
            # Ranges that overlap would count twice: what was added is thrown away.
            self._notes.append(f"{error}: counted in a single stream")
            self._tally = Tally(self._access.layout, self._started_at)
            await self._walks([KeyRange()], cutting=False)
        if self._tally.bytes >= MOST_BYTES:
            raise Unreadable("more bytes than there can be")

    async def _walks(self, ranges: list[KeyRange], *, cutting: bool) -> None:
        access = self._access
        self._run = Run(
            listing=Objects(),
            ask=access.ask,
            sink=self._tally.trail,
            pace=access.fetcher.pace,
            cutter=Cutter(access.layout, access.ask) if cutting else None,
        )
        await self._run.over(ranges)

    def progress(self) -> CountProgress:
        """How far it is."""
        spent, tally, run = self._access.fetcher.spent, self._tally, self._run
        elapsed = self._access.clock() - self._began
        rate = tally.objects / elapsed if elapsed > 0 else 0.0
        # More than were expected: how many are still to come, nobody knows.
        left = None if self._expected is None or tally.objects > self._expected else self._expected - tally.objects
        return CountProgress(
            calls=spent.calls,
            retries=spent.retries,
            objects=tally.objects,
            bytes=tally.bytes,
            shards_done=run.done if run else 0,
            shards=run.total if run else 1,
            concurrency=self._access.fetcher.pace.allowed,
            elapsed=elapsed,
            rate=rate,
            remaining=left / rate if left is not None and rate > 0 else None,
        )

    def result(self) -> BucketCount:
        """The totals, when :meth:`whole` has ended."""
        spent, tally = self._access.fetcher.spent, self._tally
        return BucketCount(
            bucket=self._access.bucket,
            objects=tally.objects,
            bytes=tally.bytes,
            blobs=tally.of("blobs"),
            layers=tally.of("layers"),
            manifests=tally.of("manifests"),
            tags=tally.of("tags"),
            uploads=tally.uploads(),
            other=tally.of("other"),
            started_at=self._started_at,
            ended_at=self._access.fetcher.now(),
            calls=spent.calls,
            retries=spent.retries,
            notes=tuple(self._access.fetcher.clean(note) for note in self._notes),
        )


async def counted(
    access: Access, objects: int | None, every: float = PROGRESS_SECONDS
) -> AsyncGenerator[CountEvent, None]:
    """Progress every so many seconds and at the end, then the result or why there is none.

    Closing the iterator cuts the calls under way and ends everything that was begun.
    """
    counting = Counting(access, objects)
    task = asyncio.ensure_future(counting.whole())
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=every)
            yield counting.progress()
        yield _outcome(task, counting, access)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _outcome(task: asyncio.Future[None], counting: Counting, access: Access) -> BucketCount | Failure:
    if task.cancelled():
        return access.fetcher.failure(FailureKind.CANCELLED, "cancelled")
    error = task.exception()
    if error is None:
        return counting.result()
    if isinstance(error, Stopped | Unreadable | Unruly | NotSharded):
        return access.failure(error)
    raise error
