"""A small fleet by hand: lookups that answer what a test says, and clocks that a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from harbortui.collect.fleet import EventFeed, Fleet, TailTarget
from harbortui.collect.lookup import FacetKey, Known, Lookup, NotYet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import ComponentHealth, Health
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target
from harbortui.sources.answer import Ok

Answering = Callable[[], Awaitable[Any]]


class HeldClock:
    """A time that only moves when told to."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def key(facet: str, owner: str = "a") -> FacetKey:
    return FacetKey("instance", owner, facet)


def lookup(facet: str, answer: Any, *, owner: str = "a", every: float = 15.0, backend: str = "", **more: Any) -> Lookup:
    """A lookup that answers ``answer``: a value, or a function that is called (and awaited) each time."""

    async def ask(_: Known) -> Ok[Any] | Failure | NotYet:
        result = answer() if callable(answer) else answer
        if isinstance(result, Awaitable):
            result = await result
        return result  # type: ignore[no-any-return]

    return Lookup(key=key(facet, owner), every=every, backend=backend or f"harbor:{owner}", ask=ask, **more)


def empty(*names: str) -> Snapshot:
    """Instances of these names with nothing learned."""
    targets = [Target(name=name, url=f"http://{name}") for name in names]
    return Snapshot(fleet="test", instances=tuple(InstanceSnapshot(target=target) for target in targets))


def health(status: str = "healthy", **components: str) -> Health:
    """A health answer; components by name and status."""
    rows = tuple(ComponentHealth(name=name, status=told) for name, told in (components or {"core": status}).items())
    return Health(status=status, components=rows)


def failure(kind: FailureKind = FailureKind.REFUSED, **more: Any) -> Failure:
    return Failure(kind=kind, detail=more.pop("detail", kind.value), **more)


async def no_tail(target: TailTarget) -> AsyncIterator[bytes | Failure]:
    """A log that is never there."""
    yield failure(FailureKind.NOT_FOUND)


def fleet(snapshot: Snapshot, *lookups: Lookup, feeds: tuple[EventFeed, ...] = (), **more: Any) -> Fleet:
    """A fleet of these lookups."""
    more.setdefault("open_tail", no_tail)
    more.setdefault("clean", lambda text, limit=4096: text[:limit])
    return Fleet(snapshot=snapshot, lookups=lookups, feeds=feeds, **more)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition, looking often; TimeoutError when it does not come."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions are about objects that send no event
            await asyncio.sleep(0.002)
