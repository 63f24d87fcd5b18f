"""Runs the schedule: starts lookups, puts their answers into the store, and outlives whatever they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harbortui.collect.facets import Moved
from harbortui.collect.lookup import FacetKey, Known, Lookup, NotYet
from harbortui.collect.schedule import Schedule
from harbortui.collect.store import VAULT, SnapshotStore
from harbortui.model.failure import DENIED, Failure, FailureKind
from harbortui.sources.answer import Ok

CALL_LIMIT = 40.0
"""Seconds after which a lookup is given up from here; every source ends its own calls well before."""

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two times of collection."""

    wall: Clock
    """Unix seconds: when something was learned."""
    steady: Clock
    """Seconds that never jump: when something is due."""


class Collector:
    """Keeps a SnapshotStore current until it is closed."""

    def __init__(
        self,
        lookups: tuple[Lookup, ...],
        store: SnapshotStore,
        schedule: Schedule,
        clocks: Clocks,
        *,
        on_moved: Callable[[Moved], None],
        on_bug: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._schedule = schedule
        self._clocks = clocks
        self._on_moved = on_moved
        self._on_bug = on_bug
        self._dependants: dict[FacetKey, list[FacetKey]] = {}
        for lookup in lookups:
            store.set_every(lookup.key, schedule.every(lookup.key))
            if lookup.needs is not None:
                self._dependants.setdefault(lookup.needs, []).append(lookup.key)
        self._all = tuple(lookup.key for lookup in lookups)
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._pumping = False
        self._closed = False

    def start(self) -> None:
        """Begin collecting; needs a running loop."""
        self._pump()

    async def close(self) -> None:
        """Stop collecting and wait until every call has let go."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def refresh(self, instance: str) -> None:
        """Learn everything of an instance (empty: of the fleet) now."""
        self._schedule.ask_all(instance, self._clocks.steady())
        self._pump()

    def focus(self, instance: str) -> None:
        """Somebody looks at this instance now."""
        for key, every in self._schedule.focus(instance, self._clocks.steady()).items():
            self._store.set_every(key, every)
        self._on_moved(Moved.CONTENT)
        self._pump()

    def event(self, key: FacetKey) -> None:
        """Something happened that this facet shows."""
        self._schedule.event(key, self._clocks.steady())
        self._pump()

    def _pump(self) -> None:
        """Start what may start, and wake up again when the next thing is due."""
        if self._closed:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for lookup in self._schedule.start_due(self._clocks.steady()):
            task = asyncio.create_task(self._attempt(lookup), name=f"{lookup.key.owner}/{lookup.key.facet}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        now = self._clocks.steady()
        wake_at = self._schedule.wake_at(now)
        if wake_at is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.001, wake_at - now), self._pump)

    async def _attempt(self, lookup: Lookup) -> None:
        answer = await answer_of(lookup, self._store.facet, self._clocks.wall, self._on_bug)
        now = self._clocks.steady()
        if isinstance(answer, NotYet):
            self._schedule.finished(lookup.key, now, None, not_yet=True)
        else:
            failure = answer if isinstance(answer, Failure) else None
            before = self._store.facet(lookup.key).failure
            moved = self._store.learn(lookup.key, answer, self._clocks.wall())
            self._schedule.finished(lookup.key, now, failure)
            if failure is not None:
                self._say_unreachable(lookup.key, failure)
            if moved is Moved.CONTENT:
                self._ask_dependants(lookup.key, before, now)
            self._on_moved(moved)
        self._pump()

    def _say_unreachable(self, key: FacetKey, failure: Failure) -> None:
        """Facets that wait for a dead backend have not failed themselves, but must not look as if they were loading."""
        for waiting in self._schedule.unreachable(key):
            if self._store.facet(waiting).failure is None:
                self._store.learn(waiting, failure, self._clocks.wall())

    def _ask_dependants(self, key: FacetKey, before: Failure | None, now: float) -> None:
        for dependant in self._dependants.get(key, ()):
            self._schedule.ask(dependant, now)
        if key.scope == VAULT:
            self._ask_denied(now)
        elif before is not None and self._store.facet(key).failure is None and key.facet == "account":
            self._ask_denied(now, key.owner)

    def _ask_denied(self, now: float, owner: str = "") -> None:
        """Vault or the account changed: what could not be seen for want of credentials may be visible now."""
        for key in self._all:
            failure = self._store.facet(key).failure
            if failure is not None and failure.kind in DENIED and (not owner or key.owner == owner):
                self._schedule.ask(key, now)


async def answer_of(
    lookup: Lookup, known: Known, wall: Clock, on_bug: Callable[[BaseException], None]
) -> Ok[Any] | Failure | NotYet:
    """One attempt of one lookup; a fault of our own becomes a failure of that facet and is reported."""
    try:
        async with asyncio.timeout(CALL_LIMIT):
            return await lookup.ask(known)
    except TimeoutError:
        return Failure(kind=FailureKind.TIMEOUT, detail=f"no answer within {CALL_LIMIT:.0f} s", at=wall())
    except Exception as error:  # noqa: BLE001 - any fault of one source must stay that facet's
        on_bug(error)
        return Failure(kind=FailureKind.LOCAL, detail=f"a fault in the console: {type(error).__name__}", at=wall())
