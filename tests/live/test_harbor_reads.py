"""What every Harbor must answer the console's reader, compared with plain requests. Changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import AccountKind
from harbortui.model.secret import Secret
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import EXECUTIONS_PER_PAGE, HarborSource
from tests.live.answers import agreed, value
from tests.live.harbor_open import opened
from tests.live.harbor_plain import Plain
from tests.live.settings import LiveHarbor

NOBODY = Credentials("harbortui-live-nobody", Secret("no password at all"))
"""A name that no account has: a wrong password for a real one could lock it in a directory service."""
UNKNOWN_ID = 2_000_000_000
EXECUTION_STATES = {"InProgress", "Succeed", "Failed", "Stopped"}
TASK_STATES = {"Pending", "InProgress", "Succeed", "Failed", "Stopped"}
RUN_STATES = {"Running", "Success", "Error", "Stopped"}


@pytest.fixture
def reader(live_harbor: LiveHarbor) -> Credentials:
    if live_harbor.credentials is None:
        pytest.skip("no user name and password of a reader")
    return live_harbor.credentials


@pytest.fixture
async def source(live_harbor: LiveHarbor, reader: Credentials) -> AsyncIterator[HarborSource]:
    async with opened(live_harbor, reader) as source:
        yield source


@pytest.fixture
def plain(live_harbor: LiveHarbor, reader: Credentials) -> Plain:
    return Plain(live_harbor, reader)


async def test_health_needs_nobody_and_names_the_components(live_harbor: LiveHarbor) -> None:
    anonymous = Plain(live_harbor, None)
    async with opened(live_harbor, None) as source:

        async def ours() -> dict[str, str]:
            health = value(await source.health())
            return {"": health.status} | {each.name: each.status for each in health.components}

        def theirs() -> dict[str, str]:
            told = anonymous.get("/health")
            return {"": told["status"]} | {each["name"]: each["status"] for each in told["components"]}

        told, _ = await agreed(ours, theirs, lambda a, b: a == b)
    assert {"core", "database", "redis", "registry", "registryctl", "jobservice", "portal"} <= set(told)
    assert set(told.values()) <= {"healthy", "unhealthy"}


async def test_ping_answers(live_harbor: LiveHarbor) -> None:
    async with opened(live_harbor, None) as source:
        value(await source.ping())
    assert Plain(live_harbor, None).ask("GET", "/ping").text.strip().strip('"') == "Pong"


async def test_anonymous_callers_see_little_and_are_told_so(live_harbor: LiveHarbor) -> None:
    async with opened(live_harbor, None) as source:
        system = value(await source.system())
        assert system.auth_mode and (system.external_url, system.read_only) == ("", None)
        for answer in (await source.policies(), await source.gc_runs(), await source.account()):
            assert isinstance(answer, Failure) and answer.kind is FailureKind.NO_CREDENTIALS


async def test_wrong_credentials_never_pass_as_anonymous(live_harbor: LiveHarbor) -> None:
    async with opened(live_harbor, NOBODY) as source:
        for answer in (await source.account(), await source.system(), await source.policies(), await source.gc_runs()):
            assert isinstance(answer, Failure) and answer.kind is FailureKind.AUTH, answer


async def test_the_account_is_who_it_is(source: HarborSource, plain: Plain, reader: Credentials) -> None:
    account = value(await source.account())
    answer = plain.ask("GET", "/users/current")
    if account.kind is AccountKind.ROBOT:
        assert answer.status_code == 412 and account.name == reader.user
    else:
        admin = answer.json().get("sysadmin_flag") or answer.json().get("admin_role_in_auth")
        assert account.kind is (AccountKind.ADMIN if admin else AccountKind.USER)
        assert account.name == answer.json()["username"]


async def test_system_information(source: HarborSource, plain: Plain) -> None:
    system, told = value(await source.system()), plain.get("/systeminfo")
    assert system.version == told["harbor_version"] and system.auth_mode == told["auth_mode"]
    assert system.external_url == told["external_url"]
    assert system.read_only == told.get("read_only", False)
    assert system.storage_provider == told["registry_storage_provider_name"]
    assert system.clock_skew is not None


async def test_quotas(source: HarborSource, plain: Plain) -> None:
    async def ours() -> list[tuple[str, int, int]]:
        return sorted((each.project, each.used, each.hard) for each in value(await source.quotas()))

    def theirs() -> list[tuple[str, int, int]]:
        rows = plain.rows("/quotas", reference="project")
        return sorted((row["ref"]["name"], row["used"]["storage"], row["hard"]["storage"]) for row in rows)

    told, _ = await agreed(ours, theirs, lambda a, b: a == b)
    counted = plain.ask("GET", "/quotas", query={"reference": "project", "page_size": 1})
    assert counted.headers["x-total-count"] == str(len(told))


async def test_registries(source: HarborSource, plain: Plain) -> None:
    async def ours() -> list[tuple[int, str, str, str]]:
        return sorted((each.id, each.name, each.type, each.url) for each in value(await source.registries()))

    def theirs() -> list[tuple[int, str, str, str]]:
        return sorted((row["id"], row["name"], row["type"], row["url"]) for row in plain.rows("/registries"))

    await agreed(ours, theirs, lambda a, b: a == b)


async def test_policies(source: HarborSource, plain: Plain) -> None:
    async def ours() -> list[tuple[int, str, bool, str]]:
        return sorted((each.id, each.name, each.enabled, each.trigger) for each in value(await source.policies()))

    def theirs() -> list[tuple[int, str, bool, str]]:
        rows = plain.rows("/replication/policies")
        return sorted((row["id"], row["name"], row.get("enabled", False), row["trigger"]["type"]) for row in rows)

    await agreed(ours, theirs, lambda a, b: a == b)
    for policy in value(await source.policies()):
        assert policy.peer, f"policy {policy.name} names no other registry"


async def test_executions_newest_first(source: HarborSource, plain: Plain) -> None:
    async def ours() -> list[int]:
        return [each.id for each in value(await source.executions())]

    def theirs() -> list[int]:
        rows = plain.get("/replication/executions", page=1, page_size=EXECUTIONS_PER_PAGE, sort="-start_time")
        return [row["id"] for row in rows]

    await agreed(ours, theirs, lambda a, b: a == b)
    executions = value(await source.executions())
    assert [each.start_time for each in executions] == sorted((e.start_time or 0 for e in executions), reverse=True)
    for each in executions:
        assert each.status in EXECUTION_STATES and each.policy_id > 0
        assert each.total == each.failed + each.succeed + each.in_progress + each.stopped
        assert each.start_time is not None and (each.end_time is not None or each.status == "InProgress")


async def test_tasks_and_a_log(source: HarborSource, plain: Plain) -> None:
    executions = value(await source.executions())
    execution = next((each for each in executions if each.total and each.status != "InProgress"), None)
    if execution is None:
        pytest.skip("no finished execution with tasks")

    async def ours() -> list[int]:
        return [each.id for each in value(await source.looks.tasks(str(execution.id)))]

    path = f"/replication/executions/{execution.id}/tasks"
    await agreed(ours, lambda: [row["id"] for row in plain.rows(path, sort="id")], lambda a, b: a == b)
    tasks = value(await source.looks.tasks(str(execution.id)))
    assert len(tasks) == execution.total
    for task in tasks:
        assert task.status in TASK_STATES and task.execution_id == execution.id and task.job_id
    log = await source.looks.task_log(str(execution.id), str(tasks[0].id))
    if isinstance(log, Failure):  # Harbor keeps logs for a day.
        assert log.kind is FailureKind.NOT_FOUND, log
    else:
        answer = plain.ask("GET", f"{path}/{tasks[0].id}/log")
        assert len(log.value.lines) == len(answer.text.splitlines())


async def test_what_is_not_there_is_not_found(source: HarborSource) -> None:
    for answer in (await source.looks.tasks(str(UNKNOWN_ID)), await source.looks.task_log(str(UNKNOWN_ID), "1")):
        assert isinstance(answer, Failure) and answer.kind is FailureKind.NOT_FOUND, answer


async def test_garbage_collections(source: HarborSource, plain: Plain) -> None:
    async def ours() -> list[tuple[int, str, str]]:
        return [(each.id, each.status, each.kind) for each in value(await source.gc_runs())]

    def theirs() -> list[tuple[int, str, str]]:
        rows = plain.get("/system/gc", page=1, page_size=20, sort="-creation_time") or []
        return [(row["id"], row["job_status"], row["job_kind"]) for row in rows]

    await agreed(ours, theirs, lambda a, b: a == b)
    runs = value(await source.gc_runs())
    assert {each.status for each in runs} <= RUN_STATES
    assert "redis://" not in repr(runs)


async def test_the_schedule_of_the_garbage_collection(source: HarborSource, plain: Plain) -> None:
    schedule = value(await source.gc_schedule())
    told = (plain.get("/system/gc/schedule") or {}).get("schedule") or {}
    assert (schedule.type, schedule.cron) == (told.get("type", ""), told.get("cron", ""))
    assert not schedule.scheduled or len(schedule.cron.split()) == 6


async def test_pages_of_more_than_a_hundred_rows_are_refused(plain: Plain) -> None:
    answer = plain.ask("GET", "/registries", query={"page_size": 101})
    assert answer.status_code == 422, "the console asks for at most 100 rows since Harbor refuses more"
