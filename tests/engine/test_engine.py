"""The engine without a process: messages out for what happens in a small fleet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from harbortui.collect.cache import SnapshotCache
from harbortui.collect.collector import Clocks
from harbortui.collect.fleet import EventFeed, Fleet
from harbortui.collect.lookup import FacetKey
from harbortui.diagnose import Limits
from harbortui.engine import publisher
from harbortui.engine.crash import CrashReports
from harbortui.engine.engine import Engine
from harbortui.engine.messages import Delta, EngineNote, FullSnapshot, Refresh, Shutdown, ToConsole, ToEngine
from harbortui.engine.mirror import SnapshotMirror
from harbortui.model.failure import Failure
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from tests.collect.fakes import empty, fleet, health, key, lookup, until

DEADLINE = 10.0


class Console:
    """The other side of an engine in this process."""

    def __init__(self, served: Fleet, cache: SnapshotCache | None = None, **more: Any) -> None:
        clocks = Clocks(wall=time.time, steady=time.monotonic)
        self.engine = Engine(served, limits=Limits(), clocks=clocks, random=Random(1), cache=cache, **more)
        self.mirror = SnapshotMirror()
        self.got: list[ToConsole] = []
        self._commands: asyncio.Queue[ToEngine] = asyncio.Queue()

    async def send(self, message: ToConsole) -> None:
        self.got.append(message)
        if isinstance(message, FullSnapshot | Delta):
            self.mirror.apply(message)

    def tell(self, message: ToEngine) -> None:
        self._commands.put_nowait(message)

    async def commands(self) -> AsyncIterator[ToEngine]:
        while True:
            yield await self._commands.get()

    def has_health(self) -> bool:
        return any(each.health.at is not None for each in self.mirror.snapshot.instances)

    async def __aenter__(self) -> Console:
        self.task = asyncio.create_task(self.engine.run(self, self.commands()))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.tell(Shutdown())
        async with asyncio.timeout(DEADLINE):
            await self.task


def rules(console: Console) -> list[str]:
    return [each.rule for each in console.mirror.verdict.findings]


async def test_the_whole_snapshot_comes_first_and_then_what_changed() -> None:
    async with Console(fleet(empty("a"), lookup("health", Ok(health(core="unhealthy"))))) as console:
        await until(console.has_health)
        first = console.got[0]
        assert isinstance(first, FullSnapshot) and not first.cached
        assert first.snapshot.instances[0].health.at is None
        await until(lambda: rules(console) == ["component-unhealthy"])


async def test_the_last_session_is_shown_first_and_marked(tmp_path: Path) -> None:
    cache = SnapshotCache(tmp_path, empty("a"))
    async with Console(fleet(empty("a"), lookup("health", Ok(health()))), cache) as console:
        await until(console.has_health)
    never = asyncio.Event()

    async def hang() -> Any:
        await never.wait()

    async with Console(fleet(empty("a"), lookup("health", hang)), cache) as console:
        await until(lambda: bool(console.got))
        first = console.got[0]
        assert isinstance(first, FullSnapshot) and first.cached
        assert first.snapshot.instances[0].health.value == health()


async def test_a_refresh_without_change_sends_only_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "TOUCH_EVERY", 0.05)
    answers = {"count": 0}

    def same() -> Ok[Any]:
        answers["count"] += 1
        return Ok(health())

    async with Console(fleet(empty("a"), lookup("health", same, every=0.02))) as console:
        await until(lambda: answers["count"] >= 20)
        deltas = [each for each in console.got if isinstance(each, Delta)]
        assert sum(len(each.changes) for each in deltas) == 1
        await until(lambda: any(each.touches for each in console.got if isinstance(each, Delta)))


async def test_a_person_asks_and_everything_is_looked_at_again() -> None:
    asked: list[str] = []

    def noting() -> Ok[Any]:
        asked.append("health")
        return Ok(health())

    async with Console(fleet(empty("a"), lookup("health", noting, every=1000.0))) as console:
        await until(lambda: len(asked) == 1)
        console.tell(Refresh(instance="a"))
        await until(lambda: len(asked) == 2)


async def test_an_event_brings_a_look_at_what_it_is_about() -> None:
    asked: list[str] = []

    def noting() -> Ok[Any]:
        asked.append("allocations")
        return Ok(())

    happened = asyncio.Event()

    async def events() -> AsyncIterator[tuple[FacetKey, ...] | Failure]:
        await happened.wait()
        yield (key("allocations"),)
        await asyncio.Event().wait()

    served = fleet(empty("a"), lookup("allocations", noting, every=1000.0), feeds=(EventFeed(name="n", open=events),))
    async with Console(served):
        await until(lambda: len(asked) == 1)
        happened.set()
        await until(lambda: len(asked) == 2)


async def test_a_fault_is_written_down_once_and_said_without_its_secret(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.learn(Secret("hunter2-hunter2"))
    reports = CrashReports(tmp_path / "crashes", Cleaner(redactor), lambda: 1000.0)

    def broken() -> Any:
        raise ValueError("hunter2-hunter2 \x1b[2J")

    served = fleet(empty("a"), lookup("health", broken, every=0.01))
    async with Console(served, report=reports.write) as console:
        await until(lambda: any(isinstance(each, EngineNote) for each in console.got))
    notes = [each.text for each in console.got if isinstance(each, EngineNote)]
    assert len(notes) == 1 and "ValueError at test_engine.py" in notes[0]
    (report,) = (tmp_path / "crashes").iterdir()
    text = report.read_text()
    assert "hunter2" not in text and "\x1b" not in text and "broken" in text
    assert report.stat().st_mode & 0o077 == 0


async def test_background_work_that_fails_is_reported_and_ends_nothing() -> None:
    async def renew() -> None:
        raise RuntimeError

    served = fleet(empty("a"), lookup("health", Ok(health())), background=(renew,))
    async with Console(served) as console:
        await until(lambda: any(isinstance(each, EngineNote) for each in console.got))
        await until(console.has_health)


async def test_a_console_that_does_not_read_gets_one_merged_batch_later() -> None:
    gate = asyncio.Event()
    number = {"now": 0}

    def changing() -> Ok[Any]:
        number["now"] += 1
        return Ok(health(core=str(number["now"])))

    class Slow(Console):
        async def send(self, message: ToConsole) -> None:
            await super().send(message)
            if len(self.got) == 2:
                await gate.wait()

    async with Slow(fleet(empty("a"), lookup("health", changing, every=0.005))) as console:
        await until(lambda: number["now"] > 30)
        assert len(console.got) <= 2
        gate.set()
        await until(lambda: len(console.got) > 2)


async def test_once_collects_and_judges() -> None:
    closed: list[bool] = []

    async def close() -> None:
        closed.append(True)

    console = Console(fleet(empty("a"), lookup("health", Ok(health(core="unhealthy"))), close=close))
    snapshot, verdict = await console.engine.once(5.0)
    assert snapshot.instances[0].health.value == health(core="unhealthy")
    assert verdict.findings and closed == [True]
