"""Hostile text past all sources, and keys at random, through every screen, page and widget at any size."""

from __future__ import annotations

import base64
import random
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

from harbortui.engine.messages import (
    AskHistory,
    CancelCount,
    CancelSums,
    Focus,
    Follow,
    Look,
    PlanCount,
    PlanSums,
    Refresh,
    StartCount,
    StartSums,
    Unfollow,
)
from harbortui.model.asked import RAW_KINDS
from harbortui.runbooks.catalogue import runbooks
from harbortui.ui import symbols, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.cell import Pane
from harbortui.ui.keyed_app import QUIT_HINT
from harbortui.ui.opening import ThingPage
from harbortui.ui.panes import actions, audit, jobs, project_list
from harbortui.ui.panes.ages import ages_pane
from harbortui.ui.panes.allocations import allocations_pane
from harbortui.ui.panes.components import components_pane
from harbortui.ui.panes.fleet import findings_pane, fleet_pane
from harbortui.ui.panes.replication import replication_pane
from harbortui.ui.panes.storage import storage_pane
from harbortui.ui.panes.trends import fleet_trends, pane_of
from harbortui.ui.runbook_context import About
from harbortui.ui.runbook_keys import RunbookPage
from harbortui.ui.things import Thing
from harbortui.ui.view import Start, View
from harbortui.ui.widgets.painted import Look as Looks
from harbortui.ui.widgets.table import GUTTER, Table
from tests.ptyharness import Terminal
from tests.safety.spoilt import PIECES, VALUES, Spoilt, spoiler, spoilt
from tests.safety.test_hostile import foreign
from tests.ui import pasts
from tests.ui.asked import query
from tests.ui.drilling import THINGS
from tests.ui.samples import NOW, fresh
from tests.ui.test_pty import ROOT

SEED = 5
SIZES = ((80, 24), (120, 35), (200, 60), (1, 1), (3, 2), (20, 5), (40, 12), (79, 200), (500, 3))
"""Columns and rows."""
READS = (
    *(AskHistory, Focus, Follow, Look, Refresh, Unfollow),
    *(CancelCount, CancelSums, PlanCount, PlanSums, StartCount, StartSums),
)
"""What a key may send: each is a read, which the engine's own tests and the allow-lists of the wire show."""


# Each pane as it is drawn


def _view(port: Spoilt) -> View:
    """Everything known at once, all of it hostile."""
    shown = port.shown(0)
    view = View(Start("ackermann", port.names), now=NOW, snapshot=shown.snapshot, verdict=shown.verdict)
    view.instance = port.names[1]
    for topic, value in VALUES.items():
        for sub in RAW_KINDS if topic.name == "RAW" else ("", "3"):
            for id_ in ("", "201", "7", "1"):
                asked_for = query(topic, view.instance, id=id_, sub=sub)
                view.looks[asked_for] = spoilt(fresh("GET /x", value()), port.spoil)
    return view


def _panes(port: Spoilt, width: int, height: int) -> dict[str, Callable[[], Pane]]:
    view, spoil = _view(port), port.spoil
    assert view.snapshot is not None and view.verdict is not None
    snapshot, verdict, instance = view.snapshot, view.verdict, view.snapshot.instances[1]
    past = spoilt(pasts.detail(), spoil)
    fleet_past = {each: spoilt(pasts.past(), spoil) for each in port.names}
    things = {
        name: Thing(each.kind, view.instance, *(spoil(part) if "-" in part else part for part in each[2:]))
        for name, each in THINGS.items()
    }
    found = verdict.findings[0]
    return {
        **{name: lambda each=each: ThingPage(each)(view, width) for name, each in things.items()},  # type: ignore[misc]
        "jobs": lambda: jobs.page(view, width),
        "projects": lambda: project_list.page(view, width),
        "audit": lambda: audit.page(view, width),
        "actions": lambda: actions.page(view, width),
        "fleet": lambda: fleet_pane(snapshot, verdict, NOW, fleet_past),
        "findings": lambda: findings_pane(verdict, NOW),
        "ages": lambda: ages_pane(snapshot, verdict, NOW, width),
        "components": lambda: components_pane(instance, NOW, past),
        "allocations": lambda: allocations_pane(instance, NOW, past),
        "storage": lambda: storage_pane(snapshot, instance, NOW, None, past),
        "replication": lambda: replication_pane(instance, NOW, past),
        **{f"trends {n}": lambda n=n: pane_of(n, instance, past, NOW, width, height) for n in (1, 2, 3, 4)},  # type: ignore[misc]
        "fleet trends": lambda: fleet_trends(snapshot, fleet_past, width, NOW, "", height),
        **{
            f"runbook {id_}": lambda book=book: RunbookPage(book, About("", view.instance, finding=found))(view, width)  # type: ignore[misc]
            for id_, book in runbooks().items()
        },
    }


