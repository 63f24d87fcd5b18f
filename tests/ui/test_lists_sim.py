"""The list screens on the simulated fleet, over sockets: the engine asks, the console shows; and what that costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from harbortui.collect.looks import LOOK_PACE, LOOKS_PER_MINUTE
from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.engine.messages import Delta, FullSnapshot, ToConsole, ToEngine, Told
from harbortui.model.asked import Topic
from harbortui.sim.harbor import grants
from harbortui.sim.thread import SimThread
from harbortui.ui import symbols, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.port import Shown
from harbortui.ui.view import Start
from tests.engine.test_engine import Console as Engine
from tests.ui.test_keys import Console

MINUTE_LIMIT = 60


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=1, harbor_version="v2.14.0") as running:
        yield running


class EngineHere(Engine):
    """An engine in this process as the console's port."""

    told: asyncio.Queue[Shown | Told]

    async def send(self, message: ToConsole) -> None:  # type: ignore[override]
        await super().send(message)
        if isinstance(message, FullSnapshot | Delta):
            self.told.put_nowait(Shown(self.mirror.snapshot, self.mirror.verdict))
        else:
            self.told.put_nowait(message)


class Port:
    """What the app speaks to."""

    def __init__(self, engine: EngineHere) -> None:
        self._engine = engine

    def send(self, message: ToEngine) -> None:
        self._engine.tell(message)

    async def messages(self) -> AsyncIterator[Shown | Told]:
        while True:
            yield await self._engine.told.get()

    async def aclose(self) -> None:
        return None


@asynccontextmanager
async def console(sim: SimThread, size: tuple[int, int] = (200, 60)) -> AsyncIterator[Console]:
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    engine = EngineHere(wire(settings, vault_password=None, wall=time.time))
    engine.told = asyncio.Queue()
    async with engine:
        names = tuple(each.name for each in settings.instances)
        app = HarborApp(
            Start("simulated", names, simulated=True, instance=names[0]),
            Port(engine),
            theme=themes.load("dark"),
            symbols=symbols.UNICODE,
            clock=time.time,
        )
        async with app.run_test(size=size) as pilot:
            it = Console(app, None, pilot, [])  # type: ignore[arg-type]
            await it.until(lambda: app.view.snapshot is not None and app.at.instance == names[0])
            yield it


async def test_every_list_shows_what_the_fleet_is(sim: SimThread) -> None:
    world = sim.world.instances[0]
    async with console(sim) as it:
        await it.press("6")
        await it.until_text("Pools (1)")
        assert "Workers (10)" in it.text and "garbage collection" in it.text and "Schedules (" in it.text
        await it.press("7")
        await it.until_text("none: this Harbor scans nothing")
        assert all(each.name in it.text for each in world.projects.values())
        await it.press("8")
        await it.until_text(" rows since ")
        assert world.audit[-1].resource in it.text
        await it.press("G")
        await it.until(lambda: it.app.view.audit.last == 2)
        await it.press("9")
        await it.until_text("nothing was changed from here")
    backends = sim.control.counts()
    assert all(not each["writes"] for each in backends.values()), backends


async def test_a_paused_queue_stands_out(sim: SimThread) -> None:
    sim.call(lambda fleet: fleet.world.instances[0].queue_action("REPLICATION", "pause"))
    try:
        async with console(sim) as it:
            await it.press("6")
            await it.until_text("▲ the queue REPLICATION is paused: no such job is started")
    finally:
        sim.call(lambda fleet: fleet.world.instances[0].queue_action("REPLICATION", "resume"))


async def test_a_harbor_that_is_down_and_one_that_is_slow(sim: SimThread) -> None:
    backend = f"harbor:{sim.world.instances[0].name}"
    try:
        sim.fault(backend, "down")
        async with console(sim) as it:
            for key, what in (("6", "the job service"), ("7", "the projects"), ("8", "the audit log")):
                await it.press(key)
                await it.until_text(f"✖ failed to read {what}")
            sim.fault(backend, "slow", seconds=600.0)
            await it.press("7", "6")
            await it.until_text("job service")
            await it.press("escape")
            await it.until(lambda: "Components" in it.text)
    finally:
        sim.fault(backend, "up")


async def test_a_robot_without_rights_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "CONSOLE_SYSTEM", ())
    monkeypatch.setattr(grants, "CONSOLE_PROJECT", ())
    with SimThread(instances=2, seed=1, harbor_version="v2.14.0") as sim:
        async with console(sim, (80, 24)) as it:
            await it.press("6")
            await it.until_text("our account lacks jobservice-monitor:list")
            await it.press("8")
            await it.until_text("our account lacks audit-log:list")
            await it.press("7")
            await it.until_text("our account lacks quota:list")


async def test_an_open_page_of_jobs_stays_within_its_part_of_the_minute(sim: SimThread) -> None:
    """Six looks of four requests; the rest of the 60 is the collection's, see tests/safety/test_good_guest.py."""
    pace = LOOK_PACE[Topic.JOB_SERVICE]
    assert pace.every is not None and 60 / pace.every * pace.requests <= LOOKS_PER_MINUTE < MINUTE_LIMIT
    name = sim.world.instances[0].name
    async with console(sim) as it:
        await it.press("6")
        await it.until_text("Pools (1)")
        sim.control.reset_counts()
        begun = time.monotonic()
        looks = it.app.view.looks
        first = next(iter(looks.values())).at or 0.0
        await it.until(lambda: any((each.at or 0.0) > first + pace.every * 0.5 for each in looks.values()))
        seconds = time.monotonic() - begun
        requests = sim.control.counts()[f"harbor:{name}"]["requests"]
    # One look and what is collected meanwhile, whatever the machine's speed: a minute's rate from a quiet stretch.
    assert requests <= MINUTE_LIMIT * max(seconds, 15.0) / 60 + pace.requests, (requests, seconds)
