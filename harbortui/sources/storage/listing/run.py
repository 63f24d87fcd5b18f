"""Many walks at once over contiguous ranges, until every one has ended or one has failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from harbortui.sources.storage.listing.cuts import Cutter
from harbortui.sources.storage.listing.pace import MOST, Pace
from harbortui.sources.storage.listing.pages import Listing
from harbortui.sources.storage.listing.ranges import KeyRange
from harbortui.sources.storage.listing.walk import Ask, Sink, Walk

FIRST_CUT = 3
"""Pages a walk has at least before its rest is given to idle hands."""
CUT_EVERY = 4


class Run:
    """Ranges, walked by as many workers as calls may be under way."""

    def __init__(
        self,
        *,
        listing: Listing,
        ask: Ask,
        sink: Callable[[], Sink],
        pace: Pace,
        cutter: Cutter | None = None,
        strict: bool = True,
    ) -> None:
        self.done = 0
        self.total = 0
        self._listing = listing
        self._ask = ask
        self._sink = sink
        self._pace = pace
        self._cutter = cutter
        self._strict = strict
        self._running = 0
        self._cutting = False
        self._queue: asyncio.Queue[KeyRange | None] = asyncio.Queue()

    async def over(self, ranges: Iterable[KeyRange]) -> None:
        """Walk all of them; the first failure of one is raised when the others have been cancelled."""
        self._add(ranges)
        workers: list[asyncio.Task[None]] = []
        try:
            for _ in range(MOST):
                # One by one: thirty requests made and signed in one go would hold the event loop for 12 ms.
                workers.append(asyncio.create_task(self._work()))
                await asyncio.sleep(0)
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for worker in workers:
                worker.cancel()
            outcomes = await asyncio.gather(*workers, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    def _add(self, ranges: Iterable[KeyRange]) -> None:
        for each in ranges:
            self.total += 1
            self._queue.put_nowait(each)

    async def _work(self) -> None:
        while (keys := await self._queue.get()) is not None:
            self._running += 1
            walk = Walk(keys, self._listing, self._ask, self._sink(), strict=self._strict)
            await walk.run(self._after_page)
            self._running -= 1
            self.done += 1
            if self.done == self.total:
                for _ in range(MOST):
                    self._queue.put_nowait(None)

    async def _after_page(self, walk: Walk) -> None:
        idle = self._pace.allowed - self._running
        if self._cutter is None or self._cutting or idle < 1 or not self._queue.empty():
            return
        if walk.pages < max(FIRST_CUT, walk.next_cut):
            return
        self._cutting = True
        try:
            cuts = await self._cutter.cuts(walk, idle + 1)
        finally:
            self._cutting = False
        # Where there is nothing to cut, asking again and again would cost more than it could bring.
        walk.next_cut = walk.pages + CUT_EVERY if cuts else walk.pages * 2
        mine, *others = KeyRange(walk.last, walk.upper).cut(cuts)
        walk.upper = mine.upper
        self._add(others)
