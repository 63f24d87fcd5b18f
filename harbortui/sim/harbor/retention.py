"""Tag retention of the proxy caches: the default rule keeps what was pulled within the last seven days.

A retention that does not exist is 400 here, not 404. Execution times are plain RFC 3339 texts, and
page_size knows no maximum.
"""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import TEXT, Row, compact, reply, text
from harbortui.sim.harbor.errors import ApiError, internal, log_not_found
from harbortui.sim.harbor.query import page_of
from harbortui.sim.harbor.runs import api_status
from harbortui.sim.world import Project
from harbortui.sim.world.harbor_types import JobRun

VENDOR = "RETENTION"
UNBOUND = 2**31
ZERO = "0001-01-01T00:00:00Z"


def stamp(at: float) -> str:
    """RFC3339Nano."""
    if at <= 0:
        return ZERO
    return (
        datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "").rstrip("0").rstrip(".")
        + "Z"
    )


def _project(call: Call, action: str) -> Project:
    call.login_required()
    number = call.number("id")
    found = next((p for p in call.instance.projects.values() if number and p.retention_id == number), None)
    if found is None:
        raise internal(f"no such Retention policy with id {number}")
    call.require_in(found, f"tag-retention:{action}")
    return found


def _runs(call: Call, retention_id: int) -> list[JobRun]:
    """The runs of one retention policy: those of its schedule, whose vendor_id is the policy."""
    schedules = [s for s in call.instance.schedules.values() if s.vendor == VENDOR]
    mine = any(schedule.vendor_id == retention_id for schedule in schedules)
    return list(reversed(call.instance.jobs.get(VENDOR, []))) if mine else []


def get_retention(call: Call) -> web.Response:
    """The policy."""
    project = _project(call, "read")
    everything: Row = {"decoration": "matches", "kind": "doublestar", "pattern": "**"}
    rule: Row = {
        "action": "retain",
        "params": {"nDaysSinceLastPull": 7},
        "scope_selectors": {"repository": [{**everything, "decoration": "repoMatches"}]},
        "tag_selectors": [{**everything, "extras": '{"untagged":true}'}],
        "template": "nDaysSinceLastPull",
    }
    cron = next(
        (s.cron for s in call.instance.schedules.values() if s.vendor_id == project.retention_id), "0 0 0 * * *"
    )
    trigger: Row = {"kind": "Schedule", "references": {}, "settings": {"cron": cron}}
    scope: Row = {"level": "project", "ref": project.id}
    row: Row = {"algorithm": "or", "id": project.retention_id, "rules": [rule], "scope": scope, "trigger": trigger}
    return reply(row)


def _execution_row(run: JobRun, retention_id: int) -> Row:
    row: Row = {
        "end_time": stamp(run.ended),
        "id": run.id,
        "policy_id": retention_id,
        "start_time": stamp(run.created),
        "status": api_status(run),
        "trigger": run.kind.title(),
    }
    return compact(row)


def executions(call: Call) -> web.Response:
    """Newest first."""
    project = _project(call, "list")
    found = _runs(call, project.retention_id)
    return page_of(call.request, found, lambda run: _execution_row(run, project.retention_id), UNBOUND)


def _run(call: Call, project: Project) -> JobRun:
    number = call.number("eid")
    found = next((run for run in _runs(call, project.retention_id) if run.id == number), None)
    if found is None:
        raise ApiError("NOT_FOUND", f"project: {project.id}, execution id {number} not found")
    return found


def tasks(call: Call) -> web.Response:
    """One task for each repository of the project."""
    project = _project(call, "list")
    run = _run(call, project)
    found = [r for r in call.instance.repositories.values() if r.project_id == project.id]
    code = {"Success": 3, "Running": 2, "Error": 3, "Stopped": 3}.get(api_status(run), 0)

    def render(item: tuple[int, str, int]) -> Row:
        number, name, count = item
        row: Row = {
            "end_time": stamp(run.ended),
            "execution_id": run.id,
            "id": run.id * 1000 + number,
            "job_id": run.job_id,
            "repository": name.partition("/")[2],
            "retained": count,
            "start_time": stamp(run.created),
            "status": api_status(run),
            "status_code": code,
            "total": count,
        }
        return compact(row, ("retained", "status_code", "total"))

    return page_of(call.request, [(i, r.name, len(r.artifacts)) for i, r in enumerate(found, 1)], render, UNBOUND)


def task_log(call: Call) -> web.Response:
    """The log of one task."""
    project = _project(call, "read")
    run = _run(call, project)
    call.number("tid")
    if not call.instance.component_up("jobservice"):
        raise internal("failed to get the job log: connect: connection refused")
    content = call.instance.job_log(run.job_id)
    if content is None:
        raise log_not_found(run.job_id)
    return text(content)


ROUTES = (
    Route("GET", "/retentions/{id}", get_retention),
    Route("GET", "/retentions/{id}/executions", executions),
    Route("GET", "/retentions/{id}/executions/{eid}/tasks", tasks),
    Route("GET", "/retentions/{id}/executions/{eid}/tasks/{tid}", task_log, produces=TEXT),
)
