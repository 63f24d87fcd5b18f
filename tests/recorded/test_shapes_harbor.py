"""The simulated Harbor's answers have the status, media type, headers and shape that real ones of its version had."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.recorded.exchange import Exchange, scenario
from tests.recorded.shape import differences
from tests.sim.harbor_site import BASE, Answer, Site, serving

VERSIONS = ("2.11.2", "2.14.4", "2.15.2")
ROLES = {
    "asked anonymously": "anonymous",
    "asked as a robot with few rights": "viewer",
    "asked as administrator": "admin",
    "asked as the read-only robot": "console",
    "asked with wrong credentials": "wrong",
}
NOT_COMPARED = {
    "error-422-body": "half a JSON object, whose parser's words are Go's own",
    "adapterinfos": "what the portal shows of each adapter; nothing asks for it",
    "internalconfig": "for Harbor's own components alone",
}
HEADERS = frozenset({"x-total-count", "link", "set-cookie", "location", "docker-distribution-api-version"})
WORDS = frozenset({"error-403-few", "error-403-few-gc", "error-403-few-log", "error-412-policy-disabled"})
"""Refusals whose message names the account or the policy, which are others here."""
DATA = tuple(
    re.compile(pattern)
    for pattern in (
        # What the one has set up and the other not; a value of zero is no key.
        r".*metadata\.(auto_scan|prevent_vul|severity|proxy_\w+|max_upstream_conn|retention_id): .*",
        r".*\.(registry_id|email|description|insecure|credential|dest_namespace|count|latency): .*",
        r"\[\]\.permissions\[\]\..*: .*",
        r".*\.params\.(nDaysSinceLastPull|latestPushedK): .*",
        r".*\.(next_scheduled_time|references): .*",
        r"\.(ldap|oidc|uaa|http_authproxy|scan_all_policy)\w*: every real .*",
        r".*\.(repo_count|artifact_count|pull_count|tags|labels|accessories): .*",
        r".*\.(job_id|job_name|start_at|checkin_at|stopped_at): only the simulator has it",
    )
)
DROPPED_LINK = "link"
"""Whether there is a next page depends on how many rows there are."""


@dataclass(frozen=True)
class Stage:
    """What recorded paths stand for in the simulated world."""

    ids: Mapping[str, tuple[int, int, str]]
    """Execution, task and job of a succeeded and a failed execution."""
    gc: Mapping[str, int]
    purge: int
    registry: int
    project: str
    repository: str
    retention: int
    disabled: int

    def path(self, exchange: Exchange) -> str:
        path = exchange.path
        outcome = next((word for word in self.ids if exchange.name.endswith(f"-{word}")), "")
        if outcome and "status" not in exchange.name:
            execution, task, job = self.ids[outcome]
            path = re.sub(r"executions/\d+", f"executions/{execution}", path)
            path = re.sub(r"tasks/\d+", f"tasks/{task}", path)
            path = re.sub(r"jobs/\w+", f"jobs/{job}", path)
        if "999999" not in path:
            path = re.sub(r"gc/\d+", f"gc/{self.gc['dry' if 'dry' in exchange.name else 'real']}", path)
            path = re.sub(r"purgeaudit/\d+", f"purgeaudit/{self.purge}", path)
            path = re.sub(r"registries/[1-9]\d*", f"registries/{self.registry}", path)
            path = re.sub(r"retentions/\d+", f"retentions/{self.retention}", path)
        path = re.sub(r"projects/(?:apps|edge)\b", f"projects/{self.project}", path)
        return re.sub(r"repositories/[^/]+/artifacts", f"repositories/{self.repository}/artifacts", path)

    def body(self, recorded: Any) -> Any:
        if isinstance(recorded, dict) and recorded.get("id") not in (None, 999999):
            return recorded | {"id": self.registry}
        if isinstance(recorded, dict) and recorded.get("policy_id") not in (None, 1, 999999):
            return recorded | {"policy_id": self.disabled}
        return recorded


async def execution_of(site: Site, status: str) -> tuple[int, int, str]:
    """An execution of that outcome, made now, with its first task and that one's job."""
    if status == "Failed":
        site.world.unreachable.add("s3")
    policy = next(p.id for p in site.instance.policies.values() if p.enabled)
    started = await site.ask("/replication/executions", "admin", "POST", {"policy_id": policy})
    site.world.advance(site.world.now + 600.0)
    site.world.unreachable.discard("s3")
    path = started.headers["Location"].removeprefix(BASE)
    tasks = (await site.ask(f"{path}/tasks?sort=id&page_size=100")).json
    return int(path.rpartition("/")[2]), tasks[0]["id"], tasks[0]["job_id"]


