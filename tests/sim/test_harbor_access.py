"""Who may what: credentials, roles, CSRF, read-only mode, request ids."""

from __future__ import annotations

import asyncio
import json

import pytest

from harbortui.sim.harbor import grants
from harbortui.sim.harbor.server import operations
from harbortui.sim.secrets import MARK
from tests.sim.harbor_site import DESCRIBED, VERSIONS, basic, serving

SYSTEM_READS = (
    "/quotas",
    "/registries",
    "/replication/policies",
    "/replication/executions",
    "/system/gc",
    "/system/gc/schedule",
    "/system/purgeaudit",
    "/jobservice/pools",
    "/jobservice/queues",
    "/schedules",
    "/systeminfo/volumes",
    "/scanners",
    "/security/summary",
    "/replication/adapters",
)


@pytest.mark.parametrize("version", VERSIONS)
async def test_system_reads_need_a_login_and_a_permission(version: str) -> None:
    async with serving(version) as site:
        for path in SYSTEM_READS:
            assert (await site.ask(path, "admin")).status == 200, path
            assert (await site.ask(path, "console")).status == 200, path
            anonymous = await site.ask(path, "anonymous")
            assert (anonymous.status, anonymous.code) == (401, "UNAUTHORIZED"), path
            viewer = await site.ask(path, "viewer")
            assert (viewer.status, viewer.code, viewer.message) == (403, "FORBIDDEN", "viewer"), path


async def test_the_console_robot_is_stopped_at_what_no_robot_may() -> None:
    async with serving("v2.14.4") as site:
        assert site.world.options.console_user == "robot$ops-console"
        refused = await site.ask("/configurations", "console")
        assert (refused.status, refused.message) == (403, "robot$ops-console")
        assert (await site.ask("/permissions", "console")).status == 403
        statistics = (await site.ask("/statistics", "console")).json
        assert statistics["total_storage_consumption"] == statistics["total_repo_count"] == 0
        assert statistics["public_project_count"] == 4
        assert (await site.ask("/statistics", "admin")).json["total_storage_consumption"] == site.instance.total_usage()


async def test_the_credential_probe_tells_users_robots_and_mistakes_apart() -> None:
    async with serving("v2.14.4") as site:
        assert (await site.ask("/users/current", "admin")).json["sysadmin_flag"] is True
        viewer = await site.ask("/users/current", "viewer")
        assert (viewer.status, viewer.json["sysadmin_flag"]) == (200, False)
        robot = await site.ask("/users/current", "console")
        assert (robot.status, robot.code) == (412, "PRECONDITION")
        assert (await site.ask("/users/current", "wrong")).status == 401
        assert (await site.ask("/users/current", "anonymous")).status == 401


async def test_wrong_credentials_pass_as_anonymous_where_that_is_enough() -> None:
    async with serving() as site:
        for path in ("/health", "/ping", "/systeminfo", "/projects", "/repositories"):
            wrong, anonymous = await site.ask(path, "wrong"), await site.ask(path, "anonymous")
            assert wrong.status == anonymous.status == 200
            assert wrong.json == anonymous.json
        assert "external_url" not in (await site.ask("/systeminfo", "wrong")).json
        assert (await site.ask("/systeminfo", "admin")).json["harbor_version"].startswith("v2.11.2-")


async def test_until_2_12_everybody_is_told_the_version() -> None:
    for version, told in (("v2.11.2", True), ("v2.12.4", True), ("v2.13.5", False), ("v2.14.4", False)):
        async with serving(version) as site:
            assert ("harbor_version" in (await site.ask("/systeminfo", "anonymous")).json) is told


async def test_a_failed_login_costs_time_and_locks_the_name_but_not_the_ping() -> None:
    async with serving(login_delay=30.0) as site:
        slow = asyncio.create_task(site.ask("/users/current", "wrong"))
        async with asyncio.timeout(15.0):
            # Once the wrong password has arrived, the right one is anonymous too, and at once.
            while (await site.ask("/users/current", "admin")).status != 401:
                pass
            assert not slow.done()
            assert (await site.ask("/users/current", "viewer")).status == 200
            # The ping skips the login altogether: this name is not locked yet and would have to wait.
            stranger = {"Authorization": basic("nobody", "x")}
            assert (await site.ask("/ping", "anonymous", headers=stranger)).status == 200
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)


async def test_the_lock_ends() -> None:
    async with serving(login_delay=0.0) as site:
        assert (await site.ask("/users/current", "wrong")).status == 401
        assert (await site.ask("/users/current", "admin")).status == 200


async def test_disabled_and_expired_robots_are_nobody() -> None:
    async with serving("v2.14.4") as site:
        robot = next(r for r in site.instance.robots if r.name == "robot$ops-console")
        assert (await site.ask("/quotas", "console")).status == 200
        robot.disabled = True
        assert (await site.ask("/quotas", "console")).status == 401
        robot.disabled = False
        robot.expires_at = int(site.world.now) + 10
        assert (await site.ask("/quotas", "console")).status == 200
        site.world.advance(site.world.now + 11)
        assert (await site.ask("/quotas", "console")).status == 401


async def test_the_operator_robot_acts_where_the_console_robot_may_not() -> None:
    async with serving("v2.14.4") as site:
        for path, body, status in (
            ("/replication/executions", {"policy_id": 1}, 201),
            ("/system/gc/schedule", {"schedule": {"type": "Manual"}}, 201),
        ):
            assert (await site.ask(path, "console", "POST", body)).status == 403
            assert (await site.ask(path, "operator", "POST", body)).status == status
        limit = {"hard": {"storage": 5_000_000_000}}
        assert (await site.ask("/quotas/1", "console", "PUT", limit)).status == 403
        assert (await site.ask("/quotas/1", "operator", "PUT", limit)).status == 200
        assert site.instance.projects[1].quota_hard == 5_000_000_000


