"""What is read of Harbor on demand: both audit logs, the job service, projects and logs, with what can be missing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from harbortui.model.asked import LogText
from harbortui.model.audit import AuditPage
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.jobservice import JobService
from harbortui.model.projects import ProjectList
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.allowlist import Blocked
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.audit import Search
from harbortui.sources.harbor.looks import LOG_BYTES, NO_LOG
from harbortui.sources.harbor.policy import allow_list
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.http import HttpHost
from tests.sources.conftest import Handler, Served, reply

K = FailureKind
API = "/api/v2.0"
NOW = 1_767_323_000.0
ME = {f"{API}/users/current": reply('{"username": "admin", "sysadmin_flag": true}')}
DENIED = reply('{"errors": [{"code": "FORBIDDEN", "message": "robot$ops"}]}', 403)
PAINTED = "x \x1b[2J[@click=app.quit]\nsecond \u202eline"
Start = Callable[..., Awaitable[Served]]
Looks = Callable[[dict[str, Handler]], Awaitable[tuple[Any, Served]]]


@pytest.fixture
async def looks(serve: Start, clean: Clean) -> AsyncIterator[Looks]:
    made: list[HarborSource] = []

    async def supply() -> Credentials | Failure | None:
        return Credentials("admin", Secret("PLANTED-admin"))

    async def open_looks(routes: dict[str, Handler]) -> tuple[Any, Served]:
        served = await serve({**ME, **{f"{API}{path}" if path != "*" else path: each for path, each in routes.items()}})
        http = HttpHost(url=served.url, allow=allow_list(served.url), clean=clean, now=lambda: NOW)
        made.append(HarborSource(url=served.url, credentials=supply, http=http, clean=clean, now=lambda: NOW))
        return made[-1].looks, served

    yield open_looks
    for each in made:
        await each.aclose()


def body(value: object) -> Handler:
    return reply(json.dumps(value))


def is_safe(*texts: str) -> bool:
    return not any(sign in text for text in texts for sign in "\x1b\n\u202e")


# The job service


def job_service(**more: object) -> dict[str, Handler]:
    def at(seconds: float) -> str:
        from datetime import UTC, datetime

        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    async def pools(request: web.Request) -> web.StreamResponse:
        rows = [
            {
                "worker_pool_id": "p1",
                "pid": 1,
                "concurrency": 10,
                "start_at": at(NOW - 500),
                "heartbeat_at": at(NOW - 9),
            },
            {"worker_pool_id": "p2", "start_at": at(NOW - 900), "heartbeat_at": at(NOW - 11)},
            {"worker_pool_id": "p3", "heartbeat_at": "1970-01-01T00:00:00.000Z"},
        ]
        return web.json_response(rows, headers={"Date": "Fri, 02 Jan 2026 03:03:20 GMT"})

    busy = {"job_name": "REPLICATION", "job_id": "j1", "start_at": at(NOW - 60), "check_in": PAINTED}
    workers = [{"id": "w1", "pool_id": "p1"}, {"id": "w2", "pool_id": "p1", **busy}, {"pool_id": "p1"}]
    queues = [{"job_type": "SCHEDULER", "paused": True}, {"job_type": "GARBAGE_COLLECTION", "count": 3, "latency": 75}]
    schedules = [{"id": 4, "vendor_type": "REPLICATION", "vendor_id": 2, "cron": "0 0 2 * * *"}]
    return {
        "/jobservice/pools": pools,
        "/jobservice/pools/all/workers": body(workers),
        "/jobservice/queues": body(queues),
        "/schedules": body(schedules),
        **more,  # type: ignore[dict-item]
    }


async def test_the_job_service_as_it_is(looks: Looks) -> None:
    asked, served = await looks(job_service())
    answer = await asked.job_service()
    assert isinstance(answer, Ok) and isinstance(answer.value, JobService)
    found = answer.value
    assert [(each.id, each.alive, each.last_beat) for each in found.pools] == [
        ("p1", True, None),
        ("p2", False, NOW - 11),
        ("p3", False, None),
    ]
    assert [(each.id, each.is_busy, each.job_name) for each in found.workers] == [
        ("w2", True, "REPLICATION"),
        ("w1", False, ""),
    ]
    assert is_safe(found.workers[0].check_in) and "[@click=app.quit]" in found.workers[0].check_in
    assert [(each.job_type, each.count, each.latency, each.paused) for each in found.queues] == [
        ("GARBAGE_COLLECTION", 3, 75, False),
        ("SCHEDULER", 0, 0, True),
    ]
    assert found.schedules_paused and found.schedules[0].cron == "0 0 2 * * *"
    assert answer.lost_rows and "worker 3" in answer.lost_rows[0]
    assert len(served.asked) == 5, "one to prove the account, then four"


@pytest.mark.parametrize(
    "path", ["/jobservice/pools", "/jobservice/pools/all/workers", "/jobservice/queues", "/schedules"]
)
async def test_the_job_service_names_the_right(looks: Looks, path: str) -> None:
    asked, _ = await looks(job_service(**{path: DENIED}))
    failure = await asked.job_service()
    assert isinstance(failure, Failure) and (failure.kind, failure.needs) == (K.FORBIDDEN, "jobservice-monitor:list")


async def test_a_job_service_of_the_wrong_shape(looks: Looks) -> None:
    asked, _ = await looks(job_service(**{"/jobservice/queues": body({"rows": 1})}))
    failure = await asked.job_service()
    assert isinstance(failure, Failure) and failure.kind is K.PROTOCOL


# Projects


PROJECTS = [
    {"project_id": 1, "name": "library", "repo_count": 2, "owner_name": "admin", "metadata": {"public": "true"}},
    {
        "project_id": 2,
        "name": PAINTED,
        "registry_id": 7,
        "metadata": {"public": "false", "proxy_speed_kb": "-1", "retention_id": "9", "auto_scan": "true"},
    },
    {"name": "without a number"},
]
QUOTAS = [
    {"ref": {"name": "library"}, "used": {"storage": 50}, "hard": {"storage": 200}},
    {"ref": {"name": PAINTED}, "hard": {"storage": -1}},
    {"ref": {"name": "hidden"}, "used": {"storage": 1}},
]


def project_routes(**more: object) -> dict[str, Handler]:
    return {
        "/projects": body(PROJECTS),
        "/quotas": body(QUOTAS),
        "/registries": body([{"id": 7, "name": "hub", "status": "unhealthy", "credential": {"access_secret": "x"}}]),
        "/scans/all/metrics": body(
            {"total": 9, "completed": 4, "ongoing": True, "metrics": {"Success": 4, "Running": 5}}
        ),
        **more,  # type: ignore[dict-item]
    }


async def test_projects_with_quota_upstream_and_backlog(looks: Looks) -> None:
    asked, served = await looks(project_routes())
    answer = await asked.projects()
    assert isinstance(answer, Ok) and isinstance(answer.value, ProjectList)
    library, proxy = answer.value.projects
    assert (library.public, library.used, library.hard, library.used_share, library.is_proxy_cache) == (
        *(True, 50, 200, 0.25),
        False,
    )
    assert is_safe(proxy.name) and (proxy.used, proxy.hard, proxy.used_share) == (0, -1, None)
    assert (proxy.registry, proxy.registry_status, proxy.proxy_speed_kb, proxy.retention_id, proxy.auto_scan) == (
        *("hub", "unhealthy", -1, 9),
        True,
    )
    scan = answer.value.scan
    assert answer.value.has_scanner and scan is not None and (scan.waiting, scan.by_status["Running"]) == (5, 5)
    assert answer.value.unseen == 1 and len(answer.lost_rows) == 1
    listing = next(each for each in served.requests if each.path.endswith("/projects"))
    assert (listing.query["with_detail"], listing.query["page_size"]) == ("true", "100")


@pytest.mark.parametrize("status", [404, 412])
async def test_a_harbor_without_a_scanner(looks: Looks, status: int) -> None:
    asked, _ = await looks(project_routes(**{"/scans/all/metrics": reply("{}", status)}))
    found = (await asked.projects()).value
    assert (found.has_scanner, found.scan, found.scan_failure) == (False, None, None)


async def test_what_may_not_be_read_beside_the_projects_is_told(looks: Looks) -> None:
    asked, _ = await looks(project_routes(**{"/quotas": DENIED, "/registries": DENIED, "/scans/all/metrics": DENIED}))
    found = (await asked.projects()).value
    assert found.has_scanner is None and found.projects[0].used is None and found.projects[1].registry == ""
    rights = [each.needs for each in (found.quota_failure, found.registry_failure, found.scan_failure)]
    assert rights == ["quota:list", "registry:list", "scan-all:read"]


async def test_projects_that_may_not_be_listed(looks: Looks) -> None:
    asked, _ = await looks(project_routes(**{"/projects": DENIED}))
    failure = await asked.projects()
    assert isinstance(failure, Failure) and failure.needs == "project:list"


# The audit log


def audit_row(number: int, **more: object) -> dict[str, object]:
    row = {"id": number, "op_time": "2026-01-02T03:00:00.000Z", "username": "alice", "operation": "delete"}
    return {**row, "resource_type": "artifact", "resource": "library/x", **more}


async def test_the_newer_audit_log(looks: Looks) -> None:
    rows = [audit_row(1, operation_result=False, operation_description=PAINTED), {"id": "no number"}]
    asked, served = await looks({"/auditlog-exts": reply(json.dumps(rows), X_Total_Count="120")})
    answer = await asked.audit(2, "user:alice library/x")
    assert isinstance(answer, Ok) and isinstance(answer.value, AuditPage)
    page = answer.value
    assert (page.generation, page.page, page.total, page.pages) == ("auditlog-exts", 2, 120, 3)
    (entry,) = page.entries
    assert (entry.user, entry.ok, entry.at) == ("alice", False, 1_767_322_800.0) and is_safe(entry.description)
    assert len(answer.lost_rows) == 1
    query = served.requests[-1].query
    assert query["q"] == "op_time=[2025-12-26 03:00:00~],username=~alice,resource=~library/x"
    assert (query["page"], query["page_size"], query["sort"]) == ("2", "50", "-op_time")
    assert page.since is not None and page.since % 3600 == 0


async def test_an_older_harbor_is_found_by_asking_and_remembered(looks: Looks) -> None:
    asked, served = await looks({"/audit-logs": body([audit_row(1)])})
    for _ in range(2):
        page = (await asked.audit(1, "")).value
        assert page.generation == "audit-logs" and page.entries[0].ok is None
    assert [each.rpartition("/")[2] for each in served.asked] == [
        "current",
        "auditlog-exts",
        "audit-logs",
        "audit-logs",
    ]


async def test_an_upgraded_harbor_is_found_too(looks: Looks) -> None:
    upgraded = False

    def only(new: bool) -> Handler:
        async def answer(_: web.Request) -> web.StreamResponse:
            return web.json_response([audit_row(1)], status=200 if new is upgraded else 404)

        return answer

    asked, _ = await looks({"/audit-logs": only(False), "/auditlog-exts": only(True)})
    assert (await asked.audit(1, "")).value.generation == "audit-logs"
    upgraded = True
    assert (await asked.audit(1, "")).value.generation == "auditlog-exts"


async def test_an_empty_log_may_mean_a_missing_right(looks: Looks) -> None:
    asked, _ = await looks({"/auditlog-exts": body([]), "/auditlog-exts/events": DENIED})
    failure = await asked.audit(1, "")
    assert isinstance(failure, Failure) and (failure.kind, failure.needs) == (K.FORBIDDEN, "audit-log:list")
    allowed, _ = await looks({"/auditlog-exts": body([]), "/auditlog-exts/events": body([])})
    page = (await allowed.audit(1, "")).value
    assert page.entries == () and page.note == ""
    old, _ = await looks({"/audit-logs": body([])})
    assert "audit-log:list" in (await old.audit(1, "")).value.note


async def test_a_log_that_exists_nowhere(looks: Looks) -> None:
    asked, _ = await looks({})
    failure = await asked.audit(1, "")
    assert isinstance(failure, Failure) and failure.kind is K.NOT_FOUND


@pytest.mark.parametrize(
    "find", ["a,b=c", "x~y", "[1~2]", "{a", "50%", "a+b", "'x'", "days:0", "days:x", "a b", "user:"]
)
async def test_what_cannot_be_searched_is_said_and_not_sent(looks: Looks, find: str) -> None:
    asked, served = await looks({"*": body([])})
    failure = await asked.audit(1, find)
    assert isinstance(failure, Failure) and failure.kind is K.LOCAL and failure.detail
    assert served.requests == []


@given(st.text(max_size=60))
def test_no_search_leaves_its_field(find: str) -> None:
    try:
        search = Search(find)
    except ValueError:
        return
    q = search.q(search.since(NOW))
    assert q.startswith("op_time=[") and q.count("[") == 1
    assert all("=~" in part for part in q.split(",")[1:]) and q.count("=") == len(q.split(","))
    rules = allow_list("http://h")
    query = [("page", "1"), ("page_size", "50"), ("sort", "-op_time"), ("q", q)]
    assert rules.check("GET", f"{API}/auditlog-exts", query, None).name == "auditlog-exts"


@pytest.mark.parametrize(
    "query",
    [
        [("page", "1"), ("page_size", "50"), ("sort", "-op_time")],
        [("page", "1"), ("page_size", "0"), ("sort", "-op_time"), ("q", "op_time=[2026-01-01 00:00:00~]")],
        [("page", "1"), ("page_size", "101"), ("sort", "-op_time"), ("q", "op_time=[2026-01-01 00:00:00~]")],
        [("page", "1"), ("page_size", "50"), ("sort", "-op_time"), ("q", "username=~x")],
    ],
)
def test_a_search_without_bounds_cannot_leave(query: list[tuple[str, str]]) -> None:
    for path in ("auditlog-exts", "audit-logs"):
        with pytest.raises(Blocked):
            allow_list("http://h").check("GET", f"{API}/{path}", query, None)


# Logs


async def test_a_long_log_keeps_its_newest_whole_lines(looks: Looks) -> None:
    lines = [f"line {number:06} {'x' * 90}" for number in range(60_000)]
    asked, _ = await looks({"/system/gc/3/log": reply("\n".join(lines) + "\n", kind="text/plain")})
    log = (await asked.gc_log("3")).value
    assert isinstance(log, LogText) and log.cut
    assert log.lines[-1] == lines[-1] and log.lines == tuple(lines[-len(log.lines) :])
    assert 0 < sum(len(line) + 1 for line in log.lines) <= LOG_BYTES


async def test_a_log_of_many_short_lines_is_cut_too(looks: Looks) -> None:
    asked, _ = await looks({"/system/gc/3/log": reply("y\n" * 7_000, kind="text/plain")})
    log = (await asked.gc_log("3")).value
    assert log.cut and len(log.lines) == 5_000


async def test_hostile_lines_and_secrets_in_a_log(looks: Looks) -> None:
    text = f"{PAINTED}\nredis://:hunter2hunter2@redis:6379/2\npassword=hunter2hunter2 \xff\n"
    asked, _ = await looks(
        {"/replication/executions/9/tasks/4/log": reply(text.encode("latin-1", "replace"), kind="text/plain")}
    )
    log = (await asked.task_log("9", "4")).value
    assert is_safe(*log.lines) and "hunter2" not in "".join(log.lines) and not log.cut


@pytest.mark.parametrize("number", ["", "0", "-1", "1/../2", "x", "9" * 30, "٣", "1 "])
async def test_numbers_that_are_none_are_not_sent(looks: Looks, number: str) -> None:
    asked, served = await looks({})
    calls = [asked.gc_log(number), asked.tasks(number), asked.task_log("1", number), asked.task_log(number, "1")]
    for call in [*calls, asked.raw("policy", number), asked.raw("execution", number)]:
        failure = await call
        assert isinstance(failure, Failure) and failure.kind is K.NOT_FOUND
    assert served.requests == []


async def test_a_log_that_is_not_there_yet_or_denied(looks: Looks) -> None:
    asked, _ = await looks({"/system/gc/4/log": DENIED})
    missing = await asked.gc_log("3")
    assert isinstance(missing, Failure) and (missing.kind, missing.detail) == (K.NOT_FOUND, NO_LOG)
    denied = await asked.gc_log("4")
    assert isinstance(denied, Failure) and denied.needs == "garbage-collection:read"


# Raw


async def test_raw_objects_are_masked_and_come_from_lists_where_that_takes_less(looks: Looks) -> None:
    credential = {"type": "basic", "access_key": "robot$x", "access_secret": "hunter2-hunter2"}
    policy = {
        "id": 3,
        "name": PAINTED,
        "dest_registry": {"id": 1, "credential": credential, "url": "https://u:pw@peer"},
    }
    gc = {
        "id": 5,
        "job_parameters": json.dumps({"redis_url_reg": "redis://:hunter2-hunter2@redis:6379/1", "workers": 1}),
    }
    asked, served = await looks({"/replication/policies": body([policy]), "/system/gc/5": body(gc)})
    found = (await asked.raw("policy", "3")).value
    shown = "\n".join(found.lines)
    assert "hunter2" not in shown and "robot$x" not in shown and ":pw@" not in shown and found.masked == 3
    assert all(map(is_safe, found.lines)) and '"dest_registry": {' in shown
    assert found.source == "GET /api/v2.0/replication/policies?page=1&page_size=1&q=id%3D3"
    assert served.requests[-1].query["q"] == "id=3"
    run = (await asked.raw("gc-run", "5")).value
    assert "hunter2" not in "\n".join(run.lines) and "workers" in "\n".join(run.lines)
    other = await asked.raw("policy", "4")
    assert isinstance(other, Failure) and other.kind is K.NOT_FOUND
    for kind in ("robot", "user", "job", "configuration"):
        failure = await asked.raw(kind, "1")
        assert isinstance(failure, Failure) and failure.kind is K.LOCAL


async def test_health_is_shown_raw_without_credentials(looks: Looks) -> None:
    asked, served = await looks({"/health": body({"status": "healthy", "components": []})})
    assert (await asked.raw("health", "")).value.lines[1] == '  "status": "healthy",'
    assert [each.headers.get("Authorization") for each in served.requests] == [None]


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("execution", "replication:read"),
        ("policy", "replication-policy:list"),
        ("registry", "registry:list"),
        ("gc-run", "garbage-collection:read"),
        ("project", "project:list"),
    ],
)
async def test_a_raw_object_names_the_right(looks: Looks, kind: str, right: str) -> None:
    asked, _ = await looks({"*": DENIED})
    failure = await asked.raw(kind, "1")
    assert isinstance(failure, Failure) and (failure.kind, failure.needs) == (K.FORBIDDEN, right)


@pytest.mark.parametrize("text", ["", "{", "[" * 5_000, '{"a": 1' + "0" * 5_000 + "}", "NaN NaN"])
async def test_what_is_no_json_is_a_failure(looks: Looks, text: str) -> None:
    asked, _ = await looks({"/replication/executions/1": reply(text), "/registries": reply(text)})
    for kind in ("execution", "registry"):
        failure = await asked.raw(kind, "1")
        assert isinstance(failure, Failure) and failure.kind is K.PROTOCOL
