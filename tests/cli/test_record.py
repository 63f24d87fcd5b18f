"""`harbortui check --record` as a timer runs it, on a simulated fleet: what it keeps, and what it never does."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harbortui.cli.main import main
from harbortui.collect.history.read import history_of
from harbortui.collect.targets import empty_snapshot
from harbortui.config.load import Places, load
from harbortui.config.settings import Settings
from harbortui.model.history import Measure, Subject
from harbortui.sim.thread import SimThread
from harbortui.sources.answer import Ok
from tests.safety.scanner import Scanner

WORDS = re.compile(r"\s")


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=3, seed=1) as running:
        yield running


def check(sim: SimThread, *arguments: str) -> int:
    return main(["check", "--config", str(sim.config_path), *arguments], places=Places.nowhere())


def settings_of(sim: SimThread, directory: Path) -> Settings:
    flags = {"--history": str(directory)}
    return load(config=sim.config_path, flags=flags, environ={}, places=Places.nowhere())


def test_a_timer_feeds_the_history(sim: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert check(sim, "--record", "--history", str(tmp_path), "--format", "json") in (0, 1)
        captured = capsys.readouterr()
        assert captured.err == "" and json.loads(captured.out)["instances"]
    settings = settings_of(sim, tmp_path)
    now = sim.world.clock.now()
    history = history_of(settings, lambda: now)
    assert history is not None and list((tmp_path / "simulated").glob("*.history"))
    for each in empty_snapshot(settings).instances:
        target = each.target
        for subject, name, state in (
            (Subject.HARBOR, "", "answers"),
            (Subject.COMPONENT, "core", "healthy"),
            (Subject.COMPONENT, "nginx", "healthy"),
            (Subject.TASK, "registry", "running"),
            (Subject.BUCKET, "", "answers"),
        ):
            told = history.since(target, subject, name)
            assert isinstance(told, Ok) and told.value is not None and told.value.state == state, (subject, told)
        for measure in Measure:
            series = history.series(target, measure, start=now - 600, end=now + 60)
            assert isinstance(series, Ok) and series.value
        for answer in (history.executions(target), history.task_events(target), history.allocations(target)):
            assert isinstance(answer, Ok) and answer.value
        collections = history.collections(target)
        assert isinstance(collections, Ok) and collections.value[0].status == "Success"


def test_nothing_but_numbers_and_names_is_in_the_file(
    sim: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(sim, "--record", "--history", str(tmp_path), "--save", str(tmp_path / "snapshot.json"))
    saved = (tmp_path / "snapshot.json").read_text()
    (path,) = (tmp_path / "simulated").glob("*.history")
    scanner = Scanner(sim.control.secrets())
    for each in (tmp_path / "simulated").iterdir():
        assert scanner.find(each.read_bytes()) == set()
    assert "Task received by client" in saved or "Received" in saved
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    texts = {
        value
        for table in tables
        for row in connection.execute(f"SELECT * FROM {table}")
        for value in row
        if not isinstance(value, int | None)
    }
    connection.close()
    assert all(isinstance(text, str) and len(text) <= 300 for text in texts)
    sentences = {text for text in texts if WORDS.search(text)}
    assert sentences == {"MinIO account info"}, "the name of a source; everything else is one word"


def test_a_simulated_fleet_leaves_nothing_where_nobody_named_a_place(
    sim: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert check(sim, "--record") == 3
    captured = capsys.readouterr()
    assert "--history names a directory" in captured.err and captured.out, "the verdict is still told"
    assert not list(tmp_path.rglob("*.history"))


def test_a_history_that_is_switched_off_says_so(
    sim: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "off.toml"
    config.write_text(sim.config_path.read_text() + "\n[history]\nenabled = false\n")
    config.chmod(0o600)
    assert (
        main(["check", "--config", str(config), "--record", "--history", str(tmp_path)], places=Places.nowhere()) == 3
    )
    assert "switched off" in capsys.readouterr().err and not list(tmp_path.rglob("*.history"))


def test_what_cannot_be_kept_is_said_and_the_verdict_is_still_told(
    sim: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert check(sim, "--record", "--history", str(tmp_path / "file")) == 3
    captured = capsys.readouterr()
    assert captured.err.startswith("harbortui: history: ") and captured.err.count("\n") == 1 and captured.out


def test_without_being_asked_a_check_records_nothing(
    sim: SimThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(sim, "--history", str(tmp_path)) in (0, 1)
    assert not list(tmp_path.iterdir())


def test_timers_of_several_hosts_in_one_directory(sim: SimThread, tmp_path: Path) -> None:
    """Three at once, as processes: one host here, so that they share a file and wait for each other."""
    command = [sys.executable, "-m", "harbortui", "check", "--config", str(sim.config_path), "--record"]
    runs = [
        subprocess.Popen([*command, "--history", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [(run.communicate(timeout=60), run.returncode) for run in runs]
    assert [(output[1], code in (0, 1)) for output, code in ended] == [(b"", True)] * 3
    (path,) = (tmp_path / "simulated").glob("*.history")
    connection = sqlite3.connect(path)
    twice = connection.execute("SELECT series FROM state GROUP BY series HAVING count(*) > 1").fetchall()
    connection.close()
    assert twice == []
