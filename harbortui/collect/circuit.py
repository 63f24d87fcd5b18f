"""One backend's slots and circuit: a backend that hangs or is down holds up nobody but itself."""

from __future__ import annotations

import heapq
from random import Random

from harbortui.collect.backoff import full_jitter, wished
from harbortui.collect.lookup import FacetKey
from harbortui.model.failure import UNREACHABLE, Failure

OPENS_AFTER = 5
"""Unanswered attempts in a row, of whatever facets, after which only one at a time probes the backend."""


class Backend:
    """Counts what is in flight to one backend, and keeps its lookups waiting while it does not answer."""

    def __init__(self, name: str, width: int) -> None:
        self.name = name
        self._width = width
        self._in_flight = 0
        self._unanswered = 0
        self._patience_until = 0.0
        self._asked_until = 0.0
        self._waiting: list[tuple[int, int, FacetKey]] = []

    @property
    def is_open(self) -> bool:
        """True while the backend is taken for dead and only probed."""
        return self._unanswered >= OPENS_AFTER

    @property
    def not_before(self) -> float:
        """No call goes out before this moment."""
        return max(self._patience_until, self._asked_until)

    def has_room(self, now: float) -> bool:
        """True when a call may start now."""
        return self.room(now) > 0

    def room(self, now: float) -> int:
        """How many calls may start now."""
        return 0 if now < self.not_before else max(0, (1 if self.is_open else self._width) - self._in_flight)

    def wake_at(self, now: float) -> float | None:
        """When those that wait can be woken without a call coming back; None when nobody waits or no slot is free."""
        has_slot = self._in_flight < (1 if self.is_open else self._width)
        return max(now, self.not_before) if self._waiting and has_slot else None

    def started(self) -> None:
        """A call went out."""
        self._in_flight += 1

    def finished(self, failure: Failure | None, now: float, random: Random) -> None:
        """A call came back."""
        self._in_flight -= 1
        if failure is not None and failure.retry_after is not None:
            self._asked_until = max(self._asked_until, now + wished(failure.retry_after, random))
        if failure is None or failure.kind not in UNREACHABLE:
            self._unanswered = 0
            return
        self._unanswered += 1
        if self.is_open:
            self._patience_until = now + full_jitter(self._unanswered - OPENS_AFTER + 1, random)

    def gave_back(self) -> None:
        """A call ended without having asked the backend anything."""
        self._in_flight -= 1

    def wait(self, priority: int, order: int, key: FacetKey) -> None:
        """Let a due lookup wait for room."""
        heapq.heappush(self._waiting, (priority, order, key))

    def pop_waiting(self) -> FacetKey | None:
        """The next lookup that waits, if any."""
        return heapq.heappop(self._waiting)[2] if self._waiting else None

    def waiting(self) -> tuple[FacetKey, ...]:
        """Every lookup that waits, in no particular order."""
        return tuple(key for _, _, key in self._waiting)

    def ask_again(self) -> None:
        """A person wants to know now: forget our own patience, though not what the server asked for."""
        self._patience_until = 0.0