async def staged(site: Site) -> Stage:
    """Runs whose logs are still kept, and the ids of everything that recorded paths name."""

    async def run(path: str, **parameters: object) -> int:
        body = {"schedule": {"type": "Manual"}, "parameters": parameters}
        answer = await site.ask(path, "admin", "POST", body)
        assert answer.status == 201, answer.text
        site.world.advance(site.world.now + 600.0)
        return int(answer.headers["Location"].rpartition("/")[2])

    ids = {"succeed": await execution_of(site, "Succeed"), "failed": await execution_of(site, "Failed")}
    projects = (await site.ask("/projects?page_size=100")).json
    project = next(row for row in projects if row["repo_count"] and not row.get("registry_id"))
    repositories = (await site.ask(f"/projects/{project['name']}/repositories")).json
    policies = list(site.instance.policies.values())
    site.instance.set_policy(policies[-1].id, enabled=False)
    kinds = "include_event_types" if site.world.options.version_tuple >= (2, 13, 0) else "include_operations"
    return Stage(
        ids=ids,
        gc={
            "dry": await run("/system/gc/schedule", dry_run=True, workers=1),
            "real": await run("/system/gc/schedule", delete_untagged=True, workers=1),
        },
        purge=await run("/system/purgeaudit/schedule", audit_retention_hour=168, dry_run=True, **{kinds: "create"}),
        registry=min(r.id for r in site.instance.registries.values() if r.peer),
        project=project["name"],
        repository=repositories[0]["name"].partition("/")[2].replace("/", "%252F"),
        retention=next(p.retention_id for p in site.instance.projects.values() if p.retention_id),
        disabled=policies[-1].id,
    )


def unlike(real: Exchange, ours: Answer) -> list[str]:
    """Where our answer differs from the recorded one."""
    found = []
    if ours.status != real.status:
        return [f"status {ours.status}, really {real.status}"]
    kind = ours.headers.get("Content-Type", "")
    if kind != real.headers.get("content-type", ""):
        found.append(f"media type {kind!r}, really {real.headers.get('content-type', '')!r}")
    have = {name.lower() for name in ours.headers}
    for name in sorted(HEADERS - {DROPPED_LINK}):
        if (name in have) is not (name in real.headers):
            found.append(f"header {name} {'only the simulator has' if name in have else 'is missing'}")
    if real.is_json and ours.json is not None:
        found += [each for each in differences([real.json()], [ours.json]) if not any(p.fullmatch(each) for p in DATA)]
        if real.status >= 400 and real.name not in WORDS and ours.json != real.json():
            found.append(f"words {ours.text.strip()}, really {json.dumps(real.json())}")
    return found


async def asked(site: Site, stage: Stage, real: Exchange) -> Answer:
    who, _, body = real.note.partition("; body ")
    query = "&".join(f"{name}={value}" for name, value in real.query)
    path = stage.path(real)
    path = path.removeprefix(BASE) if path.startswith(BASE) else f"/{path}"
    headers = (
        {"Accept": "text/plain"} if re.search(r"-log(?!s)", real.name) or real.name.endswith("accept-text") else {}
    )
    if "accept-json" in real.name:
        headers = {"Accept": "application/json"}
    if real.name == "error-406":
        headers = {"Accept": "text/html"}
    if "csrf" in real.name:
        headers = {"Cookie": "sid=0123456789abcdef"}
    sent = stage.body(json.loads(body)) if body.startswith("{") and body != "{" else None
    full = f"{path}?{query}" if query else path
    return await site.ask(full, ROLES[who], real.method, sent, headers)


@pytest.mark.parametrize("version", VERSIONS)
async def test_parameters_of_a_collection(version: str) -> None:
    """They are JSON within a string, which shapes do not look into."""
    recorded = scenario(f"harbor-{version}/healthy")
    async with serving(f"v{version}") as site:
        stage = await staged(site)
        for name in sorted({"gc-dry", "gc-real"} & set(recorded)):
            ours, real = (await asked(site, stage, recorded[name])).json, recorded[name].json()
            assert set(json.loads(ours["job_parameters"])) == set(json.loads(real["job_parameters"])), name
            assert ours["job_status"] == real["job_status"] == "Success"


@pytest.mark.parametrize("version", VERSIONS)
async def test_simulated_answers_look_like_real_ones(version: str) -> None:
    recorded = scenario(f"harbor-{version}/healthy")
    assert len(recorded) > 90, "recordings are missing"
    found: dict[str, list[str]] = {}
    async with serving(f"v{version}") as site:
        stage = await staged(site)
        for name, real in recorded.items():
            if name in NOT_COMPARED:
                continue
            complaints = unlike(real, await asked(site, stage, real))
            if complaints:
                found[name] = complaints
    assert found == {}
