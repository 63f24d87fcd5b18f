"""The clock runs at any speed, holds, moves forward, and wakes those who wait."""

from __future__ import annotations

import asyncio

import pytest

from harbortui.sim.clock import Clock
from harbortui.sim.world import SimOptions, build_world

START = 1_768_399_200.0


class Real:
    """Real seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 50.0

    def __call__(self) -> float:
        return self.at


def test_speed_hold_set_and_advance() -> None:
    real = Real()
    clock = Clock(START, 60.0, real)
    real.at += 2.0
    assert clock.now() == START + 120
    clock.hold()
    real.at += 100.0
    assert clock.now() == START + 120
    clock.advance(30)
    assert clock.now() == START + 150
    clock.hold(START + 200)
    assert clock.now() == START + 200
    clock.hold(START)
    assert clock.now() == START + 200, "never back"
    with pytest.raises(ValueError, match="backwards"):
        clock.set(START)
    clock.run(1.0)
    real.at += 5.0
    assert clock.now() == START + 205


async def test_waiters_wake_when_the_clock_is_moved() -> None:
    clock = Clock(START, 0.0)
    waiter = asyncio.create_task(clock.until(START + 100))
    await asyncio.sleep(0)
    clock.advance(99)
    await asyncio.sleep(0)
    assert not waiter.done()
    clock.advance(1)
    await asyncio.wait_for(waiter, 5)


async def test_waiters_wake_when_time_passes() -> None:
    clock = Clock(START, 10_000.0)
    await asyncio.wait_for(clock.until(START + 100), 5)
    assert clock.now() >= START + 100


async def test_a_world_that_waits_sees_its_own_events() -> None:
    clock = Clock(START, 50.0)
    world = build_world(SimOptions(start=START), clock)
    alloc = world.nomad.current_alloc("harbor-vm-06")
    assert alloc is not None
    done = world.nomad.restart_task(alloc.id, "core")
    await asyncio.wait_for(world.until(done), 10)
    assert alloc.tasks["core"].restarts == 1
    async with asyncio.timeout(10):
        while alloc.tasks["core"].state != "running":
            await world.changed(60.0)


async def test_waiting_for_a_change_ends_with_its_time_when_nothing_happens() -> None:
    clock = Clock(START, 0.0)
    world = build_world(SimOptions(start=START, instances=1), clock)
    waiter = asyncio.create_task(world.changed(5.0))
    await asyncio.sleep(0)
    clock.advance(0.001)
    world.touch()
    assert await asyncio.wait_for(waiter, 5) is True
    again = asyncio.create_task(world.changed(0.5))
    await asyncio.sleep(0)
    clock.advance(0.6)
    before = world.changes
    result = await asyncio.wait_for(again, 5)
    assert result == (world.changes != before)
