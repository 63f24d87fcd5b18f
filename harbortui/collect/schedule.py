"""The scheduler: which lookup may start now. Pure; time and randomness are passed in."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from harbortui.collect.backoff import after_failure, after_success
from harbortui.collect.circuit import Backend
from harbortui.collect.intervals import BACKEND_WIDTH, FLEET_WIDTH
from harbortui.collect.lookup import FacetKey, Lookup
from harbortui.model.failure import Failure

EVENT_GAP = 2.0
"""Seconds between two refreshes that events ask for: a crash loop must not use up the request budget."""
ASKED_GAP = 1.0
"""Seconds between two refreshes that a person asks for by leaning on a key."""
PATIENCE = 2.0
"""Seconds after which a call gives its place in the fleet's width to others, so that hangs do not use it up."""


@dataclass(slots=True)
class _Entry:
    lookup: Lookup
    every: float
    due: float
    order: int = 0
    failures: int = 0
    not_before: float = 0.0
    """A moment the server named in Retry-After."""
    started_at: float = 0.0
    finished_at: float = float("-inf")
    in_flight: bool = False
    counts: bool = False
    """True while the call takes a place in the fleet's width."""
    waiting: bool = False
    """True while it is due but its backend has no room."""
    again: float | None = None
    """Asked for while in flight: due then."""


def backend_width(name: str) -> int:
    """Requests at once for a backend, by the kind before the colon of its name."""
    return BACKEND_WIDTH.get(name.partition(":")[0], 4)


