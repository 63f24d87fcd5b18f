"""What Harbor answers becomes the model: zero values, zero times, rows that are wrong, rights that are missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from harbortui.model.asked import LogText
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import AccountKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor import reasons
from harbortui.sources.harbor.failures import needs
from harbortui.sources.harbor.policy import allow_list
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.http import HttpHost
from tests.sources.conftest import Served, reply

K = FailureKind
API = "/api/v2.0"
NOW = 1_767_323_000.0
ADMIN = Credentials("admin", Secret("PLANTED-admin"))
ME = {f"{API}/users/current": reply('{"username": "admin", "sysadmin_flag": true}')}
Start = Callable[..., Awaitable[Served]]
Open = Callable[..., HarborSource]


@pytest.fixture
async def harbor(clean: Clean) -> AsyncIterator[Open]:
    made: list[HarborSource] = []

    def open_source(url: str, credentials: object = ADMIN, **more: object) -> HarborSource:
        async def supply() -> Credentials | Failure | None:
            return credentials  # type: ignore[return-value]

        http = HttpHost(url=url, allow=allow_list(url), clean=clean, now=lambda: NOW)
        made.append(
            HarborSource(url=url, credentials=supply, http=http, clean=clean, now=lambda: NOW, **more)  # type: ignore[arg-type]
        )
        return made[-1]

    yield open_source
    for each in made:
        await each.aclose()


def value_of(answer: object) -> object:
    assert isinstance(answer, Ok), answer
    return answer.value


def failure_of(answer: object) -> Failure:
    assert isinstance(answer, Failure), answer
    return answer


# Health


HEALTHY = {
    "status": "unhealthy",
    "components": [
        {"name": "core", "status": "healthy"},
        {"name": "redis", "status": "unhealthy", "error": "failed to run PING:\n\x1b[2J dial tcp"},
    ],
}


async def test_health_is_asked_without_credentials(serve: Start, harbor: Open) -> None:
    served = await serve({f"{API}/health": reply(json.dumps(HEALTHY))})
    answer = await harbor(served.url).health()
    assert isinstance(answer, Ok) and answer.server_time is not None
    health = answer.value
    assert health.status == "unhealthy"
    assert [(each.name, each.healthy) for each in health.components] == [("core", True), ("redis", False)]
    assert "\n" not in health.components[1].error and "\x1b" not in health.components[1].error
    asked = served.requests[0]
    assert "Authorization" not in asked.headers and len(asked.headers["X-Request-Id"]) == 36


async def test_a_component_that_cannot_be_read_is_told(serve: Start, harbor: Open) -> None:
    body = {"status": "healthy", "components": [{"name": "core", "status": "healthy"}, {"name": 7}, {"name": "redis"}]}
    served = await serve({f"{API}/health": reply(json.dumps(body))})
    answer = await harbor(served.url).health()
    assert isinstance(answer, Ok) and len(answer.value.components) == 1
    assert len(answer.lost_rows) == 2 and "component 2" in answer.lost_rows[0] and "$.name" in answer.lost_rows[0]


async def test_a_component_twice_is_unhealthy_if_either_row_is(serve: Start, harbor: Open) -> None:
    rows = [{"name": "core", "status": "unhealthy"}, {"name": "core", "status": "healthy"}]
    for components in (rows, rows[::-1]):
        body = json.dumps({"status": "healthy", "components": components})
        served = await serve({f"{API}/health": reply(body)})
        answer = await harbor(served.url).health()
        assert isinstance(answer, Ok)
        assert [each.status for each in answer.value.components] == ["unhealthy"]
        assert answer.lost_rows == ("component core is listed twice",)


@pytest.mark.parametrize(
    "body",
    [
        '{"status": "healthy", "status": "unhealthy"}',
        '{"status": "healthy", "components": [{"name": "core", "status": "unhealthy", "status": "healthy"}]}',
        '{"status": NaN}',
        '{"status": true}',
        '{"status": "healthy", "components": {}}',
        "{}",
        "[]",
        "null",
        "",
    ],
)
async def test_a_health_answer_of_the_wrong_shape(serve: Start, harbor: Open, body: str) -> None:
    served = await serve({f"{API}/health": reply(body)})
    assert failure_of(await harbor(served.url).health()).kind is K.PROTOCOL


async def test_nginx_without_core_behind_it(serve: Start, harbor: Open) -> None:
    page = "<html><center><h1>502 Bad Gateway</h1></center><hr>nginx</html>"
    served = await serve({f"{API}/health": reply(page, 502, "text/html")})
    failure = failure_of(await harbor(served.url).health())
    assert (failure.kind, failure.detail) == (K.SERVER, "nginx answers, core does not (502)")


async def test_a_hanging_health_is_explained_by_ping(serve: Start, harbor: Open) -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    served = await serve({f"{API}/health": hang, f"{API}/ping": reply('"Pong"', kind="text/plain; charset=utf-8")})
    failure = failure_of(await harbor(served.url, health_seconds=0.2).health())
    assert failure.kind is K.TIMEOUT and "/ping answers" in failure.detail
    dead = await serve({f"{API}/health": hang})
    failure = failure_of(await harbor(dead.url, health_seconds=0.2).health())
    assert failure.kind is K.TIMEOUT and "/ping" not in failure.detail


async def test_a_ping_that_hangs_too_points_at_redis(
    serve: Start, harbor: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    monkeypatch.setattr(reasons, "PING_SECONDS", 0.2)
    served = await serve({f"{API}/health": hang, f"{API}/ping": hang})
    failure = failure_of(await harbor(served.url, health_seconds=0.2).health())
    assert failure.kind is K.TIMEOUT and "Redis" in failure.detail


# System


async def test_system_with_credentials_tells_version_and_skew(serve: Start, harbor: Open) -> None:
    info = {"auth_mode": "db_auth", "harbor_version": "v2.11.2-6e5ccb15", "read_only": False, "banner_message": None}
    info |= {"current_time": "2026-01-02T03:04:05.500Z", "registry_storage_provider_name": "s3"}
    served = await serve({**ME, f"{API}/systeminfo": reply(json.dumps(info))})
    system = (await harbor(served.url).system()).value  # type: ignore[union-attr]
    assert (system.version, system.read_only, system.storage_provider) == ("v2.11.2-6e5ccb15", False, "s3")
    assert system.clock_skew == pytest.approx(1_767_323_045.5 - NOW, abs=2.5)
    assert served.requests[-1].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("missing", [None, Failure(kind=K.SEALED, detail="Vault is sealed")])
async def test_system_without_credentials_tells_what_anyone_sees(serve: Start, harbor: Open, missing: object) -> None:
    served = await serve({f"{API}/systeminfo": reply('{"auth_mode": "db_auth"}')})
    answer = await harbor(served.url, missing).system()
    assert isinstance(answer, Ok) and answer.value.auth_mode == "db_auth" and answer.value.version == ""
    assert served.asked == [f"GET {API}/systeminfo"]


async def test_revoked_credentials_do_not_pass_as_anonymous(serve: Start, harbor: Open) -> None:
    served = await serve({**ME, f"{API}/systeminfo": reply('{"auth_mode": "db_auth"}')})
    source = harbor(served.url)
    assert failure_of(await source.system()).kind is K.AUTH
    await source.system()
    assert served.asked.count(f"GET {API}/users/current") == 3  # proven again before the next use


# Rows


async def test_a_push_policy_and_a_pull_policy(serve: Start, harbor: Open) -> None:
    local = {"id": 0, "name": "Local", "url": "http://core:8080", "credential": {"access_secret": "PLANTED"}}
    peer = {"id": 3, "name": "harbor-vm-07", "url": "https://h7:8880", "type": "harbor", "credential": None}
    trigger = {"type": "scheduled", "trigger_settings": {"cron": "0 0 2 * * *"}}
    filters = [
        {"type": "name", "value": "library/**"},
        {"type": "tag", "value": "latest", "decoration": "excludes"},
        {"type": "label", "value": ["a", "b"]},
        {"type": "odd", "value": {"x": 1}},
    ]
    rows = [
        {"id": 1, "name": "push", "enabled": True, "src_registry": local, "dest_registry": peer, "trigger": trigger},
        {"id": 2, "name": "pull", "src_registry": peer, "filters": filters, "trigger": None},
        {"id": "3", "name": "wrong"},
    ]
    served = await serve({**ME, f"{API}/replication/policies": reply(json.dumps(rows))})
    answer = await harbor(served.url).policies()
    assert isinstance(answer, Ok)
    push, pull = answer.value
    assert (push.direction, push.peer, push.cron, push.enabled) == ("push", "harbor-vm-07", "0 0 2 * * *", True)
    assert (pull.direction, pull.peer, pull.enabled, pull.trigger) == ("pull", "harbor-vm-07", False, "manual")
    assert pull.filters == ("name library/**", "tag excludes latest", "label a, b", "odd ?")
    assert len(answer.lost_rows) == 1 and "policy 3" in answer.lost_rows[0] and "$.id" in answer.lost_rows[0]
    assert "PLANTED" not in repr(answer)


async def test_executions_and_their_tasks(serve: Start, harbor: Open) -> None:
    execution = {"id": 9, "policy_id": 1, "status": "Failed", "status_text": "Execution skipped: active", "total": 0}
    execution |= {"start_time": "2026-01-02T03:04:05.000Z", "end_time": "0001-01-01T00:00:00.000Z"}
    task = {"id": 4, "execution_id": 9, "status": "Failed", "src_resource": "a/b:[x]", "dst_resource": "a/b:[x]"}
    routes = {
        f"{API}/replication/executions": reply(json.dumps([execution])),
        f"{API}/replication/executions/9/tasks": reply(json.dumps([task])),
        f"{API}/replication/executions/9/tasks/4/log": reply("one\r\ntwo \x1b[31m\n", kind="text/plain"),
    }
    served = await serve({**ME, **routes})
    source = harbor(served.url)
    (row,) = (await source.executions()).value  # type: ignore[union-attr]
    assert (row.id, row.skipped, row.start_time, row.end_time) == (9, True, 1_767_323_045.0, None)
    (row,) = (await source.looks.tasks("9")).value  # type: ignore[union-attr]
    assert (row.source, row.start_time) == ("a/b:[x]", None)
    log = (await source.looks.task_log("9", "4")).value  # type: ignore[union-attr]
    assert log == LogText(lines=("one", "two ␛[31m"))
    sizes = {each.path: each.query.get("page_size") for each in served.requests}
    assert sizes[f"{API}/replication/executions"] == "30"
    assert served.requests[-2].query["sort"] == "id"


async def test_a_log_that_is_gone(serve: Start, harbor: Open) -> None:
    nested = json.dumps({"code": 10010, "message": "object is not found", "details": "0fc6f2f32764201463352f91"})
    body = json.dumps({"errors": [{"code": "NOT_FOUND", "message": nested}]})
    served = await serve({**ME, f"{API}/replication/executions/9/tasks/4/log": reply(body, 404)})
    failure = failure_of(await harbor(served.url).looks.task_log("9", "4"))
    assert failure.kind is K.NOT_FOUND and "has not begun" in failure.detail


async def test_quotas_and_registries(serve: Start, harbor: Open) -> None:
    quotas = [
        {"id": 1, "ref": {"id": 1, "name": "library", "owner_name": "admin"}, "hard": {"storage": -1}},
        {"id": 2, "ref": {"name": "big"}, "hard": {"storage": 10}, "used": {"storage": 5}},
        {"id": 3, "ref": {}},
    ]
    registries = [{"id": 1, "name": "hub", "type": "docker-hub", "credential": {"access_secret": "PLANTED"}}]
    routes = {f"{API}/quotas": reply(json.dumps(quotas)), f"{API}/registries": reply(json.dumps(registries))}
    served = await serve({**ME, **routes})
    source = harbor(served.url)
    answer = await source.quotas()
    assert isinstance(answer, Ok) and len(answer.lost_rows) == 1
    assert [(each.project, each.used, each.hard) for each in answer.value] == [("library", 0, -1), ("big", 5, 10)]
    (registry,) = (await source.registries()).value  # type: ignore[union-attr]
    assert (registry.id, registry.insecure, registry.status) == (1, False, "")


async def test_garbage_collections_never_carry_the_redis_url(serve: Start, harbor: Open) -> None:
    parameters = {"dry_run": True, "workers": 1, "freed_space": 5, "redis_url_reg": "redis://:PLANTED@redis:6379/1"}
    rows = [
        {"id": 3, "job_status": "Running", "job_kind": "MANUAL", "job_parameters": json.dumps(parameters)},
        {"id": 2, "job_status": "Success", "job_parameters": '{"workers": "3"}', "update_time": "2026-01-02T03:04:05Z"},
        {"id": 1, "job_status": "Error", "job_parameters": "{PLANTED"},
    ]
    served = await serve({**ME, f"{API}/system/gc": reply(json.dumps(rows))})
    answer = await harbor(served.url).gc_runs()
    assert isinstance(answer, Ok) and "PLANTED" not in repr(answer)
    running, done, odd = answer.value
    assert (running.dry_run, running.workers, running.freed_bytes, running.end_time) == (True, 1, 5, None)
    assert (done.workers, done.end_time, odd.status) == (0, 1_767_323_045.0, "Error")
    assert len(answer.lost_rows) == 1 and "garbage collection 1" in answer.lost_rows[0]


async def test_the_schedule_of_the_garbage_collection(serve: Start, harbor: Open) -> None:
    schedule = {"type": "Weekly", "cron": "0 0 3 * * 0", "next_scheduled_time": "2026-01-04T03:00:00Z"}
    body = {"id": 1, "schedule": schedule, "job_parameters": '{"workers": 1, "delete_untagged": false}'}
    served = await serve({**ME, f"{API}/system/gc/schedule": reply(json.dumps(body))})
    value = (await harbor(served.url).gc_schedule()).value  # type: ignore[union-attr]
    assert (value.type, value.cron, value.workers, value.scheduled) == ("Weekly", "0 0 3 * * 0", 1, True)
    empty = await serve({**ME, f"{API}/system/gc/schedule": reply("")})
    value = (await harbor(empty.url).gc_schedule()).value  # type: ignore[union-attr]
    assert (value.type, value.scheduled, value.next_time) == ("", False, None)


# Rights and statuses


@pytest.mark.parametrize(
    ("call", "right"),
    [
        ("quotas", "quota:list"),
        ("registries", "registry:list"),
        ("policies", "replication-policy:list"),
        ("executions", "replication:list"),
        ("gc_runs", "garbage-collection:list"),
        ("gc_schedule", "garbage-collection:read"),
    ],
)
async def test_a_missing_right_is_named(serve: Start, harbor: Open, call: str, right: str) -> None:
    denied = reply('{"errors": [{"code": "FORBIDDEN", "message": "robot$ops"}]}', 403)
    served = await serve({**ME, "*": denied})
    failure = failure_of(await getattr(harbor(served.url), call)())
    assert (failure.kind, failure.needs, failure.status) == (K.FORBIDDEN, right, 403)


def test_rights_of_one_execution() -> None:
    assert needs("/replication/executions/7/tasks") == "replication:list"
    assert needs("/replication/executions/7/tasks/8/log") == "replication:read"
    assert needs("/unknown") == ""


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, K.NOT_FOUND),
        (407, K.LOCAL),
        (409, K.CONFLICT),
        (412, K.CONFLICT),
        (422, K.PROTOCOL),
        (429, K.RATE_LIMITED),
        (500, K.SERVER),
        (503, K.SERVER),
    ],
)
async def test_statuses_are_kinds(serve: Start, harbor: Open, status: int, kind: FailureKind) -> None:
    served = await serve({**ME, f"{API}/quotas": reply('{"errors": 7}', status, Retry_After="9")})
    failure = failure_of(await harbor(served.url).quotas())
    assert (failure.kind, failure.status, failure.retry_after) == (kind, status, 9.0)


async def test_a_proxys_login_page_is_told_and_gets_no_second_try(serve: Start, harbor: Open) -> None:
    served = await serve({"*": reply("<html><form></form></html>", 200, "text/html")})
    source = harbor(served.url)
    assert failure_of(await source.health()).kind is K.LOGIN_PAGE
    assert failure_of(await source.policies()).kind is K.LOGIN_PAGE
    assert served.asked == [f"GET {API}/health", f"GET {API}/users/current"]


async def test_a_url_with_a_path_in_front_of_the_api(serve: Start, harbor: Open) -> None:
    served = await serve({f"/sub{API}/health": reply(json.dumps(HEALTHY))})
    assert isinstance(await harbor(f"{served.url}/sub/").health(), Ok)


async def test_the_source_opens_its_own_host(serve: Start, clean: Clean) -> None:
    async def none() -> None:
        return None

    served = await serve({f"{API}/health": reply(json.dumps(HEALTHY))})
    source = HarborSource.open(url=served.url, credentials=none, clean=clean, now=lambda: NOW)
    assert isinstance(await source.health(), Ok)
    assert failure_of(await source.account()).kind is K.NO_CREDENTIALS
    await source.aclose()


# The account


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, '{"username": "admin", "sysadmin_flag": true}', AccountKind.ADMIN),
        (200, '{"username": "ann", "admin_role_in_auth": true}', AccountKind.ADMIN),
        (200, '{"username": "ann"}', AccountKind.USER),
        (412, '{"errors": [{"code": "PRECONDITION"}]}', AccountKind.ROBOT),
    ],
)
async def test_who_harbor_takes_us_for(serve: Start, harbor: Open, status: int, body: str, kind: AccountKind) -> None:
    served = await serve({f"{API}/users/current": reply(body, status)})
    answer = await harbor(served.url, Credentials("robot$ops", Secret("x"))).account()
    assert isinstance(answer, Ok) and answer.value.kind is kind
    assert answer.value.name == ("robot$ops" if kind is AccountKind.ROBOT else json.loads(body)["username"])


async def test_a_user_name_that_basic_cannot_carry_is_not_sent(serve: Start, harbor: Open) -> None:
    served = await serve({})
    failure = failure_of(await harbor(served.url, Credentials("a:b", Secret("x"))).account())
    assert failure.kind is K.LOCAL and served.requests == []
