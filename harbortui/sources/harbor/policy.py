"""Every request the console may send to a Harbor, and the right each needs (goharbor/harbor api/v2.0/swagger.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.origin import Origin

API = "/api/v2.0"
MAX_PAGE_SIZE = 100
"""Harbor answers 422 above, and 0 means no limit at all."""

_PAGE = {"page": r"[1-9]\d{0,3}", "page_size": r"[1-9]\d?|100"}
_FEW = {"page": r"[1-9]\d{0,3}", "page_size": r"[1-9]|[12]\d|30"}
_ONE = frozenset({"page", "page_size", "q"})
_ID = r"[1-9]\d{0,18}"

NEEDS: Mapping[str, str] = {
    "/quotas": "quota:list",
    "/registries": "registry:list",
    "/replication/policies": "replication-policy:list",
    "/replication/executions": "replication:list",
    "/replication/executions/tasks": "replication:list",
    "/replication/executions/tasks/log": "replication:read",
    "/system/gc": "garbage-collection:list",
    "/system/gc/schedule": "garbage-collection:read",
    "/system/gc/log": "garbage-collection:read",
    "/jobservice/pools": "jobservice-monitor:list",
    "/jobservice/pools/all/workers": "jobservice-monitor:list",
    "/jobservice/queues": "jobservice-monitor:list",
    "/schedules": "jobservice-monitor:list",
    "/projects": "project:list",
    "/scans/all/metrics": "scan-all:read",
    "/auditlog-exts": "audit-log:list",
    "/auditlog-exts/events": "audit-log:list",
    "/audit-logs": "audit-log:list",
}
"""The robot permission (``resource:action``, kind system) of each endpoint; ids are left out of the key."""

NEEDS_OF_ONE: Mapping[str, str] = {
    "/replication/executions": "replication:read",
    "/system/gc": "garbage-collection:read",
}
"""The right for one of a list, where the path goes on with its number."""

_SINCE = r"op_time=\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d~\]"
_FOUND = r"(?:,(?:username|operation|resource_type|resource)=~[^,=~%+\\\[\]{}()\x00-\x1f\x7f]{1,128}){0,4}"
AUDIT_Q = _SINCE + _FOUND
"""A search of the audit log: never without the time it begins at, since Harbor counts what it finds."""


def allow_list(url: str) -> AllowList:
    """The declared requests to the Harbor at ``url``."""
    root = re.escape(Origin.of(url).prefix + API)
    plain = (
        *("health", "ping", "systeminfo", "users/current", "system/gc/schedule"),
        *("jobservice/pools", "jobservice/pools/all/workers", "jobservice/queues"),
        *("scans/all/metrics", "auditlog-exts/events"),
        *(f"replication/executions/{_ID}", f"system/gc/{_ID}", f"system/gc/{_ID}/log"),
    )
    audit = {**_PAGE, "sort": "-op_time", "q": AUDIT_Q}
    paged = {
        "quotas": {**_PAGE, "reference": "project", "sort": "-used.storage"},
        "registries": _PAGE,
        "replication/policies": _PAGE,
        "replication/executions": {**_FEW, "sort": "-start_time"},
        "system/gc": {**_PAGE, "sort": "-creation_time"},
        f"replication/executions/{_ID}/tasks": {**_PAGE, "sort": "id"},
        "schedules": _PAGE,
        "projects": {**_PAGE, "sort": "name", "with_detail": "true"},
    }
    # One of a list by its number, so that looking at it takes no right beyond that of the list.
    one = {"registries": f"id={_ID}", "replication/policies": f"id={_ID}", "projects": f"project_id={_ID}"}
    rules = [Rule(path, "GET", f"{root}/{path}") for path in plain]
    rules += [Rule(path, "GET", f"{root}/{path}", query) for path, query in paged.items()]
    rules += [
        Rule(f"one of {path}", "GET", f"{root}/{path}", {"page": "1", "page_size": "1", "q": q}, required=_ONE)
        for path, q in one.items()
    ]
    rules += [
        Rule(path, "GET", f"{root}/{path}", audit, required=frozenset(audit))
        for path in ("audit-logs", "auditlog-exts")
    ]
    rules.append(Rule("task log", "GET", f"{root}/replication/executions/{_ID}/tasks/{_ID}/log"))
    return AllowList(rules)
