"""``harbortui check`` as a process on the live Nomad: what it prints fits what Nomad says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.live.nomad_plain import Plain
from tests.live.settings import LiveNomad

SCHEMA = Path(__file__).parents[2] / "docs" / "check.schema.json"
FACETS = ("job", "allocations", "deployment", "placement", "usage")
NOWHERE = "http://127.0.0.1:9"
"""No Harbor is needed to see what Nomad says."""


def run(folder: Path, live: LiveNomad, token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run over all jobs, without anything of this user's own surroundings."""
    secret = folder / "token"
    secret.touch(mode=0o600)
    secret.write_text(token)
    lines = ["[nomad]", f"address = {json.dumps(live.url)}", f"namespace = {json.dumps(live.namespace)}"]
    lines += [f"region = {json.dumps(live.region)}"] if live.region else []
    lines += [f"token = {{ file = {json.dumps(str(secret))} }}"] if token else []
    lines += ["[nomad.tls]", f"ca_file = {json.dumps(live.get('CA'))}"] if live.get("CA") else []
    for job in live.jobs:
        lines += [
            "[[instance]]",
            f"name = {json.dumps(job)}",
            f"url = {json.dumps(NOWHERE)}",
            f"job = {json.dumps(job)}",
        ]
    config = folder / "config.toml"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n")
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "none")}
    command = [sys.executable, "-m", "harbortui", "check", "--config", str(config), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def live(live_nomad: LiveNomad) -> LiveNomad:
    if not live_nomad.jobs:
        pytest.skip("HARBORTUI_LIVE_NOMAD_JOBS is not set")
    return live_nomad


def document(live: LiveNomad, folder: Path, token: str) -> dict[str, Any]:
    ran = run(folder, live, token, "--format", "json")
    assert ran.returncode in (0, 1, 2, 3), ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    return found


def test_the_document_says_what_nomad_says(live: LiveNomad, tmp_path: Path) -> None:
    token = live.token.reveal() if live.token is not None else ""
    told = document(live, tmp_path, token)
    assert [each["name"] for each in told["instances"]] == list(live.jobs)
    plain = Plain(live, live.token)
    for instance in told["instances"]:
        assert {name: instance["facets"][name]["error"] for name in FACETS} == dict.fromkeys(FACETS)
        current = plain.current(instance["name"])
        states = (current or {}).get("TaskStates") or {}
        shown = {each["name"]: each["task"] for each in instance["components"] if each["task"] is not None}
        # A task may restart between the two; which tasks there are does not change.
        assert set(shown) <= set(states) and ("core" in shown) == ("core" in states)


def test_a_token_that_is_not_accepted_is_said_to_be_that(live: LiveNomad, tmp_path: Path) -> None:
    if Plain(live, None).ask("GET", "/jobs").status_code == 200:
        pytest.skip("anonymous reads are allowed here: ACLs are off")
    for instance in document(live, tmp_path, "00000000-0000-4000-8000-000000000000")["instances"]:
        assert {instance["facets"][name]["error"] for name in FACETS} == {"auth"}
        assert any("Nomad" in each for each in instance["not_visible"])


def test_no_format_shows_the_token(live: LiveNomad, tmp_path: Path) -> None:
    if live.token is None:
        pytest.skip("no token")
    token = live.token.reveal()
    for kind in ("text", "json", "prometheus", "nagios"):
        ran = run(tmp_path, live, token, "--format", kind)
        assert ran.stdout and token not in ran.stdout + ran.stderr