class Schedule:
    """At most one attempt in flight per facet, bounded per backend and over the fleet, with back-off and jitter."""

    def __init__(
        self,
        lookups: Iterable[Lookup],
        *,
        random: Random,
        start: float,
        fleet_width: int = FLEET_WIDTH,
        width: Callable[[str], int] = backend_width,
    ) -> None:
        self._random = random
        self._room = fleet_width
        self._order = 0
        self._focus = ""
        self._entries: dict[FacetKey, _Entry] = {}
        self._backends: dict[str, Backend] = {}
        self._due: list[tuple[float, int, int, FacetKey]] = []
        self._ready: list[tuple[int, int, FacetKey]] = []
        self._held: dict[str, Backend] = {}
        self._running: dict[FacetKey, _Entry] = {}
        for lookup in lookups:
            entry = _Entry(lookup, self._interval(lookup), start)
            self._entries[lookup.key] = entry
            self._backends.setdefault(lookup.backend, Backend(lookup.backend, width(lookup.backend)))
            self._queue(entry, start)

    def start_due(self, now: float) -> list[Lookup]:
        """Every lookup that may start now, in order; each is in flight from here on until ``finished``."""
        self._lose_patience(now)
        for backend in [held for held in self._held.values() if now >= held.not_before]:
            del self._held[backend.name]
            self._wake(backend, now)
        while self._due and self._due[0][0] <= now:
            _, priority, order, key = heapq.heappop(self._due)
            if self._entries[key].order == order:
                heapq.heappush(self._ready, (priority, order, key))
        started: list[Lookup] = []
        while self._ready and self._room > 0:
            priority, order, key = heapq.heappop(self._ready)
            entry = self._entries[key]
            if entry.order != order or entry.in_flight or entry.waiting:
                continue
            backend = self._backends[entry.lookup.backend]
            if backend.has_room(now):
                self._start(entry, backend, now)
                started.append(entry.lookup)
            else:
                entry.waiting = True
                backend.wait(priority, order, key)
                self._hold(backend, now)
        return started

    def wake_at(self, now: float) -> float | None:
        """When ``start_due`` could start something that no ``finished`` announces; None when only a call's end can."""
        moments = [max(now, running.started_at + PATIENCE) for running in self._running.values() if running.counts]
        if self._room > 0:
            if self._due:
                moments.append(self._due[0][0])
            held = (backend.wake_at(now) for backend in self._held.values())
            moments.extend(moment for moment in held if moment is not None)
        return min(moments, default=None)

    def finished(self, key: FacetKey, now: float, failure: Failure | None, *, not_yet: bool = False) -> None:
        """An attempt ended: with a failure, with a value (None), or without having asked (``not_yet``)."""
        entry = self._entries[key]
        backend = self._backends[entry.lookup.backend]
        entry.in_flight = False
        del self._running[key]
        if entry.counts:
            entry.counts = False
            self._room += 1
        if not not_yet:
            entry.finished_at = now
            entry.failures = 0 if failure is None else entry.failures + 1
            backend.finished(failure, now, self._random)
        else:
            backend.gave_back()
        delay = self._delay(entry, failure)
        entry.not_before = now + delay if failure is not None and failure.retry_after is not None else 0.0
        due = now + delay
        if entry.again is not None:
            due = min(due, max(entry.again, entry.not_before))
            entry.again = None
        self._queue(entry, due)
        self._wake(backend, now)

    def ask(self, key: FacetKey, now: float, *, gap: float = ASKED_GAP) -> None:
        """Make one facet due as soon as ``gap`` seconds have passed since its last attempt; Retry-After still holds."""
        entry = self._entries.get(key)
        if entry is None:
            return
        if entry.in_flight:
            entry.again = now + gap
            return
        due = max(now, entry.finished_at + gap, entry.not_before)
        if due < entry.due and not entry.waiting:
            self._queue(entry, due)

    def event(self, key: FacetKey, now: float) -> None:
        """Something happened that this facet shows; a facet that fails keeps its back-off."""
        entry = self._entries.get(key)
        if entry is not None and entry.failures == 0:
            self.ask(key, now, gap=EVENT_GAP)

    def ask_all(self, owner: str, now: float) -> None:
        """Make everything of an instance (empty: of the fleet) due; ends the patience with dead backends too."""
        for key, entry in self._entries.items():
            if not owner or key.owner == owner:
                self._backends[entry.lookup.backend].ask_again()
                self.ask(key, now)
                if entry.waiting:
                    self._wake(self._backends[entry.lookup.backend], now)

    def focus(self, instance: str, now: float) -> dict[FacetKey, float]:
        """Somebody looks at this instance now; returns the intervals that changed thereby."""
        self._focus = instance
        changed: dict[FacetKey, float] = {}
        for key, entry in self._entries.items():
            every = self._interval(entry.lookup)
            if every == entry.every:
                continue
            sooner = every < entry.every
            entry.every = changed[key] = every
            if sooner:
                self.event(key, now)
        return changed

    def every(self, key: FacetKey) -> float:
        """The facet's interval as it is now."""
        return self._entries[key].every

    def unreachable(self, key: FacetKey) -> tuple[FacetKey, ...]:
        """When this facet's backend is taken for dead: the facets that wait for it and will not be asked for now."""
        backend = self._backends[self._entries[key].lookup.backend]
        return backend.waiting() if backend.is_open else ()

    def _interval(self, lookup: Lookup) -> float:
        watched = lookup.key.owner == self._focus or lookup.unwatched_every is None
        return lookup.every if watched else lookup.unwatched_every or lookup.every

    def _delay(self, entry: _Entry, failure: Failure | None) -> float:
        if failure is None:
            return after_success(entry.every, self._random)
        return after_failure(failure, entry.failures, entry.every, self._random)

    def _queue(self, entry: _Entry, due: float) -> None:
        """(Re)place an entry in the heap; the order number makes the place it had before invalid."""
        self._order += 1
        entry.order, entry.due = self._order, due
        heapq.heappush(self._due, (due, entry.lookup.priority, entry.order, entry.lookup.key))

    def _start(self, entry: _Entry, backend: Backend, now: float) -> None:
        entry.in_flight = entry.counts = True
        entry.started_at = now
        self._room -= 1
        self._running[entry.lookup.key] = entry
        backend.started()

    def _wake(self, backend: Backend, now: float) -> None:
        """Bring back as many waiting lookups as the backend has room for."""
        for _ in range(backend.room(now)):
            key = backend.pop_waiting()
            if key is None:
                return
            entry = self._entries[key]
            entry.waiting = False
            self._queue(entry, min(entry.due, now))
        self._hold(backend, now)

    def _hold(self, backend: Backend, now: float) -> None:
        """Remember a backend whose lookups wait for a moment, not for a call's end."""
        if now < backend.not_before and backend.waiting():
            self._held[backend.name] = backend

    def _lose_patience(self, now: float) -> None:
        for entry in self._running.values():
            if entry.counts and now >= entry.started_at + PATIENCE:
                entry.counts = False
                self._room += 1
