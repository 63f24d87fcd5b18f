"""Sums of a project's repositories through the engine's messages, on the simulated fleet and by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator

import pytest

from harbortui.collect.projects import SumEvent
from harbortui.collect.store import SnapshotStore
from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.engine.messages import CancelSums, CountStage, Message, PlanSums, StartSums, SumState
from harbortui.engine.sums import KEPT_PROJECTS, Sums
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.project_usage import ProjectPlan, ProjectProgress, ProjectUsage
from harbortui.sim.thread import SimThread
from harbortui.sources.answer import Answer, Ok
from tests.collect.fakes import empty, failure, fleet, until
from tests.engine.test_engine import Console


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1, history_days=1) as running:
        yield running


def states(console: Console) -> list[SumState]:
    return [each for each in console.got if isinstance(each, SumState)]


async def reached(console: Console, stage: CountStage, project: str = "library") -> SumState:
    def found() -> list[SumState]:
        return [each for each in states(console) if each.stage is stage and each.project == project]

    await until(lambda: bool(found()), 20.0)
    return found()[0]


def known(console: Console, name: str) -> tuple[ProjectUsage, ...]:
    instance = console.mirror.snapshot.instance(name)
    return () if instance is None else instance.project_usage.value or ()


async def test_plan_and_sums_are_the_worlds_truth_and_nothing_is_written(sim: SimThread) -> None:
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    name = sim.world.instances[0].name
    async with Console(wire(settings, vault_password=None, wall=time.time)) as console:
        console.tell(PlanSums(instance=name, project="library"))
        plan = (await reached(console, CountStage.PLANNED)).plan
        assert plan is not None and plan.artifacts > 0 and plan.calls == 1 and known(console, name) == ()
        console.tell(StartSums(instance=name, project="library"))
        await reached(console, CountStage.DONE)
        await until(lambda: bool(known(console, name)))
        (found,) = known(console, name)
        assert found.artifacts >= plan.artifacts and found.complete
        console.tell(PlanSums(instance=name, project="no-such-project"))
        missing = (await reached(console, CountStage.FAILED, "no-such-project")).failure
        assert missing is not None and missing.kind in (FailureKind.NOT_FOUND, FailureKind.FORBIDDEN)
    assert all(not each["writes"] for each in sim.control.counts().values())


class Held:
    """A summer that waits until the test lets it go on."""

    def __init__(self, plan: Answer[ProjectPlan] | None = None) -> None:
        self.began: list[str] = []
        self.closed = 0
        self.go = asyncio.Event()
        self._plan = plan

    async def plan(self, project: str) -> Answer[ProjectPlan]:
        self.began.append(project)
        if self._plan is None:
            raise ZeroDivisionError
        return self._plan

    async def sums(self, project: str) -> AsyncGenerator[SumEvent, None]:
        self.began.append(project)
        try:
            yield ProjectProgress(artifacts=100, calls=1, total=150)
            await self.go.wait()
            yield ProjectUsage(project=project, artifacts=150, bytes=7)
        finally:
            self.closed += 1


async def test_one_project_of_a_harbor_at_a_time() -> None:
    held = Held()
    async with Console(fleet(empty("a"), summers={"a": held})) as console:
        console.tell(StartSums(instance="a", project="library"))
        await until(lambda: held.began == ["library"])
        console.tell(StartSums(instance="a", project="library"))
        console.tell(CancelSums(instance="a", project="other"))
        console.tell(StartSums(instance="a", project="other"))
        refused = (await reached(console, CountStage.FAILED, "other")).failure
        assert refused is not None and refused.kind is FailureKind.CONFLICT
        held.go.set()
        await reached(console, CountStage.DONE)
        await until(lambda: bool(known(console, "a")))
        assert held.began == ["library"] and held.closed == 1
        assert [each.progress.artifacts for each in states(console) if each.progress is not None] == [100]


async def test_a_cancelled_sum_is_closed_and_the_end_of_the_engine_ends_one() -> None:
    held = Held()
    async with Console(fleet(empty("a"), summers={"a": held})) as console:
        console.tell(StartSums(instance="a", project="library"))
        await until(lambda: any(each.progress for each in states(console)))
        console.tell(CancelSums(instance="a", project="library"))
        await reached(console, CountStage.CANCELLED)
        assert held.closed == 1 and known(console, "a") == ()
        console.tell(StartSums(instance="a", project="other"))
        await until(lambda: len(held.began) == 2)
    assert held.closed == 2


async def test_the_newest_projects_are_kept() -> None:
    held = Held()
    held.go.set()
    names = [f"p{number}" for number in range(KEPT_PROJECTS + 2)]
    async with Console(fleet(empty("a"), summers={"a": held})) as console:
        for name in (*names, names[-2]):
            console.got.clear()
            console.tell(StartSums(instance="a", project=name))
            await reached(console, CountStage.DONE, name)
        await until(lambda: [each.project for each in known(console, "a")][:2] == [names[-2], names[-1]])
        assert len(known(console, "a")) == KEPT_PROJECTS


async def test_failures_and_faults_of_ours_are_told() -> None:
    refused = failure(FailureKind.FORBIDDEN, detail="not permitted")
    summers = {
        "a": Held(),
        "b": Held(refused),
        "c": Held(Ok(ProjectPlan(project="x", artifacts=0, calls=1, seconds=0))),
    }
    async with Console(fleet(empty("a", "b", "c", "d"), summers=summers)) as console:
        for name in "abcd":
            console.tell(PlanSums(instance=name, project=f"of-{name}"))
        fault = (await reached(console, CountStage.FAILED, "of-a")).failure
        assert fault is not None and fault.detail == "a fault in the console: ZeroDivisionError"
        assert (await reached(console, CountStage.FAILED, "of-b")).failure == refused
        await reached(console, CountStage.PLANNED, "of-c")
        none = (await reached(console, CountStage.FAILED, "of-d")).failure
        assert isinstance(none, Failure) and "no Harbor" in none.detail


async def test_a_yes_that_comes_before_the_plan_is_quite_over_is_heard() -> None:
    held = Held(Ok(ProjectPlan(project="library", artifacts=0, calls=1, seconds=0)))
    sums = Sums(
        {"a": held},
        SnapshotStore(fleet(empty("a")).snapshot),
        wall=time.time,
        on_learned=lambda: None,
        on_bug=lambda error: None,
    )
    told: list[SumState] = []

    class Slow:
        """A sink whose line is behind: the console has the message, and has answered, before ``send`` returns."""

        async def send(self, message: Message) -> None:
            assert isinstance(message, SumState)
            told.append(message)
            await asyncio.sleep(0.01)

    sink = Slow()
    await sums.obey(PlanSums(instance="a", project="library"), sink)
    await until(lambda: bool(told) and told[-1].stage is CountStage.PLANNED)
    await sums.obey(StartSums(instance="a", project="library"), sink)
    held.go.set()
    await until(lambda: told[-1].stage is CountStage.DONE)
    await sums.close()
