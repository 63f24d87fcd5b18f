"""The event queue of the discrete-event world."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Action = Callable[..., object]


class EventQueue:
    """Events in order of (time, order of scheduling); equal inputs give equal orders."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Action, tuple[object, ...]]] = []
        self._sequence = 0
        self.processed = 0

    def push(self, at: float, action: Action, *args: object) -> None:
        """Schedule `action(*args)` at world time `at`."""
        self._sequence += 1
        heapq.heappush(self._heap, (at, self._sequence, action, args))

    def next_time(self) -> float | None:
        """When the next event is due, or None."""
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> tuple[float, Action, tuple[object, ...]] | None:
        """Take the next event that is due at `now`, or None."""
        if not self._heap or self._heap[0][0] > now:
            return None
        at, _, action, args = heapq.heappop(self._heap)
        self.processed += 1
        return at, action, args