NAMES_OF_PANES = sorted(_panes(Spoilt(spoiler()), 80, 24))
TEXTS = st.text(min_size=1, max_size=40) | st.sampled_from(PIECES)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(TEXTS, min_size=3, max_size=8),
    st.sampled_from(NAMES_OF_PANES),
    st.integers(1, 200),
    st.integers(1, 60),
    st.booleans(),
    st.sampled_from([symbols.UNICODE, symbols.ASCII]),
)
def test_any_text_in_any_pane_is_drawn_safe_and_within_its_room(
    texts: list[str], name: str, columns: int, rows: int, words: bool, drawn_with: symbols.Symbols
) -> None:
    port = Spoilt(spoiler(tuple(texts)), words=words)
    pane = _panes(port, max(1, columns - GUTTER), rows)[name]()
    lines = Table(Looks(themes.load("dark").palette, drawn_with), pane).draw(columns, rows)
    assert len(lines) <= rows
    for line in lines:
        for span in line.spans:
            assert span.text.isprintable(), (name, span)
            assert cell_len(span.text) == span.width, (name, span)
            assert drawn_with is symbols.UNICODE or span.text.isascii(), (name, span)


# The whole app, keys at random


class Wandering:
    """The app on a hostile engine, with a pilot that presses what chance says."""

    def __init__(self, app: HarborApp, port: Spoilt, pilot: Pilot[None], chance: random.Random) -> None:
        self.app, self.port, self.pilot, self.chance = app, port, pilot, chance
        self.seen: set[str] = set()

    def check(self) -> None:
        """What is on the screen is ours: printable, without a link or an action behind it."""
        place = getattr(self.app.screen, "place", type(self.app.screen).__name__)
        self.seen.add(f"{place}")
        self.seen |= {each.page.thing.kind for each in self.app.pages if isinstance(each.page, ThingPage)}
        for strip in self.app.screen._compositor.render_strips():
            for segment in strip:
                assert segment.control is None and segment.text.isprintable(), segment
                style = segment.style
                assert style is None or (style.link is None and not {"@click", "click"} & set(style.meta)), segment

    async def press(self, *keys: str) -> None:
        """Press them as fast as a paste, and wait for what they led to; the pilot alone waits after each."""
        assert self.app._driver is not None
        for key in keys:
            event = events.Key(key, TYPED.get(key, key if len(key) == 1 else None))
            event.set_sender(self.app)
            self.app._driver.send_message(event)
        await self.pilot.pause()
        assert self.app.is_running


@asynccontextmanager
async def wandering(seed: int, monkeypatch: pytest.MonkeyPatch, *, words: bool) -> AsyncIterator[Wandering]:
    monkeypatch.setenv("XDG_STATE_HOME", "/nonexistent/harbortui")
    port = Spoilt(spoiler(), words=words)
    errors: list[BaseException] = []
    app = HarborApp(
        Start("ackermann", port.names),
        port,
        theme=themes.load("dark"),
        symbols=symbols.UNICODE,
        clock=lambda: NOW,
        on_crash=errors.append,
    )
    async with app.run_test(size=(120, 35)) as pilot:
        end = time.monotonic() + 10
        while app.view.snapshot is None:
            assert time.monotonic() < end
            await pilot.pause(0.01)
        yield Wandering(app, port, pilot, random.Random(seed))
    assert errors == []


PRINTED = {
    " ": "space", "/": "slash", ":": "colon", "?": "question_mark", "-": "minus", ".": "full_stop",
    "[": "left_square_bracket",
}  # fmt: skip
TYPED = {name: each for each, name in PRINTED.items()}
MOVES = ("enter", "enter", "enter", "j", "j", "k", "G", "g", "tab", "escape", "minus")
KEYS = (
    *(PRINTED.get(each, each) for each in "abcdefijklmnopstuvwxyzABCEGKMNRSUXY0123456789 /:?-.["),
    *MOVES,
    *MOVES,
    *("down", "up", "left", "right", "pageup", "pagedown", "home", "end", "backspace", "shift+tab", "ctrl+p", "ctrl+r"),
)
"""Everything but what ends or suspends the console."""
BURSTS = 80
BURST = 5


