"""Replication executions, tasks and task logs."""

from __future__ import annotations

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import TEXT, Row, compact, empty, reply, text, when
from harbortui.sim.harbor.errors import ApiError, internal, invalid, log_not_found, not_found
from harbortui.sim.harbor.policies import find_policy
from harbortui.sim.harbor.query import Keys, listing
from harbortui.sim.world.harbor_types import Execution, ReplicationTask

EXECUTION_KEYS: Keys[Execution] = {
    "id": lambda e: e.id,
    "policy_id": lambda e: e.policy_id,
    "status": lambda e: e.status,
    "start_time": lambda e: e.started,
    "end_time": lambda e: e.ended,
}
TASK_KEYS: Keys[ReplicationTask] = {
    "id": lambda t: t.id,
    "status": lambda t: t.status,
    "start_time": lambda t: t.created,
    "end_time": lambda t: t.ended,
}


def execution_row(execution: Execution) -> Row:
    """One execution; the counts and the status text are always there."""
    return {
        "end_time": when(execution.ended),
        "failed": execution.count("Failed"),
        "id": execution.id,
        "in_progress": execution.count("InProgress"),
        "policy_id": execution.policy_id,
        "start_time": when(execution.started),
        "status": execution.status,
        "status_text": execution.status_text,
        "stopped": execution.count("Stopped"),
        "succeed": execution.count("Succeed"),
        "total": len(execution.tasks),
        "trigger": execution.trigger,
    }


def task_row(task: ReplicationTask) -> Row:
    """One task; the resource reads "library/shop-api [1 item(s) in total]"."""
    resource = f"{task.repository} [1 item(s) in total]"
    row: Row = {
        "dst_resource": resource,
        "end_time": when(task.ended),
        "execution_id": task.execution_id,
        "id": task.id,
        "job_id": task.job_id,
        "operation": task.operation,
        "resource_type": "artifact",
        "src_resource": resource,
        "start_time": when(task.created),
        "status": task.status,
    }
    return compact(row)


def list_executions(call: Call) -> web.Response:
    """Newest first, of one policy or of all; `status` and `trigger` filter, `q` does not."""
    call.require("replication:list")
    query = call.request.query
    found = list(reversed(call.instance.executions.values()))
    if query.get("policy_id"):
        try:
            wanted = int(query["policy_id"])
        except ValueError:
            raise invalid(f'policy_id in query must be of type int64: "{query["policy_id"]}"') from None
        found = [e for e in found if e.policy_id == wanted]
    if query.get("status"):
        found = [e for e in found if e.status == query["status"]]
    if query.get("trigger"):
        found = [e for e in found if e.trigger == query["trigger"]]
    return listing(call.request, found, execution_row, EXECUTION_KEYS, "-start_time")


def start_execution(call: Call) -> web.Response:
    """Start a policy by hand; the work begins after the answer."""
    call.require("replication:create")
    number = call.body.get("policy_id", 0)
    policy = find_policy(call, number if isinstance(number, int) else 0)
    if not policy.enabled:
        raise ApiError("PRECONDITION", f"the policy {policy.id} is disabled")
    execution = call.instance.start_replication(policy.id)
    return empty(201, call.location(str(execution.id)))


def _execution(call: Call) -> Execution:
    number = call.number("id")
    found = call.instance.executions.get(number)
    if found is None:
        raise not_found(f"replication execution {number}")
    return found


def get_execution(call: Call) -> web.Response:
    """One execution."""
    call.require("replication:read")
    return reply(execution_row(_execution(call)))


def stop_execution(call: Call) -> web.Response:
    """Stopping needs the permission to start."""
    call.require("replication:create")
    call.instance.stop_execution(_execution(call).id)
    return empty()


def list_tasks(call: Call) -> web.Response:
    """The tasks of one execution, in no promised order unless `sort` is given."""
    call.require("replication:list")
    execution = _execution(call)
    status, kind = call.request.query.get("status"), call.request.query.get("resource_type")
    found = [t for t in execution.tasks if not status or t.status == status]
    found = found if kind in (None, "", "artifact") else []
    return listing(call.request, found, task_row, TASK_KEYS)


def task_log(call: Call) -> web.Response:
    """A task's log; 404 with the job service's code 10010 while it waits and one day after its end."""
    call.require("replication:read")
    execution = _execution(call)
    number = call.number("task_id")
    task = next((t for t in execution.tasks if t.id == number), None)
    if task is None:
        raise not_found(f"replication task {number}")
    if not call.instance.component_up("jobservice"):
        raise internal("failed to get the job log: connect: connection refused")
    content = call.instance.job_log(task.job_id)
    if content is None:
        raise log_not_found(task.job_id)
    return text(content)


ROUTES = (
    Route("GET", "/replication/executions", list_executions),
    Route("POST", "/replication/executions", start_execution),
    Route("GET", "/replication/executions/{id}", get_execution),
    Route("PUT", "/replication/executions/{id}", stop_execution),
    Route("GET", "/replication/executions/{id}/tasks", list_tasks),
    Route("GET", "/replication/executions/{id}/tasks/{task_id}/log", task_log, produces=TEXT),
)
