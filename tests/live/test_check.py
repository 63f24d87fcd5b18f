"""`harbortui check` as a process, on one instance made of all the servers that the environment names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harbortui.model.failure import FailureKind
from tests.live.configured import NAME, configuration
from tests.live.settings import VARIABLES, server

# What a healthy server may still have to say; anything else means that an answer was not understood or not reached.
ALLOWED = {kind.value for kind in (FailureKind.FORBIDDEN, FailureKind.NOT_FOUND, FailureKind.NO_CREDENTIALS)}
SYSTEM_OF = {
    "HARBOR": ("health", "system", "policies", "executions", "gc_runs"),
    "NOMAD": ("job", "allocations", "deployment", "nodes"),
    "S3": ("bucket",),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    text = configuration(os.environ)
    if not text:
        pytest.skip("HARBORTUI_LIVE_HARBOR is not set")
    folder = tmp_path_factory.mktemp("check")
    config = folder / "live.toml"
    config.write_text(text)
    yield json.loads(_run(config, "json").stdout)


def _run(config: Path, kind: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harbortui", "check", "--config", str(config), "--format", kind, "--timeout", "60"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_every_facet_was_learned_or_honestly_refused(report: dict[str, Any]) -> None:
    (instance,) = report["instances"]
    assert instance["name"] == NAME and report["origin"] in ("live", "simulated")
    wrong = {
        name: f"{facet['error']}: {facet['detail']}"
        for name, facet in instance["facets"].items()
        if facet["error"] and facet["error"] not in ALLOWED
    }
    assert wrong == {}


@pytest.mark.parametrize("system", SYSTEM_OF)
def test_the_systems_facets_are_there(report: dict[str, Any], system: str) -> None:
    if server(system, os.environ) is None:
        pytest.skip(f"HARBORTUI_LIVE_{system} is not set")
    (instance,) = report["instances"]
    known = {name for name, facet in instance["facets"].items() if facet["at"] and not facet["error"]}
    assert known & set(SYSTEM_OF[system]), f"nothing of {system} was learned: {instance['facets']}"


def test_nothing_that_was_given_in_secret_is_printed(report: dict[str, Any], tmp_path: Path) -> None:
    config = tmp_path / "live.toml"
    config.write_text(configuration(os.environ))
    secret = ("TOKEN", "PASSWORD", "SECRET_KEY", "SECRET_ID", "UNSEAL_KEY")
    given = [
        value
        for system, names in VARIABLES.items()
        for name in names
        if name.endswith(secret) and (value := os.environ.get(f"HARBORTUI_LIVE_{system}_{name}", ""))
    ]
    for kind in ("text", "json", "prometheus", "nagios"):
        run = _run(config, kind)
        assert run.stdout and run.returncode in (0, 1, 2, 3)
        assert [value for value in given if value in run.stdout + run.stderr] == []
