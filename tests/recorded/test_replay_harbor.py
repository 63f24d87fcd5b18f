"""What the console's source makes of answers that real Harbors gave, well and with one thing broken."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import pytest

from harbortui.diagnose.causes import meaning
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import AccountKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import HarborSource
from tests.recorded.exchange import Exchange, scenario
from tests.recorded.replay import replaying

T = TypeVar("T")
K = FailureKind
NEWEST = "harbor-2.14.4"
HEALTHY = ["harbor-2.11.2", NEWEST, "harbor-2.15.2"]
READS = ("system", "quotas", "registries", "policies", "executions", "gc_runs", "gc_schedule")
UNUSUAL = re.compile(r"accept|csrf|anonymous|wrong|admin")
ROBOT = Credentials("robot$ops-console", Secret("not recorded"))


def usual(exchange: Exchange) -> tuple[bool, str]:
    """Of several recordings of one path the reader's own comes first."""
    return bool(UNUSUAL.search(exchange.name)), exchange.name


@asynccontextmanager
async def replayed(exchanges: Iterable[Exchange]) -> AsyncIterator[HarborSource]:
    """A source with a robot's credentials in front of these answers."""

    async def supply() -> Credentials:
        return ROBOT

    admitted = scenario(f"{NEWEST}/healthy")["users-current"]
    async with replaying([*sorted(exchanges, key=usual), admitted]) as replay:
        source = HarborSource.open(url=replay.url, credentials=supply, clean=Cleaner(Redactor()), now=lambda: 1.0)
        try:
            yield source
        finally:
            await source.aclose()


def value(answer: Answer[T]) -> T:
    assert isinstance(answer, Ok) and answer.lost_rows == (), answer
    return answer.value


def failure(answer: Answer[Any]) -> Failure:
    assert isinstance(answer, Failure), answer
    return answer


async def sick(source: HarborSource) -> set[str]:
    return {each.name for each in value(await source.health()).components if not each.healthy}


@pytest.mark.parametrize("folder", HEALTHY)
async def test_every_call_is_understood(folder: str) -> None:
    real = scenario(f"{folder}/healthy")
    async with replayed(real.values()) as source:
        assert await sick(source) == set()
        assert len(value(await source.health()).components) == 7
        value(await source.ping())
        account = value(await source.account())
        assert (account.kind, account.name) == (AccountKind.ROBOT, ROBOT.user)
        system = value(await source.system())
        assert system.version == real["systeminfo"].json()["harbor_version"] and system.read_only is False
        for method, name in (
            ("registries", "registries"),
            ("policies", "policies"),
            ("executions", "executions"),
            ("gc_runs", "gc"),
        ):
            rows = value(await getattr(source, method)())
            assert [row.id for row in rows] == [row["id"] for row in real[name].json()]
        used = {row["ref"]["name"]: row["used"]["storage"] for row in real["quotas"].json()}
        assert {each.project: each.used for each in value(await source.quotas())} == used
        schedule = value(await source.gc_schedule())
        body = real["gc-schedule"].body
        assert (schedule.scheduled, schedule.cron) == ((True, "0 30 3 * * *") if body else (False, ""))
        disabled = [row["name"] for row in real["policies"].json() if not row.get("enabled")]
        assert [each.name for each in value(await source.policies()) if not each.enabled] == disabled
        assert all(each.updated and each.peer for each in value(await source.policies()))


@pytest.mark.parametrize("folder", HEALTHY)
async def test_tasks_and_their_log(folder: str) -> None:
    real = scenario(f"{folder}/healthy")
    execution = real["execution-succeed"].json()
    (first, *_) = real["tasks-succeed"].json()
    async with replayed(real.values()) as source:
        tasks = value(await source.looks.tasks(str(execution["id"])))
        assert len(tasks) == execution["total"] and {task.status for task in tasks} == {"Succeed"}
        assert tasks[0].job_id == first["job_id"] and "item(s) in total" in tasks[0].source
        log = value(await source.looks.task_log(str(execution["id"]), str(first["id"])))
        assert log.lines[0].endswith("created") and len(log.lines) == len(real["task-log-succeed"].body.splitlines())
        assert failure(await source.looks.tasks("999999")).kind is K.NOT_FOUND


@pytest.mark.parametrize("folder", HEALTHY)
async def test_finished_collections_tell_what_they_freed(folder: str) -> None:
    async with replayed(scenario(f"{folder}/healthy").values()) as source:
        runs = value(await source.gc_runs())
    done = [run for run in runs if run.status == "Success"]
    assert {run.dry_run for run in done} == {True, False}
    assert all(run.freed_bytes is not None and run.purged_blobs is not None and run.workers >= 1 for run in done)


