"""Console and engine, idle on a polled fleet: CPU, bytes to the terminal, memory of both."""

from __future__ import annotations

import sys
import tempfile
from typing import NamedTuple

from tests.benchmarks.budget import Budget
from tests.benchmarks.proc import cpu_seconds, pss_megabytes
from tests.benchmarks.simulator import simulator
from tests.ptyharness import Terminal

SETTLE_SECONDS = 35.0
WINDOW_SECONDS = 60.0
CPU_LIMIT_PERCENT = 0.5
CONSOLE_LIMIT_PERCENT = 0.15
HEARTBEAT_BYTES = 64
MEMORY_LIMIT_MB = {3: 75.0, 300: 250.0}


class Idle(NamedTuple):
    """What a window of idleness cost."""

    percent: float
    """Of a core, both processes."""
    console: float
    """The console's part of that."""
    size: int
    """Bytes beside the heartbeat."""
    pss: float


def _console(instances: int, window: float) -> Idle:
    # The world is held: what does not change must not be painted. That its clock falls behind is no finding here.
    with simulator(instances, "--speed", "0") as sim, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        with sim.config.open("a") as file:
            file.write("\n[thresholds]\nclock_skew = 86400\n")
        argv = [sys.executable, "-m", "harbortui", "--config", str(sim.config)]
        with Terminal(argv, environ={"XDG_STATE_HOME": state}) as terminal:
            terminal.until_text("harbor-vm-06", seconds=30)
            _pump(terminal, SETTLE_SECONDS)
            before, size = cpu_seconds(terminal.pid), len(terminal.output)
            alone = cpu_seconds(terminal.pid, alone=True)
            _pump(terminal, window)
            percent = 100 * (cpu_seconds(terminal.pid) - before) / window
            alone = 100 * (cpu_seconds(terminal.pid, alone=True) - alone) / window
            # The header's "as of" moves once a minute: that is the heartbeat, not a repaint of what did not change.
            heartbeats = HEARTBEAT_BYTES * (1 + int(window // 60))
            written = max(0, len(terminal.output) - size - heartbeats)
            return Idle(percent, alone, written, pss_megabytes(terminal.pid))


def _pump(terminal: Terminal, seconds: float) -> None:
    import time

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.pump(left)


def measure(window: float = WINDOW_SECONDS) -> list[Budget]:
    """Three instances at the 15 s interval; the memory of 300 as well."""
    few, many = _console(3, window), _console(300, window / 2)
    over = f"over {window:.0f} s"
    told = f"{many.percent:.1f} % of a core ({many.console:.1f} % the console), {many.size} B in {window / 2:.0f} s"
    return [
        Budget("idle, three instances, both processes", few.percent, CPU_LIMIT_PERCENT, "% of a core", over),
        Budget("idle, three instances, the console's part", few.console, CONSOLE_LIMIT_PERCENT, "% of a core", over),
        Budget("bytes to the terminal while idle, beside the header's minute", few.size, 0, "B"),
        Budget("memory of both processes, three instances", few.pss, MEMORY_LIMIT_MB[3], "MB"),
        Budget("memory of both processes, 300 instances", many.pss, MEMORY_LIMIT_MB[300], "MB", told),
    ]
