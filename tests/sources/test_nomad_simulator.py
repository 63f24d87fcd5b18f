"""Nomad and the object store against the simulated fleet, whose other half the console never sees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.nomad.events import JobEvent
from harbortui.sources.nomad.source import NomadSource

START = 1_768_399_200.0
JOB = "harbor-vm-06"
TASKS = {"database", "redis", "registry", "registryctl", "core", "portal", "jobservice", "nginx"}


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(SimOptions(start=START, speed=0.0), only={"nomad"}) as fleet:
        yield fleet


@pytest.fixture
async def make(sim: SimThread, clean: Clean) -> AsyncIterator[Callable[[str], NomadSource]]:
    made: list[NomadSource] = []

    def build(token: str) -> NomadSource:
        async def tokens() -> Secret | Failure | None:
            return Secret(token) if token else None

        made.append(NomadSource(address=sim.url("nomad"), token=tokens, clean=clean, now=time.time))
        return made[-1]

    yield build
    for each in made:
        await each.aclose()


def value(found: Answer[Any]) -> Any:
    assert isinstance(found, Ok), found
    assert found.lost_rows == ()
    return found.value


async def test_the_reference_job_as_it_is(sim: SimThread, make: Callable[[str], NomadSource]) -> None:
    source = make(sim.call(lambda fleet: fleet.world.secrets.nomad_read_token))
    job, allocations, deployment, placement, nodes = await asyncio.gather(
        source.job(JOB, "default"),
        source.allocations(JOB, "default"),
        source.deployment(JOB, "default"),
        source.placement(JOB, "default"),
        source.nodes(),
    )
    assert {each.name for each in value(job).tasks} == TASKS
    core = next(each for each in value(job).tasks if each.name == "core")
    assert (core.cpu_mhz, core.memory_mb, core.memory_max_mb) == (300, 512, 1024)
    current = next(each for each in value(allocations) if each.is_current)
    assert {each.name for each in current.tasks} == TASKS
    assert current.node_name == "vm-nomad-client-06"
    value(deployment)
    assert value(placement).failures == ()
    assert "vm-nomad-client-06" in {each.name for each in value(nodes)}
    usage = value(await source.usage(current.id, "default"))
    assert {each.name for each in usage.tasks} == TASKS
    assert all(each.memory_bytes and each.sampled_at for each in usage.tasks)
    kept = msgspec.json.encode([value(each) for each in (job, allocations, deployment, placement, nodes)])
    assert b"PLANTED" not in kept


async def test_a_tail_delivers_log_lines(sim: SimThread, make: Callable[[str], NomadSource]) -> None:
    source = make(sim.call(lambda fleet: fleet.world.secrets.nomad_read_token))
    current = next(each for each in value(await source.allocations(JOB, "default")) if each.is_current)
    async with aclosing(source.tail(current.id, "core", "stdout", "default")) as tail, asyncio.timeout(10):
        first = await anext(tail)
    assert isinstance(first, bytes), first
    assert b"\n" in first


async def test_anonymous_calls_are_forbidden_and_say_what_they_need(make: Callable[[str], NomadSource]) -> None:
    found = await make("").job(JOB, "default")
    assert isinstance(found, Failure)
    assert (found.kind, found.needs) == (FailureKind.FORBIDDEN, "read-job")


async def test_events_tell_of_a_restart(sim: SimThread, make: Callable[[str], NomadSource]) -> None:
    source = make(sim.call(lambda fleet: fleet.world.secrets.nomad_read_token))
    async with aclosing(source.events("default")) as events, asyncio.timeout(10):
        begun = await anext(events)
        assert isinstance(begun, JobEvent), begun
        waiting: Awaitable[JobEvent | Failure] = asyncio.ensure_future(anext(events))
        sim.call(crash_core)
        found = await waiting
    assert isinstance(found, JobEvent), found
    assert (found.job_id, found.topic) == (JOB, "Allocation")


def crash_core(fleet: Any) -> None:
    allocation = fleet.world.nomad.current_alloc(JOB)
    fleet.world.nomad.crash_task(allocation.id, "core")
