"""`harbortui check` as a process on a simulated fleet: formats, exit codes, files, and no secret anywhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from harbortui.cli.main import main
from harbortui.collect.files import read_snapshot
from harbortui.config.load import Places
from harbortui.model.snapshot import Origin, Snapshot
from harbortui.sim.thread import SimThread

DOCS = Path(__file__).parents[2] / "docs"
SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? -?[0-9.e+-]+')
FAMILIES = (
    "harbortui_instance_state",
    "harbortui_component_up",
    "harbortui_task_restarts_total",
    "harbortui_bucket_bytes",
    "harbortui_replication_executions",
    "harbortui_facet_age_seconds",
)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=3, seed=1) as running:
        yield running


class Checked:
    """What one run printed and how it ended."""

    def __init__(self, sim: SimThread, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main(["check", "--config", str(sim.config_path), *arguments], places=Places.nowhere())
        captured = capsys.readouterr()
        self.out, self.err = captured.out, captured.err


@pytest.fixture(autouse=True)
def all_up(sim: SimThread) -> Iterator[None]:
    yield
    for backend in ("s3", "nomad", "vault", *(name for name in sim.fleet.endpoints if name.startswith("harbor:"))):
        sim.fault(backend, "up")


def test_the_healthy_fleet_in_text(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    run = Checked(sim, capsys)
    assert run.out.splitlines()[0].endswith("[SIMULATED]") and run.err == ""
    assert "not visible" not in run.out
    assert run.code in (0, 1), run.out


def test_json_fits_its_schema_and_holds_what_every_protocol_says(
    sim: SimThread, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Checked(sim, capsys, "--format", "json")
    document = json.loads(run.out)
    jsonschema.validate(document, json.loads((DOCS / "check.schema.json").read_text()))
    assert [each["name"] for each in document["instances"]] == [each.name for each in sim.world.instances]
    for instance in document["instances"]:
        assert instance["version"].startswith("v2.11.2") and instance["bucket_bytes"] > 0
        components = {each["name"]: each for each in instance["components"]}
        assert len(components) >= 8 and components["core"]["health"] == "healthy"
        assert components["nginx"] == {**components["nginx"], "health": "answers", "task": "running"}
        assert all(facet["error"] is None for facet in instance["facets"].values())


def test_prometheus_is_well_formed(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    run = Checked(sim, capsys, "--format", "prometheus")
    helped: set[str] = set()
    for line in run.out.splitlines():
        if line.startswith("# HELP "):
            assert line.split()[2] not in helped, "one block per family"
            helped.add(line.split()[2])
        elif not line.startswith("# TYPE "):
            assert SAMPLE.fullmatch(line), line
            assert re.split(r"[ {]", line)[0] in helped
    assert set(FAMILIES) <= helped


def test_nagios_has_one_status_line_with_perfdata(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    run = Checked(sim, capsys, "--format", "nagios")
    first = run.out.splitlines()[0]
    assert re.fullmatch(r"HARBOR (OK|WARNING) - [^|]+ \| instances_ok=\d+;;;0;3 .*", first)
    assert run.out.count("|") == 1


def test_one_instance_only(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    name = sim.world.instances[1].name
    document = json.loads(Checked(sim, capsys, "--instance", name, "--format", "json").out)
    assert [each["name"] for each in document["instances"]] == [name]


def test_a_dead_harbor_is_critical_and_its_components_unknown(
    sim: SimThread, capsys: pytest.CaptureFixture[str]
) -> None:
    name = sim.world.instances[0].name
    sim.fault(f"harbor:{name}", "down")
    run = Checked(sim, capsys, "--format", "json", "--instance", name)
    document = json.loads(run.out)
    assert run.code == 2 and document["findings"][0]["rule"] == "core-unreachable"
    assert not any(each["rule"] == "component-unhealthy" for each in document["findings"])


def test_a_sealed_or_missing_vault_still_shows_what_anonymous_access_sees(
    sim: SimThread, capsys: pytest.CaptureFixture[str]
) -> None:
    sim.fault("vault", "down")
    document = json.loads(Checked(sim, capsys, "--format", "json").out)
    for instance in document["instances"]:
        assert instance["facets"]["health"]["error"] is None
        assert instance["facets"]["executions"]["error"] == "no_credentials"


def test_everything_down_says_so_within_the_deadline(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    for backend in ("s3", "nomad", "vault"):
        sim.fault(backend, "down")
    for instance in sim.world.instances:
        sim.fault(f"harbor:{instance.name}", "hanging")
    run = Checked(sim, capsys, "--timeout", "1", "--format", "json")
    assert run.code == 2
    facets = json.loads(run.out)["instances"][0]["facets"]
    assert facets["health"]["error"] == "timeout" and facets["bucket"]["error"] is not None


def test_save_writes_a_snapshot_that_can_be_read(
    sim: SimThread, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "incident.json"
    run = Checked(sim, capsys, "--save", str(path))
    assert run.code in (0, 1)
    snapshot = read_snapshot(path)
    assert isinstance(snapshot, Snapshot) and snapshot.origin is Origin.SNAPSHOT and len(snapshot.instances) == 3
    assert Checked(sim, capsys, "--save", str(tmp_path / "no" / "x")).code == 3


def test_no_planted_secret_reaches_output_or_file(
    sim: SimThread, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    planted = set(sim.world.secrets.all().values())
    outputs = [Checked(sim, capsys, "--format", each) for each in ("text", "json", "prometheus", "nagios")]
    Checked(sim, capsys, "--save", str(tmp_path / "s.json"))
    written = [each.out + each.err for each in outputs] + [(tmp_path / "s.json").read_text()]
    assert not [secret for secret in planted for text in written if secret in text]
    assert not [text for text in written if "PLANTED" in text]


@pytest.mark.parametrize("arguments", [["--format", "xml"], ["--timeout", "never"], ["--instance", "nobody"]])
def test_wrong_usage_is_three_and_says_nothing_on_stdout(sim: SimThread, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "harbortui", "check", "--config", str(sim.config_path), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (run.returncode, run.stdout) == (3, "") and run.stderr
