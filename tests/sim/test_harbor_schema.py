"""Every answer of every operation, in three versions and as five accounts, against Harbor's own description."""

from __future__ import annotations

import re

import pytest

from harbortui.sim.harbor.server import operations
from tests.sim.harbor_site import DESCRIBED, Site, serving
from tests.sim.swagger import Description, description

# Where the real server answers with a status its description does not have, and why.
UNDOCUMENTED: dict[tuple[str, str], dict[int, str]] = {
    ("GET", "/users/current"): {412: "a valid robot; documented only in Harbor's main branch"},
    ("GET", "/projects/{project}"): {
        403: "every project operation checks the permission; documented only in main",
        404: "the handler passes the look-up's error on; documented only in main",
    },
    ("HEAD", "/projects"): {401: "the handler calls RequireAuthenticated first"},
    ("GET", "/replication/policies/{id}"): {404: "the handler passes GetPolicy's error on"},
    ("POST", "/replication/executions"): {
        404: "an unknown policy: GetPolicy's error is passed on",
        412: "a disabled policy: the controller's precondition error is passed on",
    },
    ("GET", "/replication/executions/{id}/tasks"): {404: "the handler checks the execution's existence"},
    ("GET", "/schedules/{job_type}/paused"): {400: 'only "all" is allowed; documented only in main'},
    ("GET", "/auditlog-exts/events"): {403: "RequireSystemAccess; documented only in main"},
    ("POST", "/system/scanAll/stop"): {412: "requireAccess looks for a scanner too"},
    ("GET", "/robots"): {
        401: "RequireAuthenticated comes first",
        403: "robot:list is required",
    },
    ("GET", "/retentions/{id}"): {400: "a missing policy is turned into a bad request"},
    ("GET", "/retentions/{id}/executions"): {400: "a missing policy is turned into a bad request"},
    ("GET", "/retentions/{id}/executions/{eid}/tasks"): {
        400: "a missing policy is turned into a bad request",
        404: "requireExecutionInProject",
    },
    ("GET", "/retentions/{id}/executions/{eid}/tasks/{tid}"): {
        400: "a missing policy is turned into a bad request",
        404: "requireExecutionInProject, and the job service's missing log",
    },
    ("GET", "/projects/{project}/logs"): {403: "RequireProjectAccess", 404: "an unknown project"},
    ("GET", "/projects/{project}/auditlog-exts"): {403: "RequireProjectAccess", 404: "an unknown project"},
    ("PUT", "/replication/policies/{id}"): {400: "validation of the policy; documented from 2.14 on"},
}
# Parameter validation answers 422 everywhere although few operations say so (go-swagger's ServeError).
VALIDATION = 422
ROLES = ("admin", "console", "operator", "viewer", "anonymous", "wrong")


def known(site: Site) -> dict[str, list[str]]:
    """Values of path parameters: those that exist first, one that does not last."""
    instance = site.instance
    execution = next(e for e in reversed(instance.executions.values()) if e.tasks)
    gc = instance.jobs["GARBAGE_COLLECTION"][-1]
    purge = instance.jobs["PURGE_AUDIT_LOG"][-1]
    retention = instance.jobs["RETENTION"][-1]
    repository = next(r for r in instance.repositories.values() if r.name.startswith("library/") and r.artifacts)
    return {
        "project": ["library", "2", "nowhere"],
        "repository": [repository.name.partition("/")[2], "nowhere"],
        "reference": [repository.artifacts[-1].image.digest, "no-such-tag"],
        "gc_id": [str(gc.id), "999999"],
        "purge_id": [str(purge.id), "999999"],
        "task_id": [str(execution.tasks[0].id), "999999"],
        "pool_id": ["all", instance.pools()[0].pool_id],
        "job_id": [execution.tasks[0].job_id, "0123456789abcdef01234567"],
        "job_type": ["all", "GARBAGE_COLLECTION"],
        "robot_id": ["1", "999999"],
        "eid": [str(retention.id), "999999"],
        "tid": [str(retention.id * 1000 + 1)],
        "execution": [str(execution.id), "999999"],
        "id": ["1", "999999"],
    }


def paths(site: Site, template: str) -> list[str]:
    """Concrete paths of a template: all parameters known, then each one replaced by what does not exist."""
    values = known(site)
    names = re.findall(r"\{(\w+)\}", template)

    def options(name: str) -> list[str]:
        return values[
            "execution" if name == "id" and "/executions/" in template and "replication" in template else name
        ]

    found = []
    for replaced in [None, *names]:
        path = template
        for name in names:
            choices = options(name)
            path = path.replace(f"{{{name}}}", choices[-1] if name == replaced else choices[0])
        found.append(path)
    if template.startswith("/projects/{project}"):
        found.append(template.replace("{project}", "2").replace("{repository}", "x").replace("{reference}", "y"))
    return list(dict.fromkeys(found))


