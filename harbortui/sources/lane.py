"""Bounded daemon threads for one synchronous client of one host.

A thread cannot be cancelled, so a slot is held until the call really returns, also after our deadline gave up on it: a
hanging backend can occupy its own lane and nothing else. The threads are daemons, so a stuck call never keeps the
process alive (unlike ``concurrent.futures``, which joins its threads at exit).
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class LaneFull(Exception):
    """Every slot of the lane is held by a call that outlived its deadline."""


class _Job:
    """One call on its way through a thread; touched by the event loop only, but for ``call``."""

    __slots__ = ("abandoned", "call", "done", "failed", "outcome")

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call
        self.done = asyncio.Event()
        self.abandoned = False
        self.failed: BaseException | None = None
        self.outcome: object = None


class Lane:
    """A few threads behind a queue; belongs to one event loop."""

    def __init__(self, name: str, width: int) -> None:
        self.name = name
        self.width = width
        self._slots = asyncio.Semaphore(width)
        self._stuck = 0
        self._threads = 0
        self._idle = 0
        self._work: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, _Job] | None] = queue.SimpleQueue()

    @property
    def stuck(self) -> int:
        """Calls that are still running although nobody waits for them any more."""
        return self._stuck

    async def run(self, call: Callable[[], T], *, deadline: float, abandon: Callable[[], None] | None = None) -> T:
        """Run ``call`` in a thread and wait at most ``deadline`` seconds, waiting for a slot included.

        ``abandon`` is called once, in the event loop, when the wait ended before the call did (deadline or
        cancellation), so that the client can cut its sockets and free the slot early.

        Raises:
            TimeoutError: the deadline passed; the call may still be running.
            LaneFull: all slots are held by calls past their deadlines.
            Exception: whatever ``call`` raised.
        """
        if self._stuck >= self.width:
            raise LaneFull(f"all {self.width} connections of {self.name} are stuck")
        async with asyncio.timeout(deadline):
            await self._slots.acquire()
            job = _Job(call)
            self._start(job)
            try:
                await job.done.wait()
            except asyncio.CancelledError:
                if not job.done.is_set():
                    job.abandoned = True
                    self._stuck += 1
                    if abandon is not None:
                        abandon()
                raise
        if job.failed is not None:
            raise job.failed
        return job.outcome  # type: ignore[return-value]  # the job's outcome is what `call` returned

    def close(self) -> None:
        """Let the idle threads end; running calls end by themselves or with the process."""
        for _ in range(self._threads):
            self._work.put(None)
        self._threads = self._idle = 0

    def _start(self, job: _Job) -> None:
        if self._idle:
            self._idle -= 1
        else:
            self._threads += 1
            name = f"lane-{self.name}-{self._threads}"
            threading.Thread(target=self._serve, name=name, daemon=True).start()
        self._work.put((asyncio.get_running_loop(), job))

    def _finish(self, job: _Job) -> None:
        self._idle += 1
        if job.abandoned:
            self._stuck -= 1
        self._slots.release()
        job.done.set()

    def _serve(self) -> None:
        while (item := self._work.get()) is not None:
            loop, job = item
            try:
                job.outcome = job.call()
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is re-raised where the call is awaited
                job.failed = error
            try:
                loop.call_soon_threadsafe(self._finish, job)
            except RuntimeError:
                return  # the loop is closed: nobody is left to tell
            del item, job
