"""One collection of everything, for commands without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack

from harbortui.collect.collector import Clock, answer_of
from harbortui.collect.intervals import FLEET_WIDTH
from harbortui.collect.lookup import Lookup, NotYet
from harbortui.collect.schedule import backend_width
from harbortui.collect.store import SnapshotStore
from harbortui.model.failure import Failure, FailureKind


async def collect_once(
    lookups: Iterable[Lookup],
    store: SnapshotStore,
    *,
    deadline: float,
    wall: Clock,
    on_bug: Callable[[BaseException], None],
) -> None:
    """Ask every lookup once, those that need another after it, all within ``deadline`` seconds.

    What is not answered by then becomes a failure of its facet; nothing is raised for what a backend does.
    """
    ordered = sorted(lookups, key=lambda lookup: lookup.priority)
    widths: dict[str, asyncio.Semaphore] = {
        backend: asyncio.Semaphore(backend_width(backend)) for backend in {lookup.backend for lookup in ordered}
    }
    fleet = asyncio.Semaphore(FLEET_WIDTH)
    done = {lookup.key: asyncio.Event() for lookup in ordered}

    async def attempt(lookup: Lookup) -> None:
        try:
            if lookup.needs is not None and lookup.needs in done:
                await done[lookup.needs].wait()
            async with AsyncExitStack() as slots:
                await slots.enter_async_context(widths[lookup.backend])
                await slots.enter_async_context(fleet)
                answer = await answer_of(lookup, store.facet, wall, on_bug)
            if not isinstance(answer, NotYet):
                store.learn(lookup.key, answer, wall())
        finally:
            done[lookup.key].set()

    tasks = {asyncio.create_task(attempt(lookup)): lookup for lookup in ordered}
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=deadline)
    for task in late:
        task.cancel()
        failure = Failure(kind=FailureKind.TIMEOUT, detail=f"not answered within {deadline:g} s", at=wall())
        store.learn(tasks[task].key, failure, wall())
    await asyncio.gather(*tasks, return_exceptions=True)
