"""An independent client (PyPI harborapi) works against the simulated Harbor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from harborapi import HarborAsyncClient
from harborapi.exceptions import Forbidden, NotFound, Unauthorized

from tests.sim.harbor_site import DESCRIBED, Site, serving

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@asynccontextmanager
async def client(site: Site, name: str = "admin", secret: str | None = None) -> AsyncIterator[HarborAsyncClient]:
    """A client of the site, retrying nothing."""
    password = site.world.secrets.admin_password if secret is None else secret
    harbor = HarborAsyncClient(url=f"{site.url}/api/v2.0", username=name, secret=password, retry=None)
    try:
        yield harbor
    finally:
        await harbor.client.aclose()


@pytest.mark.parametrize("version", DESCRIBED)
async def test_state(version: str) -> None:
    async with serving(version) as site, client(site) as harbor:
        assert (await harbor.health_check()).status == "healthy"
        assert await harbor.ping() == "Pong"
        info = await harbor.get_system_info()
        assert info.harbor_version is not None and info.harbor_version.startswith(version)
        assert (await harbor.get_current_user()).username == "admin"
        statistics = await harbor.get_statistics()
        assert statistics.total_storage_consumption == site.instance.total_usage()


@pytest.mark.parametrize("version", DESCRIBED)
async def test_contents(version: str) -> None:
    async with serving(version) as site, client(site) as harbor:
        projects = await harbor.get_projects()
        assert {p.name for p in projects} == {p.name for p in site.instance.projects.values()}
        repositories = await harbor.get_repositories()
        assert len(repositories) == len(site.instance.repositories)
        repository = next(r for r in site.instance.repositories.values() if r.name.startswith("library/"))
        artifacts = await harbor.get_artifacts("library", repository.name.partition("/")[2])
        assert {a.digest for a in artifacts} == {a.image.digest for a in repository.artifacts}
        nested = next(r for r in site.instance.repositories.values() if r.name.startswith("docker-cache/grafana/"))
        found = await harbor.get_repository("docker-cache", nested.name.partition("/")[2])
        assert found.name == nested.name
        quotas = await harbor.get_quotas()
        assert {q.id: q.used.root["storage"] if hasattr(q.used, "root") else q.used["storage"] for q in quotas} == {
            p.id: site.instance.project_usage(p.id) for p in site.instance.projects.values()
        }


@pytest.mark.parametrize("version", DESCRIBED)
async def test_operations(version: str) -> None:
    async with serving(version) as site, client(site) as harbor:
        registries = await harbor.get_registries()
        assert len(registries) == len(site.instance.registries)
        policies = await harbor.get_replication_policies()
        assert {p.id for p in policies} == set(site.instance.policies)
        executions = await harbor.get_replications(page_size=100)
        assert {e.id for e in executions} == set(site.instance.executions)
        newest = max(executions, key=lambda e: e.id or 0)
        tasks = await harbor.get_replication_tasks(newest.id or 0)
        assert {t.id for t in tasks} == {t.id for t in site.instance.executions[newest.id or 0].tasks}
        assert "library/" in await harbor.get_replication_task_log(newest.id or 0, tasks[0].id or 0)
        runs = await harbor.get_gc_jobs()
        assert [r.id for r in runs] == [r.id for r in reversed(site.instance.jobs["GARBAGE_COLLECTION"])]
        schedule = await harbor.get_gc_schedule()
        assert schedule.schedule is not None and schedule.schedule.cron == "0 0 3 * * 0"
        audit = await harbor.get_audit_logs(page_size=100)
        assert (len(audit) > 100) is (version == "v2.11.2")
        assert {r.name for r in await harbor.get_robots()} >= {"robot$replication"}
        started = await harbor.start_replication(policies[0].id or 0)
        assert started.endswith(str(max(site.instance.executions)))


async def test_refusals_are_the_exceptions_it_expects() -> None:
    async with serving() as site:
        async with client(site, "admin", "wrong") as harbor:
            with pytest.raises(Unauthorized):
                await harbor.get_gc_jobs()
        async with client(site, "viewer", site.world.secrets.console_password) as harbor:
            with pytest.raises(Forbidden):
                await harbor.get_gc_jobs()
        async with client(site) as harbor:
            with pytest.raises(NotFound):
                await harbor.get_project("nowhere")
