"""Console and engine, idle on a polled fleet: CPU, bytes to the terminal, memory of both."""

from __future__ import annotations

import sys
import tempfile

from tests.benchmarks.budget import Budget
from tests.benchmarks.proc import cpu_seconds, pss_megabytes
from tests.benchmarks.simulator import simulator
from tests.ptyharness import Terminal

SETTLE_SECONDS = 35.0
WINDOW_SECONDS = 60.0
CPU_LIMIT_PERCENT = 0.5
HEARTBEAT_BYTES = 64
MEMORY_LIMIT_MB = {3: 75.0, 300: 250.0}


def _console(instances: int, window: float) -> tuple[float, int, float]:
    # The world is held: what does not change must not be painted. That its clock falls behind is no finding here.
    with simulator(instances, "--speed", "0") as sim, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        with sim.config.open("a") as file:
            file.write("\n[thresholds]\nclock_skew = 86400\n")
        argv = [sys.executable, "-m", "harbortui", "--config", str(sim.config)]
        with Terminal(argv, environ={"XDG_STATE_HOME": state}) as terminal:
            terminal.until_text("harbor-vm-06", seconds=30)
            _pump(terminal, SETTLE_SECONDS)
            before, size = cpu_seconds(terminal.pid), len(terminal.output)
            _pump(terminal, window)
            percent = 100 * (cpu_seconds(terminal.pid) - before) / window
            # The header's "as of" moves once a minute: that is the heartbeat, not a repaint of what did not change.
            heartbeats = HEARTBEAT_BYTES * (1 + int(window // 60))
            return percent, max(0, len(terminal.output) - size - heartbeats), pss_megabytes(terminal.pid)


def _pump(terminal: Terminal, seconds: float) -> None:
    import time

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.pump(left)


def measure(window: float = WINDOW_SECONDS) -> list[Budget]:
    """Three instances at the 15 s interval; the memory of 300 as well."""
    percent, size, pss = _console(3, window)
    many_percent, many_size, many_pss = _console(300, window / 2)
    return [
        Budget(
            "idle, three instances, both processes", percent, CPU_LIMIT_PERCENT, "% of a core", f"over {window:.0f} s"
        ),
        Budget("bytes to the terminal while idle, beside the header's minute", size, 0, "B"),
        Budget("memory of both processes, three instances", pss, MEMORY_LIMIT_MB[3], "MB"),
        Budget(
            "memory of both processes, 300 instances",
            many_pss,
            MEMORY_LIMIT_MB[300],
            "MB",
            f"{many_percent:.1f} % of a core, {many_size} B in {window / 2:.0f} s",
        ),
    ]
