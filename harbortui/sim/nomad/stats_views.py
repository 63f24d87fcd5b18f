"""Resource usage of an allocation (client/structs/structs.go, AllocResourceUsage)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.nomad.context import NomadServer
from harbortui.sim.nomad.encoding import Json, nanos
from harbortui.sim.world.nomad_types import Allocation

if TYPE_CHECKING:
    from harbortui.sim.world.stats import TaskSample

MEASURED_MEMORY = ["RSS", "Cache", "Swap", "Usage"]
"""Docker on cgroup v2: no MaxUsage, so its 0 means "not measured"."""
MEASURED_CPU = ["System Mode", "User Mode", "Throttled Periods", "Throttled Time", "Percent"]


def allocation_stats(server: NomadServer, alloc: Allocation, only: str = "") -> Json:
    """The last samples of an allocation's tasks (or one) and their sum.

    A dead task keeps its last sample but is not in the sum; one that never started is absent.
    """
    tasks: Json = {}
    latest = 0.0
    for name in alloc.tasks:
        sample = server.world.stats.sample(alloc.id, name) if not only or name == only else None
        if sample is None:
            continue
        latest = max(latest, sample.time)
        usage = {**_usage(sample), "DeviceStats": None}
        tasks[name] = {"ResourceUsage": usage, "Timestamp": nanos(sample.time), "Pids": None}
    return {"ResourceUsage": _sum(server, alloc, only), "Tasks": tasks, "Timestamp": nanos(latest)}


def _sum(server: NomadServer, alloc: Allocation, only: str) -> Json:
    total = server.world.stats.sample(alloc.id, only) if only else server.world.stats.total(alloc.id)
    if total is None:
        return {"MemoryStats": _memory(None), "CpuStats": _cpu(None), "DeviceStats": []}
    return _usage(total)


def _usage(sample: TaskSample) -> Json:
    return {"MemoryStats": _memory(sample), "CpuStats": _cpu(sample), "DeviceStats": []}


def _memory(sample: TaskSample | None) -> Json:
    return {
        "RSS": sample.rss if sample else 0,
        "Cache": sample.cache if sample else 0,
        "Swap": sample.swap if sample else 0,
        "MappedFile": 0,
        "Usage": sample.usage if sample else 0,
        "MaxUsage": 0,
        "KernelUsage": 0,
        "KernelMaxUsage": 0,
        "Measured": MEASURED_MEMORY if sample else None,
    }


def _cpu(sample: TaskSample | None) -> Json:
    return {
        "SystemMode": sample.system_percent if sample else 0,
        "UserMode": sample.user_percent if sample else 0,
        "TotalTicks": sample.cpu_mhz if sample else 0,
        "ThrottledPeriods": sample.throttled_periods if sample else 0,
        "ThrottledTime": sample.throttled_ns if sample else 0,
        "Percent": sample.cpu_percent if sample else 0,
        "Measured": MEASURED_CPU if sample else None,
    }
