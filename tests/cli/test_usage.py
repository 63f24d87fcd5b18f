"""`harbortui usage` on a simulated fleet: what is told, counted and estimated; plan and progress apart from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harbortui.cli import prompt
from harbortui.cli.main import main
from harbortui.config.load import Places
from harbortui.sim.thread import SimThread
from tests.safety.scanner import Scanner

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "usage.schema.json").read_text("utf-8"))
BULK = 8_000


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1, history_days=1, bulk_blobs=BULK) as running:
        yield running


@pytest.fixture(autouse=True)
def all_up(sim: SimThread) -> Iterator[None]:
    yield
    for backend in ("s3", "vault", *(name for name in sim.fleet.endpoints if name.startswith("harbor:"))):
        sim.fault(backend, "up")


class Ran:
    """What one run printed and how it ended."""

    def __init__(self, sim: SimThread, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main(["usage", "--config", str(sim.config_path), *arguments], places=Places.nowhere())
        captured = capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        assert Scanner(sim.world.secrets.all()).find(self.out + self.err) == set()

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        jsonschema.validate(found, SCHEMA)
        return found

    @property
    def first(self) -> dict[str, Any]:
        row: dict[str, Any] = self.document["instances"][0]
        return row


def first(sim: SimThread) -> str:
    return sim.world.instances[0].name


def test_what_is_known_is_told_without_listing_anything(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    run = Ran(sim, capsys, "--format", "json")
    assert (run.code, run.err) == (0, "")
    assert [row["name"] for row in run.document["instances"]] == [each.name for each in sim.world.instances]
    (usage,) = run.first["usage"]
    assert usage["source"] == "MinIO account info" and usage["bytes"] > 0 and not usage["stale"]
    assert run.first["referenced_bytes"] == sum(each["bytes"] for each in run.first["projects"])
    assert run.first["difference"]["bytes"] == usage["bytes"] - run.first["referenced_bytes"]
    assert run.first["count"] is None and run.first["sample"] is None and run.document["origin"] == "simulated"


def test_a_count_is_the_worlds_truth_and_writes_nothing(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    truth = sim.world.instances[0].bucket.stats()
    run = Ran(sim, capsys, "--count", "--yes", "--format", "json", "--instance", first(sim))
    assert run.code == 0
    assert (run.first["count"]["objects"], run.first["count"]["bytes"]) == (truth.objects, truth.bytes)
    assert [each["source"] for each in run.first["usage"]] == ["MinIO account info", "counted by us"]
    assert "calls" in run.err and "objects (the store's own statistics)" in run.err
    kinds = {part["kind"]: part for part in run.first["hidden"]}
    assert kinds["unfinished multipart uploads"]["bytes"] is None and kinds["old versions"]["bytes"] == 0
    assert all(not each["writes"] for each in sim.control.counts().values())


def test_the_text_says_the_same_to_a_person(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    run = Ran(sim, capsys, "--count", "--yes", "--instance", first(sim))
    assert run.out.startswith(f"{first(sim)} harbor [SIMULATED]\n  holds    ")
    for words in (
        "(counted by us, <1 m old)",
        "refers ",
        "inexact:",
        "counted  blobs: ",
        "hidden   old versions: 0, 0 B",
    ):
        assert words in run.out
    assert "unfinished multipart uploads: not tellable: MinIO lists only" in run.out


def test_a_sample_has_error_bars(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--sample", "32", "--yes", "--instance", first(sim))
    run = Ran(sim, capsys, *arguments, "--format", "json")
    objects = run.first["sample"]["objects"]
    assert run.code == 0 and run.first["sample"]["prefixes"] == 32
    assert objects["low"] < objects["value"] < objects["high"]
    assert 0.5 < objects["value"] / BULK < 2
    assert "sampling harbor: 32 of 256 prefixes, about 33 calls" in run.err
    assert "in 95 of 100 cases" in Ran(sim, capsys, *arguments).out


def test_without_a_yes_nothing_is_counted(
    sim: SimThread, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Ran(sim, capsys, "--count", "--format", "json", "--instance", first(sim))
    assert run.code == 1 and run.first["count"] is None and "nobody said yes" in run.first["problem"]
    assert "about" in run.err and "say --yes" in run.err
    for answer, code in (("n", 1), ("y", 0)):
        monkeypatch.setattr(prompt, "ask_line", lambda _question, _default, said=answer: said)
        assert Ran(sim, capsys, "--count", "--format", "json", "--instance", first(sim)).code == code


@pytest.mark.parametrize(("mode", "kind"), [("forbidden", "forbidden"), ("down", "refused")])
def test_a_store_that_refuses_or_is_down(
    sim: SimThread, capsys: pytest.CaptureFixture[str], mode: str, kind: str
) -> None:
    sim.fault("s3", mode)
    run = Ran(sim, capsys, "--count", "--yes", "--format", "json", "--instance", first(sim))
    assert run.code == 1 and run.first["error"]["kind"] == kind
    assert run.first["problem"] and run.first["problem"] in run.err
    assert run.first["usage"] == [] and run.first["difference"] is None and run.first["referenced_bytes"] > 0
    text = Ran(sim, capsys, "--instance", first(sim))
    assert text.code == 1 and "holds    not known: " in text.out


def test_a_store_that_is_slow_is_given_up_within_the_timeout(
    sim: SimThread, capsys: pytest.CaptureFixture[str]
) -> None:
    sim.fault("s3", "slow", seconds=600.0)
    run = Ran(sim, capsys, "--timeout", "1", "--format", "json", "--instance", first(sim))
    assert run.code == 1 and run.first["error"]["kind"] == "timeout"


def test_a_count_goes_into_the_history(sim: SimThread, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from harbortui.collect.history.place import SIMULATED

    arguments = ("--count", "--yes", "--record", "--instance", first(sim))
    run = Ran(sim, capsys, *arguments)
    assert run.code == 1 and "only recorded where --history names" in run.err
    assert Ran(sim, capsys, *arguments, "--history", str(tmp_path)).code == 0
    (file,) = (tmp_path / SIMULATED).glob("*.history")
    assert b"counted by us" in file.read_bytes()


@pytest.mark.parametrize("arguments", [("--sample", "0"), ("--sample", "257"), ("--count", "--sample", "3")])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["usage", *arguments], places=Places.nowhere())
    assert ended.value.code == 2


def test_an_unknown_instance_ends_with_2(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    run = Ran(sim, capsys, "--instance", "nowhere")
    assert run.code == 2 and "nowhere" in run.err and run.out == ""


def test_projects_are_told_without_the_store(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    sim.fault("s3", "down")
    run = Ran(sim, capsys, first(sim), "--projects")
    truth = sim.world.instances[0]
    assert run.code == 0 and run.out.startswith(f"{first(sim)} [SIMULATED]\n")
    assert all(project.name in run.out for project in truth.projects.values())
    document = Ran(sim, capsys, first(sim), "--projects", "--format", "json")
    assert document.code == 0 and len(document.document["instances"]) == 1
    told = {each["project"]: each["bytes"] for each in document.first["projects"]}
    assert told == {each.name: truth.project_usage(each.id) for each in truth.projects.values()}
    assert document.first["usage"] == [] and document.first["repositories"] is None


def test_repositories_are_summed_after_their_cost_was_named(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (first(sim), "--repositories", "library")
    declined = Ran(sim, capsys, *arguments)
    assert declined.code == 1 and "nobody said yes" in declined.out and "say --yes" in declined.err
    assert "call to Harbor" in declined.err and "shared layers counted for each artifact" in declined.err
    run = Ran(sim, capsys, *arguments, "--yes", "--format", "json")
    found = run.first["repositories"]
    assert run.code == 0 and found["complete"] and found["project"] == "library"
    assert found["bytes"] == sum(each["bytes"] for each in found["repositories"])
    text = Ran(sim, capsys, *arguments, "--yes")
    assert text.code == 0 and f"{found['repositories'][0]['name']} " in text.out and "library uses " in text.out
    assert all(not each["writes"] for each in sim.control.counts().values())


def test_a_project_that_is_not_there_or_no_name(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    run = Ran(sim, capsys, first(sim), "--repositories", "nothing-here", "--yes", "--format", "json")
    assert run.code == 1 and run.first["problem"] and run.first["problem"] in run.err
    for wrong in (("--repositories", "../x"), ("--projects", "--count")):
        with pytest.raises(SystemExit) as ended:
            main(["usage", *wrong], places=Places.nowhere())
        assert ended.value.code == 2


def test_a_harbor_that_is_down_leaves_its_projects_unknown(sim: SimThread, capsys: pytest.CaptureFixture[str]) -> None:
    sim.fault(f"harbor:{first(sim)}", "down")
    run = Ran(sim, capsys, first(sim), "--projects")
    assert run.code == 1 and "not known: " in run.out
    assert Ran(sim, capsys, first(sim), "--repositories", "library", "--yes").code == 1