@pytest.mark.parametrize("words", [False, True], ids=["names", "every field"])
async def test_random_keys_and_sizes_on_hostile_answers(monkeypatch: pytest.MonkeyPatch, words: bool) -> None:
    async with wandering(SEED + words, monkeypatch, words=words) as it:
        for number in range(BURSTS):
            await it.press(*it.chance.choices(KEYS, k=BURST))
            if number % 10 == 0:
                await it.press("escape", "0")
            if number % 6 == 0:
                await it.pilot.resize_terminal(*it.chance.choice(SIZES))
            if number % 8 == 0:
                it.port.say(it.port.shown(number // 8))
            if number % 20 == 0:
                it.port.say(it.port.note())
            await it.pilot.pause()
            it.check()
    kinds = {type(each) for each in it.port.sent}
    assert kinds <= set(READS), kinds
    assert {Look, Follow, AskHistory, Focus} <= kinds
    assert {"fleet", "instance", "page"} <= {each.partition("/")[0] for each in it.seen}, it.seen


# On a real terminal

COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
ROUTE = (
    # the fleet, its findings, its plots, and what helps to get about
    *(
        "v",
        "\r",
        "v",
        "\t",
        "j",
        "\r",
        "b",
        "y",
        "-",
        "d",
        "-",
        "-",
        ".",
        "y",
        "s",
        "s",
        " ",
        "y",
        "i",
        "G",
        "-",
        "?",
        "-",
    ),
    *(":", "h", "\t", "\x7f", "\x7f", "\x1b", "/", "h", "\r", "\x1b", "\x10", "h", "\x1b[B", "\x1b", "o", "0"),
    # an instance: each pane's rows into depth, raw, in words, as plots
    *("\x1b[Z", "g", "\r"),
    *("1", "\r", "j", "\r", "-", "-", "d", "-", "b", "n", "y", "-", "v", "v", "z", "z"),
    *("2", "\r", "G", "\r", "d", "-", "-", "-", "v", "v", "3", "G", "\r", "d", "-", "-", "u", "v", "v"),
    *("4", "\r", "G", "\r", "d", "-", "-", "-", "v", "v", "5", "f", "p", "p", "e", "/", "x", "\r", "n", "y", "\x1b"),
    *("6", "\r", "-", "d", "-", "7", "\r", "-", "8", "\r", "-", "/", "x", "\r", "\x1b", "9", "?", "-", "t", "e", "0"),
)


def on_a_terminal(tmp_path: Path, scene: str) -> Terminal:
    argv = [sys.executable, "-m", "tests.ui.program", scene]
    return Terminal(argv, environ={"XDG_STATE_HOME": str(tmp_path)}, cwd=ROOT)


def type_it(terminal: Terminal, key: str) -> None:
    terminal.write(key.encode())
    # A lone escape waits for what may follow it; what comes after it too soon would be another key.
    terminal.until_quiet(0.3 if key == "\x1b" else 0.05)


@pytest.mark.parametrize("scene", ["spoilt", "spoilt words"])
def test_a_terminal_gets_only_what_is_ours_whatever_is_told_at_any_size(tmp_path: Path, scene: str) -> None:
    sizes = random.Random(SEED)
    with on_a_terminal(tmp_path, scene) as terminal:
        terminal.until_text("Findings")
        for number, key in enumerate(ROUTE):
            if number % 9 == 8:
                columns, rows = sizes.choice(SIZES)
                terminal.resize(rows, columns)
                terminal.until_quiet(0.05)
            type_it(terminal, key)
            assert terminal.alive, "no text ends the console"
        terminal.resize(35, 120)
        terminal.until_quiet()
        # What is being typed or asked is cancelled first; then twice ends it.
        terminal.press_until_text(b"\x03", QUIT_HINT)
        terminal.write(b"\x03")
        assert terminal.wait() == 0
        written = bytes(terminal.output)
    copied = COPIED.findall(written)
    assert copied, "something was copied"
    for each in copied:
        text = base64.b64decode(each, validate=True).decode()
        assert text != "evil" and all(line.isprintable() for line in re.split("[\n\t]", text)), text
    assert foreign(COPIED.sub(b"", written)) == []
    assert not list(tmp_path.rglob("crashes/*"))
    saved = [each.read_text() for each in tmp_path.rglob("*.txt")]
    assert saved and all(line.isprintable() for text in saved for line in text.splitlines())
