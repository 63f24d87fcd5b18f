"""What every Nomad must answer the console's reader about existing jobs, compared with plain requests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from harbortui.model.failure import Failure
from harbortui.model.nomad import Allocation
from harbortui.sources.nomad.events import JobEvent
from harbortui.sources.nomad.source import NomadSource
from tests.live.answers import agreed, value
from tests.live.nomad_open import opened
from tests.live.nomad_plain import Plain
from tests.live.settings import LiveNomad, server

JOBS = server("NOMAD", os.environ)
NAMES = JOBS.jobs if isinstance(JOBS, LiveNomad) else ()
STATES = {"pending", "running", "complete", "failed", "lost", "unknown"}
DEPLOYMENTS = {"running", "paused", "failed", "successful", "cancelled", "initializing", "pending", "blocked"}
EVALUATIONS = {"blocked", "pending", "complete", "failed", "canceled"}

each_job = pytest.mark.parametrize(
    "job", NAMES or [pytest.param("", marks=pytest.mark.skip("no HARBORTUI_LIVE_NOMAD_JOBS"))]
)


@pytest.fixture
async def source(live_nomad: LiveNomad) -> AsyncIterator[NomadSource]:
    async with opened(live_nomad, live_nomad.token) as source:
        yield source


@pytest.fixture
def plain(live_nomad: LiveNomad) -> Plain:
    return Plain(live_nomad, live_nomad.token)


@each_job
async def test_a_jobs_specification(source: NomadSource, plain: Plain, live_nomad: LiveNomad, job: str) -> None:
    told = value(await source.job(job, live_nomad.namespace))
    said = plain.job(job)
    assert (told.id, told.namespace, told.type, told.version) == (
        said["ID"],
        said["Namespace"],
        said["Type"],
        said["Version"],
    )
    assert told.status in ("pending", "running", "dead") and told.region and told.datacenters
    assert told.submit_time == pytest.approx(said["SubmitTime"] / 1e9)
    tasks = [task for group in said["TaskGroups"] for task in group["Tasks"]]
    assert [task.name for task in told.tasks] == [task["Name"] for task in tasks]
    for ours, theirs in zip(told.tasks, tasks, strict=True):
        resources = theirs["Resources"]
        assert (ours.driver, ours.cpu_mhz, ours.memory_mb) == (
            theirs["Driver"],
            resources["CPU"],
            resources["MemoryMB"],
        )
        assert ours.kill_timeout == theirs["KillTimeout"] / 1e9
        assert bool(ours.lifecycle) == bool(theirs["Lifecycle"])


@each_job
async def test_a_jobs_allocations_and_tasks(source: NomadSource, plain: Plain, live_nomad: LiveNomad, job: str) -> None:
    async def ours() -> tuple[Allocation, ...]:
        return value(await source.allocations(job, live_nomad.namespace))

    told, said = await agreed(
        ours,
        lambda: {row["ID"]: row for row in plain.job(job, "/allocations")},
        lambda told, said: (
            {(each.id, each.modify_index) for each in told} <= {(id, row["ModifyIndex"]) for id, row in said.items()}
        ),
    )
    alive = {id for id, row in said.items() if row["ClientStatus"] in ("pending", "running", "unknown")}
    assert alive <= {each.id for each in told}
    for each in told:
        row = said[each.id]
        assert each.status == row["ClientStatus"] in STATES and each.desired in ("run", "stop", "evict")
        assert each.node_name == row["NodeName"] and each.node_id == row["NodeID"]
        assert each.create_time == pytest.approx(row["CreateTime"] / 1e9) and each.modify_time
        assert {task.name for task in each.tasks} == set(row["TaskStates"] or {})
        for task in each.tasks:
            state = row["TaskStates"][task.name]
            assert (task.state, task.failed, task.restarts) == (state["State"], state["Failed"], state["Restarts"])
            assert [event.type for event in task.events] == [event["Type"] for event in state["Events"]]
            assert all(event.at > 1e9 for event in task.events)
            assert (task.started_at is None) == (state["StartedAt"] in (None, "0001-01-01T00:00:00Z"))


@each_job
async def test_a_jobs_deployment_and_placement(
    source: NomadSource, plain: Plain, live_nomad: LiveNomad, job: str
) -> None:
    latest = value(await source.deployment(job, live_nomad.namespace)).latest
    said = plain.job(job, "/deployment")
    assert (latest is None) == (said is None)
    if latest is not None:
        assert (latest.id, latest.status) == (said["ID"], said["Status"]) and latest.status in DEPLOYMENTS
        assert latest.desired == sum(group["DesiredTotal"] for group in said["TaskGroups"].values())
    placement = value(await source.placement(job, live_nomad.namespace))
    evaluations = {row["ID"]: row["Status"] for row in plain.job(job, "/evaluations")}
    assert not evaluations or (placement.status in EVALUATIONS and placement.evaluation_id in evaluations)


async def test_the_nodes(source: NomadSource, plain: Plain) -> None:
    told = value(await source.nodes())
    said = {row["ID"]: row for row in plain.get("/nodes")}
    assert {each.id for each in told} == set(said)
    for each in told:
        row = said[each.id]
        assert (each.name, each.status, each.version) == (row["Name"], row["Status"], row["Version"])
        assert each.eligible == (row["SchedulingEligibility"] == "eligible") and each.draining == row["Drain"]


@each_job
async def test_what_the_tasks_use(source: NomadSource, plain: Plain, live_nomad: LiveNomad, job: str) -> None:
    current = plain.current(job)
    if current is None or current["ClientStatus"] != "running":
        pytest.skip(f"{job} does not run")
    usage = value(await source.usage(current["ID"], live_nomad.namespace))
    if not usage.collected:
        pytest.skip("this node collects no samples: publish_allocation_metrics is off in its telemetry")
    assert {task.name for task in usage.tasks} <= set(current["TaskStates"])
    running = {name for name, state in current["TaskStates"].items() if state["State"] == "running"}
    measured = [task for task in usage.tasks if task.name in running and task.sampled_at is not None]
    assert measured
    assert all(task.memory_bytes is None or 0 <= task.memory_bytes < 2**45 for task in measured)


@each_job
async def test_a_log_can_be_opened(source: NomadSource, plain: Plain, live_nomad: LiveNomad, job: str) -> None:
    current = plain.current(job)
    running = [name for name, state in ((current or {}).get("TaskStates") or {}).items() if state["State"] == "running"]
    if current is None or not running:
        pytest.skip(f"{job} does not run")
    async with aclosing(source.tail(current["ID"], running[0], "stdout", live_nomad.namespace)) as tail:
        async with asyncio.timeout(15):
            first = await anext(tail)
    assert isinstance(first, bytes), f"no log: {first}"


async def test_the_event_stream_stands(source: NomadSource, live_nomad: LiveNomad) -> None:
    async with aclosing(source.events(live_nomad.namespace)) as events, asyncio.timeout(15):
        begun = await anext(events)
    assert isinstance(begun, JobEvent), begun
    assert begun.index >= 0 and begun.job_id == ""


async def test_answers_carry_the_servers_clock_and_index(source: NomadSource) -> None:
    answer = await source.nodes()
    assert not isinstance(answer, Failure), answer
    assert answer.server_time is not None and answer.index is not None
