"""`harbortui doctor` on real servers: what it says of them has the documented form and holds no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.live.configured import configuration
from tests.live.settings import VARIABLES

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "doctor.schema.json").read_text("utf-8"))


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
