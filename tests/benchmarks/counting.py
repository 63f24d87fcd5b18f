"""How soon a key press is painted while the engine counts a bucket, beside the same console at rest."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.budget import Budget
from tests.benchmarks.listing import store
from tests.benchmarks.simulator import simulator
from tests.ptyharness import Terminal

KEYS = 4_000_000
LATENCY = 0.1
PRESSES = 64
ROUNDS = 4
"""The best counts, because other programs take their share of the machine's cores."""
PAUSE = 0.04
"""Seconds between two presses: about what a held key repeats with."""
LIMIT_MS = 20.0
GIVEN_UP = 1.0
CURSOR = "▌".encode()


def _presses(terminal: Terminal, count: int) -> list[float]:
    """Milliseconds from a press to the moved cursor's arrival, for each of so many; the cursor goes up and down."""
    took = []
    for number in range(count):
        before, begin = len(terminal.output), time.perf_counter()
        terminal.write(b"jjjjkkkk"[number % 8 : number % 8 + 1])
        while CURSOR not in terminal.output[before:] and time.perf_counter() - begin < GIVEN_UP:
            terminal.pump(GIVEN_UP)
        took.append((time.perf_counter() - begin) * 1000)
        end = begin + PAUSE
        while (left := end - time.perf_counter()) > 0:
            terminal.pump(left)
    return sorted(took)


def _best(terminal: Terminal) -> tuple[float, float]:
    """The 95th percentile of the best round, and the median of all presses."""
    rounds = [_presses(terminal, PRESSES) for _ in range(ROUNDS)]
    everything = sorted(each for round_ in rounds for each in round_)
    return min(round_[int(len(round_) * 0.95)] for round_ in rounds), everything[len(everything) // 2]


def _fleet(config: Path, old: str, new: str) -> None:
    """Let the bucket be elsewhere, and the registry's root be the bucket's."""
    text = config.read_text("utf-8").replace(old, new)
    config.write_text("".join(line for line in text.splitlines(True) if not line.startswith("prefix")), "utf-8")


def measure(keys: int = KEYS) -> list[Budget]:
    """One console on a simulated fleet whose bucket has ``keys`` blobs; everything runs on this machine's cores."""
    with (
        simulator(1, "--speed", "0") as sim,
        store(keys, LATENCY, nice=19) as url,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state,
    ):
        _fleet(sim.config, sim.endpoints["s3"], url)
        argv = [sys.executable, "-m", "harbortui", "--config", str(sim.config), "--instance", "harbor-vm-06"]
        with Terminal(argv, environ={"XDG_STATE_HOME": state}) as terminal:
            terminal.until_text("8 of 8 healthy", seconds=30)
            terminal.write(b"1")
            terminal.until_quiet(1.0)
            rest, rest_median = _best(terminal)
            terminal.write(b"u")
            terminal.until_text("enter count")
            terminal.write(b"\r")
            terminal.until_text(" left, ")
            terminal.write(b"1")
            terminal.until_quiet(0.1)
            busy, busy_median = _best(terminal)
            if not any(" left, " in line for line in terminal.screen()):
                raise SystemExit("the count was over before the keys were:\n" + "\n".join(terminal.screen()))
    detail = f"at rest {rest:.1f}; medians {busy_median:.1f} and {rest_median:.1f}"
    return [Budget(f"a key press painted while counting {keys:,} keys, p95", busy, LIMIT_MS, "ms", detail)]
