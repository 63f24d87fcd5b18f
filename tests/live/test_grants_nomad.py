"""The Nomad policies that `harbortui doctor` prints allow exactly what it claims and nothing more.

A policy and a token are made from doctor's own text with an administrator's, what is claimed and what is not is tried
with the new token, and both are removed. What is tried is harmless where it is allowed: it names things that do not
exist, or is a dry run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from harbortui.probes.grants import nomad as nomad_grants
from harbortui.probes.result import Role
from tests.live.configured import configuration
from tests.live.doctor_told import NOBODY, doctor_told
from tests.live.settings import PREFIX, LiveNomad

NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def nomad_admin(live_nomad: LiveNomad, live_change: str) -> Iterator[httpx.Client]:
    del live_change
    if live_nomad.admin_token is None:
        pytest.skip("HARBORTUI_LIVE_NOMAD_ADMIN_TOKEN is not set")
    with nomad_client(live_nomad, live_nomad.admin_token.reveal()) as client:
        if client.get("/v1/acl/policies").status_code != 200:
            pytest.skip("this Nomad has no ACLs, or the token is none of an administrator")
        yield client


def nomad_client(live: LiveNomad, token: str) -> httpx.Client:
    verify: Any = live.get("CA") or True
    return httpx.Client(
        base_url=live.url, headers={"X-Nomad-Token": token}, verify=verify, timeout=15.0, trust_env=False
    )


@contextmanager
def nomad_token(admin: httpx.Client, name: str, rules: str) -> Iterator[str]:
    """A token of one policy, both gone afterwards."""
    made = admin.post(f"/v1/acl/policy/{name}", json={"Name": name, "Description": "live suite", "Rules": rules})
    assert made.status_code == 200, made.text
    accessor = ""
    try:
        body = {"Name": name, "Type": "client", "Policies": [name], "ExpirationTTL": "10m"}
        token = admin.post("/v1/acl/token", json=body).json()
        accessor = token["AccessorID"]
        yield token["SecretID"]
    finally:
        if accessor:
            admin.delete(f"/v1/acl/token/{accessor}")
        admin.delete(f"/v1/acl/policy/{name}")


def refused(response: httpx.Response) -> bool:
    """Nomad says 403, or 500 with the same words where a node is asked."""
    return response.status_code == 403 or "Permission denied" in response.text


Attempt = Callable[[httpx.Client], httpx.Response]


def nomad_attempts(live: LiveNomad, allocation: str, task: str, name: str) -> dict[str, Attempt]:
    """A request for each capability; those that change something name what is not there, or are dry runs."""
    job, where = live.jobs[0], {"namespace": live.namespace}
    count = {"Count": 1, "Target": {"Group": "g"}}
    hcl = {"JobHCL": f'job "{name}" {{}}', "Canonicalize": False}
    signal = {"Signal": "SIGHUP", "Task": "no-such-task"}
    spec = {
        "ID": name, "Name": name, "Type": "batch", "Namespace": live.namespace, "Datacenters": ["*"],
        "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": live.driver, "Config": {"command": "true"}}]}],
    }  # fmt: skip
    logs = {**where, "task": task, "type": "stdout", "follow": "false", "plain": "true"}
    files = {**where, "path": "/"}
    client = "/v1/client"
    return {
        "list-jobs": lambda http: http.get("/v1/jobs", params=where),
        "read-job": lambda http: http.get(f"/v1/job/{job}", params=where),
        "read-logs": lambda http: http.get(f"{client}/fs/logs/{allocation}", params=logs),
        "alloc-lifecycle": lambda http: http.put(
            f"{client}/allocation/{allocation}/signal", params=where, json=signal
        ),
        "submit-job": lambda http: http.put(
            f"/v1/job/{name}/plan", params=where, json={"Job": spec, "Diff": False}
        ),
        "deregister-job": lambda http: http.delete(f"/v1/job/{name}", params=where),
        "revert-job": lambda http: http.put(
            f"/v1/job/{name}/revert", params=where, json={"JobID": name, "JobVersion": 0}
        ),
        "scale-job": lambda http: http.put(f"/v1/job/{name}/scale", params=where, json=count),
        "parse-job": lambda http: http.put("/v1/jobs/parse", params=where, json=hcl),
        "dispatch-job": lambda http: http.put(f"/v1/job/{name}/dispatch", params=where, json={}),
        "read-fs": lambda http: http.get(f"{client}/fs/ls/{allocation}", params=files),
        "node:read": lambda http: http.get("/v1/nodes"),
        "node:write": lambda http: http.put(f"/v1/node/{NOWHERE}/eligibility", json={"Eligibility": "eligible"}),
        "agent:read": lambda http: http.get("/v1/agent/self"),
        "operator:read": lambda http: http.get("/v1/operator/raft/configuration"),
        "variables": lambda http: http.put(f"/v1/var/{name}", params=where, json={"Path": name, "Items": {"a": "b"}}),
        "management": lambda http: http.get("/v1/acl/tokens"),
        "elsewhere": lambda http: http.get(f"/v1/job/{job}", params={"namespace": f"{name}-other"}),
    }  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_a_nomad_policy_allows_what_it_claims_and_no_more(
    live_nomad: LiveNomad, nomad_admin: httpx.Client, live_change: str, tmp_path: Path, role: Role
) -> None:
    nodes = nomad_admin.get("/v1/nodes").json()
    version = nomad_grants.version_of([node["Version"] for node in nodes])
    allocations = nomad_admin.get(
        f"/v1/job/{live_nomad.jobs[0]}/allocations", params={"namespace": live_nomad.namespace}
    ).json()
    running = [each for each in allocations if each["ClientStatus"] == "running"]
    if not running:
        pytest.skip("the first of HARBORTUI_LIVE_NOMAD_JOBS does not run")
    allocation, task = running[0]["ID"], sorted(running[0]["TaskStates"])[0]
    name = f"{live_change}-{role.value}"
    claimed = {*nomad_grants.capabilities(role, version), "node:read"}
    if "submit-job" in claimed:
        claimed |= {"deregister-job", "revert-job", "scale-job", "parse-job"}  # before 1.11.2 one capability for all
    rules = nomad_grants.policy(role, [live_nomad.namespace], version)
    with nomad_token(nomad_admin, name, rules) as secret, nomad_client(live_nomad, secret) as http:
        tried = {right: attempt(http) for right, attempt in nomad_attempts(live_nomad, allocation, task, name).items()}
        told = doctors(live_nomad, tmp_path, secret, role)
        as_viewer = doctors(live_nomad, tmp_path, secret, Role.VIEWER)
    allowed = {right for right, response in tried.items() if not refused(response)}
    # A list of another namespace is empty rather than refused, and so is one of variables; both were asked otherwise.
    assert allowed == claimed, {
        right: (tried[right].status_code, tried[right].text[:80]) for right in allowed ^ claimed
    }
    assert "rights-least" in told and "right-missing" not in told, told
    assert ("rights-least" in as_viewer) == (role is Role.VIEWER), as_viewer


def doctors(live: LiveNomad, home: Path, secret: str, role: Role) -> dict[str, list[str]]:
    """What doctor says of a token for a role."""
    given = {name: value for name, value in os.environ.items() if name.startswith(f"{PREFIX}NOMAD")}
    given |= {f"{PREFIX}NOMAD_TOKEN": secret, f"{PREFIX}HARBOR": NOBODY}
    given |= {f"{PREFIX}HARBOR_USERNAME": "nobody", f"{PREFIX}HARBOR_PASSWORD": "none"}
    assert live.url
    return doctor_told(home, configuration(given), role, "Nomad", given)
