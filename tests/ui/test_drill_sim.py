"""Drilling into the simulated fleet, with faults: what the pages show is what the four systems said over sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.engine.messages import ToConsole, ToEngine
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.sim.thread import SimThread
from harbortui.ui import symbols, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.opening import open_thing
from harbortui.ui.port import Shown
from harbortui.ui.things import Thing
from harbortui.ui.view import Start
from tests.engine import test_engine
from tests.ui.samples import FakePort

DEADLINE = 40.0


class Bridge(test_engine.Console):
    """An engine in this process, whose messages a port shows."""

    port: FakePort

    async def send(self, message: ToConsole) -> None:
        from harbortui.engine.messages import Delta, FullSnapshot

        await super().send(message)
        if isinstance(message, FullSnapshot | Delta):
            self.port.say(Shown(self.mirror.snapshot, self.mirror.verdict))
        else:
            self.port.say(message)


class Telling(FakePort):
    """A port that hands commands on."""

    def __init__(self, tell: Callable[[ToEngine], None]) -> None:
        super().__init__()
        self._tell = tell

    def send(self, message: ToEngine) -> None:
        super().send(message)
        self._tell(message)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=2, seed=3) as running:
        yield running


class Drill:
    """The app on the simulated fleet."""

    def __init__(self, app: HarborApp, bridge: Bridge) -> None:
        self.app, self.bridge = app, bridge

    @property
    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    def instance(self, name: str) -> InstanceSnapshot | None:
        """What is known of an instance."""
        return self.app.view.snapshot.instance(name) if self.app.view.snapshot is not None else None

    async def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, self.text
            await asyncio.sleep(0.02)

    async def shows(self, thing: Thing, *texts: str) -> str:
        """Open a page and wait for these texts; the page is closed again."""
        open_thing(self.app, thing)
        await self.until(lambda: all(each in self.text for each in texts))
        seen = self.text
        await self.app.action_back()
        return seen


@asynccontextmanager
async def drilling(sim: SimThread) -> AsyncIterator[Drill]:
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    names = tuple(each.name for each in sim.world.instances)
    bridge = Bridge(wire(settings, vault_password=None, wall=time.time))
    bridge.port = Telling(bridge.tell)
    app = HarborApp(
        Start("sim", names, simulated=True),
        bridge.port,
        theme=themes.load("dark"),
        symbols=symbols.UNICODE,
        clock=time.time,
    )
    async with bridge, app.run_test(size=(160, 60)):
        each = Drill(app, bridge)
        await each.until(lambda: app.view.snapshot is not None)
        yield each


FACETS = ("executions", "policies", "registries", "gc_runs", "allocations", "deployment", "placement", "job", "usage")


async def test_every_kind_of_thing_opens_with_what_the_systems_say(sim: SimThread) -> None:
    name = str(sim.world.instances[0].name)
    sim.control.named_fault("restart-loop", instance=name, task="registry", every=0.5)
    run = sim.call(lambda fleet: fleet.world.instances[0].start_gc(dry_run=True))
    async with drilling(sim) as it:
        await it.until(lambda: (each := it.instance(name)) is not None and all(getattr(each, f).at for f in FACETS))
        await it.shows(Thing("component", name, "registry"), "goharbor/registry", "Needed by", "Terminated", "exit ")
        sim.control.named_fault("restart-loop", instance=name, task="registry", clear=True)
        each = it.instance(name)
        assert each is not None and each.allocations.value and each.policies.value and each.executions.value
        allocation, policy = each.allocations.value[0], each.policies.value[0]
        await it.shows(Thing("allocation", name, allocation.id), allocation.id, "Tasks (8)", "Events (UTC)")
        await it.shows(Thing("node", name, allocation.node_id), "Draining", "Harbor here (")
        latest = each.deployment.value.latest if each.deployment.value is not None else None
        assert latest is not None
        await it.shows(Thing("deployment", name, latest.id), latest.id, "auto-revert no")
        await it.shows(Thing("policy", name, str(policy.id)), policy.name, "Direction", policy.peer)
        done = next(run for run in each.executions.value if run.total)
        await it.shows(Thing("execution", name, str(done.id)), "Tasks (", "library" if done.succeed else "Tasks")
        await it.shows(Thing("gc-log", name, str(run.id)), "garbage_collection.go")
        await it.shows(Thing("bucket", name), "Object store")
        for kind, id_ in (("allocation", allocation.id), ("node", allocation.node_id), ("policy", str(policy.id))):
            await it.shows(Thing("raw", name, id_, kind), "GET /", " lines")
        raw = await it.shows(Thing("raw", name, "", "job"), "GET /v1/job/", "masked")
        assert not [key for key, value in sim.control.secrets().items() if value in raw]


async def test_a_drained_node_shows_in_the_fleet_and_leads_to_the_placement(sim: SimThread) -> None:
    name = str(sim.world.instances[0].name)
    async with drilling(sim) as it:
        await it.until(lambda: (each := it.instance(name)) is not None and bool(each.allocations.value))
        sim.control.named_fault("node-drain", instance=name)
        try:
            it.app.action_refresh_now()
            await it.until(lambda: "draining" in it.text or "no node fits" in it.text)
            await it.shows(Thing("placement", name), "Nodes (", "draining")
        finally:
            sim.control.named_fault("node-drain", instance=name, clear=True)


async def test_what_is_denied_names_the_right_and_what_is_down_says_so(sim: SimThread) -> None:
    name = str(sim.world.instances[1].name)
    async with drilling(sim) as it:
        await it.until(lambda: (one := it.instance(name)) is not None and bool(one.executions.at))
        each = it.instance(name)
        assert each is not None and each.executions.value and each.allocations.value
        try:
            sim.fault(f"harbor:{name}", "forbidden")
            run = next(run for run in each.executions.value if run.total)
            await it.shows(Thing("execution", name, str(run.id)), "not visible: not permitted, needs replication")
            sim.fault(f"harbor:{name}", "down")
            await it.shows(Thing("raw", name, str(run.policy_id), "policy"), "failed: connection refused")
            sim.fault("nomad", "down")
            await it.shows(Thing("raw", name, each.allocations.value[0].id, "allocation"), "failed: connection refused")
        finally:
            sim.fault(f"harbor:{name}", "up")
            sim.fault("nomad", "up")
