"""Looks on the simulated fleet, over sockets: every topic of both audit generations, what is denied, down or slow."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.engine.messages import Look, Looked, facet_of
from harbortui.model.asked import RAW_KINDS, LogText, Query, Topic
from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.sim.harbor import grants
from harbortui.sim.thread import SimThread
from tests.collect.fakes import until
from tests.engine.test_engine import Console
from tests.safety.scanner import Scanner

VERSIONS = ("v2.11.2", "v2.14.0")


@pytest.fixture(scope="module", params=VERSIONS)
def sim(request: pytest.FixtureRequest) -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1, harbor_version=request.param) as running:
        yield running


@pytest.fixture
async def console(sim: SimThread) -> AsyncIterator[Console]:
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    async with Console(wire(settings, vault_password=None, wall=time.time)) as serving:
        yield serving
    name = sim.world.instances[0].name
    for backend in (f"harbor:{name}", "nomad", "s3"):
        sim.fault(backend, "up")


def name_of(sim: SimThread) -> str:
    return str(sim.world.instances[0].name)


async def look(it: Console, *queries: Query, seconds: float = 20.0) -> list[Facet[Any]]:
    """Look at these until each has been told of."""

    def told(query: Query) -> list[Facet[Any]]:
        return [facet_of(each) for each in it.got if isinstance(each, Looked) and each.query == query]

    it.tell(Look(queries=queries))
    await until(lambda: all(told(each) for each in queries), seconds)
    return [told(each)[-1] for each in queries]


def learned(it: Console) -> bool:
    instances = it.mirror.snapshot.instances
    wanted = ("executions", "policies", "registries", "gc_runs", "allocations", "deployment", "placement")
    nodes = it.mirror.snapshot.nodes
    known = bool(instances) and all(getattr(instances[0], each).at for each in wanted)
    return known and bool(nodes) and all(each.at for each in nodes.values())


async def test_the_job_service_projects_and_audit_log(sim: SimThread, console: Console) -> None:
    name = name_of(sim)
    topics = (Topic.JOB_SERVICE, Topic.PROJECTS, Topic.AUDIT)
    jobs, projects, audit = await look(console, *(Query(topic=each, instance=name) for each in topics))
    assert not (jobs.failure or projects.failure or audit.failure) and jobs.lost_rows == ()
    truth = sim.world.instances[0]
    assert [(each.alive, each.concurrency) for each in jobs.value.pools] == [(True, 10)]
    assert len(jobs.value.workers) == 10 and {each.job_type for each in jobs.value.queues} >= {
        "SCHEDULER",
        "REPLICATION",
    }
    assert any(each.vendor_type == "GARBAGE_COLLECTION" and each.cron for each in jobs.value.schedules)
    assert {each.name for each in projects.value.projects} == {each.name for each in truth.projects.values()}
    assert any(each.is_proxy_cache and each.registry for each in projects.value.projects)
    assert all(each.used is not None for each in projects.value.projects) and projects.value.has_scanner is False
    newer = "v2.11.2" not in str(sim.world.options.harbor_version)
    assert audit.value.generation == ("auditlog-exts" if newer else "audit-logs")
    assert audit.value.entries and audit.value.total >= len(audit.value.entries)
    times = [each.at for each in audit.value.entries]
    assert times == sorted(times, reverse=True) and all(each.ok is not None for each in audit.value.entries) is newer


async def test_the_audit_log_is_searched_and_paged(sim: SimThread, console: Console) -> None:
    name = name_of(sim)
    whole = Query(topic=Topic.AUDIT, instance=name)
    (first,) = await look(console, whole)
    row = first.value.entries[0]
    second = Query(topic=Topic.AUDIT, instance=name, page=2)
    found = Query(topic=Topic.AUDIT, instance=name, find=f"op:{row.operation} type:{row.resource_type} days:2")
    page, search = await look(console, second, found)
    assert not ({each.id for each in page.value.entries} & {each.id for each in first.value.entries})
    assert search.value.entries and all(row.operation in each.operation for each in search.value.entries)
    assert search.value.total <= first.value.total


async def test_tasks_and_logs(sim: SimThread, console: Console) -> None:
    name = name_of(sim)
    await until(lambda: learned(console), 20.0)
    instance = console.mirror.snapshot.instances[0]
    execution = next(each for each in instance.executions.value or () if each.total)
    run = sim.call(lambda fleet: fleet.world.instances[0].start_gc(dry_run=True))
    tasks_query = Query(topic=Topic.EXECUTION_TASKS, instance=name, id=str(execution.id))
    (tasks,) = await look(console, tasks_query)
    assert len(tasks.value) == execution.total
    log_query = Query(topic=Topic.TASK_LOG, instance=name, id=str(execution.id), sub=str(tasks.value[0].id))
    gc_query = Query(topic=Topic.GC_LOG, instance=name, id=str(run.id))
    log, _ = await look(console, log_query, gc_query)
    gone = log.failure is not None and log.failure.kind is FailureKind.NOT_FOUND
    assert gone or (isinstance(log.value, LogText) and log.value.lines)

    def tail() -> list[LogText]:
        told = [facet_of(each) for each in console.got if isinstance(each, Looked) and each.query == gc_query]
        return [each.value for each in told if each.value is not None]

    # It waited in the queue at first, and what it writes while it runs comes without another question.
    await until(lambda: any("garbage_collection.go" in each.lines[0] for each in tail() if each.lines), 30.0)


async def test_no_raw_object_shows_a_secret(sim: SimThread, console: Console) -> None:
    name = name_of(sim)
    await until(lambda: learned(console), 20.0)
    snapshot = console.mirror.snapshot
    instance = snapshot.instances[0]
    (projects,) = await look(console, Query(topic=Topic.PROJECTS, instance=name))
    nodes = next(iter(snapshot.nodes.values())).value or ()
    deployment, placement = instance.deployment.value, instance.placement.value
    assert deployment is not None and deployment.latest is not None and placement is not None
    ids = {
        "execution": [each.id for each in instance.executions.value or ()][:3],
        "policy": [each.id for each in instance.policies.value or ()][:3],
        "registry": [each.id for each in instance.registries.value or ()][:3],
        "gc-run": [each.id for each in instance.gc_runs.value or ()][:2],
        "project": [each.id for each in projects.value.projects][:2],
        "allocation": [each.id for each in instance.allocations.value or ()][:2],
        "deployment": [deployment.latest.id],
        "node": [nodes[0].id],
        "evaluation": [placement.evaluation_id],
    }
    queries = [
        Query(topic=Topic.RAW, instance=name, sub=kind, id=str(number))
        for kind in RAW_KINDS
        for number in ids.get(kind, [""])
    ]
    scan = Scanner(sim.control.secrets())
    for query in queries:
        (facet,) = await look(console, query, seconds=60.0)
        assert facet.failure is None and facet.value is not None, (query, facet.failure)
        text = "\n".join(facet.value.lines)
        assert len(facet.value.lines) > 2 and not facet.value.cut, query
        assert scan.find(text) == set(), query
        assert str(query.id) in text and facet.value.source.split()[0] in ("GET", "HEAD")
    (job,) = await look(console, Query(topic=Topic.RAW, instance=name, sub="job"))
    text = "\n".join(job.value.lines)
    assert job.value.masked > 5 and '"EmbeddedTmpl": "****' in text and '"MemoryMB"' in text and '"image"' in text
    backends: dict[str, Any] = sim.control.counts()
    assert all(not each["writes"] for each in backends.values()), backends


def test_the_answers_themselves_do_hold_secrets(sim: SimThread) -> None:
    """The positive control of the test above: Nomad tells the job's secrets to whoever may read jobs."""
    import urllib.request

    job = sim.call(lambda fleet: fleet.world.instances[0].job_id)
    token = sim.control.secrets()["nomad_read_token"]
    request = urllib.request.Request(f"{sim.url('nomad')}/v1/job/{job}", headers={"X-Nomad-Token": token})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert Scanner(sim.control.secrets()).find(answer.read())


