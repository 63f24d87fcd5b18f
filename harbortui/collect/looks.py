"""How often what a person looks at is asked anew, what that costs, and the allowance that holds it in bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harbortui.model.asked import Query, Topic
from harbortui.sources.answer import Answer

LOOKS_PER_MINUTE = 30
"""Requests a minute for all that is looked at of one instance; with what is collected anyway it stays below 60."""
BURST = 24
"""Requests that may go at once after a quiet time, as when a person walks through pages."""


@dataclass(frozen=True, slots=True)
class LookPace:
    """One topic's row."""

    every: float | None
    """Seconds between two looks; None: once."""
    requests: int = 1
    """HTTP requests of one look, at most; what a long list takes beyond it is charged afterwards."""
    while_running: float | None = None
    """Seconds between two looks while the thing runs, when that differs."""


LOOK_PACE: dict[Topic, LookPace] = {
    Topic.EXECUTION_TASKS: LookPace(60, while_running=10),
    Topic.TASK_LOG: LookPace(None, while_running=5),
    Topic.GC_LOG: LookPace(None, while_running=5),
    Topic.JOB_SERVICE: LookPace(10, requests=4),
    Topic.PROJECTS: LookPace(60, requests=4),
    Topic.AUDIT: LookPace(30),
    Topic.RAW: LookPace(None),
}

Asker = Callable[[Query], Awaitable[Answer[object]]]
"""Answers a query about one instance; raises nothing for what a backend does."""


class Allowance:
    """Requests that may still go to one instance: a bucket that refills steadily, served in order of arrival."""

    def __init__(self, clock: Callable[[], float], *, per_minute: float = LOOKS_PER_MINUTE, burst: int = BURST) -> None:
        self._clock = clock
        self._rate = per_minute / 60.0
        self._burst = float(burst)
        self._left = self._burst
        self._at = clock()
        self._turn = asyncio.Lock()

    async def take(self, requests: int) -> None:
        """Wait until so many requests may go."""
        async with self._turn:
            missing = requests - self._refilled()
            self._left -= requests
            if missing > 0:
                await asyncio.sleep(missing / self._rate)

    def charge(self, requests: int) -> None:
        """Requests that went beyond what was taken: those after them wait the longer."""
        self._left = self._refilled() - requests

    def _refilled(self) -> float:
        now = self._clock()
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        return self._left
