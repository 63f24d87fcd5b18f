from __future__ import annotations

import pytest

from .conftest import JOB, Api


def token_of(api: Api, name: str) -> str:
    secrets = api.world.secrets
    return {
        "anonymous": "",
        "unknown": "no-such-token",
        "expired": secrets.nomad_expired_token,
        "nologs": secrets.nomad_nologs_token,
        "read": secrets.nomad_read_token,
        "operator": secrets.nomad_operator_token,
        "deployer": secrets.nomad_deployer_token,
        "management": secrets.nomad_token,
    }[name]


NAMES = ("anonymous", "unknown", "expired", "nologs", "read", "operator", "deployer", "management")
READERS = {"nologs", "read", "operator", "deployer", "management"}
# method, path, who is let in
MATRIX: list[tuple[str, str, set[str]]] = [
    ("GET", "/v1/jobs", READERS),
    ("GET", "/v1/jobs/statuses", READERS),
    ("GET", "/v1/job/{job}", READERS),
    ("GET", "/v1/allocations", READERS),
    ("GET", "/v1/evaluations", READERS),
    ("GET", "/v1/deployments", READERS),
    ("GET", "/v1/nodes", READERS),
    ("GET", "/v1/client/allocation/{alloc}/stats", READERS),
    ("GET", "/v1/agent/members", READERS),
    ("GET", "/v1/agent/self", {"management"}),
    ("GET", "/v1/operator/scheduler/configuration", {"management"}),
    ("GET", "/v1/operator/autopilot/health", {"management"}),
    ("GET", "/v1/vars", {"management"}),
    ("GET", "/v1/acl/tokens", {"management"}),
    ("GET", "/v1/client/fs/ls/{alloc}", {"management"}),
    ("GET", "/v1/client/allocation/{alloc}/restart", {"operator", "management"}),
    ("PUT", "/v1/client/allocation/{alloc}/restart", {"operator", "management"}),
    ("PUT", "/v1/client/allocation/{alloc}/signal", {"operator", "management"}),
    ("PUT", "/v1/allocation/{alloc}/stop", {"operator", "management"}),
    ("PUT", "/v1/job/{job}/revert", {"deployer", "management"}),
    ("PUT", "/v1/job/{job}/plan", {"deployer", "management"}),
    ("PUT", "/v1/job/{job}/scale", {"deployer", "management"}),
    ("PUT", "/v1/job/{job}/evaluate", {"deployer", "management"}),
    ("DELETE", "/v1/job/{job}", {"deployer", "management"}),
    ("PUT", "/v1/jobs", {"deployer", "management"}),
    ("PUT", "/v1/system/gc", {"management"}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), MATRIX, ids=[f"{m} {p}" for m, p, _ in MATRIX])
async def test_who_may_call_what(api: Api, method: str, path: str, allowed: set[str]) -> None:
    # A restart answers in world time, so time has to pass.
    api.fleet.clock.run(100.0)
    address = path.format(job=JOB, alloc=api.alloc.id)
    body = {"Signal": "SIGHUP", "Task": "core"} if path.endswith("signal") else None
    for name in NAMES:
        answer = await api.call(method, address, token_of(api, name), json=body)
        if name == "unknown":
            assert (answer.status, answer.text) == (403, "Permission denied")
        elif name == "expired":
            told = (500, "ACL token expired") if path.startswith("/v1/client/") else (403, "Permission denied")
            assert (answer.status, answer.text) == told
        elif name in allowed:
            assert answer.text != "Permission denied", name
            assert answer.status in ((200,) if method == "GET" else (200, 400, 500)), (name, answer.text)
        else:
            assert (answer.status, answer.text) == (403, "Permission denied"), name


@pytest.mark.parametrize("name", ["read", "operator", "deployer", "management"])
async def test_logs_with_the_capability(api: Api, name: str) -> None:
    path = f"/v1/client/fs/logs/{api.alloc.id}"
    answer = await api.get(path, token_of(api, name), task="core", type="stdout", origin="end", offset="10")
    assert answer.status == 200


async def test_an_allocation_out_of_sight_reads_like_a_missing_one(api: Api) -> None:
    answer = await api.get(f"/v1/allocation/{api.alloc.id}", "")
    assert (answer.status, answer.text) == (500, f'Unknown allocation "{api.alloc.id}"')


async def test_who_am_i(api: Api) -> None:
    secret = token_of(api, "read")
    me = (await api.get("/v1/acl/token/self", secret)).json()
    assert (me["SecretID"], me["Type"], me["Policies"]) == (secret, "client", ["harbor-read"])
    rules = (await api.get("/v1/acl/policy/harbor-read", secret)).json()["Rules"]
    assert "read-logs" in rules
    assert (await api.get("/v1/acl/policy/harbor-operate", secret)).status == 403
    assert [row["Name"] for row in (await api.get("/v1/acl/policies", secret)).json()] == ["harbor-read"]
    assert (await api.get("/v1/acl/token/self", "")).json()["AccessorID"] == "anonymous"
    assert (await api.get("/v1/acl/token/self", "nonsense")).status == 403
    expired = await api.get("/v1/acl/token/self", token_of(api, "expired"))
    assert (expired.status, expired.text) == (500, "ACL token expired")


async def test_a_bearer_token_is_as_good(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.world.secrets.nomad_read_token}"}
    assert (await api.call("GET", "/v1/jobs", "", headers=headers)).status == 200


async def test_anonymous_calls(api: Api) -> None:
    assert (await api.get("/v1/namespaces", "")).json() == []
    for path in ("/v1/regions", "/v1/status/leader", "/v1/status/peers", "/v1/agent/health"):
        assert (await api.get(path, "")).status == 200
    assert (await api.get("/v1/jobs", api.world.secrets.nomad_read_token, namespace="elsewhere")).status == 403


async def test_without_acls_everything_is_open(open_api: Api) -> None:
    assert len((await open_api.get("/v1/jobs", "")).json()) == 3
    assert (await open_api.get("/v1/agent/self", "")).status == 200
    answer = await open_api.get("/v1/acl/token/self", "")
    assert (answer.status, answer.text) == (400, "ACL support disabled")
    for node in open_api.world.nomad.nodes.values():
        node.version = "1.10.5"
    assert (await open_api.get("/v1/acl/token/self", "")).json()["AccessorID"] == "acls-disabled"
