"""The engine: collection, verdicts and the live tail behind one door of messages, in whatever process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from random import Random

from harbortui.collect.cache import SnapshotCache
from harbortui.collect.collector import Clocks, Collector
from harbortui.collect.events import watch
from harbortui.collect.facets import Moved
from harbortui.collect.fleet import Fleet
from harbortui.collect.once import collect_once
from harbortui.collect.schedule import Schedule
from harbortui.collect.store import SnapshotStore
from harbortui.diagnose import Limits
from harbortui.engine.counting import Counts
from harbortui.engine.desk import HistoryDesk, OpenHistory
from harbortui.engine.history import HistoryKeeper, OpenRecords
from harbortui.engine.link import Sink
from harbortui.engine.looks import Looks
from harbortui.engine.messages import (
    AskHistory,
    CancelCount,
    CancelSums,
    EngineNote,
    Focus,
    Follow,
    Look,
    PlanCount,
    PlanSums,
    Refresh,
    Shutdown,
    StartCount,
    StartSums,
    ToEngine,
    Unfollow,
)
from harbortui.engine.publisher import Publisher
from harbortui.engine.sums import Sums
from harbortui.engine.tail import Tail
from harbortui.engine.verdicts import VerdictKeeper
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import Verdict
from harbortui.model.snapshot import Snapshot

_NO_NOMAD = Failure(kind=FailureKind.NOT_FOUND, detail="no Nomad address is configured for this instance")

CACHE_FIRST = 20.0
CACHE_EVERY = 300.0
"""Seconds between two writes of the cache; the last one is written when the engine ends."""
LOOK_ONCE = 2.0
"""Seconds that a command without a screen waits for the history; without it findings say less of when they began."""


class Engine:
    """Owns one fleet's collection. ``run`` serves a console; ``once`` serves a command without a screen."""

    def __init__(
        self,
        fleet: Fleet,
        *,
        limits: Limits,
        clocks: Clocks,
        random: Random,
        cache: SnapshotCache | None = None,
        records: OpenRecords | None = None,
        history: OpenHistory | None = None,
        report: Callable[[BaseException], str] = lambda error: type(error).__name__,
    ) -> None:
        self._fleet = fleet
        self._clocks = clocks
        self._random = random
        self._cache = cache
        self._records = records
        self._report = report
        last = cache.load() if cache is not None else None
        self._has_last = last is not None
        self._store = SnapshotStore(last if last is not None else fleet.snapshot)
        self._desk = HistoryDesk(history, lambda: self._store.snapshot(clocks.wall()), clocks.wall)
        self._verdicts = VerdictKeeper(limits, self._desk.pasts)
        self._tail: Tail | None = None
        self._tail_task: asyncio.Task[None] | None = None
        self._notes: asyncio.Queue[EngineNote] = asyncio.Queue(maxsize=16)

    async def once(self, deadline: float) -> tuple[Snapshot, Verdict]:
        """One collection of everything within ``deadline`` seconds; closes the fleet."""
        background = [asyncio.create_task(_forever(work)) for work in self._fleet.background]
        try:
            await collect_once(
                self._fleet.lookups, self._store, deadline=deadline, wall=self._clocks.wall, on_bug=self.report_bug
            )
        finally:
            await _cancelled(background)
            await self._fleet.close()
        await self._desk.look_once(LOOK_ONCE)
        now = self._clocks.wall()
        snapshot = self._store.snapshot(now)
        return snapshot, self._verdicts.judge(snapshot, now)

    async def run(self, sink: Sink, commands: AsyncIterator[ToEngine]) -> None:
        """Serve until a Shutdown, the end of ``commands``, or a sink that is gone; closes the fleet."""
        publisher = Publisher(self._store, self._verdicts, self._clocks.wall, self._clocks.steady)
        collector = self._collector(publisher)
        counts = Counts(
            self._fleet.counters,
            self._store,
            wall=self._clocks.wall,
            on_learned=lambda: publisher.moved(Moved.CONTENT),
            on_bug=self.report_bug,
        )
        sums = Sums(
            self._fleet.summers,
            self._store,
            wall=self._clocks.wall,
            on_learned=lambda: publisher.moved(Moved.CONTENT),
            on_bug=self.report_bug,
        )
        looks = Looks(self._fleet.askers, self._store.instance, self._clocks, self._random, on_bug=self.report_bug)
        serving = [
            asyncio.create_task(self._obey(commands, sink, collector, counts, sums, looks)),
            asyncio.create_task(publisher.run(sink, cached=self._has_last)),
            asyncio.create_task(self._send_notes(sink)),
        ]
        # The console's first frame must not wait for imports that the first lookups cause.
        await asyncio.sleep(0)
        collector.start()
        background = [asyncio.create_task(_forever(work)) for work in self._fleet.background]
        background += [asyncio.create_task(watch(feed, collector.event, self._random)) for feed in self._fleet.feeds]
        background.append(asyncio.create_task(self._keep_cache()))
        background.append(asyncio.create_task(self._keep_history()))
        background.append(asyncio.create_task(self._desk.run(sink)))
        for task in background:
            task.add_done_callback(self._background_ended)
        try:
            done, _ = await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                with suppress(ConnectionError):
                    task.result()
        finally:
            await _cancelled([*serving, *background, *([self._tail_task] if self._tail_task else [])])
            await counts.close()
            await sums.close()
            await looks.close()
            await collector.close()
            self._save_cache()
            await self._fleet.close()

    def report_bug(self, error: BaseException) -> None:
        """Write a fault of our own down and tell the person once."""
        self._tell(self._report(error))

    def _tell(self, sentence: str) -> None:
        if sentence and not self._notes.full():
            self._notes.put_nowait(EngineNote(text=sentence))

    def _collector(self, publisher: Publisher) -> Collector:
        schedule = Schedule(self._fleet.lookups, random=self._random, start=self._clocks.steady())

        def moved(what: Moved) -> None:
            publisher.moved(what)
            if self._tail is not None and what is Moved.CONTENT:
                self._tail.allocations_changed()

        return Collector(
            self._fleet.lookups, self._store, schedule, self._clocks, on_moved=moved, on_bug=self.report_bug
        )

    async def _obey(
        self,
        commands: AsyncIterator[ToEngine],
        sink: Sink,
        collector: Collector,
        counts: Counts,
        sums: Sums,
        looks: Looks,
    ) -> None:
        async for command in commands:
            if isinstance(command, Shutdown):
                return
            if isinstance(command, Refresh):
                collector.refresh(command.instance)
                looks.refresh(command.instance)
            elif isinstance(command, Focus):
                collector.focus(command.instance)
            elif isinstance(command, (Follow, Unfollow)):
                await self._follow(command, sink)
            elif isinstance(command, Look):
                await looks.obey(command, sink)
            elif isinstance(command, AskHistory):
                self._desk.ask(command)
            elif isinstance(command, (PlanCount, StartCount, CancelCount)):
                await counts.obey(command, sink)
            elif isinstance(command, (PlanSums, StartSums, CancelSums)):
                await sums.obey(command, sink)

    async def _follow(self, command: Follow | Unfollow, sink: Sink) -> None:
        if self._tail_task is not None:
            await _cancelled([self._tail_task])
        self._tail = self._tail_task = None
        if isinstance(command, Unfollow) or command.instance not in self._store.instance_names:
            return
        self._tail = Tail(
            command,
            open_tail=self._fleet.open_tail,
            allocation=lambda: self._allocation_of(command.instance),
            clean=self._fleet.clean,
            sink=sink,
            random=self._random,
        )
        self._tail_task = asyncio.create_task(self._tail.run())
        self._tail_task.add_done_callback(self._background_ended)

    def _allocation_of(self, instance: str) -> str | Failure:
        """The allocation whose logs matter: the newest current one, else the newest there is; empty without any.

        A failure where nobody knows, because the allocations were never told.
        """
        facet = self._store.instance(instance).allocations
        if facet.value is None and facet.failure is not None:
            return facet.failure
        if not facet.configured:
            return _NO_NOMAD
        allocations = facet.value or ()
        newest_first = sorted(allocations, key=lambda each: (each.is_current, each.create_time or 0.0), reverse=True)
        return newest_first[0].id if newest_first else ""

    async def _send_notes(self, sink: Sink) -> None:
        while True:
            await sink.send(await self._notes.get())

    async def _keep_cache(self) -> None:
        await asyncio.sleep(CACHE_FIRST)
        while True:
            self._save_cache()
            await asyncio.sleep(CACHE_EVERY)

    async def _keep_history(self) -> None:
        if self._records is not None:
            await HistoryKeeper(self._records, lambda: self._store.snapshot(self._clocks.wall()), self._tell).run()

    def _save_cache(self) -> None:
        snapshot = self._store.snapshot(self._clocks.wall())
        if self._cache is not None and any(each.health.at or each.allocations.at for each in snapshot.instances):
            self._cache.save(snapshot, written_at=self._clocks.wall())

    def _background_ended(self, task: asyncio.Task[None]) -> None:
        """Background work ends only by cancellation or by a fault, and a fault must be seen."""
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.report_bug(error)


async def _forever(work: Callable[[], object]) -> None:
    outcome = work()
    if asyncio.iscoroutine(outcome) or isinstance(outcome, asyncio.Future):
        await outcome


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
