"""The robots that `harbortui doctor` prints may do exactly what it claims and nothing more.

A robot is made from doctor's own text with an administrator's account, what is claimed and what is not is tried with
it, and it is removed. What is tried is harmless where it is allowed: it names things that do not exist, or is refused
as wrong after the right was looked at (goharbor/harbor src/server/v2.0/handler/{gc,purge,scan_all}.go).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from harbortui.probes.grants import harbor as harbor_grants
from harbortui.probes.result import Role
from harbortui.sources.credentials import Credentials
from tests.live.configured import configuration
from tests.live.doctor_told import doctor_told
from tests.live.settings import PREFIX, LiveHarbor

MISSING_ID = 999_999_999


@pytest.fixture
def harbor_admin(live_harbor: LiveHarbor, live_change: str) -> Iterator[httpx.Client]:
    del live_change
    if live_harbor.admin is None:
        pytest.skip("HARBORTUI_LIVE_HARBOR_ADMIN_USERNAME and …_PASSWORD are not set")
    with harbor_client(live_harbor, live_harbor.admin) as client:
        yield client


def harbor_client(live: LiveHarbor, given: Credentials) -> httpx.Client:
    verify: Any = live.get("CA") or True
    return httpx.Client(
        base_url=f"{live.url}/api/v2.0",
        auth=(given.user, given.secret.reveal()),
        verify=verify,
        timeout=30.0,
        trust_env=False,
    )


def without_cookies(client: httpx.Client, method: str, path: str, body: object = None) -> httpx.Response:
    """Harbor wants a CSRF token from whoever sends its session cookie back."""
    client.cookies.clear()
    return client.request(method, path, json=body)


HARBOR_READS = {
    "/quotas?page_size=1": "quota:list",
    "/registries?page_size=1": "registry:list",
    "/replication/policies?page_size=1": "replication-policy:list",
    "/replication/executions?page_size=1": "replication:list",
    f"/replication/executions/{MISSING_ID}/tasks/{MISSING_ID}/log": "replication:read",
    "/system/gc?page_size=1": "garbage-collection:list",
    "/system/gc/schedule": "garbage-collection:read",
}
HARBOR_ACTS: dict[tuple[str, str], tuple[str, object]] = {
    ("POST", "/replication/executions"): ("replication:create", {"policy_id": MISSING_ID}),
    ("PUT", f"/replication/policies/{MISSING_ID}"): ("replication-policy:update", {"name": "harbortui-live-none"}),
    ("PUT", f"/system/gc/{MISSING_ID}"): ("garbage-collection:stop", None),
    ("PUT", f"/system/purgeaudit/{MISSING_ID}"): ("purge-audit:stop", None),
    ("GET", "/jobservice/pools"): ("jobservice-monitor:list", None),
    ("PUT", "/jobservice/jobs/harbortui-live-none"): ("jobservice-monitor:stop", None),
    ("POST", "/system/gc/schedule"): ("garbage-collection:create", {"schedule": {"type": "Custom", "cron": "never"}}),
    ("PUT", "/system/gc/schedule"): ("garbage-collection:update", {"schedule": {"type": "Custom", "cron": "never"}}),
    ("POST", "/system/purgeaudit/schedule"): ("purge-audit:create", {"schedule": {"type": "Schedule"}}),
    ("POST", "/system/scanAll/schedule"): ("scan-all:create", {"schedule": {"type": "None"}}),
}
STOPS_SCANS = {("POST", "/system/scanAll/stop"): ("scan-all:stop", None)}
"""Tried only while nothing is scanned."""
HARBOR_NEVER: tuple[tuple[str, str, object], ...] = (
    ("GET", "/users", None),
    ("GET", "/configurations", None),
    ("GET", "/robots", None),
    ("GET", "/usergroups", None),
    ("DELETE", f"/registries/{MISSING_ID}", None),
    ("DELETE", f"/replication/policies/{MISSING_ID}", None),
    ("DELETE", "/projects/harbortui-live-none", None),
    ("PUT", f"/quotas/{MISSING_ID}", {"hard": {"storage": -1}}),
    ("DELETE", f"/users/{MISSING_ID}", None),
    ("GET", "/scanners", None),
    ("GET", "/system/purgeaudit?page_size=1", None),
    ("PUT", "/system/purgeaudit/schedule", {"schedule": {"type": "Schedule"}}),
    ("PUT", "/system/scanAll/schedule", {"schedule": {"type": "Manual"}}),
)


@pytest.mark.parametrize("role", Role)
def test_a_robot_allows_what_it_claims_and_no_more(
    live_harbor: LiveHarbor, harbor_admin: httpx.Client, live_change: str, tmp_path: Path, role: Role
) -> None:
    told = harbor_admin.get("/systeminfo").json().get("harbor_version", "")
    version = harbor_grants.version_of(told)
    assert version is not None, told
    body = json.loads(harbor_grants.robot(role, version, days=1))
    body["name"] = f"{live_change}-{role.value}"
    scans = without_cookies(harbor_admin, "GET", "/scans/all/metrics")
    busy = scans.status_code == 200 and scans.json().get("ongoing", False)
    tries = HARBOR_ACTS if busy else HARBOR_ACTS | STOPS_SCANS
    made = without_cookies(harbor_admin, "POST", "/robots", body)
    assert made.status_code == 201, made.text
    robot = made.json()
    try:
        with httpx.Client(
            base_url=f"{live_harbor.url}/api/v2.0",
            auth=(robot["name"], robot["secret"]),
            verify=live_harbor.get("CA") or True,
            timeout=30.0,
            trust_env=False,
        ) as http:
            # Whoever is signed in may create projects unless this Harbor says otherwise; one that exists is a conflict.
            creates = without_cookies(http, "POST", "/projects", {"project_name": "library", "metadata": {}})
            restriction = http.get("/systeminfo").json()["project_creation_restriction"]
            reads = {right: without_cookies(http, "GET", path) for path, right in HARBOR_READS.items()}
            acts = {right: without_cookies(http, method, path, sent) for (method, path), (right, sent) in tries.items()}
            never = {
                f"{method} {path}": without_cookies(http, method, path, sent) for method, path, sent in HARBOR_NEVER
            }
            # Everybody may ask for the audit log, and gets what concerns the own projects: none.
            audit = without_cookies(http, "GET", "/audit-logs?page_size=1")
        told = doctors(live_harbor, tmp_path, robot, role)
    finally:
        without_cookies(harbor_admin, "DELETE", f"/robots/{robot['id']}")
    granted = set(harbor_grants.permissions(role, version))
    tried = {**reads, **acts}
    allowed = {right for right, response in tried.items() if response.status_code not in (401, 403)}
    assert allowed == granted & set(tried), {
        right: tried[right].text[:80] for right in allowed ^ (granted & set(tried))
    }
    assert set(reads) <= allowed
    assert creates.status_code == (403 if restriction == "adminonly" else 409), creates.text
    assert {what for what, response in never.items() if response.status_code not in (401, 403)} == set()
    assert audit.status_code in (401, 403) or audit.json() == [], audit.text
    assert granted - set(tried) <= {"scan-all:stop"}
    assert not {"right-missing", "right-too-many", "harbor-admin"} & set(told), told
    # Without robot:read, which no role needs, a robot is not shown its own rights.
    assert "rights-untold" in told, told


def doctors(live: LiveHarbor, home: Path, robot: dict[str, Any], role: Role) -> dict[str, list[str]]:
    """What doctor says of a robot for a role."""
    given = {name: value for name, value in os.environ.items() if name.startswith(f"{PREFIX}HARBOR")}
    given |= {f"{PREFIX}HARBOR_USERNAME": robot["name"], f"{PREFIX}HARBOR_PASSWORD": robot["secret"]}
    assert live.url
    return doctor_told(home, configuration(given), role, "Harbor", given)
