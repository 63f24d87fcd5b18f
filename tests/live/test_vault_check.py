"""``harbortui check`` as a process whose credentials come from the live Vault: what it says of Vault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live.settings import LiveVault


def check(live_vault: LiveVault, home: Path, token: str, path: str, key: str) -> tuple[dict[str, Any], str]:
    """One run with a Harbor that nobody answers for, and its password at ``path``."""
    secret = home / "token"
    secret.touch(mode=0o600)
    secret.write_text(token)
    lines = ["[vault]", f"address = {json.dumps(live_vault.url)}", f"token_file = {json.dumps(str(secret))}"]
    if live_vault.get("NAMESPACE"):
        lines.append(f"namespace = {json.dumps(live_vault.get('NAMESPACE'))}")
    if live_vault.get("CA"):
        lines += ["[vault.tls]", f"ca_file = {json.dumps(live_vault.get('CA'))}"]
    lines += [
        "[harbor]",
        'username = "nobody"',
        f"password = {{ vault = {json.dumps(path)}, key = {json.dumps(key)} }}",
        "[[instance]]",
        'name = "live"',
        'url = "http://127.0.0.1:1"',
    ]
    config = home / "config.toml"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n")
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "XDG_CONFIG_HOME": str(home / "none")}
    command = [sys.executable, "-m", "harbortui", "check", "--config", str(config), "--format", "json"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.stdout, run.stderr
    return json.loads(run.stdout), run.stdout + run.stderr


@pytest.fixture
def parts(live_vault: LiveVault) -> tuple[str, str, str]:
    token = live_vault.secret("TOKEN")
    path, _, key = live_vault.reference.partition("#")
    if token is None or not key:
        pytest.skip("no token, or no reference to a secret")
    return token.reveal(), path, key


def test_a_good_token_and_reference_bring_no_finding(
    live_vault: LiveVault, parts: tuple[str, str, str], tmp_path: Path
) -> None:
    document, printed = check(live_vault, tmp_path, *parts)
    told = [each for each in document["findings"] if each["rule"].startswith("vault-") and each["state"] != "note"]
    assert told == [] and parts[0] not in printed


def test_a_wrong_key_is_a_finding_that_names_the_path(
    live_vault: LiveVault, parts: tuple[str, str, str], tmp_path: Path
) -> None:
    token, path, _ = parts
    document, _ = check(live_vault, tmp_path, token, path, "harbortui-live-none")
    (finding,) = [each for each in document["findings"] if each["rule"] == "vault-secret"]
    assert finding["title"] == f"Vault's {path} has no key harbortui-live-none"


def test_a_wrong_token_is_a_finding(live_vault: LiveVault, parts: tuple[str, str, str], tmp_path: Path) -> None:
    _, path, key = parts
    document, _ = check(live_vault, tmp_path, "s.000000000000000000000000", path, key)
    rules = [each["rule"] for each in document["findings"]]
    assert "vault-token" in rules and "vault-secret" not in rules
