"""The commands that look are run for real, as a person would paste them, against the simulated fleet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harbortui.cli.main import main
from harbortui.collect.files import read_snapshot
from harbortui.config.load import Places
from harbortui.model.snapshot import Snapshot
from harbortui.runbooks.fill import in_command
from harbortui.runbooks.names import Names, Subject, names_of
from harbortui.sim.thread import SimThread
from tests.runbooks.shell import Command, bash, commands

NEEDED = [tool for tool in ("curl", "jq", "base64") if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(NEEDED), reason=f"needs {', '.join(NEEDED)}")

UNANSWERED = (
    "/gc/{{gc}}/log",
    "$TASK",
    "$REPO",
    "$DIGEST",
    "time_starttransfer",
    "docker",
    "nomad ",
    "-I ",
    "maintenance",
)
"""Not run here: what asks for input, what runs in a container, and what only a real store answers."""


def looking() -> list[Command]:
    found = [each for each in commands() if each.text.startswith(("harbor ", "curl ")) and "-X P" not in each.text]
    ping = [each for each in commands() if "/registries/ping" in each.text]
    return [each for each in (*found, *ping) if not any(part in each.text for part in UNANSWERED)]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SimThread, Snapshot, Path]]:
    folder = tmp_path_factory.mktemp("pasted")
    with SimThread(instances=2, seed=1) as sim:
        saved = folder / "snapshot.json"
        main(["check", "--config", str(sim.config_path), "--save", str(saved)], places=Places.nowhere())
        snapshot = read_snapshot(saved)
        assert isinstance(snapshot, Snapshot)
        yield sim, snapshot, folder


@pytest.fixture(scope="module")
def names(fleet: tuple[SimThread, Snapshot, Path]) -> Names:
    first = fleet[1].instances[0]
    policy = next(each for each in first.policies.value or () if each.enabled)
    return names_of(fleet[1], first.name, Subject("policy", str(policy.id), "core"))


def shell(fleet: tuple[SimThread, Snapshot, Path], script: str) -> tuple[int, str, str]:
    sim, _, folder = fleet
    (folder / ".curlrc").write_text("fail-with-body\nnoproxy = *\n")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CURL_HOME": str(folder),
        "HARBOR_USER": "admin",
        "HARBOR_WORD": sim.world.secrets.admin_password,
    }
    done = bash("-c", f"set -o pipefail\n{script}", cwd=folder, environ=environ)
    return done.returncode, done.stdout, done.stderr


def prepared() -> str:
    return next(each.text for each in commands() if each.text.startswith("harbor()"))


@pytest.mark.parametrize("each", looking(), ids=lambda each: each.page)
def test_it_is_answered(fleet: tuple[SimThread, Snapshot, Path], names: Names, each: Command) -> None:
    filled = in_command(each.text, names)
    assert "'<" not in filled, filled
    code, out, err = shell(fleet, f"{prepared()}\n{filled}")
    assert code == 0 and not err, (filled, out, err)


def test_the_harbor_command_signs_in_and_tells_a_wrong_word(
    fleet: tuple[SimThread, Snapshot, Path], names: Names
) -> None:
    who = in_command("harbor -o /dev/null -w '%{http_code}' {{url}}/api/v2.0/users/current", names)
    assert shell(fleet, f"{prepared()}\n{who}")[1] == "200"
    assert shell(fleet, f"HARBOR_WORD=wrong\n{prepared()}\n{who}")[1] == "401"


def test_a_run_of_the_garbage_collection_is_shown_without_redis_password(
    fleet: tuple[SimThread, Snapshot, Path], names: Names
) -> None:
    text = next(each.text for each in commands() if "/system/gc?page_size=10" in each.text)
    code, out, _ = shell(fleet, f"{prepared()}\n{in_command(text, names)}")
    assert code == 0 and "freed_space" in out and "redis" not in out
