"""Makes docs/pictures/*.svg from a simulated fleet whose clock is held: ``python docs/make_pictures.py``.

Everything in them was asked for over HTTP and judged like any other fleet; only the loopback addresses, whose ports are
others each time, are replaced by names.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import msgspec
from textual.pilot import Pilot

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from harbortui.cli.check_formats.facts import current_allocation
from harbortui.collect.collector import Clocks
from harbortui.collect.files import decode_snapshot, encode_snapshot
from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.diagnose import diagnose
from harbortui.engine.engine import Engine
from harbortui.engine.limits import limits_of
from harbortui.engine.messages import EngineNote, LogLines, TailState, ToEngine
from harbortui.model.snapshot import Origin, Snapshot
from harbortui.sim.fleet import SimFleet
from harbortui.sim.thread import SimThread
from harbortui.ui import symbols, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.port import Shown
from harbortui.ui.view import Start

PICTURES = Path(__file__).parent / "pictures"
SATURDAY = 1_768_658_520.0
"""2026-01-17 14:02 UTC: the day before the weekly garbage collection."""
HURT, TASK = "harbor-vm-05", "registry"
SIZES = {"fleet": (118, 16), "instance": (126, 38), "component": (110, 30), "runbook": (110, 32)}
MOST_BYTES = 150_000
LOG_LINES = 40


def hurt(fleet: SimFleet) -> None:
    """The registry of one instance crashes again and again, and its peers push to it."""
    allocation = fleet.world.nomad.current_alloc(HURT)
    assert allocation is not None
    fleet.world.nomad.restart_loop(allocation.id, TASK, 45.0)
    for instance in fleet.world.instances:
        for policy in instance.policies.values():
            if policy.peer == HURT:
                instance.start_replication(policy.id)


def log_of(fleet: SimFleet) -> tuple[str, ...]:
    """The newest lines of the task that crashes."""
    allocation = fleet.world.nomad.current_alloc(HURT)
    stream = fleet.world.logs.stream(allocation.id, TASK, "stderr") if allocation is not None else None
    assert stream is not None
    data = stream.read(max(0, stream.size() - 16_384)).decode()
    return tuple(data.splitlines()[1:][-LOG_LINES:])


async def collected(sim: SimThread) -> Snapshot:
    """One collection, at the fleet's own time."""
    settings = load(config=sim.config_path, flags={}, environ={}, places=Places.nowhere())

    def wall() -> float:
        return sim.fleet.clock.now()

    engine = Engine(
        wire(settings, vault_password=None, wall=wall),
        limits=limits_of(settings.thresholds),
        clocks=Clocks(wall=wall, steady=asyncio.get_running_loop().time),
        random=Random(1),
    )
    snapshot, _ = await engine.once(20.0)
    text = encode_snapshot(snapshot, written_at=wall()).decode()
    for name, address in sim.fleet.endpoints.items():
        text = text.replace(address, f"https://{name.removeprefix('harbor:')}.example")
    again = decode_snapshot(text.encode())
    assert isinstance(again, Snapshot)
    return again


class _Port:
    """An engine that has said all it will."""

    def __init__(self, shown: Shown, lines: LogLines) -> None:
        self._said = (shown, lines)
        self._following = asyncio.Event()

    def send(self, message: ToEngine) -> None:
        if type(message).__name__ == "Follow":
            self._following.set()

    async def messages(self) -> AsyncIterator[Shown | LogLines | EngineNote]:
        yield self._said[0]
        await self._following.wait()
        yield self._said[1]
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        pass


async def draw(name: str, snapshot: Snapshot, lines: tuple[str, ...]) -> None:
    """One screen as SVG."""
    shown = msgspec.structs.replace(snapshot, origin=Origin.SIMULATED)
    verdict = diagnose(shown, now=shown.taken_at)
    names = tuple(each.name for each in shown.instances)
    instance = shown.instance(HURT)
    allocation = current_allocation(instance) if instance is not None else None
    log = LogLines(
        instance=HURT,
        task=TASK,
        stream="stderr",
        lines=lines,
        state=TailState.LIVE,
        allocation_id=allocation.id if allocation is not None else "",
    )
    app = HarborApp(
        Start(shown.fleet, names, simulated=True),
        _Port(Shown(shown, verdict), log),
        theme=themes.load("dark"),
        symbols=symbols.UNICODE,
        clock=lambda: shown.taken_at,
    )
    async with app.run_test(size=SIZES[name]) as pilot:
        while app.view.snapshot is None:
            await pilot.pause(0.01)
        await pilot.pause()
        if name in ("instance", "component"):
            app.open_instance(HURT)
            app.view.task, app.view.stream = TASK, "stderr"
            await _until(pilot, lambda: app.view.tail.startswith("live"))
        if name == "component":
            await pilot.press("j", "j", "enter")
            await _until(pilot, lambda: bool(app.pages))
        if name == "runbook":
            await pilot.press("tab", "b")
            await _until(pilot, lambda: bool(app.pages))
            await pilot.press("n", "n", "n")
        await pilot.pause()
        # A picture in a README must not fetch fonts from elsewhere.
        svg = re.sub(r"\s*@font-face \{[^}]*\}", "", app.export_screenshot(title="harbortui"))
    assert len(svg) < MOST_BYTES, f"{name}.svg has {len(svg)} bytes"
    (PICTURES / f"{name}.svg").write_text(svg, "utf-8")


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    while not condition():
        await pilot.pause(0.01)
    await pilot.pause()


async def main() -> None:
    """Hurt the fleet, wait in its time, look, draw."""
    PICTURES.mkdir(exist_ok=True)
    with SimThread(instances=3, seed=1, hold=SATURDAY) as sim:
        sim.fault(f"harbor:{HURT}", "down")
        sim.call(hurt)
        sim.call(lambda fleet: fleet.set_clock({"advance": 95.0}))
        sim.fault(f"harbor:{HURT}", "up")
        sim.call(lambda fleet: fleet.set_clock({"advance": 102.0}))
        snapshot = await collected(sim)
        lines = sim.call(log_of)
    for name in SIZES:
        await draw(name, snapshot, lines)


if __name__ == "__main__":
    asyncio.run(main())