@pytest.mark.parametrize("folder", HEALTHY)
async def test_refusals(folder: str) -> None:
    real = scenario(f"{folder}/healthy")
    for name, kind in (
        ("error-401-wrong", K.AUTH),
        ("error-403-few", K.FORBIDDEN),
        ("error-422-page-size", K.PROTOCOL),
    ):
        refusal = [each for each in real.values() if each.path != real[name].path]
        async with replayed([real[name], *refusal]) as source:
            told = failure(await source.registries())
            assert told.kind is kind, name
            assert told.needs == ("registry:list" if kind is K.FORBIDDEN else "")


@pytest.mark.parametrize("folder", ["harbor-2.11.2", NEWEST])
async def test_without_redis_harbor_answers_and_says_so(folder: str) -> None:
    async with replayed(scenario(f"{folder}/redis-stopped").values()) as source:
        assert await sick(source) == {"redis", "jobservice"}
        for name in READS:
            value(await getattr(source, name)())


@pytest.mark.parametrize("folder", ["harbor-2.11.2", NEWEST])
async def test_without_its_database_the_credentials_are_not_to_blame(folder: str) -> None:
    async with replayed(scenario(f"{folder}/database-stopped").values()) as source:
        assert await sick(source) == {"database"}
        for name in READS:
            told = failure(await getattr(source, name)())
            assert told.kind is K.SERVER and "database" in told.detail, name


@pytest.mark.parametrize("component", ["registry", "registryctl", "jobservice", "portal"])
async def test_another_component_stopped(component: str) -> None:
    async with replayed(scenario(f"{NEWEST}/{component}-stopped").values()) as source:
        assert await sick(source) == {component}
        for name in READS:
            value(await getattr(source, name)())


@pytest.mark.parametrize("broken", ["s3-stopped", "bucket-gone", "queue-paused", "redis-lost-its-data"])
async def test_what_harbor_calls_healthy(broken: str) -> None:
    folder = "harbor-2.11.2" if broken == "redis-lost-its-data" else NEWEST
    async with replayed(scenario(f"{folder}/{broken}").values()) as source:
        assert await sick(source) == set()


async def test_core_stopped() -> None:
    async with replayed(scenario(f"{NEWEST}/core-stopped").values()) as source:
        for name in ("health", "ping", *READS):
            told = failure(await getattr(source, name)())
            assert (told.kind, told.detail) == (K.SERVER, "nginx answers, core does not (502)")


async def test_nginx_stopped() -> None:
    real = scenario(f"{NEWEST}/nginx-stopped")
    assert {each.failure for each in real.values()} == {"refused"}
    async with replayed(real.values()) as source:
        assert failure(await source.health()).kind in (K.REFUSED, K.RESET)


@pytest.mark.parametrize("broken", ["robot-disabled", "robot-secret-rotated", "robot-expired"])
async def test_a_robot_that_is_no_longer_admitted(broken: str) -> None:
    health = scenario(f"{NEWEST}/healthy")["health"]
    async with replayed([health, *scenario(f"{NEWEST}/{broken}").values()]) as source:
        for name in ("account", "system", "quotas", "executions"):
            assert failure(await getattr(source, name)()).kind is K.AUTH, name


async def test_read_only_mode() -> None:
    async with replayed(scenario(f"{NEWEST}/read-only").values()) as source:
        assert value(await source.system()).read_only is True


async def test_a_second_collection_is_queued_and_both_are_running() -> None:
    real = scenario(f"{NEWEST}/gc-running")
    assert real["gc-start"].status == real["gc-start-again"].status == 201
    async with replayed(real.values()) as source:
        runs = value(await source.gc_runs())
    assert [run.status for run in runs[:2]] == ["Running", "Running"]


async def test_a_paused_queue_leaves_tasks_pending_without_a_log() -> None:
    real = scenario(f"{NEWEST}/queue-paused")
    execution = real["execution"].json()
    async with replayed(real.values()) as source:
        tasks = value(await source.looks.tasks(str(execution["id"])))
        assert {task.status for task in tasks} == {"Pending"} and execution["in_progress"] == len(tasks)
        log = failure(await source.looks.task_log(str(execution["id"]), str(tasks[0].id)))
        assert log.kind is K.NOT_FOUND and "has not begun" in log.detail


CAUSES = {
    "peer-stopped/execution-push": ("push", "site-b cannot be reached"),
    "peer-stopped/execution-pull": ("pull", "site-b cannot be reached"),
    "peer-core-stopped/execution-push": ("push", "site-b answers as broken, or its front cannot reach core"),
    "replication-wrong-credentials/execution-push": ("push", "site-b refuses the credentials"),
    "certificate-untrusted/execution-push": ("push", "the certificate of site-b is not trusted"),
    "jobservice-stopped/execution-started": ("push", "this Harbor could not hand the job to its job service"),
    "redis-stopped/execution-started": ("push", "this Harbor could not hand the job to its job service"),
}


