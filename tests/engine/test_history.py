"""The engine keeps the history while a console runs: in a thread, once a minute, and says once what is wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harbortui.collect.history.place import HistoryPlace
from harbortui.collect.history.read import History
from harbortui.collect.history.recorder import Recorder
from harbortui.config.settings import FleetSettings, HistorySettings, Settings
from harbortui.engine import history as keeper
from harbortui.engine import process
from harbortui.engine.messages import EngineNote
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.history import Subject
from harbortui.model.snapshot import Snapshot
from harbortui.sources.answer import Ok
from tests.collect.fakes import empty, fleet, health, lookup, until
from tests.engine.test_engine import Console


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RECORD_FIRST", 0.02)
    monkeypatch.setattr(keeper, "RECORD_EVERY", 0.02)


class Records:
    """Remembers what it was given, and answers what a test says."""

    def __init__(self, answer: Callable[[], Failure | None] = lambda: None) -> None:
        self.got: list[Snapshot] = []
        self.threads: set[str] = set()
        self._answer = answer

    def record(self, snapshot: Snapshot) -> Failure | None:
        self.got.append(snapshot)
        self.threads.add(threading.current_thread().name)
        return self._answer()


def notes(console: Console) -> list[str]:
    return [each.text for each in console.got if isinstance(each, EngineNote)]


async def test_what_the_console_shows_is_recorded_beside_the_loop() -> None:
    records = Records()
    served = fleet(empty("a"), lookup("health", Ok(health())))
    async with Console(served, records=lambda: records):
        await until(lambda: len(records.got) >= 3)
    assert records.got[-1].instances[0].health.value == health()
    assert records.threads == {"lane-history-1"}


async def test_what_keeps_it_from_recording_is_said_once_and_again_after_it_worked() -> None:
    failing = Failure(kind=FailureKind.LOCAL, detail="history: there is no room left")
    answers = [failing, failing, failing, None, failing]
    records = Records(lambda: answers.pop(0) if answers else failing)
    async with Console(fleet(empty("a")), records=lambda: records) as console:
        await until(lambda: len(records.got) >= 8)
        await until(lambda: len(notes(console)) >= 2)
    assert notes(console) == [failing.detail] * 2


async def test_a_disk_that_hangs_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RECORD_WITHIN", 0.05)
    stuck = threading.Event()

    def hang() -> None:
        stuck.wait(20)

    records = Records(hang)
    served = fleet(empty("a"), lookup("health", Ok(health())))
    async with Console(served, records=lambda: records) as console:
        await until(lambda: any("nothing could be written" in each for each in notes(console)))
        await until(console.has_health)
        await until(lambda: len(notes(console)) == 1)
    stuck.set()
    assert len(records.got) == 1, "the next write is not begun while that one lasts"


async def test_a_fault_of_ours_is_reported_and_ends_only_the_recording() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    served = fleet(empty("a"), lookup("health", Ok(health())))
    async with Console(served, records=lambda: Records(broken)) as console:
        await until(lambda: bool(notes(console)))
        await until(console.has_health)
    assert notes(console) == ["ZeroDivisionError"]


async def test_a_history_that_is_off_costs_nothing() -> None:
    async with Console(fleet(empty("a"), lookup("health", Ok(health()))), records=lambda: None) as console:
        await until(console.has_health)
    assert notes(console) == []


def test_the_engine_records_what_the_configuration_says(tmp_path: Path) -> None:
    settings = Settings(history=HistorySettings(directory=str(tmp_path)))
    assert isinstance(process._recorder(settings), Recorder)
    assert process._recorder(Settings(history=HistorySettings(enabled=False, directory=str(tmp_path)))) is None
    assert process._recorder(Settings(fleet=FleetSettings(simulated=True))) is None
    assert not list(tmp_path.iterdir()), "nothing is made before there is something to keep"


async def test_a_real_recorder_keeps_what_changed_while_nobody_looked(tmp_path: Path) -> None:
    state = {"core": "healthy"}
    place = HistoryPlace(tmp_path, "host-1")
    snapshot = empty("a")
    history = History(place, time.time)
    target = snapshot.instances[0].target

    def known() -> str:
        told = history.since(target, Subject.COMPONENT, "core")
        return told.value.state if isinstance(told, Ok) and told.value is not None else ""

    served = fleet(snapshot, lookup("health", lambda: Ok(health(**state)), every=0.02))
    async with Console(served, records=lambda: Recorder(place, time.time)):
        await until(lambda: known() == "healthy")
        state["core"] = "unhealthy"
        await until(lambda: known() == "unhealthy")


async def test_a_disk_that_hangs_at_the_start_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "RECORD_WITHIN", 0.05)
    stuck, records = threading.Event(), Records()

    def open_records() -> Records:
        stuck.wait(20)
        return records

    async with Console(fleet(empty("a")), records=open_records) as console:
        await until(lambda: notes(console) == [keeper.SILENT])
        stuck.set()
        await until(lambda: bool(records.got))
    assert notes(console) == [keeper.SILENT]