RIGHTS = [
    (Topic.JOB_SERVICE, "", "jobservice-monitor:list"),
    (Topic.EXECUTION_TASKS, "", "replication:list"),
    (Topic.TASK_LOG, "", "replication:read"),
    (Topic.GC_LOG, "", "garbage-collection:read"),
    (Topic.RAW, "execution", "replication:read"),
    (Topic.RAW, "policy", "replication-policy:list"),
    (Topic.RAW, "registry", "registry:list"),
    (Topic.RAW, "gc-run", "garbage-collection:read"),
]


async def test_a_robot_without_rights_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "CONSOLE_SYSTEM", ())
    monkeypatch.setattr(grants, "CONSOLE_PROJECT", ())
    with SimThread(instances=2, seed=1, harbor_version="v2.14.0") as sim:
        settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
        async with Console(wire(settings, vault_password=None, wall=time.time)) as it:
            name = name_of(sim)
            queries = [Query(topic=topic, instance=name, id="1", sub=sub or "1") for topic, sub, _ in RIGHTS]
            facets = await look(it, *queries)
            assert [each.failure and each.failure.needs for each in facets] == [right for _, _, right in RIGHTS]
            audit, projects = await look(
                it, Query(topic=Topic.AUDIT, instance=name), Query(topic=Topic.PROJECTS, instance=name)
            )
            assert audit.failure is not None and audit.failure.needs == "audit-log:list"
            assert projects.value is not None and projects.value.quota_failure.needs == "quota:list"
            assert all(each.public for each in projects.value.projects)


