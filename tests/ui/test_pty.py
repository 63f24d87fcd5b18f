"""The console on a real pseudo terminal: bytes, signals, sizes, and what hostile text can do there (nothing)."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harbortui.ui.guard import RESET
from tests.ptyharness import Terminal
from tests.ui import samples
from tests.ui.program import FLOOD

ROOT = str(Path(__file__).resolve().parents[2])
AFTER_LOSS = 8.0
"""Seconds for an end that takes at most two on an idle machine."""

# Everything Textual's driver and our painting may send; anything else came from outside.
ALLOWED = re.compile(
    rb"\x1b\[[0-9;]*m|\x1b\[[0-9]+;[0-9]+H|\x1b\[H|\x1b\[2J|\x1b\[[0-9]*[ABCDG]"
    rb"|\x1b\[\?(?:1049|25|1004|2004|2026|2048|7|1000|1002|1003|1006|1015|1016)[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>[0-9]+u|\x1b\[<u|\x1b\]22;[a-z]*(?:\x07|\x1b\\)"
)
OFF = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1004l", b"\x1b[?2004l", b"\x1b[?7h", b"\x1b[<u")


def console(scene: str, tmp_path: Path, *more: str, **options: object) -> Terminal:
    environ = {"XDG_STATE_HOME": str(tmp_path), **dict(options.pop("environ", {}))}  # type: ignore[call-overload]
    argv = [sys.executable, "-m", "tests.ui.program", scene, *more]
    return Terminal(argv, environ=environ, cwd=ROOT, **options)  # type: ignore[arg-type]


@pytest.fixture
def same(tmp_path: Path) -> Iterator[Terminal]:
    with console("same", tmp_path) as terminal:
        terminal.until_text("5 failed")
        terminal.until_quiet()
        yield terminal


def sent_after(terminal: Terminal, number: int) -> bytes:
    before = len(terminal.output)
    terminal.signal(number)
    terminal.until_quiet(0.6)
    return bytes(terminal.output[before:])


def test_a_refresh_without_change_sends_nothing(same: Terminal) -> None:
    assert [sent_after(same, signal.SIGUSR1) for _ in range(3)] == [b"", b"", b""]


@pytest.mark.parametrize("view", ["", "v"])
def test_a_history_that_says_the_same_sends_nothing(tmp_path: Path, view: str) -> None:
    with console("told", tmp_path) as terminal:
        terminal.until_text("5 failed")
        terminal.write(view.encode())
        terminal.signal(signal.SIGUSR1)
        terminal.until_text("+14 GiB")
        terminal.until_quiet()
        assert [sent_after(terminal, signal.SIGUSR1) for _ in range(3)] == [b"", b"", b""]


PLOT_BYTES = 2_000
"""A plot of which the newest value changed, with the figures of eight tasks below it."""


def test_a_plot_that_stays_the_same_sends_nothing_and_a_new_value_little(tmp_path: Path) -> None:
    with console("drawn", tmp_path, samples.NAMES[0], rows=24, columns=80) as terminal:
        terminal.until_text("Components")
        terminal.write(b"v")
        terminal.signal(signal.SIGUSR1)
        terminal.until_text("40% of the hard limit")
        terminal.until_quiet()
        sent = [len(sent_after(terminal, signal.SIGUSR1)) for _ in range(4)]
        assert sent[0] == sent[2] == 0
        assert all(0 < each <= PLOT_BYTES for each in (sent[1], sent[3])), sent


def test_a_plot_is_ascii_where_there_is_nothing_else(tmp_path: Path) -> None:
    environ = {"LC_ALL": "C", "LANG": "C"}
    with console("drawn", tmp_path, samples.NAMES[0], rows=24, columns=80, environ=environ) as terminal:
        terminal.until_text("Components")
        terminal.write(b"v")
        terminal.signal(signal.SIGUSR1)
        terminal.until_text("= hard limit 512 MiB")
        terminal.until_text("+" + "=" * 40)
        assert bytes(terminal.output).isascii()


def test_an_idle_screen_sends_nothing(same: Terminal) -> None:
    before = len(same.output)
    same.pump(1.5)
    assert len(same.output) == before


@pytest.mark.parametrize("size", [(35, 120), (45, 160)])
def test_five_percent_of_a_hundred_rows_take_at_most_two_kilobytes(tmp_path: Path, size: tuple[int, int]) -> None:
    with console("changing", tmp_path, rows=size[0], columns=size[1]) as terminal:
        terminal.until_text("harbor-005")
        terminal.until_quiet()
        sent_after(terminal, signal.SIGUSR1)
        sizes = [len(sent_after(terminal, signal.SIGUSR1)) for _ in range(3)]
        assert all(0 < each <= 2048 for each in sizes), sizes


def test_another_view_takes_a_screen_of_bytes(same: Terminal) -> None:
    # The first time a view is painted as it is built, and again with its data.
    visits = ((b"\r", "1 Components", 28_000), (b"0", "Findings", 14_000), (b"\r", "1 Components", 14_000))
    for key, text, most in visits:
        before = len(same.output)
        same.write(key)
        same.until_text(text)
        same.until_quiet()
        assert len(same.output) - before <= most, key


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_it_and_gives_the_terminal_back(same: Terminal, number: int, code: int) -> None:
    assert same.is_raw()
    before = len(same.output)
    same.signal(number)
    assert same.wait(seconds=AFTER_LOSS) == code
    tail = bytes(same.output[before:])
    assert [each for each in OFF if each not in tail] == []
    assert not same.is_raw()


@pytest.mark.parametrize("ignore_hangup", [False, True])
def test_a_lost_terminal_ends_it_also_when_sighup_is_ignored(tmp_path: Path, ignore_hangup: bool) -> None:
    with console("same", tmp_path, ignore_hangup=ignore_hangup) as terminal:
        terminal.until_text("5 failed")
        terminal.hang_up()
        assert terminal.wait(seconds=AFTER_LOSS) == 129


@contextmanager
def stalled(tmp_path: Path) -> Iterator[Terminal]:
    """A console that has painted a flood of lines into a terminal that nobody reads."""
    with console("flood", tmp_path, samples.NAMES[0]) as terminal:
        terminal.until_text("5 Logs  core")
        terminal.until_quiet(0.2)
        terminal.signal(signal.SIGUSR1)
        # Nobody reads from here on: the pty's buffer fills, then the writer's queue.
        until_it_stands_still(terminal.pid)
        yield terminal


def test_a_stalled_line_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    with stalled(tmp_path) as terminal:
        before = time.monotonic()
        os.kill(terminal.pid, signal.SIGTERM)
        while os.waitid(os.P_PID, terminal.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            assert time.monotonic() - before < AFTER_LOSS
            time.sleep(0.02)
        assert terminal.wait() == 143
        assert not terminal.is_raw()
        assert RESET in terminal.output, "it ended in order, so it was not stalled and this test shows nothing"


def test_a_line_that_comes_back_gets_what_is_so_now_and_not_what_was(tmp_path: Path) -> None:
    with stalled(tmp_path) as terminal:
        before = len(terminal.output)
        terminal.until_text(f"{FLOOD - 1} ")
        terminal.until_quiet()
        # What was on its way when the line stalled, and one screen; the flood itself was a hundred screens.
        assert len(terminal.output) - before < 100_000
        assert sum(f"{FLOOD - 1} " in line for line in terminal.screen()) > 1


def test_keys_that_are_pressed_on_a_stalled_line_are_obeyed_at_once(tmp_path: Path) -> None:
    with stalled(tmp_path) as terminal:
        terminal.write(b"q")
        before = cpu_ticks(terminal.pid)
        wait_for(lambda: cpu_ticks(terminal.pid) > before)
        until_it_stands_still(terminal.pid, begin=before)
        terminal.until_text("Findings")
        terminal.until_quiet()
        assert "5 Logs" not in "\n".join(terminal.screen())


def test_a_quiet_console_does_not_wake_up(same: Terminal) -> None:
    before = wakes(same.pid)
    same.pump(2.0)
    assert wakes(same.pid) - before <= 4, "Textual's own input thread wakes twenty times in that time"


def wakes(pid: int) -> int:
    """How often the process's threads slept and woke."""
    found = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(re.findall(r"^voluntary_ctxt_switches:\s*(\d+)", text, re.M)[0]) for text in found)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait without reading the terminal."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def until_it_stands_still(pid: int, begin: int | None = None) -> None:
    """Wait until the process has done something since ``begin`` (now) and then uses no more CPU."""
    end = time.monotonic() + 20
    before = cpu_ticks(pid)
    begin = before if begin is None else begin
    while True:
        time.sleep(0.3)
        now = cpu_ticks(pid)
        if now == before > begin:
            return
        before = now
        assert time.monotonic() < end, "it never stalls"


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_suspend_gives_the_terminal_back_and_resume_paints_again(same: Terminal) -> None:
    same.write(b"\x1a")
    same.until(lambda: os.waitid(os.P_PID, same.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None)
    same.until_quiet(0.2)
    assert same.output.rstrip().endswith(b"\x1b[?1004l")
    assert not same.is_raw()
    before = len(same.output)
    same.signal(signal.SIGCONT)
    same.until(lambda: b"harbor-vm-05" in same.output[before:])
    assert same.is_raw()


def test_a_terminal_that_was_resized_while_it_was_suspended_is_filled_after_fg(same: Terminal) -> None:
    same.write(b"\x1a")
    same.until(lambda: os.waitid(os.P_PID, same.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None)
    same.until_quiet(0.2)
    same.resize(24, 80)
    same.signal(signal.SIGCONT)
    same.until_text("as of 14:03 UTC")
    same.until_quiet()
    screen = same.screen()
    assert "read-only" in screen[0] and screen[0].endswith("as of 14:03 UTC")
    assert "? help" in screen[23]
    same.write(b"j")
    same.until_quiet(0.2)
    assert same.alive and same.is_raw()


def test_hostile_names_send_no_foreign_escape(tmp_path: Path) -> None:
    with console("hostile", tmp_path) as terminal:
        terminal.until_text("[@click=app.quit]x[/]")
        typed = (
            b":\xc2\x9b31m]52;c;",
            b"\t",
            b"\x03",
            b"/[@click",
            b"\r",
            b".",
            b"s",
            b" ",
            b"\x10",
            b"[",
            b"\x03",
            b"0",
        )
        for key in (b"j", b"\r", b"i", b"\x1b", b"\x1b", b"\t", b"\r", b"\x1b", b"l", b"\r", b"?", *typed):
            terminal.write(key)
            terminal.until_quiet(0.2)
        terminal.signal(signal.SIGUSR1)
        terminal.until_quiet(0.3)
        terminal.signal(signal.SIGUSR1)
        terminal.until_quiet(0.3)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait() == 143
        rest = ALLOWED.sub(b"", bytes(terminal.output))
        foreign = sorted(
            {
                rest[max(0, m.start() - 2) : m.start() + 12]
                for m in re.finditer(rb"[\x00-\x09\x0b-\x1f\x7f]", rest)
                if m.group() != b"\r"
            }
        )
        assert foreign == []
        assert b"\xc2\x9b" not in rest
        assert "\u202e".encode() not in rest


def test_a_crash_prints_one_redacted_line_and_leaves_a_private_report(tmp_path: Path) -> None:
    with console("crash", tmp_path) as terminal:
        terminal.until_text("5 failed")
        before = len(terminal.output)
        terminal.signal(signal.SIGUSR1)
        assert terminal.wait() == 70
        tail = bytes(terminal.output[before:])
        assert b"harbortui crashed: RuntimeError: lost" in tail
        assert b"hvs.CAES" not in terminal.output
        assert b"Traceback" not in tail
    (report,) = tmp_path.glob("harbortui/crashes/crash-*.txt")
    assert report.stat().st_mode & 0o777 == 0o600
    text = report.read_text()
    assert "RuntimeError" in text and "in _listen" in text
    assert "hvs.CAES" not in text


def test_any_size_down_to_one_cell(same: Terminal) -> None:
    for rows, columns in ((24, 80), (1, 1), (2, 3), (0, 0), (3, 200), (60, 1), (7, 20), (60, 200), (35, 120)):
        same.resize(rows, columns)
        same.until_quiet(0.15)
        for key in (b"\r", b"3", b"z", b"\x1b", b"\x1b", b"0"):
            same.write(key)
        same.until_quiet(0.15)
        for key in (b":", b"fle", b"\x03", b"\x10", b"th", b"\x03", b"/", b"no such row", b"\x03"):
            same.write(key)
        same.until_quiet(0.15)
        assert same.alive
    same.until_text("harbor-vm-05")


@pytest.mark.parametrize(
    ("environ", "seen"),
    [
        ({"LC_ALL": "C", "LANG": "C"}, "X critical"),
        ({"NO_COLOR": "1"}, "✖ critical"),
        ({"TERM": "screen", "COLORTERM": ""}, "✖ critical"),
    ],
)
def test_poor_terminals_still_tell_states(tmp_path: Path, environ: dict[str, str], seen: str) -> None:
    with console("same", tmp_path, environ=environ) as terminal:
        terminal.until_text(seen)
        terminal.until_quiet()
        if environ.get("LC_ALL") == "C":
            assert bytes(terminal.output).isascii()
        if "NO_COLOR" in environ:
            assert not re.search(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9;]*)?m", bytes(terminal.output))


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (1, 80), (24, 1)])
def test_it_starts_in_any_size_and_fills_the_terminal_once_it_grows(tmp_path: Path, size: tuple[int, int]) -> None:
    with console("same", tmp_path, rows=size[0], columns=size[1]) as terminal:
        terminal.until(lambda: b"\x1b[?1049h" in terminal.output)
        terminal.until_quiet()
        terminal.resize(35, 120)
        terminal.until_text("5 failed")


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_a_terminal_that_cannot_draw_is_refused(tmp_path: Path, term: str | None) -> None:
    with console("same", tmp_path, environ={"TERM": term}) as terminal:
        assert terminal.wait() == 2
        assert b"TERM" in terminal.output
        assert b"\x1b" not in terminal.output


