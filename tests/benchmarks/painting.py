"""What painting costs: a change of 5 % of a table beside Textual's DataTable, scrolling, switching, keys under load."""

from __future__ import annotations

import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.budget import Budget
from tests.benchmarks.counting import CURSOR
from tests.benchmarks.simulator import simulator
from tests.ptyharness import Terminal

ROWS, MANY_ROWS = 100, 10_000
ROUNDS, SCROLLS, SWITCHES = 12, 25, 9
QUIET = 0.25
"""Seconds without a byte after which a change is on the screen."""
PAUSE = 0.04
"""Seconds between two presses: about what a held key repeats with."""
BYTES_LIMIT, CHANGE_LIMIT_MS = 2048, 5.0
KEY_P95_MS, KEY_MOST_MS, SWITCH_LIMIT_MS = 8.0, 50.0, 50.0
ANCHOR_MS = 36.0
"""Textual's DataTable with the same change on the machine that the limits were set on; slower ones scale them."""
REST_MS = 2.0
"""A key in a table at rest, on that machine."""
REST_PRESSES = 120
SCROLL_LIMIT = 1.5
"""10,000 rows against 100: the noise of two medians on a shared machine."""
INSTANCES = 300
POLLED_SECONDS = 25.0
SETTLE_SECONDS = 20.0


class Took(NamedTuple):
    """Until the last byte of one change, and how many there were."""

    milliseconds: float
    size: int


def settle(terminal: Terminal, begin: float, before: int) -> Took:
    """Read until the change that began then is whole."""
    terminal.until_quiet(QUIET)
    at = terminal.arrivals[-1][0] if len(terminal.output) > before else begin
    return Took((at - begin) * 1000, len(terminal.output) - before)


def _changes(kind: str, rows: int) -> list[Took]:
    took = []
    with table(kind, rows) as terminal:
        for _ in range(ROUNDS):
            before, begin = len(terminal.output), time.perf_counter()
            terminal.signal(signal.SIGUSR1)
            took.append(settle(terminal, begin, before))
    return took[2:]


@contextmanager
def table(kind: str, rows: int) -> Iterator[Terminal]:
    """A table alone on the screen."""
    with Terminal([sys.executable, "-m", "tests.benchmarks.table_app", kind, str(rows)]) as terminal:
        terminal.until_text("harbor-00005", seconds=60)
        terminal.until_quiet(0.6)
        yield terminal


def presses(terminal: Terminal, keys: bytes, count: int, cursor: bytes = b"") -> list[Took]:
    """Each press until the moved cursor is there, or the first bytes where no cursor is named."""
    took = []
    for number in range(count):
        before, begin = len(terminal.output), time.perf_counter()
        terminal.write(keys[number % len(keys) :][:1])
        while (
            cursor not in terminal.output[before:] or len(terminal.output) == before
        ) and time.perf_counter() - begin < 2:
            terminal.pump(0.5)
        at = time.perf_counter()
        while time.perf_counter() < begin + PAUSE:
            terminal.pump(max(0.0, begin + PAUSE - time.perf_counter()))
        took.append(Took((at - begin) * 1000, len(terminal.output) - before))
    return took


def p95(took: list[Took]) -> float:
    """The 95th percentile, in milliseconds."""
    times = sorted(each.milliseconds for each in took)
    return times[int(len(times) * 0.95)]


def _median(took: list[Took]) -> Took:
    return Took(
        statistics.median(each.milliseconds for each in took), int(statistics.median(each.size for each in took))
    )


def change() -> tuple[list[Budget], float]:
    """5 % of 100 rows, ours and theirs in one run; and how much slower this machine is than the limits' own."""
    mine, theirs = _changes("ours", ROWS), _changes("datatable", ROWS)
    ours, other = _median(mine), _median(theirs)
    slower = max(1.0, other.milliseconds / ANCHOR_MS)
    beside = f"DataTable {other.size} B, {other.milliseconds:.1f} ms"
    most = max(each.size for each in mine)
    limit = CHANGE_LIMIT_MS * slower
    return [
        Budget("5 % of 100 rows changed, bytes at most", most, BYTES_LIMIT, "B", beside),
        Budget("5 % of 100 rows changed, until the last byte", ours.milliseconds, limit, "ms", beside),
    ], slower


