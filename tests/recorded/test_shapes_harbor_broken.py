"""With one component stopped the simulated Harbor answers as a real one did."""

from __future__ import annotations

import re

import aiohttp
import pytest

from tests.recorded.exchange import Exchange, scenario
from tests.recorded.test_shapes_harbor import ROLES
from tests.sim.harbor_site import BASE, Site, fail, serving

STOPPED = ("redis", "database", "registry", "registryctl", "jobservice", "core", "portal", "nginx")
CASES = [f"2.14.4/{name}-stopped" for name in STOPPED] + ["2.11.2/redis-stopped", "2.11.2/database-stopped"]
ASKED = (
    "health",
    "ping",
    "version",
    "systeminfo",
    "systeminfo-anonymous",
    "users-current",
    "quotas",
    "registries",
    "policies",
    "executions",
    "gc",
    "gc-schedule",
    "queues",
    "pools",
    "workers",
    "v2",
    "portal",
    "projects-anonymous",
    "schedules",
    "schedules-paused",
    "statistics",
    "scanners",
    "volumes",
    "error-422",
    "error-404-path",
)
MANUAL = {"schedule": {"type": "Manual"}, "parameters": {"dry_run": True, "workers": 1}}
REFUSED = {"action": "nonsense"}
PROBED = 11.0
"""Seconds after which core's own probes have seen what stopped."""


def sick(document: object) -> dict[str, str]:
    """The unhealthy components of a health answer with their errors, ports aside."""
    assert isinstance(document, dict)
    rows = (row for row in document["components"] if row["status"] != "healthy")
    return {row["name"]: re.sub(r":\d+", ":port", row["error"]) for row in rows}


async def status(site: Site, real: Exchange) -> int | str:
    """Our status for the recorded request, ``refused`` when there is no answer."""
    path = real.path.removeprefix(BASE) if real.path.startswith(BASE) else f"/{real.path}"
    query = "&".join(f"{name}={value}" for name, value in real.query)
    try:
        return (await site.ask(f"{path}?{query}" if query else path, ROLES[real.note.partition("; ")[0]])).status
    except aiohttp.ClientError:
        return "refused"


async def test_words_of_the_job_service() -> None:
    """A log that is not there yet, and an action that no queue knows."""
    real = scenario("harbor-2.14.4/queue-paused")
    async with serving("v2.14.4") as site:
        site.instance.queue_action("REPLICATION", "pause")
        policy = next(each.id for each in site.instance.policies.values() if each.enabled)
        started = await site.ask("/replication/executions", "admin", "POST", {"policy_id": policy})
        path = started.headers["Location"].removeprefix(BASE) + "/tasks"
        task = (await site.ask(f"{path}?sort=id")).json[0]
        pending = await site.ask(f"{path}/{task['id']}/log")
        job = real["tasks"].json()[0]["job_id"]
        assert pending.message == real["task-log-pending"].json()["errors"][0]["message"].replace(job, task["job_id"])
        unknown = await site.ask("/jobservice/queues/REPLICATION", "admin", "PUT", REFUSED)
        assert unknown.json == real["queue-unknown-action"].json()
        twice = [await site.ask("/system/gc/schedule", "admin", "POST", MANUAL) for _ in range(2)]
    running = scenario("harbor-2.14.4/gc-running")
    assert [each.status for each in twice] == [running["gc-start"].status, running["gc-start-again"].status]


@pytest.mark.parametrize("case", CASES)
async def test_a_stopped_component(case: str) -> None:
    version, _, name = case.partition("/")
    recorded = scenario(f"harbor-{version}/{name}")
    expected = {each: recorded[each].failure or recorded[each].status for each in ASKED if each in recorded}
    assert len(expected) >= 17
    async with serving(f"v{version}") as site:
        fail(site.world, name.removesuffix("-stopped"))
        site.world.advance(site.world.now + PROBED)
        found = {each: await status(site, recorded[each]) for each in expected}
        assert found == expected
        if expected["health"] == 200:
            assert sick((await site.ask("/health")).json) == sick(recorded["health"].json())
