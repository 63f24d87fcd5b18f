"""Counting on demand through the engine's messages, on the simulated fleet; what it must never do is write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from harbortui.collect.cache import SnapshotCache
from harbortui.collect.counting import CountEvent
from harbortui.collect.store import SnapshotStore
from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.engine.counting import Counts
from harbortui.engine.messages import CancelCount, CountStage, CountState, EngineNote, PlanCount, StartCount, ToConsole
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.listing import BucketCount, BucketSample, HiddenBytes
from harbortui.model.usage import CountedUsage, UsagePlan
from harbortui.sim.thread import SimThread
from harbortui.sources.answer import Answer, Ok
from tests.collect.fakes import empty, failure, fleet, until
from tests.engine.test_engine import Console
from tests.ui import counts

BULK = 8_000


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1, history_days=1, bulk_blobs=BULK) as running:
        yield running


@pytest.fixture
async def console(sim: SimThread) -> AsyncIterator[Console]:
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    async with Console(wire(settings, vault_password=None, wall=time.time)) as serving:
        yield serving
    sim.fault("s3", "up")


def states(console: Console) -> list[CountState]:
    return [each for each in console.got if isinstance(each, CountState)]


def stages(console: Console) -> list[CountStage]:
    """The stages without repetitions."""
    found: list[CountStage] = []
    for state in states(console):
        if not found or found[-1] is not state.stage:
            found.append(state.stage)
    return found


async def reached(console: Console, stage: CountStage) -> CountState:
    await until(lambda: any(each.stage is stage for each in states(console)), 20.0)
    return next(each for each in states(console) if each.stage is stage)


def counted(console: Console, name: str) -> CountedUsage | None:
    instance = console.mirror.snapshot.instance(name)
    return None if instance is None else instance.counted.value


# On the simulator


async def test_plan_count_and_result_are_the_worlds_truth_and_nothing_is_written(
    sim: SimThread, console: Console
) -> None:
    name = sim.world.instances[0].name
    truth = sim.world.instances[0].bucket.stats()
    console.tell(PlanCount(instance=name))
    plan = (await reached(console, CountStage.PLANNED)).plan
    assert plan is not None and plan.count.calls >= truth.objects / 1000 and plan.versioning == ""
    assert counted(console, name) is None
    console.tell(StartCount(instance=name))
    await reached(console, CountStage.DONE)
    assert stages(console) == [
        CountStage.PLANNING,
        CountStage.PLANNED,
        CountStage.COUNTING,
        CountStage.HIDDEN,
        CountStage.DONE,
    ]
    await until(lambda: (found := counted(console, name)) is not None and found.hidden is not None)
    found = counted(console, name)
    assert found is not None and (found.count.objects, found.count.bytes) == (truth.objects, truth.bytes)
    assert found.usage.source == "counted by us"
    progress = [each.progress for each in states(console) if each.progress is not None]
    assert progress and progress[-1].objects == truth.objects
    backends: dict[str, Any] = sim.control.counts()
    assert all(not each["writes"] for each in backends.values()), backends


@pytest.mark.parametrize(
    ("mode", "kind"), [("forbidden", FailureKind.FORBIDDEN), ("down", FailureKind.REFUSED), ("wrong", None)]
)
async def test_a_store_that_refuses_or_is_down_is_a_failure_with_its_kind(
    sim: SimThread, console: Console, mode: str, kind: FailureKind | None
) -> None:
    sim.fault("s3", mode)
    for command in (PlanCount, StartCount):
        console.got.clear()
        console.tell(command(instance=sim.world.instances[0].name))
        failed = await reached(console, CountStage.FAILED)
        assert failed.failure is not None and (kind is None or failed.failure.kind is kind)
    assert counted(console, sim.world.instances[0].name) is None


async def test_a_slow_store_is_cancelled_at_once(sim: SimThread, console: Console) -> None:
    name = sim.world.instances[0].name
    sim.fault("s3", "slow", seconds=600.0)
    for command in (PlanCount, StartCount):
        console.got.clear()
        console.tell(command(instance=name))
        await until(lambda: bool(states(console)))
        console.tell(CancelCount(instance=name))
        await reached(console, CountStage.CANCELLED)


# By hand


class Held:
    """A counter whose every step waits until the test lets it go on."""

    def __init__(self, bucket: str = "harbor", hidden: Answer[HiddenBytes] | None = None) -> None:
        self.place = ("http://store", bucket)
        self.began: list[str] = []
        self.hints: list[int | None] = []
        self.closed = 0
        self.go = asyncio.Event()
        self._hidden = hidden if hidden is not None else Ok(counts.hidden())

    async def plan(self, objects: int | None) -> Answer[UsagePlan]:
        self.began.append("plan")
        self.hints.append(objects)
        await self.go.wait()
        return Ok(counts.plan())

    async def count(self, objects: int | None) -> AsyncGenerator[CountEvent, None]:
        self.began.append("count")
        self.hints.append(objects)
        try:
            yield counts.progress()
            await self.go.wait()
            yield counts.count()
        finally:
            self.closed += 1

    async def sample(self, prefixes: int) -> Answer[BucketSample]:
        raise AssertionError("nobody asked for a sample")

    async def hidden(self, count: BucketCount) -> Answer[HiddenBytes]:
        return self._hidden


async def test_a_bucket_is_counted_once_at_a_time_and_its_owners_all_learn_it() -> None:
    held = Held()
    async with Console(fleet(empty("a", "b", "c"), counters={"a": held, "b": held, "c": Held("other")})) as console:
        console.tell(StartCount(instance="a"))
        await until(lambda: held.began == ["count"])
        console.tell(StartCount(instance="a"))
        console.tell(PlanCount(instance="a"))
        console.tell(CancelCount(instance="b"))
        console.tell(StartCount(instance="b"))
        await until(lambda: any(each.stage is CountStage.FAILED for each in states(console)))
        (refused,) = [each for each in states(console) if each.stage is CountStage.FAILED]
        assert refused.instance == "b" and refused.failure is not None
        assert refused.failure.kind is FailureKind.CONFLICT
        held.go.set()
        await reached(console, CountStage.DONE)
        assert held.began == ["count"] and held.closed == 1
        await until(lambda: counted(console, "b") is not None)
        assert counted(console, "a") == counted(console, "b") and counted(console, "c") is None


class Slow:
    """A console that has read a plan, and answers while its connection still takes no more."""

    def __init__(self) -> None:
        self.got: list[CountStage] = []
        self.room = asyncio.Event()

    async def send(self, message: ToConsole) -> None:
        assert isinstance(message, CountState)
        self.got.append(message.stage)
        if message.stage is CountStage.PLANNED:
            await self.room.wait()


async def test_an_answer_that_comes_before_the_plan_has_left_is_obeyed() -> None:
    held, sink = Held(), Slow()
    held.go.set()
    wall = Mock(return_value=1.0)
    made = Counts({"a": held}, SnapshotStore(empty("a")), wall=wall, on_learned=Mock(), on_bug=Mock())
    await made.obey(PlanCount(instance="a"), sink)
    await until(lambda: CountStage.PLANNED in sink.got)
    answering = asyncio.create_task(made.obey(StartCount(instance="a"), sink))
    await asyncio.sleep(0)
    sink.room.set()
    await answering
    await until(lambda: CountStage.DONE in sink.got)
    assert held.began == ["plan", "count"]
    await made.close()


async def test_a_cancelled_count_is_closed_and_leaves_what_was_known() -> None:
    held = Held()
    async with Console(fleet(empty("a"), counters={"a": held})) as console:
        console.tell(StartCount(instance="a"))
        await until(lambda: any(each.progress for each in states(console)))
        console.tell(CancelCount(instance="a"))
        await reached(console, CountStage.CANCELLED)
        assert held.closed == 1 and counted(console, "a") is None
        console.tell(CancelCount(instance="a"))
        held.go.set()
        console.tell(StartCount(instance="a"))
        await reached(console, CountStage.DONE)
        console.tell(StartCount(instance="a"))
        await until(lambda: len(held.hints) == 3)
        assert held.hints == [None, None, counts.count().objects]


async def test_the_end_of_the_engine_ends_a_count() -> None:
    held = Held()
    async with Console(fleet(empty("a"), counters={"a": held})) as console:
        console.tell(StartCount(instance="a"))
        await until(lambda: held.began == ["count"])
    assert held.closed == 1


async def test_what_a_count_does_not_see_may_fail_without_the_count() -> None:
    held = Held(hidden=failure(FailureKind.TIMEOUT, detail="no answer in time"))
    held.go.set()
    async with Console(fleet(empty("a"), counters={"a": held})) as console:
        console.tell(StartCount(instance="a"))
        await reached(console, CountStage.DONE)
        await until(lambda: (found := counted(console, "a")) is not None and "no answer" in found.hidden_note)


async def test_an_instance_without_a_bucket_is_told_so() -> None:
    async with Console(fleet(empty("a"))) as console:
        console.tell(PlanCount(instance="a"))
        failed = (await reached(console, CountStage.FAILED)).failure
        assert isinstance(failed, Failure) and "no bucket is configured" in failed.detail


async def test_a_fault_of_ours_ends_the_count_and_not_the_engine() -> None:
    class Broken(Held):
        async def plan(self, objects: int | None) -> Answer[UsagePlan]:
            raise ZeroDivisionError

    async with Console(fleet(empty("a"), counters={"a": Broken()})) as console:
        console.tell(PlanCount(instance="a"))
        failed = (await reached(console, CountStage.FAILED)).failure
        assert failed is not None and failed.detail == "a fault in the console: ZeroDivisionError"
        await until(lambda: any(isinstance(each, EngineNote) for each in console.got))
        console.tell(PlanCount(instance="a"))
        await until(lambda: len([each for each in states(console) if each.stage is CountStage.FAILED]) == 2)


async def test_the_next_session_knows_the_last_count(tmp_path: Path) -> None:
    snapshot = empty("a")
    held = Held()
    held.go.set()
    from tests.collect.fakes import health, lookup

    asked = lookup("health", Ok(health()))
    async with Console(fleet(snapshot, asked, counters={"a": held}), SnapshotCache(tmp_path, snapshot)) as console:
        await until(console.has_health)
        console.tell(StartCount(instance="a"))
        await reached(console, CountStage.DONE)
    async with Console(fleet(snapshot, asked, counters={"a": held}), SnapshotCache(tmp_path, snapshot)) as console:
        await until(lambda: counted(console, "a") is not None)
        assert counted(console, "a") == counts.counted()