def judge(spec: Description, method: str, template: str, status: int, body: object, text: str) -> list[str]:
    """What the description holds against an answer."""
    excused = UNDOCUMENTED.get((method, template), {})
    if status not in spec.statuses(method, template) and status not in excused and status != VALIDATION:
        return [f"undocumented status {status}: {text[:200]}"]
    if method == "HEAD" or (status < 400 and not text):
        return []
    if template.endswith(("/log", "/{tid}")) or template == "/ping":
        body = text if status == 200 else body
    return spec.problems(method, template, status, body)


@pytest.mark.parametrize("version", DESCRIBED)
async def test_every_read_is_as_described(version: str) -> None:
    spec = description(version)
    wrong: list[str] = []
    seen = 0
    async with serving(version) as site:
        for route in operations(site.world.options.version_tuple):
            if route.method not in ("GET", "HEAD"):
                continue
            for path in paths(site, route.path):
                for role in ROLES:
                    full = path + "?project_name=library" if route.method == "HEAD" else path
                    answer = await site.ask(full, role, route.method)
                    seen += 1
                    found = judge(spec, route.method, route.path, answer.status, answer.json, answer.text)
                    wrong += [f"{route.method} {path} as {role}: {answer.status} {problem}" for problem in found]
                    assert answer.headers["X-Request-Id"]
    assert not wrong, "\n".join(wrong)
    assert seen > 300


WRITES: tuple[tuple[str, str, str, object], ...] = (
    ("POST", "/registries/ping", "/registries/ping", {"id": 1}),
    ("POST", "/registries/ping", "/registries/ping", {"id": 999}),
    ("POST", "/registries/ping", "/registries/ping", {}),
    ("POST", "/replication/executions", "/replication/executions", {"policy_id": 1}),
    ("POST", "/replication/executions", "/replication/executions", {"policy_id": 999}),
    ("PUT", "/replication/executions/{id}", "/replication/executions/999999", None),
    ("PUT", "/replication/policies/{id}", "/replication/policies/1", {"name": ""}),
    (
        "POST",
        "/system/gc/schedule",
        "/system/gc/schedule",
        {"schedule": {"type": "Manual"}, "parameters": {"workers": 1}},
    ),
    (
        "POST",
        "/system/gc/schedule",
        "/system/gc/schedule",
        {"schedule": {"type": "Manual"}, "parameters": {"workers": 99}},
    ),
    ("PUT", "/system/gc/schedule", "/system/gc/schedule", {"schedule": {"type": "Weekly", "cron": "0 0 4 * * 0"}}),
    ("PUT", "/system/gc/schedule", "/system/gc/schedule", {"schedule": {"type": "Custom", "cron": "1 0 4 * * 0"}}),
    ("PUT", "/system/gc/{gc_id}", "/system/gc/999999", None),
    ("POST", "/system/purgeaudit/schedule", "/system/purgeaudit/schedule", {"schedule": {"type": "Manual"}}),
    ("PUT", "/system/purgeaudit/schedule", "/system/purgeaudit/schedule", {"schedule": {"type": "None"}}),
    ("PUT", "/system/purgeaudit/{purge_id}", "/system/purgeaudit/999999", None),
    ("POST", "/system/scanAll/schedule", "/system/scanAll/schedule", {"schedule": {"type": "Manual"}}),
    ("PUT", "/system/scanAll/schedule", "/system/scanAll/schedule", {"schedule": {"type": "None"}}),
    ("POST", "/system/scanAll/stop", "/system/scanAll/stop", None),
    ("PUT", "/jobservice/queues/{job_type}", "/jobservice/queues/REPLICATION", {"action": "pause"}),
    ("PUT", "/jobservice/queues/{job_type}", "/jobservice/queues/REPLICATION", {"action": "explode"}),
    ("PUT", "/jobservice/jobs/{job_id}", "/jobservice/jobs/0123456789abcdef01234567", None),
    ("PUT", "/quotas/{id}", "/quotas/1", {"hard": {"storage": 10_000_000_000}}),
    ("PUT", "/quotas/{id}", "/quotas/1", {"hard": {"storage": 0}}),
    ("PUT", "/quotas/{id}", "/quotas/999", {"hard": {"storage": 1}}),
)


@pytest.mark.parametrize("version", DESCRIBED)
async def test_every_write_is_as_described(version: str) -> None:
    spec = description(version)
    wrong: list[str] = []
    async with serving(version) as site:
        for method, template, path, body in WRITES:
            for role in ROLES:
                answer = await site.ask(path, role, method, body)
                found = judge(spec, method, template, answer.status, answer.json, answer.text)
                wrong += [f"{method} {path} {body} as {role}: {problem}" for problem in found]
    assert wrong == []


def test_the_validator_finds_faults() -> None:
    spec = description("v2.14.4")
    assert spec.problems(
        "GET", "/health", 200, {"status": "healthy", "components": [{"name": "core", "colour": "red"}]}
    )
    assert spec.problems("GET", "/quotas", 200, [{"id": "one"}])
    assert spec.problems("GET", "/system/gc", 200, [{"id": 1, "creation_time": "yesterday"}])
    assert judge(spec, "GET", "/health", 404, {"errors": []}, "{}")
    assert not spec.problems("GET", "/health", 200, {"status": "healthy", "components": []})
