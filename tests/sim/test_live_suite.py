"""The live suite runs against the simulated fleet too: what it demands of real servers, ours has to do as well."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from harbortui.sim.store.keys import READONLY_KEY
from harbortui.sim.thread import SimThread
from tests.live.settings import PREFIX

ROOT = Path(__file__).parents[2]


def _environment(sim: SimThread) -> dict[str, str]:
    secrets = sim.control.secrets()
    config = tomllib.loads(sim.config_path.read_text())
    instance = config["instance"][0]
    named = {
        "NOMAD": sim.url("nomad"),
        "NOMAD_TOKEN": secrets["nomad_read_token"],
        "NOMAD_JOBS": ",".join(each["job"] for each in config["instance"]),
        "VAULT": sim.url("vault"),
        "VAULT_TOKEN": secrets["vault_token"],
        "VAULT_SECRET": "kv/data/harbor#console_password",
        "S3": sim.url("s3"),
        "S3_ACCESS_KEY": READONLY_KEY,
        "S3_SECRET_KEY": secrets["s3_readonly_secret"],
        "S3_BUCKET": instance["bucket"],
        "HARBOR": instance["url"],
        "HARBOR_USERNAME": config["harbor"]["username"],
        "HARBOR_PASSWORD": secrets["console_password"],
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return inherited | {PREFIX + name: value for name, value in named.items()}


def test_the_live_suite_passes_on_the_simulated_fleet(tmp_path: Path) -> None:
    with SimThread(instances=2, seed=1) as sim:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-m", "live", "tests/live", "-p", "no:cacheprovider", "-p", "no:xdist"],
            cwd=ROOT, env=_environment(sim), capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"\d+ passed", run.stdout)
