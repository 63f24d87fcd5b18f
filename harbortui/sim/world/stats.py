"""CPU and memory of tasks as smooth functions of time."""

from __future__ import annotations

from hashlib import sha256
from math import pi, sin
from typing import TYPE_CHECKING, NamedTuple

from harbortui.sim.world.nomad_types import Allocation
from harbortui.sim.world.options import DAY

if TYPE_CHECKING:
    from harbortui.sim.world.world import World

MB = 1_048_576
CORE_MHZ = 2_600.0
SHARES: dict[str, tuple[float, float, float, int]] = {
    "database": (0.30, 0.16, 0.22, 24),
    "redis": (0.10, 0.05, 0.06, 4),
    "registry": (0.22, 0.03, 0.25, 12),
    "registryctl": (0.12, 0.01, 0.04, 9),
    "core": (0.24, 0.20, 0.30, 14),
    "portal": (0.05, 0.01, 0.02, 3),
    "jobservice": (0.20, 0.08, 0.18, 11),
    "nginx": (0.05, 0.02, 0.08, 3),
}
WAVES = (911.0, 3_571.0, 61.0)


class TaskSample(NamedTuple):
    """One sample of one task: bytes, MHz, per cent of one core; cumulative throttling."""

    time: float
    rss: int
    cache: int
    usage: int
    swap: int
    kernel: int
    cpu_mhz: float
    cpu_percent: float
    user_percent: float
    system_percent: float
    throttled_periods: int
    throttled_ns: int
    pids: int


class TaskStats:
    """Samples at whole seconds. `pressure` lets a fault push a task's memory: (job, task) -> part of its limit."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.pressure: dict[tuple[str, str], float] = {}
        self._phases: dict[tuple[str, str], tuple[float, ...]] = {}

    def sample(self, alloc_id: str, task: str, t: float | None = None) -> TaskSample | None:
        """The sample of a task; the last before its end when it is dead, None when it never started or is forgotten."""
        alloc = self._world.nomad.allocs.get(alloc_id)
        state = alloc.tasks.get(task) if alloc else None
        if alloc is None or state is None or state.started_at is None:
            return None
        if self._world.nomad.job_version(alloc.job_id, alloc.job_version) is None:
            return None
        at = float(int(self._world.now if t is None else t))
        if state.state != "running" and state.finished_at is not None:
            at = min(at, float(int(state.finished_at)))
        return self._at(alloc, task, at, max(0.0, at - state.started_at))

    def total(self, alloc_id: str) -> TaskSample | None:
        """The sum over the running tasks of an allocation."""
        alloc = self._world.nomad.allocs.get(alloc_id)
        if alloc is None:
            return None
        rows = [self.sample(alloc_id, name) for name, state in alloc.tasks.items() if state.state == "running"]
        known = [row for row in rows if row is not None]
        if not known:
            return None
        return TaskSample(known[0].time, *(sum(column) for column in zip(*(row[1:] for row in known), strict=True)))

    def _at(self, alloc: Allocation, task: str, at: float, age: float) -> TaskSample:
        definition = self._world.nomad.tasks.definition(alloc, task)
        level, growth, swing, pids = SHARES[task]
        wave = self._wave(alloc.job_id, task, at)
        days = age / DAY
        grown = growth * days / (days + 6.0)
        warm = min(1.0, 0.4 + age / 90.0)
        limit = (definition.memory_max or definition.memory) * MB
        share = self.pressure.get((alloc.job_id, task), (level + grown + 0.03 * wave) * warm)
        rss = int(limit * max(0.02, min(0.995, share)))
        cache = int(definition.memory * MB * 0.12 * warm)
        daily = 0.6 + 0.4 * sin(2 * pi * (at % DAY) / DAY - 2.0)
        mhz = definition.cpu * max(0.01, swing * daily * (1.0 + 0.7 * wave))
        percent = mhz / CORE_MHZ * 100.0
        throttled = int(age / 600.0) if task in ("core", "database") else 0
        return TaskSample(
            at, rss, cache, rss + cache, 0, int(rss * 0.02), round(mhz, 3), round(percent, 4), round(percent * 0.7, 4),
            round(percent * 0.3, 4), throttled, throttled * 4_200_000, pids,
        )  # fmt: skip

    def _wave(self, job_id: str, task: str, at: float) -> float:
        key = (job_id, task)
        phases = self._phases.get(key)
        if phases is None:
            digest = sha256(f"{self._world.options.seed}:{job_id}:{task}".encode()).digest()
            phases = tuple(byte / 256 * 2 * pi for byte in digest[:3])
            self._phases[key] = phases
        return sum(sin(2 * pi * at / wave + phase) for wave, phase in zip(WAVES, phases, strict=True)) / 3.0
