"""The engine on the simulated fleet: what it costs the backends, what it follows, and that it only reads."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from harbortui.engine.messages import Follow, LogLines
from harbortui.model.snapshot import INSTANCE_FACETS
from harbortui.sim.thread import SimThread
from tests.collect.fakes import until
from tests.engine.test_engine import Console

NOMAD_CONNECTIONS = 12
SOONER_THAN_POLLING = 9.0
"""Seconds: allocations are polled every 15, so that only the event stream explains an earlier look."""


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    with SimThread(instances=3, seed=1) as running:
        yield running


@pytest.fixture
async def console(sim: SimThread) -> AsyncIterator[Console]:
    settings = load(config=sim.config_path, environ={}, places=Places.nowhere())
    async with Console(wire(settings, vault_password=None, wall=time.time)) as serving:
        await until(lambda: learned_everything(serving), 30.0)
        yield serving


def learned_everything(console: Console) -> bool:
    instances = console.mirror.snapshot.instances
    return bool(instances) and all(getattr(each, name).at for each in instances for name in INSTANCE_FACETS)


async def test_every_facet_is_learned_and_nothing_is_written(sim: SimThread, console: Console) -> None:
    snapshot = console.mirror.snapshot
    assert snapshot.vault.at and all(each.at for each in (*snapshot.nodes.values(), *snapshot.stores.values()))
    backends = counted(sim)
    assert all(not each["writes"] for each in backends.values()), backends
    assert backends["nomad"]["peak"] <= NOMAD_CONNECTIONS


async def test_a_change_in_nomad_is_seen_long_before_the_next_poll(sim: SimThread, console: Console) -> None:
    name = sim.world.instances[0].name
    before = restarts(console, name)

    def crash(fleet: Any) -> None:
        allocation = fleet.world.nomad.current_alloc(fleet.world.instances[0].job_id)
        fleet.world.nomad.crash_task(allocation.id, "portal")

    sim.call(crash)
    await until(lambda: restarts(console, name) != before, SOONER_THAN_POLLING)


async def test_a_task_is_followed_live(sim: SimThread, console: Console) -> None:
    console.tell(Follow(instance=sim.world.instances[0].name, task="core"))
    await until(lambda: any(isinstance(each, LogLines) and each.lines for each in console.got), 10.0)
    planted = sim.world.secrets.all().values()
    shown = [line for each in console.got if isinstance(each, LogLines) for line in each.lines]
    assert not [line for line in shown if any(secret in line for secret in planted) or "\x1b" in line]


def restarts(console: Console, name: str) -> list[tuple[str, str, int]]:
    instance = console.mirror.snapshot.instance(name)
    allocations = instance.allocations.value if instance is not None else ()
    return [(task.name, task.state, task.restarts) for each in allocations or () for task in each.tasks]


def counted(sim: SimThread) -> dict[str, Any]:
    return sim.control.counts()
