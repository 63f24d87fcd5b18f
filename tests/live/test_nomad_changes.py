"""The suite's own job of eight tasks, from its registration to its purge: what the console sees of it."""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import COMPONENTS
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.events import JobEvent
from harbortui.sources.nomad.source import NomadSource
from tests.live.answers import value
from tests.live.nomad_made import CRASHING, KILL_SECONDS, MEMORY_MB, PLANTED, SLOW, all_run, job, registered
from tests.live.nomad_open import opened, read_until
from tests.live.nomad_plain import Plain, waited
from tests.live.settings import CHANGE, LiveNomad, may_change, server

TICK = re.compile(r"tick (\d+) of core")


@dataclass(frozen=True)
class Made:
    """The job while it is there."""

    name: str
    namespace: str
    admin: Plain
    server: LiveNomad

    @property
    def allocation(self) -> str:
        return str(waited(lambda: all_run(self.admin, self.name), 120.0)["ID"])


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    nomad = server("NOMAD", os.environ)
    if not isinstance(nomad, LiveNomad):
        pytest.skip("HARBORTUI_LIVE_NOMAD is not set")
    if not may_change(os.environ):
        pytest.skip(f"{CHANGE} is not 1")
    admin = Plain(nomad, nomad.admin_token)
    name = f"harbortui-live-{uuid.uuid4().hex[:8]}"
    with registered(admin, nomad.namespace, job(name, nomad.driver)):
        yield Made(name, nomad.namespace, admin, nomad)


@pytest.fixture
async def source(made: Made) -> AsyncIterator[NomadSource]:
    async with opened(made.server, made.server.token) as source:
        yield source


async def test_eight_tasks_run_and_one_has_crashed_once(made: Made, source: NomadSource) -> None:
    running = await asyncio.to_thread(lambda: made.allocation)
    (allocation,) = value(await source.allocations(made.name, made.namespace))
    assert (allocation.id, allocation.is_current, allocation.group) == (running, True, "harbor")
    assert {task.name: task.state for task in allocation.tasks} == dict.fromkeys(COMPONENTS, "running")
    crashed = next(task for task in allocation.tasks if task.name == CRASHING)
    assert crashed.restarts == 1 and crashed.last_restart and crashed.started_at
    assert [event.exit_code for event in crashed.events if event.type == "Terminated"] == [3]
    assert "Restarting" in [event.type for event in crashed.events]
    assert not any(event.oom_killed for event in crashed.events)


async def test_its_specification_without_its_secrets(made: Made, source: NomadSource) -> None:
    told = value(await source.job(made.name, made.namespace))
    assert (told.status, told.stop, told.count, told.group) == ("running", False, 1, "harbor")
    assert {task.name for task in told.tasks} == set(COMPONENTS)
    assert {(task.kill_timeout, task.memory_mb, task.driver) for task in told.tasks} == {
        (float(KILL_SECONDS), MEMORY_MB, made.server.driver)
    }
    answers = (told, value(await source.allocations(made.name, made.namespace)))
    assert PLANTED.encode() not in msgspec.json.encode(answers)


async def test_its_deployment_succeeds_and_nothing_is_left_to_place(made: Made, source: NomadSource) -> None:
    async with asyncio.timeout(120):
        while True:
            latest = value(await source.deployment(made.name, made.namespace)).latest
            assert latest is not None and latest.status in ("running", "successful")
            if latest.status == "successful":
                break
            await asyncio.sleep(0.5)
    assert (latest.desired, latest.healthy, latest.unhealthy) == (1, 1, 0)
    placement = value(await source.placement(made.name, made.namespace))
    assert (placement.status, placement.failures, placement.next_try) == ("complete", (), None)


async def test_a_log_tells_a_line_written_after_it_was_opened(made: Made, source: NomadSource) -> None:
    allocation = await asyncio.to_thread(lambda: made.allocation)
    seen: list[int] = []

    def later(text: str) -> bool:
        ticks = [int(number) for number in TICK.findall(text)]
        seen[:] = seen or ticks[-1:]
        return bool(seen) and ticks[-1] >= seen[0] + 3

    text = await read_until(source.tail(allocation, "core", "stdout", made.namespace, start_bytes=60), later)
    ticks = [int(number) for number in TICK.findall(text)]
    assert ticks == list(range(ticks[0], ticks[-1] + 1)), "lines were lost or came twice"


