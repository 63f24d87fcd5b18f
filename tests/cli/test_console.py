"""``harbortui`` as it starts: what it needs of a terminal, a snapshot file, a theme; and its crash reports."""

from __future__ import annotations

import stat
import sys
import threading
from pathlib import Path

import pytest

from harbortui.cli import console
from harbortui.collect.files import write_snapshot
from harbortui.model.redact import Cleaner, Redactor
from harbortui.ui.crash import MAX_REPORTS, CrashReporter
from tests.ptyharness import Terminal
from tests.ui import samples

ROOT = str(Path(__file__).resolve().parents[2])


def harbortui(tmp_path: Path, *arguments: str, **environ: str) -> Terminal:
    home = {
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    return Terminal([sys.executable, "-m", "harbortui", *arguments], environ={**home, **environ}, cwd=ROOT)


@pytest.fixture
def saved(tmp_path: Path) -> str:
    path = tmp_path / "incident.json"
    assert write_snapshot(path, samples.hurt()[0], written_at=samples.NOW) is None
    return str(path)


def test_a_snapshot_file_is_shown_marked_and_left_with_q(tmp_path: Path, saved: str) -> None:
    with harbortui(tmp_path, "--snapshot", saved) as terminal:
        terminal.until_text("SNAPSHOT of 2025-11-21 14:03 UTC")
        terminal.until_text("5 failed")
        assert any("not live" in line for line in terminal.screen())
        terminal.write(b"q")
        assert terminal.wait() == 0
        assert not terminal.is_raw()


def test_a_snapshot_opens_on_the_instance_that_was_asked_for(tmp_path: Path, saved: str) -> None:
    with harbortui(tmp_path, "--snapshot", saved, "--instance", samples.NAMES[1]) as terminal:
        terminal.until_text("7 of 8 healthy")
        terminal.write(b"\x03\x03")
        assert terminal.wait() == 0


def test_an_unknown_theme_is_one_line_and_no_screen(tmp_path: Path, saved: str) -> None:
    with harbortui(tmp_path, "--snapshot", saved, "--theme", "nope") as terminal:
        assert terminal.wait() == 2
        assert b"no theme named 'nope'" in terminal.output
        assert b"\x1b[?1049h" not in terminal.output


def test_a_damaged_snapshot_is_one_line_and_no_screen(tmp_path: Path) -> None:
    path = tmp_path / "damaged.json"
    path.write_text("{")
    with harbortui(tmp_path, "--snapshot", str(path)) as terminal:
        assert terminal.wait() == 2
        assert b"damaged.json" in terminal.output and b"\x1b" not in terminal.output


def test_over_ssh_fewer_frames_are_sent_and_wishes_of_the_person_stay() -> None:
    environ = {"SSH_CONNECTION": "10.0.0.1 22 10.0.0.2 22", "ESCDELAY": "200"}
    console.prepare_environment(environ)
    assert environ["TEXTUAL_FPS"] == "30" and environ["ESCDELAY"] == "200" and environ["TEXTUAL_ANIMATIONS"] == "none"
    local: dict[str, str] = {}
    console.prepare_environment(local)
    assert "TEXTUAL_FPS" not in local


def test_without_a_terminal_it_says_what_to_use(capfd: pytest.CaptureFixture[str]) -> None:
    problem = console.terminal_problem({"TERM": "xterm"})
    assert "harbortui check" in problem


# Crash reports


def reporter(directory: Path) -> CrashReporter:
    stamps = iter(range(10_000))
    return CrashReporter(lambda: directory, Cleaner(Redactor()), lambda: f"{next(stamps):05d}", version="1")


def fault(text: str) -> BaseException:
    password = "local-variable-value"
    try:
        raise ValueError(text + password[:0])
    except ValueError as error:
        return error


def test_a_report_is_private_redacted_without_locals_and_written_once(tmp_path: Path) -> None:
    report = reporter(tmp_path / "crashes")
    error = fault("token hvs.CAESIPlanted0123456789abcdefghij\x1b[2J")
    report(error)
    report(error)
    (path,) = (tmp_path / "crashes").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    text = path.read_text()
    assert "in fault" in text and "ValueError" in text
    for each in (text, report.line):
        assert (
            "hvs.CAES" not in each
            and "\x1b" not in each
            and "local-variable-value'" not in each.replace('password = "', "")
        )
    assert report.line.count("\n") == 0


def test_old_reports_go(tmp_path: Path) -> None:
    report = reporter(tmp_path)
    for number in range(MAX_REPORTS + 5):
        report(ValueError(str(number)))
    assert len(list(tmp_path.iterdir())) == MAX_REPORTS


def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    report = reporter(tmp_path / "file" / "crashes")
    report(ValueError("x"))
    assert "no report could be written" in report.line


def test_a_thread_that_dies_is_reported_and_paints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    report = reporter(tmp_path)
    report.install()

    def die() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    assert "in a thread" in report.line
    assert capfd.readouterr().err == ""


def test_the_end_of_the_terminal_is_no_crash(tmp_path: Path) -> None:
    report = reporter(tmp_path)
    report(OSError(5, "Input/output error"))
    assert report.line == "" and not list(tmp_path.iterdir())
