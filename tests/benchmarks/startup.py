"""Start-up against a bare Textual app, interleaved: instance names on screen, true data of every instance."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.budget import Budget
from tests.benchmarks.simulator import Simulator, simulator
from tests.ptyharness import Terminal

ROWS, COLUMNS = 35, 120
RUNS = 9
WATCH_SECONDS = 2.0
NAMES_LIMIT = 1.35
DATA_LIMIT_MS = 450.0
BARE_ANCHOR_MS = 187.0
"""A bare app on the machine that the 450 ms were set on; slower machines scale the limit."""


def _milliseconds(argv: Sequence[str], environ: dict[str, str], done: Callable[[list[str]], bool]) -> float:
    """From the start of the process to the first output after which the screen shows what is waited for.

    The screen is rebuilt afterwards, so that rebuilding it takes no CPU from the program that is measured.
    """
    begin = time.perf_counter()
    with Terminal(argv, rows=ROWS, columns=COLUMNS, environ=environ) as terminal:
        while time.perf_counter() - begin < WATCH_SECONDS:
            terminal.pump(0.2)
        for at, size in terminal.arrivals:
            if done(terminal.screen(size)):
                return (at - begin) * 1000
        raise SystemExit("it never showed what was waited for:\n" + "\n".join(terminal.screen()))


def _true_data(names: Sequence[str]) -> Callable[[list[str]], bool]:
    def done(screen: list[str]) -> bool:
        # Health from Harbor, tasks from Nomad, the version from an authenticated call: all three systems have spoken.
        told = [line for line in screen if "8/8" in line and "8 run" in line and "v2.11" in line]
        return all(any(name in line for line in told) for name in names)

    return done


def _measure(sim: Simulator, names: Sequence[str], runs: int) -> tuple[list[float], list[float], list[float]]:
    bare, first, data = [], [], []
    console = [sys.executable, "-m", "harbortui", "--config", str(sim.config)]
    minimal = [sys.executable, str(Path(__file__).with_name("bare_app.py"))]
    for run in range(runs + 1):
        times = (
            _fresh(minimal, lambda screen: any("READY" in line for line in screen)),
            _fresh(console, lambda screen: all(any(name in line for line in screen) for name in names)),
            _fresh(console, _true_data(names)) if len(set(names)) == 3 else 0.0,
        )
        if run:
            for series, value in zip((bare, first, data), times, strict=True):
                series.append(value)
    return bare, first, data


def _fresh(argv: Sequence[str], done: Callable[[list[str]], bool]) -> float:
    """In a state directory of its own: the last session's snapshot would pass for live data."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        return _milliseconds(argv, {"XDG_STATE_HOME": state}, done)


def measure(runs: int = RUNS) -> list[Budget]:
    """Both start-up budgets with three instances, and the first with 300."""
    names = ("harbor-vm-06", "harbor-vm-05", "harbor-nas")
    with simulator(3) as sim:
        bare, first, data = _measure(sim, names, runs)
    with simulator(300) as sim:
        bare_300, first_300, _ = _measure(sim, ("harbor-vm-06",), runs)
    base = statistics.median(bare)
    return [
        _names("3", bare, first),
        _names("300", bare_300, first_300),
        Budget(
            "true data of three instances on screen",
            statistics.median(data),
            DATA_LIMIT_MS * max(1.0, base / BARE_ANCHOR_MS),
            "ms",
            f"min {min(data):.0f}, max {max(data):.0f}; bare app {base:.0f} ms, x{statistics.median(data) / base:.2f}",
        ),
    ]


def _names(count: str, bare: list[float], first: list[float]) -> Budget:
    ratio = statistics.median(first) / statistics.median(bare)
    detail = f"{statistics.median(first):.0f} ms against {statistics.median(bare):.0f} ms"
    return Budget(f"instance names on screen, {count} instances, against bare Textual", ratio, NAMES_LIMIT, "x", detail)
