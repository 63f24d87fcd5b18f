"""Work that a person asked for: one piece at a time in each place, ended on demand, its faults told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress

from harbortui.model.failure import Failure, FailureKind


class _Errand:
    def __init__(self, who: str) -> None:
        self.who = who
        self.task: asyncio.Task[None] | None = None
        self.is_ending = False


class Errands:
    """What runs, by place: a bucket, or one Harbor."""

    def __init__(self, wall: Callable[[], float], on_bug: Callable[[BaseException], None]) -> None:
        self._wall = wall
        self._on_bug = on_bug
        self._running: dict[Hashable, _Errand] = {}

    async def holder(self, place: Hashable) -> str | None:
        """For whom something runs there.

        Work that only has its last word to say is waited for: the console may answer that word before it is over.
        """
        errand = self._running.get(place)
        if errand is None or not errand.is_ending:
            return None if errand is None else errand.who
        await self._over(errand)
        return None

    def begin(
        self,
        place: Hashable,
        who: str,
        work: Callable[[], Awaitable[None]],
        failed: Callable[[Failure], Awaitable[None]],
    ) -> None:
        """Start ``work`` where nothing runs; ``failed`` tells of a fault of ours, which ends nothing else."""
        errand = self._running[place] = _Errand(who)
        errand.task = asyncio.create_task(self._guarded(work, failed))
        errand.task.add_done_callback(lambda _: self._running.pop(place, None))

    def ending(self, place: Hashable) -> None:
        """The work there says its last word now."""
        if place in self._running:
            self._running[place].is_ending = True

    async def cancel(self, place: Hashable) -> bool:
        """End what runs there and wait for it; False when it ended by itself meanwhile."""
        errand = self._running.get(place)
        if errand is None or errand.task is None:
            return False
        errand.task.cancel()
        await self._over(errand)
        return errand.task.cancelled()

    async def close(self) -> None:
        """Cancel what runs and wait for its end."""
        errands = list(self._running.values())
        for errand in errands:
            if errand.task is not None:
                errand.task.cancel()
        for errand in errands:
            await self._over(errand)

    async def _guarded(self, work: Callable[[], Awaitable[None]], failed: Callable[[Failure], Awaitable[None]]) -> None:
        try:
            await work()
        except ConnectionError:
            return  # The console is gone, and the engine ends with it.
        except Exception as error:  # noqa: BLE001 - a fault of ours ends the work and is told
            self._on_bug(error)
            detail = f"a fault in the console: {type(error).__name__}"
            with suppress(ConnectionError):
                await failed(Failure(kind=FailureKind.LOCAL, detail=detail, at=self._wall()))

    @staticmethod
    async def _over(errand: _Errand) -> None:
        if errand.task is not None:
            await asyncio.gather(errand.task, return_exceptions=True)
