"""The Vault policies that `harbortui doctor` prints allow exactly what it claims and nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from harbortui.probes.grants import vault as vault_grants
from harbortui.probes.result import Role
from tests.live.doctor_told import NOBODY, doctor_told
from tests.live.settings import LiveVault


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
    live_vault: LiveVault, vault_admin: httpx.Client, live_change: str, tmp_path: Path, role: Role
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
            told_us = doctors(live_vault, tmp_path, secret, own, role)
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
    assert "vault-least" in told_us and "secret" in told_us, told_us
    assert not {"right-missing", "secret-missing", "field-missing", "secret-shared"} & set(told_us), told_us


def doctors(live: LiveVault, home: Path, secret: str, path: str, role: Role) -> dict[str, list[str]]:
    """What doctor says of a token that reads the robot's password at a path."""
    lines = ["[vault]", f"address = {json.dumps(live.url)}", 'token = { env = "LIVE_VAULT_TOKEN" }']
    lines += [f"namespace = {json.dumps(live.get('NAMESPACE'))}"] if live.get("NAMESPACE") else []
    lines += ["[vault.tls]", f"ca_file = {json.dumps(live.get('CA'))}"] if live.get("CA") else []
    lines += ["[harbor]", 'username = "nobody"']
    lines += [f'password = {{ vault = {json.dumps(path)}, key = "harbor_secret" }}']
    lines += ["[[instance]]", 'name = "live"', f"url = {json.dumps(NOBODY)}", ""]
    return doctor_told(home, "\n".join(lines), role, "Vault", {"LIVE_VAULT_TOKEN": secret})
