"""What garbage collection and the audit purge share: histories, logs, schedules and their bodies."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor import cron as crons
from harbortui.sim.harbor.call import Call, mapping
from harbortui.sim.harbor.encoding import Row, compact, go_map, reply, text, when
from harbortui.sim.harbor.errors import ApiError, internal, invalid, log_not_found, not_found
from harbortui.sim.harbor.query import Keys, listing
from harbortui.sim.world.harbor_types import JobRun, Schedule

KINDS = ("Hourly", "Daily", "Weekly", "Custom", "Manual", "None", "Schedule")
REPEATED = ("Hourly", "Daily", "Weekly", "Custom")
KEYS: Keys[JobRun] = {
    "id": lambda r: r.id,
    "status": lambda r: api_status(r),
    "trigger": lambda r: r.kind,
    "start_time": lambda r: r.created,
    "creation_time": lambda r: r.created,
    "update_time": lambda r: r.updated,
}


def api_status(run: JobRun) -> str:
    """An execution is Running from its creation, also while its job still waits in the queue."""
    return "Running" if run.status == "Pending" else run.status


def visible_parameters(call: Call, run: JobRun) -> Row:
    """The parameters as that version shows them: redis_url_reg, with its password, until 2.15.2 redacted it.

    delete_tag came with 2.15.
    """
    hidden = {"redis_url_reg"} if call.version >= (2, 15, 2) else set()
    more: Row = {"delete_tag": False} if run.vendor == "GARBAGE_COLLECTION" and call.version >= (2, 15, 0) else {}
    return more | {key: value for key, value in run.parameters.items() if key not in hidden}


def run_row(call: Call, run: JobRun) -> Row:
    """One run of a history; `job_parameters` is a JSON text."""
    row: Row = {
        "creation_time": when(run.created),
        "id": run.id,
        "job_kind": run.kind,
        "job_name": run.vendor,
        "job_parameters": go_map(visible_parameters(call, run)),
        "job_status": api_status(run),
        "schedule": {"next_scheduled_time": when(0.0), "type": run.kind.title()},
        "update_time": when(run.updated),
    }
    return compact(row)


def history(call: Call, vendor: str) -> web.Response:
    """The runs, newest first."""
    runs = list(reversed(call.instance.jobs.get(vendor, [])))
    return listing(call.request, runs, lambda r: run_row(call, r), KEYS, "-start_time")


def find(call: Call, vendor: str, parameter: str, noun: str) -> JobRun:
    """The run the path names."""
    number = call.number(parameter)
    found = next((run for run in call.instance.jobs.get(vendor, []) if run.id == number), None)
    if found is None:
        raise not_found(f"{noun} execution {number}")
    return found


def run_log(call: Call, run: JobRun) -> web.Response:
    """The log of a run; 404/10010 while it waits and one day after its end."""
    if not call.instance.component_up("jobservice"):
        raise internal("failed to get the job log: connect: connection refused")
    content = call.instance.job_log(run.job_id)
    if content is None:
        raise log_not_found(run.job_id)
    return text(content)


def need_job_service(call: Call) -> None:
    """500 while jobs cannot be handed over: without the job service or its Redis."""
    for component in ("jobservice", "redis"):
        if not call.instance.component_up(component):
            raise internal(f"{component}: connect: connection refused")


def schedule_of(call: Call, vendor: str) -> Schedule | None:
    """The schedule of a vendor type."""
    return next((row for row in call.instance.schedules.values() if row.vendor == vendor), None)


def schedule_row(call: Call, schedule: Schedule, parameters: Row) -> Row:
    """The schedule as GET .../schedule shows it: job_kind holds the cron."""
    row: Row = {
        "creation_time": when(schedule.created),
        "id": schedule.id,
        "job_kind": schedule.cron,
        "job_parameters": go_map(parameters),
        "job_status": "Pending",
        "schedule": {
            "cron": schedule.cron,
            "next_scheduled_time": when(crons.next_time(schedule.cron, call.harbor.world.now)),
            "type": schedule.kind,
        },
        "update_time": when(schedule.updated),
    }
    return compact(row)


def get_schedule(call: Call, vendor: str, shown: tuple[str, ...]) -> web.Response:
    """200 with an empty body when there is none. Only the parameters `shown` are read back."""
    schedule = schedule_of(call, vendor)
    if schedule is None:
        return web.Response(headers={"Content-Type": "application/json"})
    parameters = {key: value for key, value in schedule.parameters.items() if key in shown}
    return reply(schedule_row(call, schedule, parameters))


def wanted(call: Call) -> tuple[str, str, Row]:
    """(type, cron, parameters) of a schedule body; 422 for an unknown type, 500 when `schedule` is missing."""
    schedule = call.body.get("schedule")
    if not isinstance(schedule, dict):
        raise internal("runtime error: invalid memory address or nil pointer dereference")
    kind, cron = schedule.get("type", ""), schedule.get("cron", "")
    if kind not in KINDS:
        words = f"type in body should be one of [{' '.join(KINDS)}]"
        # Each validator that passes the error on puts its own heading before it.
        deeper = f"schedule.{words}" if call.version >= (2, 12, 0) else f"validation failure list:\n{words}"
        raise invalid(f"validation failure list:\n{deeper}")
    return str(kind), str(cron), mapping(call.body.get("parameters"))


def check_cron(cron: str, noun: str) -> None:
    """400 for a cron Harbor refuses."""
    try:
        crons.parse(cron)
    except ValueError as error:
        message = f"invalid cron string for scheduled {noun}: {cron}, error: {error}"
        raise ApiError("BAD_REQUEST", message) from None