async def test_a_log_follows_through_a_restart_and_the_event_stream_tells_it(made: Made, source: NomadSource) -> None:
    allocation = await asyncio.to_thread(lambda: made.allocation)
    async with aclosing(source.events(made.namespace)) as events:
        async with asyncio.timeout(30):
            begun = await anext(events)
        assert isinstance(begun, JobEvent), begun
        log = asyncio.create_task(
            read_until(
                source.tail(allocation, "nginx", "stdout", made.namespace, 20), lambda text: "begin nginx" in text
            )
        )
        await asyncio.sleep(0)
        path = f"/client/allocation/{allocation}/restart"
        changed = asyncio.create_task(asyncio.to_thread(made.admin.change, "PUT", path, {"TaskName": "nginx"}))
        async with asyncio.timeout(30):
            while True:
                event = await anext(events)
                assert isinstance(event, JobEvent), event
                # The deployment's evaluations may still come in between.
                if event.job_id == made.name and event.topic == "Allocation":
                    break
        assert event.index > begun.index
        assert "begin nginx" in await log
        await changed
    (same,) = value(await source.allocations(made.name, made.namespace))
    nginx = next(task for task in same.tasks if task.name == "nginx")
    assert (same.id, nginx.restarts) == (allocation, 1)
    assert any(
        event.type == "Restart Signaled" and event.message.startswith("User requested") for event in nginx.events
    )


async def test_a_task_that_is_slow_to_stop_is_restarted_in_its_own_time(made: Made, source: NomadSource) -> None:
    allocation = await asyncio.to_thread(lambda: made.allocation)
    path = f"/client/allocation/{allocation}/restart"
    before = asyncio.get_running_loop().time()
    await asyncio.to_thread(made.admin.change, "PUT", path, {"TaskName": SLOW})
    # The answer comes when the old process has ended, which takes this one three seconds.
    assert asyncio.get_running_loop().time() - before >= 2.5
    text = await read_until(
        source.tail(allocation, SLOW, "stdout", made.namespace), lambda text: text.count(f"begin {SLOW}") >= 2
    )
    assert "draining" in text


async def test_what_its_tasks_use(made: Made, source: NomadSource) -> None:
    allocation = await asyncio.to_thread(lambda: made.allocation)
    async with asyncio.timeout(20):
        while True:
            usage = value(await source.usage(allocation, made.namespace))
            if {task.name for task in usage.tasks} == set(COMPONENTS):
                break
            if not usage.collected and not usage.tasks:
                await asyncio.sleep(3)
                usage = value(await source.usage(allocation, made.namespace))
                if not usage.collected:
                    pytest.skip("this node collects no samples: publish_allocation_metrics is off in its telemetry")
            await asyncio.sleep(0.5)
    assert all(task.memory_bytes and task.memory_bytes < MEMORY_MB * 2**20 for task in usage.tasks)
    assert all(task.sampled_at for task in usage.tasks)


async def test_a_job_that_no_node_can_take(made: Made, source: NomadSource) -> None:
    name = f"{made.name}-nowhere"
    with registered(made.admin, made.namespace, job(name, made.server.driver, impossible=True)):
        async with asyncio.timeout(30):
            while True:
                placement = value(await source.placement(name, made.namespace))
                if placement.status == "blocked":
                    break
                await asyncio.sleep(0.3)
        (failure,) = placement.failures
        assert failure.group == "harbor" and failure.nodes_evaluated >= 1
        assert any("no-such-kernel" in reason for reason in failure.reasons)
        assert value(await source.allocations(name, made.namespace)) == ()


async def test_after_its_purge_the_job_is_gone(made: Made, source: NomadSource) -> None:
    name = f"{made.name}-brief"
    with registered(made.admin, made.namespace, job(name, made.server.driver)):
        assert isinstance(await source.job(name, made.namespace), Ok)
    gone = await source.job(name, made.namespace)
    assert isinstance(gone, Failure) and gone.kind is FailureKind.NOT_FOUND
    allocations = await source.allocations(name, made.namespace)
    assert isinstance(allocations, Ok)
    assert not any(each.is_current for each in allocations.value)
