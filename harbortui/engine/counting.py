"""Counts buckets for a person who asked: plan, progress, result, cancel; one count of a bucket at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial

from harbortui.collect.counting import Counter
from harbortui.collect.lookup import FacetKey
from harbortui.collect.store import INSTANCE, SnapshotStore
from harbortui.engine.errands import Errands
from harbortui.engine.link import Sink
from harbortui.engine.messages import CancelCount, CountStage, CountState, PlanCount, StartCount
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount, CountProgress
from harbortui.model.usage import CountedUsage, UsagePlan
from harbortui.sources.answer import Ok

NO_BUCKET = "no bucket is configured for this instance"
BUSY = "another instance's count of the same bucket is under way"


class Counts:
    """Obeys PlanCount, StartCount and CancelCount; results go into the store."""

    def __init__(
        self,
        counters: Mapping[str, Counter],
        store: SnapshotStore,
        *,
        wall: Callable[[], float],
        on_learned: Callable[[], None],
        on_bug: Callable[[BaseException], None],
    ) -> None:
        """``on_learned`` is called when something new is in the store."""
        self._counters = counters
        self._store = store
        self._wall = wall
        self._on_learned = on_learned
        self._errands = Errands(wall, on_bug)

    async def obey(self, command: PlanCount | StartCount | CancelCount, sink: Sink) -> None:
        """Begin or end what was asked for; returns without waiting for a store."""
        name = command.instance
        counter = self._counters.get(name)
        if counter is None:
            await self._fail(sink, name, Failure(kind=FailureKind.NOT_FOUND, detail=NO_BUCKET, at=self._wall()))
            return
        busy = await self._errands.holder(counter.place)
        if isinstance(command, CancelCount):
            if busy == name and await self._errands.cancel(counter.place):
                await sink.send(CountState(instance=name, stage=CountStage.CANCELLED))
        elif busy is None:
            work = self._plan if isinstance(command, PlanCount) else self._count
            self._errands.begin(
                counter.place, name, partial(work, name, counter, sink), partial(self._fail, sink, name)
            )
        elif busy != name:
            await self._fail(sink, name, Failure(kind=FailureKind.CONFLICT, detail=BUSY, at=self._wall()))

    async def close(self) -> None:
        """Cancel what runs and wait for its end."""
        await self._errands.close()

    async def _plan(self, name: str, counter: Counter, sink: Sink) -> None:
        await sink.send(CountState(instance=name, stage=CountStage.PLANNING))
        answer = await counter.plan(self._objects(name))
        self._errands.ending(counter.place)
        if isinstance(answer, Failure):
            await self._fail(sink, name, answer)
        else:
            plan: UsagePlan = answer.value
            await sink.send(CountState(instance=name, stage=CountStage.PLANNED, plan=plan))

    async def _count(self, name: str, counter: Counter, sink: Sink) -> None:
        await sink.send(CountState(instance=name, stage=CountStage.COUNTING))
        found: BucketCount | None = None
        progress: CountProgress | None = None
        async with aclosing(counter.count(self._objects(name))) as events:
            async for event in events:
                if isinstance(event, Failure):
                    self._errands.ending(counter.place)
                    await self._fail(sink, name, event, progress)
                    return
                if isinstance(event, BucketCount):
                    found = event
                else:
                    progress = event
                    await sink.send(CountState(instance=name, stage=CountStage.COUNTING, progress=progress))
        if found is None:
            return
        self._learn(counter, CountedUsage(count=found, hidden_note="not looked for"))
        await sink.send(CountState(instance=name, stage=CountStage.HIDDEN, progress=progress))
        hidden = await counter.hidden(found)
        if isinstance(hidden, Failure):
            self._learn(counter, CountedUsage(count=found, hidden_note=hidden.detail))
        else:
            self._learn(counter, CountedUsage(count=found, hidden=hidden.value))
        self._errands.ending(counter.place)
        await sink.send(CountState(instance=name, stage=CountStage.DONE))

    def _objects(self, name: str) -> int | None:
        """How many objects there are as far as somebody knows: the store, else our last count."""
        instance = self._store.instance(name)
        bucket, counted = instance.bucket.value, instance.counted.value
        if bucket is not None and bucket.usage is not None and bucket.usage.objects is not None:
            return bucket.usage.objects
        return None if counted is None else counted.count.objects

    def _learn(self, counter: Counter, found: CountedUsage) -> None:
        """Into every instance with the same bucket and prefix: they would count the same."""
        mine = next(name for name, each in self._counters.items() if each is counter)
        prefix = self._store.instance(mine).target.prefix
        for name, each in self._counters.items():
            if each.place == counter.place and self._store.instance(name).target.prefix == prefix:
                self._store.learn(FacetKey(INSTANCE, name, "counted"), Ok(found), self._wall())
        self._on_learned()

    async def _fail(self, sink: Sink, name: str, failure: Failure, progress: CountProgress | None = None) -> None:
        await sink.send(CountState(instance=name, stage=CountStage.FAILED, failure=failure, progress=progress))
