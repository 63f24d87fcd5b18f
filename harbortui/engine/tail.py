"""The live tail: follows one stream of one task over allocations and lost connections, at a bounded rate."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from random import Random

from harbortui.collect.backoff import after_failure, full_jitter
from harbortui.collect.fleet import OpenTail, TailTarget
from harbortui.engine.lines import LineSplitter
from harbortui.engine.link import Sink
from harbortui.engine.messages import Follow, LogLines, TailState
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.text import decode_text

LINES_PER_MESSAGE = 500
MESSAGE_GAP = 0.1
"""Seconds between two messages; with the line limit, 5,000 lines a second reach the screen and the rest is counted."""

Sleep = Callable[[float], Awaitable[None]]


class Outlet:
    """Collects lines and sends them in bounded messages; when they come too fast the newest win."""

    def __init__(self, sink: Sink, wish: Follow, clean: Clean, sleep: Sleep) -> None:
        self._sink = sink
        self._wish = wish
        self._clean = clean
        self._sleep = sleep
        self._lines: deque[bytes] = deque()
        self._dropped = 0
        self._filled = asyncio.Event()
        self.allocation_id = ""

    def put(self, lines: list[bytes]) -> None:
        """Take complete lines."""
        self._lines.extend(lines)
        surplus = len(self._lines) - LINES_PER_MESSAGE
        for _ in range(surplus):
            self._lines.popleft()
        self._dropped += max(0, surplus)
        if self._lines:
            self._filled.set()

    async def run(self) -> None:
        """Send what was put, for ever."""
        while True:
            await self._filled.wait()
            await self.flush()
            await self._sleep(MESSAGE_GAP)

    async def flush(self) -> None:
        """Send what is there now."""
        if self._lines:
            await self.say(TailState.LIVE)

    async def say(self, state: TailState, failure: Failure | None = None, *, reset: bool = False) -> None:
        """Send the state, with the lines that wait; ``reset`` first forgets them."""
        if reset:
            self._lines.clear()
            self._dropped = 0
        taken = tuple(self._clean(decode_text(line)) for line in self._lines)
        dropped, self._dropped = self._dropped, 0
        self._lines.clear()
        self._filled.clear()
        await self._sink.send(
            LogLines(
                instance=self._wish.instance,
                task=self._wish.task,
                stream=self._wish.stream,
                lines=taken,
                dropped=dropped,
                state=state,
                failure=failure,
                allocation_id=self.allocation_id,
                reset=reset,
            )
        )


class Tail:
    """Follows what ``wish`` names until it is cancelled."""

    def __init__(
        self,
        wish: Follow,
        *,
        open_tail: OpenTail,
        allocation: Callable[[], str | Failure],
        clean: Clean,
        sink: Sink,
        random: Random,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._wish = wish
        self._open = open_tail
        self._allocation = allocation
        self._random = random
        self._sleep = sleep
        self._outlet = Outlet(sink, wish, clean, sleep)
        self._moved = asyncio.Event()
        self._following: str | None = None
        self._delivered = False

    def allocations_changed(self) -> None:
        """The snapshot may name another allocation now."""
        if self._present() != self._following:
            self._moved.set()

    def _present(self) -> str:
        found = self._allocation()
        return found if isinstance(found, str) else ""

    async def run(self) -> None:
        """Follow for ever; raises ConnectionError when the console is gone."""
        emitter = asyncio.create_task(self._outlet.run())
        failures = 0
        try:
            while True:
                self._moved.clear()
                found = self._allocation()
                self._following = self._outlet.allocation_id = found if isinstance(found, str) else ""
                unknown = found if isinstance(found, Failure) else _NO_ALLOCATION
                outcome = await self._follow_one() if self._following else unknown
                if self._moved.is_set():
                    continue
                await self._outlet.flush()
                failures = 1 if self._delivered else failures + 1
                await self._rest(outcome, failures)
        finally:
            emitter.cancel()
            with suppress(asyncio.CancelledError):
                await emitter

    async def _rest(self, outcome: Failure | None, failures: int) -> None:
        """Say how it ended, and wait for another allocation or for the time to try again."""
        if outcome is None:
            await self._outlet.say(TailState.ENDED)
            delay = full_jitter(failures, self._random)
        else:
            await self._outlet.say(TailState.FAILED, outcome)
            delay = after_failure(outcome, failures, 1.0, self._random)
        await _first(self._moved.wait(), self._sleep(delay))

    async def _follow_one(self) -> Failure | None:
        """Follow the present allocation until its stream ends (None), fails, or another allocation takes over."""
        await self._outlet.say(TailState.OPENING, reset=True)
        target = TailTarget(self._wish.instance, self._following or "", self._wish.task, self._wish.stream)
        reading = asyncio.create_task(self._read(self._open(target)))
        try:
            await _first(self._moved.wait(), _settled(reading))
            return reading.result() if reading.done() and not reading.cancelled() else None
        finally:
            # Also when we are cancelled ourselves: a reader left behind holds one of the address's few connections.
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, pieces: AsyncIterator[bytes | Failure]) -> Failure | None:
        splitter = LineSplitter(drop_first=True)
        self._delivered = False
        async with aclosing(_closable(pieces)) as stream:
            async for piece in stream:
                if isinstance(piece, Failure):
                    return piece
                if not self._delivered:
                    self._delivered = True
                    await self._outlet.say(TailState.LIVE)
                self._outlet.put(splitter.feed(piece))
        self._outlet.put(splitter.end())
        return None


_NO_ALLOCATION = Failure(kind=FailureKind.NOT_FOUND, detail="the job has no allocation now whose log could be followed")


async def _closable(pieces: AsyncIterator[bytes | Failure]) -> AsyncGenerator[bytes | Failure, None]:
    """Any iterator as a generator, so that it can be closed when we stop in the middle."""
    try:
        async for piece in pieces:
            yield piece
    finally:
        close = getattr(pieces, "aclose", None)
        if close is not None:
            await close()


async def _settled(task: asyncio.Task[Failure | None]) -> None:
    await asyncio.wait((task,))


async def _first(*waits: Awaitable[None] | Awaitable[bool]) -> None:
    """Wait for whichever comes first; the others are cancelled."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