def test_robots_of_2_11_cannot_be_granted_what_came_later() -> None:
    old, _ = grants.of_robot("robot$ops-operator", (2, 11, 2))
    new, _ = grants.of_robot("robot$ops-operator", (2, 12, 0))
    assert set(new) - set(old) == {"robot:list", "robot:read", "quota:update"}
    for part in (*grants.grantable((2, 11, 2)), *grants.grantable((2, 14, 0))):
        assert len(part) == len(set(part))


async def test_private_projects_are_hidden_from_who_is_no_member() -> None:
    async with serving() as site:
        assert {p["name"] for p in (await site.ask("/projects", "anonymous")).json} == {
            "docker-cache", "ghcr-cache", "lscr-cache", "quay-cache",
        }  # fmt: skip
        assert {p["name"] for p in (await site.ask("/projects", "admin")).json} >= {"library"}
        assert (await site.ask("/projects/library", "anonymous")).status == 401
        assert (await site.ask("/projects/library", "viewer")).status == 403
        assert (await site.ask("/projects/nowhere", "viewer")).message == "forbidden"
        assert (await site.ask("/projects/nowhere", "admin")).message == "project nowhere not found"
        assert (await site.ask("/projects/docker-cache/repositories", "anonymous")).status == 200


async def test_a_session_cookie_brings_the_csrf_rule() -> None:
    body = {"schedule": {"type": "Manual"}, "parameters": {"dry_run": True}}
    async with serving() as site:
        first = await site.ask("/systeminfo")
        session = first.cookies["sid"]
        assert "X-Harbor-CSRF-Token" not in first.headers
        assert (await site.ask("/system/gc/schedule", "admin", "POST", body)).status == 201

        cookie = {"Cookie": f"sid={session}"}
        refused = await site.ask("/system/gc/schedule", "admin", "POST", body, cookie)
        words = "CSRF token not found in request"
        assert (refused.status, refused.code, refused.message) == (403, "FORBIDDEN", words)
        assert refused.headers["X-Harbor-CSRF-Token"] and "sid" not in refused.cookies
        second = await site.ask("/systeminfo", headers=cookie)
        assert "sid" not in second.cookies
        token, gorilla = second.headers["X-Harbor-CSRF-Token"], second.cookies["_gorilla_csrf"]
        browser = {"Cookie": f"sid={session}; _gorilla_csrf={gorilla}"}
        assert (await site.ask("/system/gc/schedule", "admin", "POST", body, browser)).status == 403
        wrong = await site.ask("/system/gc/schedule", "admin", "POST", body, browser | {"X-Harbor-CSRF-Token": "?"})
        assert (wrong.status, wrong.message) == (403, "CSRF token invalid")
        browser["X-Harbor-CSRF-Token"] = token
        assert (await site.ask("/system/gc/schedule", "admin", "POST", body, browser)).status == 201


async def test_every_answer_begins_a_session_and_echoes_the_request_id() -> None:
    async with serving() as site:
        seen = set()
        for path in ("/ping", "/systeminfo", "/quotas", "/nowhere"):
            answer = await site.ask(path, "anonymous", headers={"X-Request-Id": "id-of-mine"})
            assert answer.headers["X-Request-Id"] == "id-of-mine"
            seen.add(answer.cookies["sid"])
        assert len(seen) == 4


async def test_read_only_mode_refuses_every_write_but_the_way_out() -> None:
    async with serving() as site:
        assert (await site.ask("/configurations", "admin", "PUT", {"read_only": True})).status == 200
        assert (await site.ask("/systeminfo")).json["read_only"] is True
        for method, path, body in (
            ("POST", "/replication/executions", {"policy_id": 1}),
            ("PUT", "/quotas/1", {"hard": {"storage": 1}}),
            ("PUT", "/jobservice/queues/all", {"action": "pause"}),
        ):
            refused = await site.ask(path, "admin", method, body)
            assert (refused.status, refused.code) == (403, "DENIED")
            assert refused.message.startswith("The system is in read only mode.")
        assert (await site.ask("/configurations", "admin", "PUT", {"read_only": "no"})).status == 400
        assert (await site.ask("/configurations", "admin", "PUT", {"read_only": False})).status == 200
        assert (await site.ask("/quotas/1", "admin", "PUT", {"hard": {"storage": -1}})).status == 200


@pytest.mark.parametrize("version", DESCRIBED)
async def test_the_only_secret_the_api_shows_is_the_redis_password_of_old_versions(version: str) -> None:
    leaks: dict[str, str] = {}
    async with serving(version) as site:
        for route in operations(site.world.options.version_tuple):
            if route.method == "GET" and "{" not in route.path:
                text = (await site.ask(route.path)).text
                if MARK in text:
                    leaks[route.path] = text
        assert set(leaks) == (set() if version == "v2.15.2" else {"/system/gc"})
        for text in leaks.values():
            for name, secret in site.world.secrets.all().items():
                assert (secret in text) is (name == "redis_password")
        registries = (await site.ask("/registries")).json
        assert {r["credential"]["access_secret"] for r in registries if "credential" in r} == {"*****"}
        assert "redis_url_reg" not in json.dumps((await site.ask("/system/gc/schedule")).json)
