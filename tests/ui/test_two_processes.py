"""Console and engine as they really run: when one is killed, the other ends or says so, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.proc import tree
from tests.ptyharness import Terminal

AFTER_LOSS = 8.0
"""Seconds for an end that takes at most two on an idle machine."""
CONFIG = """
[fleet]
name = "lonely"

[[instance]]
name = "harbor-x"
url = "http://127.0.0.1:9"
"""


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Terminal]:
    """A console whose only instance refuses connections (port 9, discard, has no server here)."""
    config = tmp_path / "fleet.toml"
    config.write_text(CONFIG)
    config.chmod(0o600)
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "none")}
    with Terminal([sys.executable, "-m", "harbortui", "--config", str(config)], environ=environ) as terminal:
        terminal.until_text("refused")
        yield terminal


def engine_of(terminal: Terminal) -> int:
    (engine,) = tree(terminal.pid)[1:]
    return engine


def lives(pid: int) -> bool:
    """True while it runs; a zombie that nobody has asked about has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(*pids: int) -> None:
    end = time.monotonic() + AFTER_LOSS
    while any(lives(each) for each in pids):
        assert time.monotonic() < end, "a process is left behind"
        time.sleep(0.02)


def test_the_engine_ends_when_the_console_is_killed(console: Terminal) -> None:
    engine = engine_of(console)
    console.signal(signal.SIGKILL)
    wait_for_end(console.pid, engine)


def test_a_killed_engine_is_said_and_started_again_and_all_ends_together(console: Terminal) -> None:
    first = engine_of(console)
    os.kill(first, signal.SIGKILL)
    console.until_text("the engine was ended by signal 9; starting it again")
    console.until(lambda: len(tree(console.pid)) == 2 and tree(console.pid)[1] != first)
    console.until_text("refused")
    second = engine_of(console)
    console.signal(signal.SIGTERM)
    assert console.wait(seconds=AFTER_LOSS) == 143
    wait_for_end(first, second)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_console_that_ends_leaves_no_engine_even_a_stopped_one(console: Terminal, stopped: bool) -> None:
    engine = engine_of(console)
    if stopped:
        os.kill(engine, signal.SIGSTOP)
    console.write(b"q")
    assert console.wait(seconds=AFTER_LOSS) == 0
    wait_for_end(console.pid, engine)
    assert not console.is_raw()


def test_a_lost_terminal_takes_both_with_it(console: Terminal) -> None:
    engine = engine_of(console)
    console.hang_up()
    assert console.wait(seconds=AFTER_LOSS) == 129
    wait_for_end(engine)
