"""What ``y`` copies, how it is wrapped on the way to the terminal, and when it is refused."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.engine.messages import LogLines, TailState
from harbortui.ui import clipboard, osc52
from harbortui.ui.cell import Cell, Row
from harbortui.ui.screens.instance import LOGS, InstanceScreen
from harbortui.ui.widgets.table import Table
from tests.ui.samples import NAMES
from tests.ui.test_dump import written
from tests.ui.test_keys import Console, console

XTERM = {"TERM": "xterm-256color"}
TOKEN = "hvs.CAESIPlanted0123456789abcdefghij"


def decoded(plain: str) -> str:
    match = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", plain)
    assert match is not None, plain[:40]
    return base64.b64decode(match[1]).decode()


def unscreened(wrapped: str) -> str:
    """What GNU screen hands on: the insides of its device control strings."""
    assert re.fullmatch(r"(?:\x1bP[^\x1b]{0,240}\x1b\\|\x1bP\x1b[^\x1b]{0,240}\x1b\\)+", wrapped)
    return "".join(re.findall(r"\x1bP(.*?)\x1b\\", wrapped, re.DOTALL))


@given(st.text(max_size=2000))
def test_each_wrapping_brings_the_text_unharmed(text: str) -> None:
    sent = text.encode("utf-8", errors="replace").decode()
    assert decoded(osc52.sequence(text, XTERM)) == sent
    assert decoded(unscreened(osc52.sequence(text, {"TERM": "screen", "STY": "1.pts"}))) == sent
    plain, wrapped = osc52.sequence(text, {"TERM": "screen", "TMUX": "/tmp/x,1,0"}).split("\x1bPtmux;")
    assert decoded(plain) == sent
    assert wrapped.endswith("\x1b\\") and decoded(wrapped[:-2].replace("\x1b\x1b", "\x1b")) == sent


@pytest.mark.parametrize(
    ("environ", "beginnings"),
    [
        (XTERM, ["\x1b]52;c;"]),
        ({"TERM": "tmux-256color"}, ["\x1b]52;c;", "\x1bPtmux;\x1b\x1b]52;c;"]),
        ({"TERM": "screen", "STY": "1.x"}, ["\x1bP\x1b]52;c;"]),
        ({"TERM": "screen-256color"}, ["\x1b]52;c;", "\x1bP\x1b]52;c;"]),
    ],
)
def test_it_is_wrapped_for_what_is_between(environ: Mapping[str, str], beginnings: list[str]) -> None:
    sent = osc52.sequence("x", environ)
    assert sent.startswith(beginnings[0])
    for each in beginnings:
        assert each in sent
    assert sent.count("52;c;") == len(beginnings)


@pytest.mark.parametrize("term", ["dumb", "", "unknown", "linux", "vt100", "cons25"])
def test_terminals_without_a_clipboard_are_not_tried(term: str) -> None:
    assert osc52.refusal({"TERM": term})
    assert not osc52.refusal(XTERM)


def test_no_more_than_terminals_take() -> None:
    most = "x" * osc52.MOST_BYTES
    assert len(osc52.sequence(most, XTERM)) == osc52.MOST_ENCODED // 4 * 4 + len("\x1b]52;c;\x07")
    with pytest.raises(ValueError, match="more than a terminal takes"):
        osc52.sequence(most + "x", XTERM)
    assert osc52.fitting([most]) == 1
    assert osc52.fitting([most, "x"]) == 1
    assert osc52.fitting([most + "x"]) == 0
    assert osc52.fitting([]) == 0


def copied(it: Console, monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str] = XTERM) -> str:
    """What is sent to the terminal, as text; empty when nothing is."""
    sent: list[str] = []
    monkeypatch.setattr(it.app, "write_sequence", sent.append)
    clipboard.copy(it.app, environ)
    return decoded(sent[0]) if sent else ""


async def test_the_row_under_the_cursor_comes_in_full_with_place_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        text = copied(it, monkeypatch).splitlines()
        assert text[0] == "ackermann · Instances · as of 14:03 UTC"
        assert f"Instance: {NAMES[1]}" in text
        assert any(line.startswith("State: ✖ critical") for line in text)
        assert it.app.view.hint.startswith("sent this row to the clipboard")
        assert clipboard.TO_A_FILE in it.app.view.hint


async def test_marked_rows_come_as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        await it.press("space", "space")
        text = copied(it, monkeypatch).splitlines()
        assert len(text) == 4
        assert text[1].split("\t")[:3] == ["State", "Instance", "Node"]
        assert [line.split("\t")[1] for line in text[2:]] == [NAMES[1], NAMES[2]]
        assert len({line.count("\t") for line in text[1:]}) == 1
        assert it.app.view.hint.startswith("sent 2 rows")


async def test_a_page_of_text_comes_whole_and_without_a_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        it.app.open_lines("Commands", ("nomad job status harbor", "mc admin info nas"))
        await it.until_text("mc admin info nas")
        assert copied(it, monkeypatch) == "nomad job status harbor\nmc admin info nas"
        assert it.app.view.hint.startswith("sent 2 lines")


async def test_y_copies_and_o_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    async with console() as it:
        sent: list[str] = []
        monkeypatch.setattr(it.app, "write_sequence", sent.append)
        await it.press("y")
        assert len(sent) == 1 and "sent this row" in it.text
        await it.press("o")
        await it.until_text("wrote ")
        assert len(written(tmp_path / "harbortui" / "screens")) == 2


async def test_log_lines_in_view_come_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(instance=NAMES[1]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press(str(LOGS))
        said = ("first", "second \x1b[31m red", f"X-Vault-Token: {TOKEN}")
        it.port.say(LogLines(instance=NAMES[1], task="core", stream="stdout", lines=said, state=TailState.LIVE))
        await it.until_text("second")
        text = copied(it, monkeypatch).split("\n")
        assert text[:2] == ["first", "second \ufffd[31m red"]
        assert TOKEN not in text[2] and text[2].startswith("X-Vault-Token: ")
        assert it.app.view.hint.startswith("sent 3 log lines")


async def test_a_secret_that_reached_the_screen_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        table = it.app.screen.query_one("#instances", Table)
        block = table.pane.blocks[0]
        row = Row("x", tuple(Cell(f"password={TOKEN}") for _ in block.columns), more=(("token", "abcdef123456"),))
        table.show(table.pane._replace(blocks=(block._replace(rows=(row,)),)))
        text = copied(it, monkeypatch)
        assert TOKEN not in text and "abcdef123456" not in text and "password=" in text


async def test_too_much_is_cut_at_a_line_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        table = it.app.screen.query_one("#instances", Table)
        block = table.pane.blocks[0]
        more = tuple((f"n{number}", "x" * 1000) for number in range(100))
        row = Row("x", tuple(Cell("") for _ in block.columns), more=more)
        table.show(table.pane._replace(blocks=(block._replace(rows=(row,)),)))
        text = copied(it, monkeypatch)
        assert 50_000 < len(text) <= osc52.MOST_BYTES
        assert re.match(r"sent the first \d+ of 101 lines", it.app.view.hint)


async def test_a_terminal_without_a_clipboard_gets_nothing_and_the_file_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with console() as it:
        assert copied(it, monkeypatch, {"TERM": "linux"}) == ""
        assert it.app.view.hint == f"a terminal of type linux has no clipboard; {clipboard.TO_A_FILE}"


async def test_a_log_without_lines_says_that_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(instance=NAMES[1]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press(str(LOGS))
        assert copied(it, monkeypatch) == ""
        assert it.app.view.hint.startswith("nothing to copy here")


async def test_a_line_that_is_behind_is_not_sent_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        monkeypatch.setattr(type(it.app), "is_behind", True)
        assert copied(it, monkeypatch) == ""
        assert "behind" in it.app.view.hint


async def test_what_is_said_is_seen_in_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(size=(80, 24)) as it:
        copied(it, monkeypatch)
        await it.until_text(clipboard.TO_A_FILE)
        it.app.hint("a" * 200)
        await it.until_text("a" * 70)
