"""A hanging call occupies its own slot and nothing else."""

from __future__ import annotations

import asyncio
import threading

import pytest

from harbortui.sources.lane import Lane, LaneFull
from tests.sources.conftest import eventually


async def test_a_call_runs_in_a_thread_and_brings_its_value() -> None:
    lane = Lane("test", 2)
    name = await lane.run(lambda: threading.current_thread().name, deadline=5)
    assert name.startswith("lane-test-")
    assert threading.current_thread().name != name
    lane.close()


async def test_what_a_call_raises_is_raised() -> None:
    lane = Lane("test", 1)

    def fail() -> None:
        raise StopIteration("odd")

    for _ in range(3):
        with pytest.raises((StopIteration, RuntimeError)):
            await lane.run(fail, deadline=5)
    assert await lane.run(lambda: 7, deadline=5) == 7
    lane.close()


async def test_a_stuck_call_holds_its_slot_until_it_returns() -> None:
    lane = Lane("test", 2)
    release = threading.Event()
    with pytest.raises(TimeoutError):
        await lane.run(release.wait, deadline=0.05)
    assert lane.stuck == 1
    assert await lane.run(lambda: 1, deadline=5) == 1  # the other slot works
    with pytest.raises(TimeoutError):
        await lane.run(release.wait, deadline=0.05)
    with pytest.raises(LaneFull):
        await lane.run(lambda: 1, deadline=5)
    release.set()
    await eventually(lambda: lane.stuck == 0)
    assert await lane.run(lambda: 2, deadline=5) == 2
    lane.close()


async def test_abandon_is_called_once_when_nobody_waits_any_more() -> None:
    lane = Lane("test", 1)
    release = threading.Event()
    told: list[int] = []

    def abandon() -> None:
        told.append(1)
        release.set()

    with pytest.raises(TimeoutError):
        await lane.run(release.wait, deadline=0.05, abandon=abandon)
    await eventually(lambda: lane.stuck == 0)
    await lane.run(lambda: 1, deadline=5, abandon=abandon)
    assert told == [1]
    lane.close()


async def test_cancellation_passes_through_and_the_slot_comes_back() -> None:
    lane = Lane("test", 1)
    release = threading.Event()
    waiting = asyncio.create_task(lane.run(release.wait, deadline=60))
    await eventually(lambda: any(each.name.startswith("lane-test") for each in threading.enumerate()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    await eventually(lambda: lane.stuck == 0)
    assert await lane.run(lambda: 3, deadline=5) == 3
    lane.close()


async def test_a_lane_is_never_wider_than_it_says() -> None:
    lane = Lane("wide", 3)
    lock = threading.Lock()
    running = peak = 0

    def work() -> None:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
        threading.Event().wait(0.005)
        with lock:
            running -= 1

    await asyncio.gather(*(lane.run(work, deadline=20) for _ in range(30)))
    threads = [each for each in threading.enumerate() if each.name.startswith("lane-wide-")]
    assert peak <= 3 and len(threads) <= 3
    assert all(each.daemon for each in threads)
    lane.close()
    await eventually(lambda: not any(each.is_alive() for each in threads))
