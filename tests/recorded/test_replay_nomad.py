"""A real Nomad's answers, healthy and broken on purpose: what the source makes of them and what the rules say."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import State
from harbortui.model.nomad import Allocation, Job, granted_specs
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.events import JobEvent
from harbortui.sources.nomad.source import NomadSource
from tests.recorded.exchange import scenario
from tests.recorded.nomad_replayed import VERSION, Replayed, replayed, source_of
from tests.recorded.replay import replaying

K = FailureKind
TASKS = {"database", "redis", "registry", "registryctl", "core", "portal", "jobservice", "nginx"}
SET_UP = {"migrate": "prestart", "logger": "prestart sidecar"}


def said(found: Replayed, rule: str) -> str:
    """Title and evidence of a finding in one text."""
    finding = found.findings()[rule]
    return "\n".join((finding.title, *finding.evidence))


async def test_a_healthy_job_as_a_real_nomad_tells_it() -> None:
    found = await replayed("healthy")
    job: Job = found.value("job")
    assert (job.id, job.namespace, job.region, job.type, job.status) == (
        "harbor-a",
        "default",
        "global",
        "service",
        "running",
    )
    assert {task.name for task in job.tasks} == TASKS | set(SET_UP)
    assert {task.name: task.lifecycle for task in job.tasks if task.lifecycle} == SET_UP
    slow = next(task for task in job.tasks if task.name == "jobservice")
    assert (slow.driver, slow.kill_timeout, slow.memory_mb, slow.memory_max_mb) == ("raw_exec", 20.0, 32, 64)
    (allocation,) = found.value("allocations")
    assert allocation.is_current and allocation.healthy is True
    assert {task.name for task in allocation.tasks if task.state == "running"} == TASKS | {"logger"}
    ended = next(task for task in allocation.tasks if task.name == "migrate")
    assert (ended.state, ended.failed, ended.events[-1].exit_code) == ("dead", False, 0)
    assert found.value("deployment").latest.status == "successful"
    assert found.value("placement").failures == ()
    assert [node.name for node in found.value("nodes")] == ["acl-1"]
    assert not any(rule.startswith(("task", "allocation", "no-", "placement", "node")) for rule in found.findings())


async def test_use_is_told_task_by_task() -> None:
    usage = (await replayed("healthy")).value("usage")
    assert usage.collected
    assert {task.name for task in usage.tasks} >= TASKS
    # raw_exec measures no TotalTicks by name, but tells them.
    assert all(task.memory_bytes and task.memory_bytes > 500_000 for task in usage.tasks if task.name != "migrate")
    assert all(task.cpu_mhz is not None for task in usage.tasks)


@pytest.mark.parametrize(
    ("folder", "limits"),
    [
        ("memory-max-ignored", {"core": 32, "database": 32, "redis": 32}),
        ("memory-max-granted", {"core": 64, "database": None, "redis": 32}),
    ],
)
async def test_a_memory_max_counts_only_where_the_scheduler_granted_it(
    folder: str, limits: dict[str, int | None]
) -> None:
    async with source_of(folder) as (source, exchanges):
        answers = (
            await source.job(exchanges["job"].path.split("/")[3], "default"),
            await source.usage(exchanges["stats"].path.split("/")[4], "default"),
        )
    assert all(isinstance(each, Ok) for each in answers)
    job, usage = (each.value for each in answers if isinstance(each, Ok))
    assert {task.name: task.memory_max_mb for task in job.tasks} == {"core": 64, "database": -1, "redis": 0}
    assert {name: spec.memory_limit_mb for name, spec in granted_specs(job, usage).items()} == limits


async def test_a_node_that_collects_nothing_is_told_from_one_that_uses_nothing() -> None:
    async with source_of("acls-off", token="") as (source, exchanges):
        answer = await source.usage(exchanges["stats"].path.split("/")[4], "default")
    assert not isinstance(answer, Failure)
    assert (answer.value.tasks, answer.value.collected) == ((), False)


BROKEN: dict[str, dict[str, tuple[str, ...]]] = {
    "artifact-failed": {
        "no-allocation": ("Failed Artifact Download", "connection refused", "will not place another one by itself"),
        "deployment-failed": ("Failed due to unhealthy allocations",),
    },
    "driver-failed": {"no-allocation": ("core: Nomad", "could not be found", "Error was unrecoverable")},
    "template-failed": {"no-allocation": ('function "nosuchfunction" not defined',)},
    "task-looping-fail": {
        "no-allocation": (
            "core: Nomad",
            "(exit code 1)",
            'Exceeded allowed attempts 2 in interval 1m0s and mode is "fail"',
        ),
        "allocation-ended": ("(exit code 1)",),
    },
    "task-looping-delay": {
        "task-restarting": ("at least 4 times", "(exit code 1)", "Exceeded allowed attempts, applying a delay"),
    },
    "restore-failed": {"no-allocation": ("registryctl: Nomad", 'pre-run hook "group_services" failed')},
    "task-killed-for-memory": {"task-oom": ("was killed for memory",)},
    "task-killed-for-memory-raw-exec": {"task-oom": ("not by Nomad", "SIGKILL")},
    "placement-constraint": {"placement-blocked": ("constraint ${attr.kernel.name} = windows (1 node)",)},
    "placement-memory": {"placement-blocked": ("exhausted memory (1 node)",)},
    "placement-datacenter": {"placement-blocked": ("no node is ready and eligible",)},
    "update-not-placed": {"placement-blocked": ("exhausted memory (1 node)",)},
    "deployment-failed": {"task-restarting": ("(exit code 1)",)},
    "deployment-progress": {
        "deployment-failed": ("Failed due to progress deadline",),
        "no-allocation": ("Nomad places another one at 2026-11-21 14:03 UTC",),
    },
    "node-down": {
        "no-allocation": ("alloc is lost since its node is down",),
        "placement-blocked": ("no node is ready and eligible", "node client-1 is disconnected"),
        "fleet-node-down": ("client-1",),
    },
    "node-draining": {"placement-blocked": ("node client-1 is draining",)},
    "job-stopped": {"job-stopped": ("harbor-stopped is stopped",)},
}
"""By recorded scenario: the rules that must speak, and words that must be in what they say."""


@pytest.mark.parametrize("folder", BROKEN)
async def test_a_real_failure_is_told_with_its_reason(folder: str) -> None:
    found = await replayed(folder, job="harbor-lost" if folder == "node-down" else "")
    for rule, words in BROKEN[folder].items():
        text = said(found, rule)
        assert [each for each in words if each not in text] == [], text


@pytest.mark.parametrize("folder", ["task-crashed-once", "slow-stop", "user-restart", "get-on-writes", "healthy"])
async def test_what_is_no_trouble_is_not_told(folder: str) -> None:
    found = await replayed(folder)
    rules = {rule for rule, each in found.findings().items() if each.state is not State.UNKNOWN}
    assert rules <= {"core-unreachable"}


async def test_a_restart_by_a_person_is_no_crash_however_often() -> None:
    allocation: Allocation = (await replayed("get-on-writes")).value("allocations")[0]
    core = next(task for task in allocation.tasks if task.name == "core")
    assert core.restarts == 1
    assert [event.type for event in core.events[-4:]] == ["Restart Signaled", "Terminated", "Restarting", "Started"]
    from harbortui.diagnose.task_events import unasked_restarts

    assert unasked_restarts(core) == ()


async def test_a_job_that_nomad_does_not_have() -> None:
    found = await replayed("job-stopped", moment="purged")
    assert found.failure("job").kind is K.NOT_FOUND
    assert "Nomad has no job harbor-stopped in namespace default" in said(found, "job-missing")
    assert "no-allocation" not in found.findings()


async def test_an_allocation_whose_node_is_away_but_may_come_back() -> None:
    found = await replayed("node-down", moment="unknown", job="harbor-unknown")
    (allocation,) = found.value("allocations")
    assert (allocation.status, allocation.desired) == ("unknown", "run")
    assert found.findings()["allocation-unknown"].state is State.UNKNOWN
    failure = found.failure("usage")
    assert (failure.kind, failure.status, failure.detail) == (K.SERVER, 404, "the node's Nomad agent is not connected")


@pytest.mark.parametrize(
    ("folder", "detail"),
    [
        ("expired-token", "our Nomad token has expired"),
        ("wrong-token", "Nomad does not know our token"),
        ("malformed-token", "what we have as Nomad token is none"),
    ],
)
async def test_a_token_that_is_not_accepted_is_not_a_missing_right(folder: str, detail: str) -> None:
    found = await replayed(folder)
    assert {scenario(f"{VERSION}/{folder}")[name].status for name in ("job", "nodes", "jobs")} == {403}
    for name in ("job", "allocations", "deployment", "placement", "nodes", "usage"):
        failure = found.failure(name)
        assert (failure.kind, failure.detail, failure.needs) == (K.AUTH, detail, ""), name


@pytest.mark.parametrize(("folder", "token"), [("no-token", ""), ("token-of-another-namespace", "a token")])
async def test_a_missing_right_is_named(folder: str, token: str) -> None:
    found = await replayed(folder, token=token)
    for name in ("job", "allocations", "deployment", "placement", "usage"):
        failure = found.failure(name)
        assert (failure.kind, failure.needs) == (K.FORBIDDEN, "read-job"), name


@pytest.mark.parametrize(
    ("folder", "kind", "detail"),
    [
        ("no-leader", K.SERVER, "Nomad has no leader"),
        ("servers-stopped", K.SERVER, "this Nomad agent cannot reach its servers"),
        ("no-leader-through-a-client-agent", K.SERVER, "this Nomad agent cannot reach its servers"),
        ("too-many-connections", K.RATE_LIMITED, "too many connections from this host"),
    ],
)
async def test_nomad_itself_in_trouble(folder: str, kind: FailureKind, detail: str) -> None:
    failure = (await replayed(folder)).failure("job")
    assert (failure.kind, failure.detail[: len(detail)]) == (kind, detail)


async def test_http_spoken_to_an_https_port_is_told() -> None:
    async with source_of("plain-http-to-tls", token="") as (source, _), aclosing(source.events("default")) as events:
        failure = await anext(events)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.detail) == (K.TLS, "the address says http, but Nomad speaks https there")


async def read(folder: str, name: str, task: str = "core", stream: str = "stdout") -> list[bytes | Failure]:
    """Everything a tail gives until the end of the recorded log."""
    async with source_of(folder) as (source, exchanges), asyncio.timeout(10):
        allocation = exchanges[name].path.rpartition("/")[2]
        async with aclosing(source.tail(allocation, task, stream, "default", start_bytes=2000)) as tail:
            return [piece async for piece in tail]


async def test_a_real_log_is_followed() -> None:
    pieces = await read("healthy", "logs-core-stdout")
    assert all(isinstance(piece, bytes) for piece in pieces)
    text = b"".join(piece for piece in pieces if isinstance(piece, bytes)).decode()
    assert text.count("served in 3ms") > 10
    quiet = await read("healthy", "logs-core-stderr", stream="stderr")
    assert quiet[0] == b"\n2026-11-21T13:56:35Z [WARNING] [/core]: stderr of core begins\n"  # It began with the file.


async def test_a_log_that_is_collected_while_it_is_followed() -> None:
    *_, last = await read("log-of-a-collected-allocation", "logs-core-stdout")
    assert isinstance(last, Failure)
    assert (last.kind, last.detail) == (K.NOT_FOUND, "the node has cleaned the allocation up")


@pytest.mark.parametrize(
    ("folder", "kind", "needs"),
    [
        ("token-without-log-rights", K.FORBIDDEN, "read-logs"),
        ("expired-token", K.AUTH, ""),
        ("wrong-token", K.AUTH, ""),
        ("driver-failed", K.NOT_FOUND, ""),
        ("node-down", K.SERVER, ""),
    ],
)
async def test_a_log_that_is_refused(folder: str, kind: FailureKind, needs: str) -> None:
    name = "logs-core-stderr" if folder == "driver-failed" else "logs-core-stdout"
    stream = "stderr" if folder == "driver-failed" else "stdout"
    (failure,) = await read(folder, name, stream=stream)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.needs) == (kind, needs)


async def test_real_events_tell_which_job_changed() -> None:
    async with source_of("healthy") as (source, _), aclosing(source.events("default", start_index=1)) as events:
        begun, *changes = [each async for each in events]
    assert begun == JobEvent(index=1)
    assert all(isinstance(each, JobEvent) for each in changes)
    told = {(each.topic, each.job_id) for each in changes if isinstance(each, JobEvent)}
    assert {topic for topic, _ in told} == {"Allocation", "Deployment", "Evaluation", "Job"}
    assert {job for _, job in told} <= {"harbor-a", "harbor-b", "harbor-c"}


@pytest.mark.parametrize(("folder", "kind"), [("expired-token", K.AUTH), ("token-of-another-namespace", K.FORBIDDEN)])
async def test_events_that_are_denied(folder: str, kind: FailureKind) -> None:
    async with source_of(folder) as (source, _), aclosing(source.events("default", start_index=1)) as events:
        (failure,) = [each async for each in events]
    assert isinstance(failure, Failure)
    assert failure.kind is kind


@pytest.mark.parametrize("told", [True, False])
async def test_what_was_granted_is_asked_once_also_when_it_is_not_told(told: bool) -> None:
    exchanges = scenario(f"{VERSION}/memory-max-granted")
    kept = [each for each in exchanges.values() if told or each.name != "allocations-resources"]
    allocation = exchanges["stats"].path.split("/")[4]

    async def token() -> Secret | Failure | None:
        return Secret("a token")

    async with replaying(kept) as replay:
        source = NomadSource(address=replay.url, token=token, clean=Cleaner(Redactor()), now=lambda: 1.0)
        answers = [await source.usage(allocation, "default") for _ in range(3)]
        await source.aclose()
    assert all(isinstance(each, Ok) and bool(each.value.granted) is told for each in answers)
    assert sum("/v1/allocations?" in each for each in replay.asked) == 1
