"""A held world and a running fleet for the simulator's own tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions, World, build_world

# Wednesday 2026-01-14 14:00:00 UTC.
START = 1_768_399_200.0


@pytest.fixture
def world() -> World:
    """The reference fleet's world without a clock: a test moves it with world.advance()."""
    return build_world(SimOptions(start=START))


@pytest.fixture
def sim_thread() -> Iterator[SimThread]:
    """The reference fleet on loopback with its clock held at START."""
    with SimThread(SimOptions(start=START, speed=0.0)) as sim:
        yield sim
