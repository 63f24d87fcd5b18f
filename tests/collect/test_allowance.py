"""The allowance for looks: a burst, then a steady rate, and the whole within an instance's budget."""

from __future__ import annotations

import asyncio

import pytest

from harbortui.collect import looks
from harbortui.collect.intervals import REQUESTS_PER_MINUTE, requests_per_minute
from harbortui.collect.looks import BURST, LOOK_PACE, LOOKS_PER_MINUTE, Allowance
from harbortui.model.asked import Topic
from tests.collect.fakes import HeldClock


class Sleeper:
    """A sleep that moves the clock instead."""

    def __init__(self, clock: HeldClock) -> None:
        self._clock = clock

    async def __call__(self, seconds: float) -> None:
        self._clock.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HeldClock:
    held = HeldClock(0.0)
    monkeypatch.setattr(looks.asyncio, "sleep", Sleeper(held))
    return held


def test_looks_and_collection_together_stay_within_the_budget() -> None:
    assert requests_per_minute(watched=True) + LOOKS_PER_MINUTE <= REQUESTS_PER_MINUTE
    pace = LOOK_PACE[Topic.JOB_SERVICE]
    assert pace.every is not None and pace.requests * 60 / pace.every <= LOOKS_PER_MINUTE


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate(clock: HeldClock) -> None:
    allowance = Allowance(clock)
    for _ in range(BURST):
        await allowance.take(1)
    assert clock.now == 0.0
    for _ in range(LOOKS_PER_MINUTE):
        await allowance.take(1)
    assert clock.now == pytest.approx(60.0)


async def test_an_hour_of_greed_stays_within_the_rate(clock: HeldClock) -> None:
    allowance = Allowance(clock)
    taken = 0
    while clock.now < 3600:
        await allowance.take(4)
        taken += 4
    assert taken <= LOOKS_PER_MINUTE * 60 + BURST + 4


async def test_what_took_more_than_expected_is_paid_later(clock: HeldClock) -> None:
    allowance = Allowance(clock)
    await allowance.take(1)
    allowance.charge(BURST)
    await allowance.take(1)
    assert clock.now == pytest.approx(2 * 60 / LOOKS_PER_MINUTE)


async def test_who_stops_waiting_does_not_pay() -> None:
    clock = HeldClock(0.0)
    allowance = Allowance(clock)
    await allowance.take(BURST)
    waiting = asyncio.create_task(allowance.take(BURST))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    clock.now += 60.0
    async with asyncio.timeout(5):
        await allowance.take(BURST)
