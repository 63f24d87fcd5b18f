"""Garbage collection: history, log, start, stop, schedule."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor import runs
from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import TEXT, Row, empty, reply
from harbortui.sim.harbor.errors import ApiError

VENDOR = "GARBAGE_COLLECTION"
NOUN = "garbage collection"


def list_gc(call: Call) -> web.Response:
    """The newest fifty runs are kept."""
    call.require("garbage-collection:list")
    return runs.history(call, VENDOR)


def get_gc(call: Call) -> web.Response:
    """One run."""
    call.require("garbage-collection:read")
    return reply(runs.run_row(call, runs.find(call, VENDOR, "gc_id", NOUN)))


def gc_log(call: Call) -> web.Response:
    """The log of one run."""
    call.require("garbage-collection:read")
    number = call.number("gc_id")
    if all(run.id != number for run in call.instance.jobs.get(VENDOR, [])):
        raise ApiError("NOT_FOUND", f"garbage collection {number} log is not found")
    return runs.run_log(call, runs.find(call, VENDOR, "gc_id", NOUN))


def stop_gc(call: Call) -> web.Response:
    """Stop one run."""
    call.require("garbage-collection:stop")
    call.instance.stop_job(runs.find(call, VENDOR, "gc_id", NOUN).job_id)
    return empty()


def get_schedule(call: Call) -> web.Response:
    """The schedule; only delete_untagged and workers of its parameters are read back."""
    call.require("garbage-collection:read")
    return runs.get_schedule(call, VENDOR, ("delete_untagged", "workers"))


def _workers(call: Call, parameters: Row) -> int:
    """`workers` must be a JSON number up to 5, or 10 from 2.13 on; anything that is no number is ignored."""
    value = parameters.get("workers")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    most = 10 if call.version >= (2, 13, 0) else 5
    if isinstance(value, float):
        raise ApiError("BAD_REQUEST", "workers should be integer format")
    if not 0 < value <= most:
        bounds = f"Workers must be greater than 0 and less than or equal to {most}."
        raise ApiError("BAD_REQUEST", f"Error: Invalid number of workers:{value}. {bounds}")
    return value


def _kick(call: Call) -> int:
    """Start or schedule as the body says; the id of a started run, else 0."""
    kind, cron, parameters = runs.wanted(call)
    if kind == "None":
        call.instance.set_schedule(VENDOR, "None", "", {})
        return 0
    workers = _workers(call, parameters)
    untagged, dry_run = parameters.get("delete_untagged") is True, parameters.get("dry_run") is True
    if kind == "Manual":
        runs.need_job_service(call)
        return call.instance.start_gc(dry_run=dry_run, delete_untagged=untagged, workers=workers).id
    if kind in runs.REPEATED:
        runs.check_cron(cron, "gc")
        kept: Row = {"delete_untagged": untagged, "dry_run": dry_run, "workers": workers}
        call.instance.set_schedule(VENDOR, kind, cron, kept)
    return 0


def post_schedule(call: Call) -> web.Response:
    """201; type Manual starts a run at once, and Location then names it."""
    call.require("garbage-collection:create")
    number = _kick(call)
    return empty(201, {"Location": f"{call.request.path.rpartition('/')[0]}/{number}"})


def put_schedule(call: Call) -> web.Response:
    """The same with another permission and status."""
    call.require("garbage-collection:update")
    _kick(call)
    return empty()


ROUTES = (
    Route("GET", "/system/gc", list_gc),
    Route("GET", "/system/gc/schedule", get_schedule),
    Route("POST", "/system/gc/schedule", post_schedule),
    Route("PUT", "/system/gc/schedule", put_schedule),
    Route("GET", "/system/gc/{gc_id}", get_gc),
    Route("PUT", "/system/gc/{gc_id}", stop_gc),
    Route("GET", "/system/gc/{gc_id}/log", gc_log, produces=TEXT),
)
