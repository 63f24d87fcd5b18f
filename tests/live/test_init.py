"""`harbortui init` on a real Nomad: it reads the jobs that are there, and shows nothing of their secrets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx

from tests.live.settings import LiveNomad

SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|(?:^|_)KEY", re.IGNORECASE)


def secrets_of(job: dict[str, Any]) -> set[str]:
    """Values of the job's environments whose names say that they are secret."""
    tasks = [task for group in job["TaskGroups"] or () for task in group["Tasks"] or ()]
    return {
        value
        for task in tasks
        for name, value in (task["Env"] or {}).items()
        if SECRET.search(name) and len(value) >= 6
    }


def test_the_jobs_are_read_and_none_of_their_secrets_shown(live_nomad: LiveNomad, tmp_path: Path) -> None:
    token = live_nomad.token.reveal() if live_nomad.token is not None else ""
    given = {
        name: value for name, value in os.environ.items() if not name.startswith(("NOMAD_", "VAULT_", "HARBORTUI_"))
    }
    environment = (
        given | {"NOMAD_TOKEN": token} | ({"NOMAD_CACERT": live_nomad.get("CA")} if live_nomad.get("CA") else {})
    )
    path = tmp_path / "made.toml"
    command = [sys.executable, "-m", "harbortui", "init", "--nomad", live_nomad.url, "--output", str(path), "--yes"]
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
    )
    assert run.returncode in (0, 1), run.stderr
    assert re.search(r"\([1-9]\d* specifications read\)", run.stderr), run.stderr
    verify: Any = live_nomad.get("CA") or True
    with httpx.Client(
        base_url=live_nomad.url, headers={"X-Nomad-Token": token}, verify=verify, trust_env=False
    ) as http:
        jobs = [
            http.get(f"/v1/job/{job}", params={"namespace": live_nomad.namespace}).json() for job in live_nomad.jobs
        ]
    written = path.read_text() if path.exists() else ""
    said = run.stdout + run.stderr + written
    assert {secret for job in jobs for secret in secrets_of(job) if secret in said} == set()
    assert not token or token not in said
    found = {each["job"] for each in tomllib.loads(written).get("instance", [])}
    harbors = {job["ID"] for job in jobs if "harbor" in job["ID"].lower() and len(job["TaskGroups"][0]["Tasks"]) >= 8}
    assert harbors <= found
