"""`harbortui doctor` on real servers, and that the policies it prints allow exactly what it claims and nothing more.

The second half makes a policy and a token from doctor's own text with an administrator's, tries with the new token what
is claimed and what is not, and removes both. What is tried is harmless where it is allowed: it names things that do not
exist, or is a dry run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from harbortui.probes.grants import harbor as harbor_grants
from harbortui.probes.grants import nomad as nomad_grants
from harbortui.probes.grants import s3 as s3_grants
from harbortui.probes.grants import vault as vault_grants
from harbortui.probes.result import Role
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.inquiry import QUERIES, BucketInquiry
from tests.live.configured import configuration
from tests.live.settings import VARIABLES, LiveHarbor, LiveNomad, LiveS3, LiveVault

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "doctor.schema.json").read_text("utf-8"))
NOWHERE = "00000000-0000-4000-8000-000000000000"
MISSING_ID = 999_999_999


def test_doctor_describes_these_servers_and_prints_no_secret(tmp_path: Path) -> None:
    text = configuration(os.environ)
    if not text:
        pytest.skip("HARBORTUI_LIVE_HARBOR is not set")
    config = tmp_path / "live.toml"
    config.write_text(text)
    config.chmod(0o600)
    secret = ("TOKEN", "PASSWORD", "SECRET_KEY", "SECRET_ID", "UNSEAL_KEY")
    given = [
        value
        for system, names in VARIABLES.items()
        for name in names
        if name.endswith(secret) and (value := os.environ.get(f"HARBORTUI_LIVE_{system}_{name}", ""))
    ]
    for form in ("json", "text"):
        command = [sys.executable, "-m", "harbortui", "doctor", "--config", str(config), "--format", form, "--grants"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode in (0, 1, 2), run.stderr
        assert "internal error" not in run.stderr
        assert [value for value in given if value in run.stdout + run.stderr] == []
        if form == "json":
            document = json.loads(run.stdout)
            jsonschema.validate(document, SCHEMA)
            for part in document["parts"]:
                reached = {each["id"]: each["level"] for each in part["checks"]}.get("reachable", "ok")
                assert reached == "ok", part


# Nomad


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
    live_nomad: LiveNomad, nomad_admin: httpx.Client, live_change: str, role: Role
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
        claimed |= {"deregister-job", "revert-job"}  # before 1.11.2 one capability for all three
    rules = nomad_grants.policy(role, [live_nomad.namespace], version)
    with nomad_token(nomad_admin, name, rules) as secret, nomad_client(live_nomad, secret) as http:
        tried = {right: attempt(http) for right, attempt in nomad_attempts(live_nomad, allocation, task, name).items()}
    allowed = {right for right, response in tried.items() if not refused(response)}
    # A list of another namespace is empty rather than refused, and so is one of variables; both were asked otherwise.
    assert allowed == claimed, {
        right: (tried[right].status_code, tried[right].text[:80]) for right in allowed ^ claimed
    }


# Vault


@pytest.fixture
def vault_admin(live_vault: LiveVault, live_change: str) -> Iterator[httpx.Client]:
    del live_change
    token = live_vault.secret("ADMIN_TOKEN")
    if token is None:
        pytest.skip("HARBORTUI_LIVE_VAULT_ADMIN_TOKEN is not set")
    with vault_client(live_vault, token.reveal()) as client:
        yield client


def vault_client(live: LiveVault, token: str) -> httpx.Client:
    verify: Any = live.get("CA") or True
    return httpx.Client(
        base_url=f"{live.url}/v1", headers={"X-Vault-Token": token}, verify=verify, timeout=15.0, trust_env=False
    )


@contextmanager
def vault_token(admin: httpx.Client, name: str, policy: str) -> Iterator[str]:
    """A token of one policy without the default one, both gone afterwards."""
    made = admin.put(f"sys/policies/acl/{name}", json={"policy": policy})
    assert made.status_code in (200, 204), made.text
    secret = ""
    try:
        body = {"policies": [name], "no_default_policy": True, "no_parent": True, "ttl": "10m"}
        secret = admin.post("auth/token/create", json=body).json()["auth"]["client_token"]
        yield secret
    finally:
        if secret:
            admin.post("auth/token/revoke", json={"token": secret})
        admin.delete(f"sys/policies/acl/{name}")


@pytest.mark.parametrize("role", Role)
def test_a_vault_policy_allows_what_it_claims_and_no_more(
    live_vault: LiveVault, vault_admin: httpx.Client, live_change: str, role: Role
) -> None:
    mount = live_vault.reference.partition("/data/")[0] or "kv"
    own = vault_grants.own_path(f"{mount}/data/harbor", role).replace("harbortui", live_change)
    beside = own.replace(role.value, "other")
    written = vault_admin.post(own, json={"data": {"harbor_secret": "x"}})
    assert written.status_code == 200, written.text
    try:
        with (
            vault_token(vault_admin, f"{live_change}-{role.value}", vault_grants.policy((own,))) as secret,
            vault_client(live_vault, secret) as http,
        ):
            metadata = own.replace("/data/", "/metadata/")
            tried = {
                "read": http.get(own),
                "lookup": http.get("auth/token/lookup-self"),
                "renew": http.post("auth/token/renew-self", json={}),
                "capabilities": http.post("sys/capabilities-self", json={"paths": [own, beside]}),
                "write": http.post(own, json={"data": {"harbor_secret": "y"}}),
                "delete": http.delete(own),
                "metadata": http.get(metadata),
                "list": http.get(metadata.rpartition("/")[0], params={"list": "true"}),
                "beside": http.get(beside),
                "child token": http.post("auth/token/create", json={}),
                "policies": http.put(f"sys/policies/acl/{live_change}-evil", json={"policy": ""}),
                "mounts": http.get("sys/mounts"),
                "revoke self": http.post("auth/token/revoke-self", json={}),
            }
        told = tried["capabilities"].json()["data"]
        assert (told[own], told[beside]) == (["read"], ["deny"])
    finally:
        vault_admin.delete(own.replace("/data/", "/metadata/"))
    allowed = {what for what, response in tried.items() if response.status_code != 403}
    assert allowed == {"read", "lookup", "renew", "capabilities"}


# Harbor


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
}
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
)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_a_robot_allows_what_it_claims_and_no_more(
    live_harbor: LiveHarbor, harbor_admin: httpx.Client, live_change: str, role: Role
) -> None:
    told = harbor_admin.get("/systeminfo").json().get("harbor_version", "")
    version = harbor_grants.version_of(told)
    assert version is not None, told
    body = json.loads(harbor_grants.robot(role, version, days=1))
    body["name"] = f"{live_change}-{role.value}"
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
            acts = {
                right: without_cookies(http, method, path, sent)
                for (method, path), (right, sent) in HARBOR_ACTS.items()
            }
            never = {
                f"{method} {path}": without_cookies(http, method, path, sent) for method, path, sent in HARBOR_NEVER
            }
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


# S3


def test_an_s3_policy_allows_what_it_claims_and_no_more(
    live_s3: LiveS3, live_change: str, clean: Callable[[str], str], now: Callable[[], float]
) -> None:
    """As the policy of a bucket made for it, tried with the reader's key, which owns nothing there."""
    if live_s3.admin is None or live_s3.credentials is None or live_s3.admin.user == live_s3.credentials.user:
        pytest.skip("two keys are needed: the reader's, and an administrator's")
    from botocore.exceptions import ClientError

    from tests.live.stores import plain_client

    owner, reader = plain_client(live_s3, live_s3.admin), plain_client(live_s3, live_s3.credentials)
    bucket = live_change
    owner.create_bucket(Bucket=bucket)
    try:
        policy = json.loads(s3_grants.policy([bucket]))
        for statement in policy["Statement"]:
            statement["Principal"] = {"AWS": ["*"]}
        owner.put_object(Bucket=bucket, Key="registry/blob", Body=b"x")
        try:
            owner.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        except ClientError as error:
            pytest.skip(f"this store takes no bucket policy: {error.response['Error'].get('Code')}")
        for attempt in (
            lambda: reader.get_object(Bucket=bucket, Key="registry/blob"),
            lambda: reader.put_object(Bucket=bucket, Key="registry/other", Body=b"y"),
            lambda: reader.delete_object(Bucket=bucket, Key="registry/blob"),
            lambda: reader.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}),
            lambda: reader.delete_bucket_policy(Bucket=bucket),
            lambda: reader.create_multipart_upload(Bucket=bucket, Key="registry/part"),
        ):
            with pytest.raises(ClientError) as caught:
                attempt()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        _claimed(live_s3, live_s3.credentials, bucket, clean, now)
    finally:
        owner.delete_object(Bucket=bucket, Key="registry/blob")
        owner.delete_bucket(Bucket=bucket)


def _claimed(
    live: LiveS3, given: Credentials, bucket: str, clean: Callable[[str], str], now: Callable[[], float]
) -> None:
    """Every listing and setting that the policy names, asked as doctor asks it."""
    import asyncio

    from harbortui.sources.answer import Ok

    async def ask() -> dict[str, object]:
        inquiry = BucketInquiry(endpoint=live.url, region=live.region, tls=live.tls, clean=clean, now=now)
        try:
            return {action: await inquiry.tried(action, bucket, given) for action in QUERIES}
        finally:
            await inquiry.aclose()

    answers = asyncio.run(ask())
    assert {action for action, answer in answers.items() if not isinstance(answer, Ok)} == set(), answers
