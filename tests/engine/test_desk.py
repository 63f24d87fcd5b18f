"""The engine reads the history for rules and screen: in a thread, once a minute, and nothing waits for a disk."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harbortui.collect.history.place import HistoryPlace
from harbortui.collect.history.read import History
from harbortui.config.settings import FleetSettings, HistorySettings, Settings
from harbortui.engine import desk, process
from harbortui.engine.desk import HistoryDesk
from harbortui.engine.messages import AskHistory, EngineNote, FleetPast, InstancePast
from harbortui.model.history import Outlook, Subject
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.sources.answer import Ok
from tests.collect.fakes import fleet, health, lookup, until
from tests.engine.test_engine import Console, rules
from tests.history.looks import NOW, TARGET, Clock, Kept, bucket, look, seen
from tests.history.looks import health as components
from tests.history.years import fill, place_at, target


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "DESK_FIRST", 0.02)
    monkeypatch.setattr(desk, "LOOK_EVERY", 0.05)


class Reads(History):
    """Counts the looks, and in which thread they happen."""

    def __init__(self, place: HistoryPlace, wall: Any) -> None:
        super().__init__(place, wall)
        self.asked: list[str] = []
        self.threads: set[str] = set()

    def series(self, *given: Any, **more: Any) -> Any:
        self.asked.append("series")
        self.threads.add(threading.current_thread().name)
        return super().series(*given, **more)

    def executions(self, *given: Any, **more: Any) -> Any:
        self.asked.append("executions")
        return super().executions(*given, **more)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path)
    made.record(look(time.time() - 120))
    return made


def only(**facets: Any) -> Snapshot:
    return Snapshot(instances=(InstanceSnapshot(target=TARGET, **facets),))


def pasts(console: Console) -> list[InstancePast]:
    return [each for each in console.got if isinstance(each, InstancePast)]


async def test_a_question_is_answered_once(kept: Kept) -> None:
    async with Console(fleet(only()), history=lambda: History(kept.place, time.time)) as console:
        console.tell(AskHistory(instance="a", trends=True))
        console.tell(AskHistory())
        await until(lambda: bool(pasts(console)) and any(isinstance(each, FleetPast) for each in console.got))
    (answer,) = pasts(console)
    assert answer.detail.past.standing(Subject.COMPONENT, "core") is not None
    assert answer.detail.trends is not None and len(answer.detail.executions) == 1
    (whole,) = [each for each in console.got if isinstance(each, FleetPast)]
    assert whole.instances[0].bucket is not None and whole.instances[0].bucket.curve.seen == (1000.0,)


async def test_the_same_minute_has_the_same_answer_without_reading_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "LOOK_EVERY", 3600.0)
    reads = Reads(kept.place, time.time)
    async with Console(fleet(only()), history=lambda: reads) as console:
        for count in (1, 2, 3):
            console.tell(AskHistory(instance="a"))
            await until(lambda count=count: len(pasts(console)) == count)
    assert reads.asked.count("executions") == 1
    assert reads.threads == {"lane-history-read-1"}


async def test_a_component_is_unhealthy_since_the_history_saw_it(kept: Kept) -> None:
    ill = time.time() - 60
    kept.record(look(ill, health=components(core="unhealthy")))
    served = fleet(only(), lookup("health", Ok(health(core="unhealthy"))))
    async with Console(served, history=lambda: History(kept.place, time.time)) as console:
        await until(lambda: "component-unhealthy" in rules(console))
        engine = console.engine
        await until(lambda: "a" in engine._desk.pasts)
        console.engine._verdicts.judge(console.mirror.snapshot, time.time())
        (finding,) = [each for each in engine._verdicts.latest.findings if each.rule == "component-unhealthy"]
    assert finding.since == pytest.approx(ill, abs=0.01)


async def test_without_a_screen_the_rules_know_the_history_too(tmp_path: Path) -> None:
    place = place_at(tmp_path)
    now = time.time()
    fill(place, 1, now, days=90)
    history = History(place, time.time)
    held = history.forecast(target(0), 1e18).value.trend
    assert held is not None
    quota = int(held.level + 5 * held.per_day)
    state = bucket(int(held.level), quota_bytes=quota)
    snapshot = Snapshot(instances=(InstanceSnapshot(target=target(0)),))
    engine = Console(fleet(snapshot, lookup("bucket", Ok(state), owner=target(0).name)), history=lambda: history).engine
    _, verdict = await engine.once(5.0)
    assert "bucket-filling" in [each.rule for each in verdict.findings]


async def test_a_disk_that_hangs_costs_only_what_it_would_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "READ_WITHIN", 0.05)
    stuck = threading.Event()

    def hang() -> None:
        stuck.wait(20)

    async with Console(fleet(only(), lookup("health", Ok(health()))), history=hang) as console:
        await until(console.has_health)
        console.tell(AskHistory(instance="a"))
        await until(lambda: bool(pasts(console)))
    stuck.set()
    assert pasts(console)[0].detail.lost == (desk.SILENT,)


async def test_where_no_history_is_kept_it_is_said() -> None:
    async with Console(fleet(only()), history=lambda: None) as console:
        console.tell(AskHistory(instance="a", trends=True))
        console.tell(AskHistory(instance="unknown"))
        console.tell(AskHistory())
        await until(lambda: bool(pasts(console)) and any(isinstance(each, FleetPast) for each in console.got))
    assert [each.detail.lost for each in pasts(console)] == [(desk.NONE_KEPT,)]
    assert [each.why_not for each in console.got if isinstance(each, FleetPast)] == [desk.NONE_KEPT]
    assert not [each for each in console.got if isinstance(each, EngineNote)]


async def test_only_what_somebody_needs_is_read(kept: Kept) -> None:
    reads = Reads(kept.place, time.time)
    well = only(health=seen(health(), NOW))
    for snapshot, looks in ((well, 0), (only(bucket=seen(bucket(5, quota_bytes=10), NOW)), 1)):
        reads.asked.clear()
        quiet = HistoryDesk(lambda: reads, lambda snapshot=snapshot: snapshot, Clock())
        await quiet.look_once(5.0)
        assert len(reads.asked) == looks


async def test_a_past_that_stays_the_same_is_the_same_object(kept: Kept) -> None:
    clock = Clock(time.time())
    told = only(bucket=seen(bucket(2000, quota_bytes=1000), clock.now))
    kept_desk = HistoryDesk(lambda: History(kept.place, clock), lambda: told, clock)
    await kept_desk.look_once(5.0)
    first = kept_desk.pasts["a"]
    assert first.bucket is not None and first.bucket.forecast is not None
    assert first.bucket.forecast.outlook is Outlook.REACHED
    await kept_desk._learn(told.instances[0])
    assert kept_desk.pasts["a"] is first
    more = msgspec.structs.replace(told.instances[0], bucket=seen(bucket(2000, quota_bytes=5000), clock.now))
    assert desk.quota_of(more) == 5000


def test_the_engine_reads_what_the_configuration_says(tmp_path: Path) -> None:
    assert isinstance(process._history(Settings(history=HistorySettings(directory=str(tmp_path)))), History)
    assert process._history(Settings(history=HistorySettings(enabled=False, directory=str(tmp_path)))) is None
    assert process._history(Settings(fleet=FleetSettings(simulated=True))) is None


async def test_a_clock_that_was_set_back_does_not_keep_old_trends(kept: Kept) -> None:
    clock = Clock(time.time() + 86_400.0)
    reads = Reads(kept.place, clock)
    told = only(bucket=seen(bucket(5, quota_bytes=10), clock.now))
    there = HistoryDesk(lambda: reads, lambda: told, clock)
    await there.look_once(5.0)
    await there._learn(told.instances[0])
    assert reads.asked == ["series"]
    clock.now -= 86_400.0
    await there._learn(told.instances[0])
    assert reads.asked == ["series"] * 2