@pytest.mark.parametrize(
    ("backend", "query", "mode", "kinds"),
    [
        ("harbor", {"topic": Topic.JOB_SERVICE}, "down", {FailureKind.REFUSED, FailureKind.RESET}),
        ("harbor", {"topic": Topic.AUDIT}, "wrong", {FailureKind.PROTOCOL, FailureKind.LOGIN_PAGE, FailureKind.SERVER}),
        ("nomad", {"topic": Topic.RAW, "sub": "job"}, "down", {FailureKind.REFUSED, FailureKind.RESET}),
        ("nomad", {"topic": Topic.RAW, "sub": "job"}, "forbidden", {FailureKind.FORBIDDEN, FailureKind.AUTH}),
        ("s3", {"topic": Topic.RAW, "sub": "bucket"}, "down", {FailureKind.REFUSED, FailureKind.RESET}),
        ("s3", {"topic": Topic.RAW, "sub": "bucket"}, "forbidden", {FailureKind.FORBIDDEN, FailureKind.AUTH}),
    ],
)
async def test_a_backend_in_trouble_is_a_failure_of_the_look(
    sim: SimThread, console: Console, backend: str, query: dict[str, Any], mode: str, kinds: set[FailureKind]
) -> None:
    name = name_of(sim)
    sim.fault(f"harbor:{name}" if backend == "harbor" else backend, mode)
    (facet,) = await look(console, Query(instance=name, **query), seconds=30.0)
    assert facet.failure is not None and facet.failure.kind in kinds, facet.failure


async def test_a_slow_harbor_is_left_at_once(sim: SimThread, console: Console) -> None:
    name = name_of(sim)
    sim.fault(f"harbor:{name}", "slow", seconds=600.0)
    console.tell(Look(queries=(Query(topic=Topic.PROJECTS, instance=name),)))
    bucket = Query(topic=Topic.RAW, instance=name, sub="bucket")
    (facet,) = await look(console, bucket)
    assert facet.value is not None
