"""What the API says agrees with the world; health stays green as the real one does; what is down shows as it does."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.sim.harbor_site import VERSIONS, Site, fail, serving


async def test_contents_agree_with_the_world() -> None:
    async with serving() as site:
        instance = site.instance
        projects = {p["name"]: p for p in (await site.ask("/projects?page_size=100")).json}
        for project in instance.projects.values():
            row = projects[project.name]
            assert row["project_id"] == project.id
            assert row.get("registry_id", 0) == project.registry_id
            by_id = (await site.ask(f"/projects/{project.id}")).json
            assert by_id == row == (await site.ask(f"/projects/{project.name}")).json
            quota = (await site.ask(f"/quotas?reference_id={project.id}")).json[0]
            summary = (await site.ask(f"/projects/{project.name}/summary")).json
            assert quota["used"]["storage"] == instance.project_usage(project.id) == summary["quota"]["used"]["storage"]
            assert summary["repo_count"] == row["repo_count"]
            assert ("registry" in summary) is bool(project.registry_id)
        named = {"X-Is-Resource-Name": "true"}
        assert (await site.ask("/projects/1", headers=named)).status == 404


async def test_repositories_are_addressed_by_doubly_encoded_names() -> None:
    async with serving() as site:
        repository = next(r for r in site.instance.repositories.values() if r.name.count("/") == 2 and r.artifacts)
        project, _, short = repository.name.partition("/")
        twice = quote(quote(short, safe=""), safe="")
        found = await site.ask(f"/projects/{project}/repositories/{twice}")
        assert (found.status, found.json["name"]) == (200, repository.name)
        once = await site.ask(f"/projects/{project}/repositories/{quote(short, safe='')}")
        assert (once.status, once.code) == (404, "NOT_FOUND")
        rows = (await site.ask(f"/projects/{project}/repositories/{twice}/artifacts?page_size=100")).json
        assert {row["digest"] for row in rows} == {a.image.digest for a in repository.artifacts}
        tagged = next(a for a in repository.artifacts if a.tags)
        one = (await site.ask(f"/projects/{project}/repositories/{twice}/artifacts/{tagged.tags[0]}")).json
        assert one["digest"] == tagged.image.digest and one["size"] == tagged.image.size
        tags = (await site.ask(f"/projects/{project}/repositories/{twice}/artifacts/{one['digest']}/tags")).json
        assert [t["name"] for t in tags] == tagged.tags
        bare = (await site.ask(f"/projects/{project}/repositories/{twice}/artifacts?with_tag=false")).json
        assert all(row["tags"] is None for row in bare)


async def test_a_push_is_seen_everywhere() -> None:
    async with serving() as site:
        before = (await site.ask("/statistics")).json["total_storage_consumption"]
        artifact = site.instance.push("library/shop-api", "v99.0.0", "admin")
        site.world.advance(site.world.now + 120.0)
        after = (await site.ask("/statistics")).json["total_storage_consumption"]
        assert after > before
        row = (await site.ask("/projects/library/repositories/shop-api/artifacts/v99.0.0")).json
        assert row["digest"] == artifact.image.digest
        audit = (await site.ask("/audit-logs?q=resource%3Dlibrary%2Fshop-api%3Av99.0.0")).json
        assert {"create"} == {r["operation"] for r in audit}
        executions = (await site.ask("/replication/executions?trigger=event_based&page_size=100")).json
        tasks = [t for e in executions[:8] for t in (await site.ask(f"/replication/executions/{e['id']}/tasks")).json]
        assert any(t["src_resource"].startswith("library/shop-api") for t in tasks)
        gone = await site.ask("/projects/library/repositories/shop-api/artifacts/v99.0.0", "admin", "DELETE")
        assert gone.status == 200
        assert (await site.ask("/projects/library/repositories/shop-api/artifacts/v99.0.0")).status == 404


async def test_health_is_cached_for_ten_seconds_and_always_200() -> None:
    async with serving() as site:
        world = site.world
        healthy = (await site.ask("/health", "anonymous")).json
        assert healthy["status"] == "healthy"
        names = ["core", "database", "jobservice", "portal", "redis", "registry", "registryctl"]
        assert [c["name"] for c in healthy["components"]] == names
        # One second after a probe the registry crashes; its restart takes longer than the next probe is away.
        started = site.instance.started_at
        probe = started + ((world.now - started) // 10 + 2) * 10
        world.advance(probe + 1.0)
        allocation = world.nomad.current_alloc(site.instance.job_id)
        assert allocation is not None
        world.nomad.crash_task(allocation.id, "registry")
        world.advance(world.now)
        assert not site.instance.component_up("registry")
        world.advance(probe + 9.9)
        assert not site.instance.component_up("registry")
        assert (await site.ask("/health")).json["status"] == "healthy"
        world.advance(probe + 10.1)
        answer = await site.ask("/health")
        assert (answer.status, answer.json["status"]) == (200, "unhealthy")
        bad = [c for c in answer.json["components"] if c["status"] != "healthy"]
        assert [c["name"] for c in bad] == ["registry"] and "connection refused" in bad[0]["error"]
        world.advance(probe + 60.0)
        assert site.instance.component_up("registry")
        assert (await site.ask("/health")).json["status"] == "healthy"


async def test_health_knows_nothing_of_the_store_and_the_peers() -> None:
    async with serving() as site:
        site.world.unreachable.update({"s3", *(f"harbor:{i.name}" for i in site.world.instances[1:])})
        site.world.advance(site.world.now + 600.0)
        assert (await site.ask("/health")).json["status"] == "healthy"
        assert {r["status"] for r in (await site.ask("/registries")).json} == {"healthy"}


async def test_the_registry_ping_is_live() -> None:
    async with serving() as site:
        peer = next(r for r in site.instance.registries.values() if r.peer)
        other = next(r for r in site.instance.registries.values() if not r.peer)
        assert (await site.ask("/registries/ping", "admin", "POST", {"id": peer.id})).status == 200
        site.world.unreachable.add(f"harbor:{peer.peer}")
        down = await site.ask("/registries/ping", "admin", "POST", {"id": peer.id})
        assert (down.status, down.message) == (500, "internal server error")
        assert (await site.ask(f"/registries/{peer.id}")).json["status"] == "healthy"
        assert (await site.ask(f"/registries/{peer.id}/info")).status == 500
        assert (await site.ask("/registries/ping", "admin", "POST", {"id": other.id})).status == 200
        assert (await site.ask("/registries/0/info")).json["type"] == "harbor"


async def _down(task: str) -> dict[str, int]:
    async with serving() as site:
        fail(site.world, task)
        found = {}
        for path in ("/ping", "/health", "/systeminfo", "/quotas", "//", "//v2/"):
            found[path] = (await site.ask(path)).status
        return found


async def test_what_is_down_shows_as_it_does() -> None:
    assert await _down("core") == {
        "/ping": 502,
        "/health": 502,
        "/systeminfo": 502,
        "/quotas": 502,
        "//": 200,
        "//v2/": 502,
    }
    assert await _down("portal") == {
        "/ping": 200,
        "/health": 200,
        "/systeminfo": 200,
        "/quotas": 200,
        "//": 502,
        "//v2/": 200,
    }
    assert await _down("registry") == {
        "/ping": 200, "/health": 200, "/systeminfo": 200, "/quotas": 200, "//": 200, "//v2/": 502,
    }  # fmt: skip
    assert await _down("database") == {
        "/ping": 200, "/health": 200, "/systeminfo": 200, "/quotas": 401, "//": 200, "//v2/": 401,
    }  # fmt: skip
    assert await _down("redis") == {
        "/ping": 200, "/health": 200, "/systeminfo": 200, "/quotas": 200, "//": 200, "//v2/": 200,
    }  # fmt: skip


async def test_without_its_database_harbor_knows_nobody() -> None:
    async with serving() as site:
        fail(site.world, "database")
        for role in ("admin", "console", "anonymous"):
            assert (await site.ask("/users/current", role)).status == 401
            assert (await site.ask("/projects", role)).status == 500
            assert "external_url" not in (await site.ask("/systeminfo", role)).json
        site.world.advance(site.world.now + 10.0)
        sick = [row["name"] for row in (await site.ask("/health")).json["components"] if row["status"] != "healthy"]
        assert sick == ["database"]


@pytest.mark.parametrize("task", ["redis", "jobservice"])
async def test_without_redis_or_job_service_the_api_answers_but_runs_no_job(task: str) -> None:
    async with serving() as site:
        fail(site.world, task)
        for path in ("/jobservice/queues", "/jobservice/pools", "/jobservice/pools/all/workers"):
            assert (await site.ask(path)).status == 500
        assert (await site.ask("/schedules")).status == (await site.ask("/schedules/all/paused")).status == 200
        manual = {"schedule": {"type": "Manual"}, "parameters": {"dry_run": True}}
        assert (await site.ask("/system/gc/schedule", "admin", "POST", manual)).status == 500
        started = await site.ask("/replication/executions", "admin", "POST", {"policy_id": 1})
        assert started.status == 201
        row = (await site.ask(started.headers["Location"].removeprefix("/api/v2.0"))).json
        assert (row["status"], row["total"]) == ("Failed", 0) and "connection refused" in row["status_text"]


async def test_versions_differ_as_they_do() -> None:
    async def look(site: Site, path: str) -> int:
        return (await site.ask(path)).status

    for version in VERSIONS:
        async with serving(version) as site:
            number = site.world.options.version_tuple
            assert (await site.ask("/systeminfo")).json["harbor_version"].startswith(f"{version}-")
            ext = number >= (2, 13, 0)
            assert await look(site, "/auditlog-exts") == (200 if ext else 404)
            assert await look(site, "/auditlog-exts/events") == (200 if ext else 404)
            rows = (await site.ask("/audit-logs")).json
            assert (rows == []) is ext
            robots = (await site.ask("/robots")).json
            assert all(("creator_type" in r) is (number >= (2, 12, 0)) for r in robots)
            assert "robot$ops-console" in {r["name"] for r in robots}
            policy = (await site.ask("/replication/policies/1")).json
            assert ("single_active_replication" in policy) is (number >= (2, 14, 0))
            metadata = (await site.ask("/projects/docker-cache")).json["metadata"]
            assert ("proxy_speed_kb" in metadata) is (number >= (2, 12, 0))
            assert ("max_upstream_conn" in metadata) is (number >= (2, 14, 0))
            run = (await site.ask("/system/gc")).json[0]
            assert ("redis_url_reg" in json.loads(run["job_parameters"])) is (number < (2, 15, 2))
            body = {"schedule": {"type": "Manual"}, "parameters": {"workers": 8, "dry_run": True}}
            status = (await site.ask("/system/gc/schedule", "admin", "POST", body)).status
            assert status == (201 if number >= (2, 13, 0) else 400)
            system = (await site.ask("/permissions")).json["system"]
            assert ({"resource": "robot", "action": "list"} in system) is (number >= (2, 12, 0))
