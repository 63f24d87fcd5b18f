"""``harbortui check`` as a process on the live Harbor: what it prints fits what Harbor says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.live.harbor_plain import Plain
from tests.live.settings import LiveHarbor

SCHEMA = Path(__file__).parents[2] / "docs" / "check.schema.json"
NAME = "harbortui-live"
FACETS = ("health", "system", "executions", "policies", "gc_runs", "gc_schedule")


@pytest.fixture
def home(live_harbor: LiveHarbor, tmp_path: Path) -> Path:
    """A folder with a configuration of this one Harbor."""
    credentials = live_harbor.credentials
    if credentials is None:
        pytest.skip("no user name and password of a reader")
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(credentials.secret.reveal())
    lines = [
        "[harbor]",
        f"username = {json.dumps(credentials.user)}",
        f"password = {{ file = {json.dumps(str(secret))} }}",
    ]
    if live_harbor.get("CA"):
        lines += ["[harbor.tls]", f"ca_file = {json.dumps(live_harbor.get('CA'))}"]
    lines += ["[[instance]]", f"name = {json.dumps(NAME)}", f"url = {json.dumps(live_harbor.url)}"]
    config = tmp_path / "config.toml"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n")
    return tmp_path


def check(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run without anything of this user's own surroundings."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "XDG_CONFIG_HOME": str(home / "none")}
    command = [sys.executable, "-m", "harbortui", "check", "--config", str(home / "config.toml"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_document_says_what_harbor_says(live_harbor: LiveHarbor, home: Path) -> None:
    run = check(home, "--format", "json")
    assert run.returncode in (0, 1, 2, 3), run.stderr
    document = json.loads(run.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    (instance,) = document["instances"]
    assert {name: instance["facets"][name]["error"] for name in FACETS} == dict.fromkeys(FACETS)
    said = {each["name"]: each["status"] for each in Plain(live_harbor, None).get("/health")["components"]}
    shown = {each["name"]: each["health"] for each in instance["components"] if each["name"] in said}
    assert shown == said
    assert instance["version"] == Plain(live_harbor, live_harbor.credentials).get("/systeminfo")["harbor_version"]


def test_no_format_shows_the_secret(live_harbor: LiveHarbor, home: Path) -> None:
    assert live_harbor.credentials is not None
    secret = live_harbor.credentials.secret.reveal()
    for kind in ("text", "json", "prometheus", "nagios"):
        run = check(home, "--format", kind)
        assert run.stdout and secret not in run.stdout + run.stderr