def scroll() -> list[Budget]:
    """A line at a time in 100 and in 10,000 rows; every press scrolls."""
    took = {}
    for kind, rows in (("ours", ROWS), ("ours", MANY_ROWS), ("datatable", MANY_ROWS)):
        with table(kind, rows) as terminal:
            presses(terminal, b"j", 34)
            terminal.until_quiet(QUIET)
            took[kind, rows] = [_one(terminal, b"j") for _ in range(SCROLLS)]
    few, many, theirs = (_median(each) for each in took.values())
    beside = f"{many.milliseconds:.1f} ms against {few.milliseconds:.1f} ms; DataTable {theirs.milliseconds:.1f} ms"
    sizes = f"{many.size} B against {few.size} B; DataTable {theirs.size} B"
    times = many.milliseconds / few.milliseconds
    return [
        Budget("scrolling 10,000 rows against 100, a line", times, SCROLL_LIMIT, "x", beside),
        Budget("bytes of one line scrolled, 10,000 rows against 100", many.size / few.size, 1.1, "x", sizes),
    ]


def _one(terminal: Terminal, key: bytes) -> Took:
    before, begin = len(terminal.output), time.perf_counter()
    terminal.write(key)
    return settle(terminal, begin, before)


def switch(slower: float) -> list[Budget]:
    """Fleet to instance and back, each theme, the command line and the palette, until the last byte."""
    took: dict[str, list[Took]] = {"a mode switched": [], "a theme switched": []}
    took |= {"the command line opened": [], "the palette opened": []}
    root = str(Path(__file__).resolve().parents[2])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        argv = [sys.executable, "-m", "tests.ui.program", "same"]
        with Terminal(argv, environ={"XDG_STATE_HOME": state}, cwd=root) as terminal:
            terminal.until_text("5 failed")
            terminal.until_quiet(0.6)
            for number in range(2 * SWITCHES):
                took["a mode switched"].append(_one(terminal, b"\r" if number % 2 == 0 else b"0"))
            for what, key in (("the command line opened", b":"), ("the palette opened", b"\x10")):
                for _ in range(SWITCHES):
                    took[what].append(_one(terminal, key))
                    terminal.write(b"\x03")
                    terminal.until_quiet(QUIET)
            for _ in range(SWITCHES):
                before, begin = len(terminal.output), time.perf_counter()
                terminal.signal(signal.SIGUSR2)
                took["a theme switched"].append(settle(terminal, begin, before))
    limit = SWITCH_LIMIT_MS * slower
    budgets = []
    for what, each in took.items():
        warm = _median(each[2:])
        detail = f"first {each[0].milliseconds:.0f} ms; {warm.size} B"
        budgets.append(Budget(f"{what}, until the last byte", warm.milliseconds, limit, "ms", detail))
    return budgets


def keys(slower: float) -> list[Budget]:
    """A held key while 300 instances are polled, beside the same key in a table at rest."""
    with table("ours", ROWS) as terminal:
        rest = _median(presses(terminal, b"jjjjkkkk", REST_PRESSES, CURSOR)).milliseconds
    slower = max(slower, rest / REST_MS)
    with simulator(INSTANCES) as sim, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        argv = [sys.executable, "-m", "harbortui", "--config", str(sim.config)]
        with Terminal(argv, environ={"XDG_STATE_HOME": state}) as terminal:
            terminal.until_text("harbor-vm-06", seconds=60)
            end = time.monotonic() + SETTLE_SECONDS
            while time.monotonic() < end:
                terminal.pump(0.5)
            took = presses(terminal, b"jjjjjjjjkkkkkkkk", int(POLLED_SECONDS / PAUSE), CURSOR)
    most = max(each.milliseconds for each in took)
    detail = f"median {_median(took).milliseconds:.1f} ms, {len(took)} presses; at rest {rest:.1f} ms"
    return [
        Budget(
            f"a key painted while {INSTANCES} instances are polled, p95", p95(took), KEY_P95_MS * slower, "ms", detail
        ),
        Budget(f"a key painted while {INSTANCES} instances are polled, most", most, KEY_MOST_MS * slower, "ms"),
    ]


def measure() -> list[Budget]:
    """Everything about painting."""
    changed, slower = change()
    return [*changed, *scroll(), *switch(slower), *keys(slower)]
