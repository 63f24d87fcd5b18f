"""The audit log: /audit-logs to 2.12, /auditlog-exts from 2.13 on (where the old endpoint shows only old rows)."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import Row, compact, reply, when
from harbortui.sim.harbor.query import Keys, listing
from harbortui.sim.world.harbor_types import AuditRow

EXT = (2, 13)
OLD_TYPES = frozenset({"artifact", "repository", "project", "robot", "tag"})
EVENT_TYPES = (
    "create_artifact",
    "delete_artifact",
    "pull_artifact",
    "create_project",
    "delete_project",
    "delete_repository",
    "login_user",
    "logout_user",
    "create_user",
    "delete_user",
    "update_user",
    "create_robot",
    "delete_robot",
    "update_configuration",
)
KEYS: Keys[AuditRow] = {
    "id": lambda r: r.id,
    "op_time": lambda r: r.op_time,
    "username": lambda r: r.username,
    "operation": lambda r: r.operation,
    "resource": lambda r: r.resource,
    "resource_type": lambda r: r.resource_type,
    "project_id": lambda r: r.project_id,
    "operation_result": lambda r: r.success,
}


def old_row(row: AuditRow) -> Row:
    """A row of audit_log."""
    return {
        "id": row.id,
        "op_time": when(row.op_time),
        "operation": row.operation,
        "resource": row.resource,
        "resource_type": row.resource_type,
        "username": row.username,
    }


def ext_row(row: AuditRow) -> Row:
    """A row of audit_log_ext; the result is always there."""
    full: Row = {
        "id": row.id,
        "op_time": when(row.op_time),
        "operation": row.operation,
        "operation_description": f"{row.operation} {row.resource_type}: {row.resource}",
        "operation_result": row.success,
        "resource": row.resource,
        "resource_type": row.resource_type,
        "username": row.username,
    }
    return compact(full, ("operation_result",))


def _old(call: Call, rows: Iterable[AuditRow]) -> web.Response:
    shown = [] if call.version >= (2, 13, 0) else [row for row in rows if row.resource_type in OLD_TYPES]
    return listing(call.request, reversed(shown), old_row, KEYS, "-op_time")


def _mine(call: Call) -> list[AuditRow]:
    """Everything for who may list; for other accounts the rows of their projects, of which the simulated have none."""
    call.login_required()
    return list(call.instance.audit) if call.who.may("audit-log:list") else []


def audit_logs(call: Call) -> web.Response:
    """Newest first."""
    return _old(call, _mine(call))


def project_logs(call: Call) -> web.Response:
    """One project's rows."""
    project = call.project("log:list", by_id=False)
    return _old(call, [row for row in call.instance.audit if row.project_id == project.id])


def auditlog_exts(call: Call) -> web.Response:
    """Newest first."""
    return listing(call.request, reversed(_mine(call)), ext_row, KEYS, "-op_time")


def project_exts(call: Call) -> web.Response:
    """One project's rows."""
    project = call.project("log:list", by_id=False)
    rows = [row for row in call.instance.audit if row.project_id == project.id]
    return listing(call.request, reversed(rows), ext_row, KEYS, "-op_time")


def event_types(call: Call) -> web.Response:
    """What can be recorded."""
    call.require("audit-log:list")
    return reply([{"event_type": name} for name in EVENT_TYPES])


ROUTES = (
    Route("GET", "/audit-logs", audit_logs),
    Route("GET", "/projects/{project}/logs", project_logs),
    Route("GET", "/auditlog-exts", auditlog_exts, since=EXT),
    Route("GET", "/auditlog-exts/events", event_types, since=EXT),
    Route("GET", "/projects/{project}/auditlog-exts", project_exts, since=EXT),
)
