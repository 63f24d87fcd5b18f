"""The simulated Vault, asked by hvac and with plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import hvac
import hvac.exceptions
import pytest
import requests

from harbortui.sim.fleet import SimFleet
from harbortui.sim.thread import SimThread
from harbortui.sim.vault.tokens import ROLE_ID, USER, Token
from harbortui.sim.world import SimOptions
from harbortui.sim.world.options import S3_ACCESS_KEY

START = 1_768_399_200.0


@pytest.fixture
def sim() -> Iterator[SimThread]:
    with SimThread(SimOptions(start=START, speed=0.0, instances=1), only={"vault"}) as sim:
        yield sim


@pytest.fixture
def client(sim: SimThread) -> hvac.Client:
    return hvac.Client(url=sim.url("vault"), token=sim.fleet.world.secrets.vault_token)


def read(client: hvac.Client, path: str = "harbor") -> dict[str, object]:
    answer = client.secrets.kv.v2.read_secret_version(path=path, mount_point="kv", raise_on_deleted_version=False)
    data: dict[str, object] = answer["data"]
    return data


def test_the_reference_secret_holds_what_the_console_needs(sim: SimThread, client: hvac.Client) -> None:
    data = read(client)
    keys = data["data"]
    assert isinstance(keys, dict)
    assert {"db_password", "admin_password", "console_password", "nomad_token"} <= set(keys)
    assert keys["s3_access_key"] == S3_ACCESS_KEY
    assert keys["admin_password"] == sim.fleet.world.secrets.admin_password


def test_a_missing_path_is_not_there_and_a_foreign_one_is_denied(client: hvac.Client) -> None:
    with pytest.raises(hvac.exceptions.Forbidden, match="permission denied"):
        read(client, "other")
    with pytest.raises(hvac.exceptions.Forbidden):
        client.sys.list_policies()


def test_no_token_and_a_bad_token_are_denied_alike(sim: SimThread) -> None:
    for token in ("", "hvs.nonsense"):
        answer = requests.get(f"{sim.url('vault')}/v1/kv/data/harbor", headers={"X-Vault-Token": token}, timeout=5)
        assert (answer.status_code, answer.json()) == (403, {"errors": ["permission denied"]})


def test_a_deleted_version_comes_back_empty(sim: SimThread, client: hvac.Client) -> None:
    sim.call(lambda fleet: fleet.world.vault.deleted.update({"kv/data/harbor": fleet.world.now}))
    data = read(client)
    assert data["data"] is None
    assert isinstance(data["metadata"], dict) and data["metadata"]["deletion_time"].endswith("Z")


def test_the_token_looks_itself_up_and_renews(sim: SimThread, client: hvac.Client) -> None:
    found = client.auth.token.lookup_self()["data"]
    assert found["id"] == sim.fleet.world.secrets.vault_token
    assert found["renewable"] is True and found["policies"] == ["default", "harbor-read"]
    sim.call(lambda fleet: fleet.set_clock({"advance": 1000}))
    assert client.auth.token.lookup_self()["data"]["ttl"] == found["ttl"] - 1000
    assert client.auth.token.renew_self(increment="1h")["auth"]["lease_duration"] == 3600
    with pytest.raises(hvac.exceptions.InvalidRequest, match="invalid duration"):
        client.auth.token.renew_self(increment="soon")


def test_logins_give_short_tokens_bounded_by_their_maximum(sim: SimThread) -> None:
    secrets = sim.fleet.world.secrets
    client = hvac.Client(url=sim.url("vault"), token="")
    login = client.auth.approle.login(ROLE_ID, secrets.robot_secret)["auth"]
    assert login["lease_duration"] == 3600 and login["renewable"] is True
    assert read(client)["data"]
    renewed = client.auth.token.renew_self(increment="48h")
    assert renewed["auth"]["lease_duration"] == 4 * 3600
    assert "capped" in renewed["warnings"][0]
    sim.call(lambda fleet: fleet.set_clock({"advance": 5 * 3600}))
    with pytest.raises(hvac.exceptions.Forbidden):
        read(client)
    client.auth.userpass.login(USER, secrets.console_password)
    assert read(client)["data"]
    client.auth.token.revoke_self()
    with pytest.raises(hvac.exceptions.Forbidden):
        read(client)


def test_wrong_logins_are_bad_requests(sim: SimThread) -> None:
    client = hvac.Client(url=sim.url("vault"), token="")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="invalid role or secret ID"):
        client.auth.approle.login(ROLE_ID, "wrong")
    with pytest.raises(hvac.exceptions.InternalServerError, match="missing role_id"):
        client.auth.approle.login("")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="invalid username or password"):
        client.auth.userpass.login(USER, "wrong")


@pytest.mark.parametrize(
    ("initialized", "sealed", "mode", "status"),
    [
        (True, False, "active", 200),
        (True, False, "standby", 429),
        (True, False, "performance", 473),
        (True, False, "dr", 472),
        (False, True, "active", 501),
        (True, True, "active", 503),
    ],
)
def test_health_speaks_through_its_status_code(
    sim: SimThread, initialized: bool, sealed: bool, mode: str, status: int
) -> None:
    def change(fleet: SimFleet) -> None:
        state = fleet.world.vault
        state.initialized, state.sealed, state.mode = initialized, sealed, mode

    sim.call(change)
    answer = requests.get(f"{sim.url('vault')}/v1/sys/health", timeout=5)
    assert answer.status_code == status
    assert answer.json()["initialized"] is initialized and answer.json()["sealed"] is sealed
    asked = requests.get(f"{sim.url('vault')}/v1/sys/health?sealedcode=299&standbyok=true", timeout=5)
    assert asked.status_code == {503: 299, 429: 200}.get(status, status)


def test_a_sealed_vault_says_so_everywhere_and_three_keys_open_it(sim: SimThread, client: hvac.Client) -> None:
    sim.call(lambda fleet: setattr(fleet.world.vault, "sealed", True))
    for call in (lambda: read(client), client.auth.token.lookup_self):
        with pytest.raises(hvac.exceptions.VaultDown, match="Vault is sealed"):
            call()
    assert client.sys.read_seal_status()["sealed"] is True
    for number, sealed in ((1, True), (2, True), (3, False)):
        assert client.sys.submit_unseal_key(f"key-{number}")["sealed"] is sealed
    assert read(client)["data"]


def test_the_console_token_cannot_seal(client: hvac.Client) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        client.sys.seal()
    assert client.sys.is_sealed() is False


def test_capabilities_are_what_the_policy_says(client: hvac.Client) -> None:
    found = client.sys.get_capabilities(["kv/data/harbor", "kv/data/other"])
    assert found["data"]["kv/data/harbor"] == ["read"] and found["data"]["kv/data/other"] == ["deny"]


def test_version_one_paths_get_the_famous_warning(sim: SimThread, client: hvac.Client) -> None:
    root = Token("root", "", "auth/token/root", "root", ("root",), START, 0, renewable=False)
    sim.call(lambda fleet: fleet.world.vault.tokens.update(root=root))
    answer = requests.get(f"{client.url}/v1/kv/harbor", headers={"X-Vault-Token": "root"}, timeout=5)
    assert answer.status_code == 404
    assert "versioned K/V secrets engine" in answer.json()["warnings"][0]


def test_metadata_names_the_current_version(client: hvac.Client) -> None:
    meta = client.secrets.kv.v2.read_secret_metadata(path="harbor", mount_point="kv")["data"]
    assert str(meta["current_version"]) in meta["versions"]
