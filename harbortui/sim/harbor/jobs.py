"""The job service's dashboard: pools, workers, queues, running jobs, schedules."""

from __future__ import annotations

import contextlib

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import TEXT, Row, compact, empty, reply, text, when, whole
from harbortui.sim.harbor.errors import ApiError, internal, invalid, log_not_found
from harbortui.sim.harbor.query import page_of
from harbortui.sim.harbor.runs import need_job_service
from harbortui.sim.world.harbor_types import Schedule, WorkerView

ACTIONS = ("stop", "pause", "resume")


def pools(call: Call) -> web.Response:
    """Heartbeats come every five seconds; a dead pool lingers with an old one. `host` is never filled."""
    call.require("jobservice-monitor:list")
    need_job_service(call)
    rows: list[Row] = [
        {
            "concurrency": pool.concurrency,
            "heartbeat_at": whole(pool.heartbeat_at),
            "pid": pool.pid,
            "start_at": whole(pool.start_at),
            "worker_pool_id": pool.pool_id,
        }
        for pool in call.instance.pools()
    ]
    return reply(rows)


def _worker_row(worker: WorkerView) -> Row:
    row: Row = {"id": worker.id, "pool_id": worker.pool_id}
    if worker.job_id:
        row |= {"job_id": worker.job_id, "job_name": worker.job_name, "start_at": whole(worker.start_at)}
        if worker.checkin_at:
            row["checkin_at"] = whole(worker.checkin_at)
    return row


def workers(call: Call) -> web.Response:
    """The workers of a pool or of all; a pool nobody knows has none."""
    call.require("jobservice-monitor:list")
    need_job_service(call)
    found = call.instance.workers(call.request.match_info["pool_id"])
    return reply([_worker_row(worker) for worker in found])


def queues(call: Call) -> web.Response:
    """`count` and `latency` (seconds) are absent when zero."""
    call.require("jobservice-monitor:list")
    need_job_service(call)
    rows: list[Row] = [
        compact({"count": q.count, "job_type": q.job_type, "latency": q.latency, "paused": q.paused}, ("paused",))
        for q in call.instance.queues()
    ]
    return reply(rows)


def act_on_queue(call: Call) -> web.Response:
    """stop, pause or resume one queue or all; a type nobody knows is accepted and changes nothing."""
    call.require("jobservice-monitor:stop")
    need_job_service(call)
    action = call.body.get("action")
    if action not in ACTIONS:
        raise invalid(f"validation failure list:\naction in body should be one of [{' '.join(ACTIONS)}]")
    job_type = call.request.match_info["job_type"]
    with contextlib.suppress(ValueError):
        call.instance.queue_action("all" if job_type.lower() == "all" else job_type.upper(), str(action))
    return empty()


def stop_job(call: Call) -> web.Response:
    """Stop one running job or all; 200 also for a job nobody knows."""
    call.require("jobservice-monitor:stop")
    need_job_service(call)
    job_id = call.request.match_info["job_id"]
    if job_id.lower() != "all":
        call.instance.stop_job(job_id)
        return empty()
    for worker in call.instance.workers():
        if worker.job_id:
            call.instance.stop_job(worker.job_id)
    return empty()


def job_log(call: Call) -> web.Response:
    """Any job's log, text/plain; 404/10010 while it waits and one day after its end."""
    call.require("jobservice-monitor:list")
    job_id = call.request.match_info["job_id"]
    if not call.instance.component_up("jobservice"):
        raise internal("failed to get the job log: connect: connection refused")
    content = call.instance.job_log(job_id)
    if content is None:
        raise log_not_found(job_id)
    return text(content)


def _schedule_row(schedule: Schedule) -> Row:
    row: Row = {
        "cron": schedule.cron,
        "id": schedule.id,
        "update_time": when(schedule.updated),
        "vendor_id": schedule.vendor_id,
        "vendor_type": schedule.vendor,
    }
    return compact(row)


def schedules(call: Call) -> web.Response:
    """All schedules."""
    call.require("jobservice-monitor:list")
    return page_of(call.request, list(call.instance.schedules.values()), _schedule_row)


def schedules_paused(call: Call) -> web.Response:
    """True when the SCHEDULER queue is paused, which stops every cron; only "all" may be asked."""
    call.login_required()
    if call.request.match_info["job_type"].lower() != "all":
        raise ApiError("BAD_REQUEST", "job_type can only be 'all'")
    paused = any(queue.paused for queue in call.instance.queues() if queue.job_type == "SCHEDULER")
    return reply({"paused": paused})


ROUTES = (
    Route("GET", "/jobservice/pools", pools),
    Route("GET", "/jobservice/pools/{pool_id}/workers", workers),
    Route("GET", "/jobservice/queues", queues),
    Route("PUT", "/jobservice/queues/{job_type}", act_on_queue),
    Route("PUT", "/jobservice/jobs/{job_id}", stop_job),
    Route("GET", "/jobservice/jobs/{job_id}/log", job_log, produces=TEXT),
    Route("GET", "/schedules", schedules),
    Route("GET", "/schedules/{job_type}/paused", schedules_paused),
)
