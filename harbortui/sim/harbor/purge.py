"""The purge of the audit log: history, log, start, stop, schedule."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor import runs
from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import TEXT, Row, empty, reply
from harbortui.sim.harbor.errors import ApiError

VENDOR = "PURGE_AUDIT_LOG"
NOUN = "purge audit"
MAX_HOURS = 240_000


def what(call: Call) -> str:
    """The parameter that says which rows go; 2.13 renamed it."""
    return "include_event_types" if call.version >= (2, 13, 0) else "include_operations"


def list_purges(call: Call) -> web.Response:
    """The newest ten runs are kept."""
    call.require("purge-audit:list")
    return runs.history(call, VENDOR)


def get_purge(call: Call) -> web.Response:
    """One run."""
    call.require("purge-audit:read")
    return reply(runs.run_row(call, runs.find(call, VENDOR, "purge_id", NOUN)))


def purge_log(call: Call) -> web.Response:
    """The log of one run."""
    call.require("purge-audit:read")
    return runs.run_log(call, runs.find(call, VENDOR, "purge_id", NOUN))


def stop_purge(call: Call) -> web.Response:
    """Stop one run."""
    call.require("purge-audit:stop")
    call.instance.stop_job(runs.find(call, VENDOR, "purge_id", NOUN).job_id)
    return empty()


def get_schedule(call: Call) -> web.Response:
    """The schedule with its parameters."""
    call.require("purge-audit:read")
    return runs.get_schedule(call, VENDOR, ("audit_retention_hour", "dry_run", what(call)))


def _kick(call: Call) -> int:
    kind, cron, parameters = runs.wanted(call)
    if kind == "None":
        call.instance.set_schedule(VENDOR, "None", "", {})
        return 0
    if not parameters:
        raise ApiError("BAD_REQUEST", "schedule parameter cann't be empty")
    for name in ("audit_retention_hour", what(call)):
        if name not in parameters:
            raise ApiError("BAD_REQUEST", f"{name} should provide")
    hours = parameters["audit_retention_hour"]
    if isinstance(hours, float):
        raise ApiError("BAD_REQUEST", "audit_retention_hour should be integer format")
    if isinstance(hours, int) and hours > MAX_HOURS:
        raise ApiError("BAD_REQUEST", f"audit_retention_hour should be less than {MAX_HOURS}")
    kept: Row = {
        "audit_retention_hour": hours if isinstance(hours, int) else 0,
        "dry_run": parameters.get("dry_run") is True,
        what(call): str(parameters[what(call)]),
    }
    if kind == "Manual":
        return call.instance.start_purge(kept).id
    if kind in runs.REPEATED:
        runs.check_cron(cron, "log rotation purge")
        call.instance.set_schedule(VENDOR, kind, cron, kept)
    return 0


def post_schedule(call: Call) -> web.Response:
    """201; type Manual starts a run at once."""
    call.require("purge-audit:create")
    number = _kick(call)
    return empty(201, {"Location": f"{call.request.path.rpartition('/')[0]}/{number}"})


def put_schedule(call: Call) -> web.Response:
    """Change the schedule."""
    call.require("purge-audit:update")
    _kick(call)
    return empty()


ROUTES = (
    Route("GET", "/system/purgeaudit", list_purges),
    Route("GET", "/system/purgeaudit/schedule", get_schedule),
    Route("POST", "/system/purgeaudit/schedule", post_schedule),
    Route("PUT", "/system/purgeaudit/schedule", put_schedule),
    Route("GET", "/system/purgeaudit/{purge_id}", get_purge),
    Route("PUT", "/system/purgeaudit/{purge_id}", stop_purge),
    Route("GET", "/system/purgeaudit/{purge_id}/log", purge_log, produces=TEXT),
)
