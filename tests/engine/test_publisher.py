"""What is sent of a large fleet's ages: all of them, but never so many at once that a key has to wait."""

from __future__ import annotations

import asyncio
import itertools

from harbortui.collect.lookup import FacetKey
from harbortui.collect.store import SnapshotStore
from harbortui.diagnose import Limits
from harbortui.engine.messages import Delta, FullSnapshot, ToConsole
from harbortui.engine.mirror import SnapshotMirror, facet_of
from harbortui.engine.publisher import TOUCHES_AT_ONCE, Publisher
from harbortui.engine.verdicts import VerdictKeeper
from harbortui.sources.answer import Ok
from tests.collect.fakes import empty, health, key

NAMES = tuple(f"harbor-{number:03d}" for number in range(2 * TOUCHES_AT_ONCE + 1))


class Console:
    """Keeps what it is sent; the whole fleet is seen again while half of its ages are under way."""

    def __init__(self, store: SnapshotStore) -> None:
        self.mirror = SnapshotMirror()
        self.got: list[Delta] = []
        self.all_there = asyncio.Event()
        self._store = store

    async def send(self, message: ToConsole) -> None:
        assert isinstance(message, Delta | FullSnapshot)
        self.mirror.apply(message)
        if isinstance(message, Delta):
            self.got.append(message)
            if len(self.got) == 1:
                see(self._store, 30.0)
            ages = {each.health.at for each in self.mirror.snapshot.instances}
            if ages == {30.0}:
                self.all_there.set()


def see(store: SnapshotStore, at: float) -> None:
    """Every instance is as healthy as before."""
    for name in NAMES:
        store.learn(key("health", name), Ok(health()), at)


async def test_ages_of_a_large_fleet_come_in_parts_and_end_as_they_are() -> None:
    store = SnapshotStore(empty(*NAMES))
    see(store, 10.0)
    ticks = itertools.count()
    publisher = Publisher(store, VerdictKeeper(Limits()), lambda: 31.0, lambda: float(next(ticks)))
    console = Console(store)
    running = asyncio.create_task(publisher.run(console, cached=False))
    # What the first snapshot already told is not told again.
    await asyncio.sleep(0)
    see(store, 20.0)
    await asyncio.wait_for(console.all_there.wait(), 20)
    running.cancel()
    touched = [each for each in console.got if each.touches]
    assert len(touched) > 2 and max(len(each.touches) for each in touched) == TOUCHES_AT_ONCE
    for name in NAMES:
        there = facet_of(console.mirror.snapshot, "instance", name, "health")
        assert there is not None and there == store.facet(FacetKey("instance", name, "health"))
