"""The fleet's clock: real time by default, faster, slower, held or moved forward when asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Clock:
    """World time in unix seconds. It never goes backwards.

    `speed` is world seconds per real second; 0 holds. `monotonic` is the source of real seconds (for tests). Waiters
    (`until`, `tick`) belong to one asyncio loop.
    """

    def __init__(self, start: float, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._base = start
        self._since = monotonic()
        self._speed = max(0.0, speed)
        self._moved = asyncio.Event()

    @property
    def speed(self) -> float:
        """World seconds per real second."""
        return self._speed

    def now(self) -> float:
        """World time now, unix seconds."""
        if self._speed == 0.0:
            return self._base
        return self._base + (self._monotonic() - self._since) * self._speed

    def hold(self, at: float | None = None) -> None:
        """Stop the clock here, or at `at` when that is later."""
        self._rebase(at, 0.0)

    def run(self, speed: float = 1.0) -> None:
        """Let time pass at `speed`."""
        self._rebase(None, max(0.0, speed))

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds` at once; running or held stays as it was."""
        self._rebase(self.now() + max(0.0, seconds), self._speed)

    def set(self, at: float) -> None:
        """Move forward to `at` at once; a moment in the past is refused with ValueError."""
        if at < self.now():
            raise ValueError("the clock never goes backwards")
        self._rebase(at, self._speed)

    async def until(self, at: float) -> None:
        """Return when world time has reached `at`."""
        while (rest := at - self.now()) > 0:
            await self.tick(rest)

    async def tick(self, world_seconds: float) -> None:
        """Return after `world_seconds` or as soon as somebody moved the clock, whichever is first."""
        timeout = world_seconds / self._speed if self._speed > 0 else None
        try:
            await asyncio.wait_for(self._moved.wait(), timeout)
        except TimeoutError:
            return

    def _rebase(self, at: float | None, speed: float) -> None:
        now = self.now()
        self._base = now if at is None else max(now, at)
        self._since = self._monotonic()
        self._speed = speed
        self._moved.set()
        self._moved = asyncio.Event()