@pytest.mark.parametrize("case", CAUSES)
def test_why_an_execution_failed_before_its_first_task(case: str) -> None:
    folder, _, name = case.partition("/")
    row = scenario(f"{NEWEST}/{folder}")[name].json()
    direction, words = CAUSES[case]
    assert (row["status"], row["total"]) == ("Failed", 0)
    assert meaning(row["status_text"], direction, "site-b") == words


async def test_a_schedule_that_redis_forgot_is_seen() -> None:
    """Nothing else tells: all components are healthy, and the schedule still stands in the database."""
    real = scenario("harbor-2.11.2/redis-lost-its-data")
    async with replayed(real.values()) as source:
        policies, executions = value(await source.policies()), value(await source.executions())
    policy = next(each for each in policies if each.trigger == "scheduled" and each.enabled)
    runs = [e.start_time or 0.0 for e in executions if e.policy_id == policy.id and e.trigger == "scheduled"]
    asked = datetime.fromisoformat(real["systeminfo"].json()["current_time"]).timestamp()
    assert policy.cron == "0 */5 * * * *" and asked - max(runs) > 1200
    assert policy.updated is not None and policy.updated < max(runs)


def test_no_recording_holds_a_password_of_redis() -> None:
    for folder in HEALTHY:
        for each in scenario(f"{folder}/healthy").values():
            for line in each.body.decode(errors="replace").split("redis://")[1:]:
                assert line.startswith(":********@"), each.name


async def test_plain_http_to_the_tls_port_is_called_that() -> None:
    async with replayed(scenario(f"{NEWEST}/plain-http-to-https").values()) as source:
        for answer in (await source.health(), await source.ping()):
            refused = failure(answer)
            assert refused.kind is K.TLS and "speaks https" in refused.detail


# What is read while somebody looks at it


@pytest.mark.parametrize("folder", HEALTHY)
async def test_the_job_service_of_a_real_harbor(folder: str) -> None:
    real = scenario(f"{folder}/healthy")
    async with replayed(real.values()) as source:
        found = value(await source.looks.job_service())
    assert [(each.concurrency, each.pid) for each in found.pools] == [
        (row["concurrency"], row["pid"]) for row in real["pools"].json()
    ]
    assert len(found.workers) == len(real["workers"].json()) and all(each.pool_id for each in found.workers)
    assert {each.job_type for each in found.queues} == {row["job_type"] for row in real["queues"].json()}
    assert {(each.vendor_type, each.cron) for each in found.schedules} == {
        (row["vendor_type"], row["cron"]) for row in real["schedules"].json()
    }
    assert not found.schedules_paused


@pytest.mark.parametrize("folder", HEALTHY)
async def test_the_projects_of_a_real_harbor(folder: str) -> None:
    real = scenario(f"{folder}/healthy")
    wanted = ("projects-all", "quotas", "registries", "scans-metrics")
    async with replayed([real[name] for name in wanted]) as source:
        answer = await source.looks.projects()
    assert isinstance(answer, Ok), answer
    rows = {row["name"]: row for row in real["projects-all"].json()}
    assert {each.name for each in answer.value.projects} == set(rows)
    assert (answer.value.has_scanner, answer.value.scan, answer.value.quota_failure) == (False, None, None)
    for project in answer.value.projects:
        row = rows[project.name]
        assert project.public is (row["metadata"]["public"] == "true") and project.repositories == row["repo_count"]
        assert project.registry_id == row.get("registry_id", 0) and project.created is not None


@pytest.mark.parametrize("folder", HEALTHY)
async def test_the_audit_log_of_a_real_harbor(folder: str) -> None:
    real = scenario(f"{folder}/healthy")
    async with replayed([real[name] for name in ("audit-logs", "auditlog-exts", "auditlog-exts-events")]) as source:
        page = value(await source.looks.audit(1, ""))
    newer = folder != "harbor-2.11.2"
    rows = real["auditlog-exts" if newer else "audit-logs"].json()
    assert page.generation == ("auditlog-exts" if newer else "audit-logs")
    assert [(each.id, each.user, each.operation) for each in page.entries] == [
        (row["id"], row["username"], row["operation"]) for row in rows
    ]
    assert rows and all((each.ok is not None) is newer and each.at for each in page.entries)


@pytest.mark.parametrize("folder", HEALTHY)
async def test_the_log_and_the_raw_run_of_a_real_collection(folder: str) -> None:
    real = scenario(f"{folder}/healthy")
    run = real["gc-real"].json()
    async with replayed(real.values()) as source:
        log = value(await source.looks.gc_log(str(run["id"])))
        raw = value(await source.looks.raw("gc-run", str(run["id"])))
        assert failure(await source.looks.gc_log("999999")).kind is K.NOT_FOUND
    assert len(log.lines) == len(real["gc-log-real"].body.splitlines()) and not log.cut
    text = "\n".join(raw.lines)
    assert str(run["job_status"]) in text and "redis://" not in text and "freed_space" in text