LINE_BYTES = 1_300
"""The command line may take this much to open or close: one line of the screen."""
FILTER_BYTES = 2_400
"""And a filter that hides nothing: that line and the title of the table."""
LIST_BYTES = 16_000
"""And the palette: Textual paints the screen when a widget is laid over it; its own palette takes 150 kB."""


def test_lines_that_are_typed_cost_a_line_and_standing_open_costs_nothing(same: Terminal) -> None:
    for opened, most in ((b":", LINE_BYTES), (b"/", FILTER_BYTES), (b"\x10", LIST_BYTES)):
        before = len(same.output)
        same.write(opened)
        same.until(lambda start=before: len(same.output) > start)  # type: ignore[misc]
        same.until_quiet()
        took = len(same.output) - before
        assert took <= most, (opened, took)
        before = len(same.output)
        same.pump(0.8)
        assert len(same.output) == before, opened
        same.write(b"r")
        same.until_quiet()
        before = len(same.output)
        same.write(b"\x1b")
        same.until(lambda start=before: len(same.output) > start)  # type: ignore[misc]
        same.until_quiet()
        took = len(same.output) - before
        assert took <= most, (b"closing " + opened, took)


def test_what_a_key_changes_comes_in_one_piece(same: Terminal) -> None:
    """The cursor and the line that names its row; in two frames the next key would wait for the second one's."""
    for key, name in ((b"j", "harbor-nas"), (b"k", "harbor-vm-05"), (b"j", "harbor-nas")):
        before = len(same.output)
        same.write(key)
        same.until_text(f"opens {name}")
        same.until_quiet()
        assert bytes(same.output[before:]).count(b"\x1b[?2026h") == 1
