"""Every request the console may send to a Harbor, and the right each needs (goharbor/harbor api/v2.0/swagger.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.origin import Origin

API = "/api/v2.0"
MAX_PAGE_SIZE = 100
"""Harbor answers 422 above, and 0 means no limit at all."""

PROJECT = r"[a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9])?"
"""A project's name (goharbor/harbor src/server/v2.0/handler/project.go); nothing else becomes part of a path."""

_PAGE = {"page": r"[1-9]\d{0,3}", "page_size": r"[1-9]\d?|100"}
_FEW = {"page": r"[1-9]\d{0,3}", "page_size": r"[1-9]|[12]\d|30"}
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
}
"""The robot permission (``resource:action``, kind system) of each endpoint; ids are left out of the key."""
PROJECT_NEEDS: Mapping[str, str] = {
    "/projects/artifacts": "artifact:list",
    "/projects/repositories": "repository:list",
}
"""The same for what is asked of one project, when a person wants it: kind project, on any project."""


def allow_list(url: str) -> AllowList:
    """The declared requests to the Harbor at ``url``."""
    root = re.escape(Origin.of(url).prefix + API)
    plain = ("health", "ping", "systeminfo", "users/current", "system/gc/schedule")
    paged = {
        "quotas": {**_PAGE, "reference": "project", "sort": "-used.storage"},
        "registries": _PAGE,
        "replication/policies": _PAGE,
        "replication/executions": {**_FEW, "sort": "-start_time"},
        "system/gc": {**_PAGE, "sort": "-creation_time"},
        f"replication/executions/{_ID}/tasks": {**_PAGE, "sort": "id"},
        f"projects/{PROJECT}/artifacts": {**_PAGE, "sort": "id", "with_accessory": "true", "with_tag": "false"},
        f"projects/{PROJECT}/repositories": _PAGE,
    }
    rules = [Rule(path, "GET", f"{root}/{path}") for path in plain]
    rules += [Rule(path, "GET", f"{root}/{path}", query) for path, query in paged.items()]
    rules.append(Rule("task log", "GET", f"{root}/replication/executions/{_ID}/tasks/{_ID}/log"))
    return AllowList(rules)
