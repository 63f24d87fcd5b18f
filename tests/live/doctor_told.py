"""One run of `harbortui doctor` with a token made for it: what it says of one source."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from harbortui.probes.result import Role

NOBODY = "http://127.0.0.1:1"
"""A Harbor's address where none answers: for runs that are about another source."""


def doctor_told(
    home: Path, toml: str, role: Role, source: str, environment: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """The texts of a source's checks by their id; the configuration's secrets come from ``environment``."""
    config = home / f"{source}-{role.value}.toml"
    config.touch(mode=0o600)
    config.write_text(toml)
    given = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "XDG_CONFIG_HOME": str(home / "none")}
    for name in ("PYTHONPATH", "LANG"):
        given |= {name: os.environ[name]} if name in os.environ else {}
    command = [sys.executable, "-m", "harbortui", "doctor", "--config", str(config), "--format", "json"]
    run = subprocess.run(
        [*command, "--role", role.value],
        env=given | dict(environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.stdout, run.stderr
    found: dict[str, list[str]] = {}
    for part in json.loads(run.stdout)["parts"]:
        for check in part["checks"] if part["source"] == source else ():
            found.setdefault(check["id"], []).append(check["text"])
    assert found, run.stdout
    return found
