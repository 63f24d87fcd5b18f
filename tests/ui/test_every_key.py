"""Every key of the table of actions, pressed in every place: what it does there stands in goldens/keys-*.txt.

Whatever those say: no key ends the console but those that quit, lowercase asks only for what is looked at, and a key
that acts says that nothing was changed, and nothing is sent.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from textual import events

from harbortui.engine.messages import (
    AskHistory,
    Focus,
    Follow,
    Look,
    PlanCount,
    PlanSums,
    Refresh,
    ToEngine,
    Unfollow,
    looked,
)
from harbortui.ui import dump, symbols, themes, words
from harbortui.ui.actions import ACTIONS, Action, key_name, keys_of
from harbortui.ui.app import HarborApp
from harbortui.ui.panes import actions
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.view import Start
from harbortui.ui.widgets.table import Table
from tests.ui import drilling, states
from tests.ui.golden import agree
from tests.ui.samples import NAMES, NOW, FakePort
from tests.ui.test_keys import Console

LOOKING = (AskHistory, Focus, Follow, Look, PlanCount, PlanSums, Refresh, Unfollow)
"""All that a key may send by itself: none of it begins anything."""
QUIET = (AskHistory, Focus, Follow, Look, Unfollow)
"""What follows from where a person is."""
PLACES = {
    "fleet": (),
    "components": ("1",),
    "logs": ("5",),
    "jobs": ("6",),
    "projects": ("7",),
    "audit": ("8",),
    "actions": ("9",),
    "help": ("question_mark",),
    "component": ("1", "enter"),
    "runbook": ("b",),
    "trends": ("3", "v"),
}
PROMPTS = {"CommandPrompt": "a command is typed", "PalettePrompt": "the palette", "FilterPrompt": "a filter is typed"}


class Standing(NamedTuple):
    """Where a person stands."""

    place: str
    pane: int
    zoomed: bool
    cursor: str
    listed: str
    marks: int
    arrangement: str
    trends: str
    prompt: str
    hint: str
    asking: str
    paused: bool
    followed: str


def standing(app: HarborApp) -> Standing:
    screen = app.view_screen
    listed = screen.listed
    table = listed if isinstance(listed, Table) else None
    tail = screen.log_tail if isinstance(screen, InstanceScreen) else None
    return Standing(
        place=" › ".join((app.at.mode if app.current_mode == "page" else app.current_mode, *app.view.crumbs)),
        pane=screen.current if isinstance(screen, InstanceScreen) else 0,
        zoomed=bool(getattr(screen, "zoomed", False)),
        cursor=table.cursor_key if table is not None else "",
        listed=(listed.id or str(getattr(listed, "number", ""))) if listed is not None else "",
        marks=len(table.marks) if table is not None else 0,
        arrangement=_arranged(table),
        trends=str(getattr(screen, "trends", "") or ""),
        prompt=PROMPTS.get(type(app.prompt).__name__, ""),
        hint=app.view.hint,
        asking=app.view.asking or app.view.asking_project,
        paused=tail is not None and not tail.following,
        followed=f"{app.view.task} {app.view.stream}",
    )


def _arranged(table: Table | None) -> str:
    if table is None:
        return ""
    told = table.arrangement
    return ", ".join(f"{name} {value}" for name, value in told._asdict().items() if value)


def told(before: Standing, after: Standing, sent: list[ToEngine]) -> str:
    """What a key did, in words."""
    said = [*_moved(before, after), *_changed(before, after)]
    said += [each for each in (after.prompt, after.asking and f"asks about {after.asking}") if each]
    said += [f"asks the engine: {type(each).__name__}" for each in sent if not isinstance(each, QUIET)]
    if after.hint:
        said.append(f"says: {re.sub(r'[0-9]{8}T[0-9]{6}Z', '(time)', after.hint)[:110]}")
    return "; ".join(said) or "nothing"


def _changed(before: Standing, after: Standing) -> Iterator[str]:
    if after.zoomed != before.zoomed:
        yield "zooms" if after.zoomed else "all panes again"
    if after.marks != before.marks:
        yield "marks the row" if after.marks else "takes the mark away"
    if after.arrangement != before.arrangement:
        yield f"arranges by {after.arrangement or 'nothing'}"
    if after.trends != before.trends and after.place == before.place:
        yield "shows trends" if after.trends else "ends trends"
    if after.paused != before.paused:
        yield "holds the log still" if after.paused else "lets the log go on"
    if after.followed != before.followed and after.place == before.place:
        yield f"follows {after.followed}"


def _moved(before: Standing, after: Standing) -> Iterator[str]:
    if after.place != before.place:
        yield f"goes to {after.place}" + (f", pane {after.pane}" if after.pane else "")
    elif after.pane != before.pane:
        yield f"goes to pane {after.pane}"
    elif after.listed != before.listed and not after.prompt:
        yield f"the keys go to {after.listed or 'the bar'}"
    elif after.cursor != before.cursor:
        yield f"the cursor goes to {re.sub(r'[0-9a-f]{8}-[0-9a-f-]{27}', '(id)', after.cursor)[:60]}"


@pytest.fixture(autouse=True)
def any_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files go where the test says, and this machine is in UTC."""
    monkeypatch.setattr(actions, "audit_file", lambda: "~/.local/state/harbortui/audit.jsonl")
    monkeypatch.setattr(dump, "_folder", lambda: tmp_path / "screens")
    monkeypatch.setattr(dump, "_short", lambda path: f"~/{path.name}")
    monkeypatch.setenv("TZ", "UTC")
    for name in ("TMUX", "STY", "SSH_TTY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()


async def press(it: Console, key: str) -> None:
    """Press a key and wait until it has done what it does; Textual's pilot would wait 60 ms each time."""
    await it.app.on_event(events.Key(key, key if len(key) == 1 else None))
    await settle(it)


async def settle(it: Console, turns: int = 3) -> None:
    """Wait until nothing happened for so many turns."""
    same, before = 0, standing(it.app)
    while same < turns or not it.port.is_quiet:
        await asyncio.sleep(0.002)
        now = standing(it.app)
        waiting = it.app.screen._callbacks or not it.app._message_queue.empty()
        same = same + 1 if now == before and not waiting else 0
        before = now


async def arrive(it: Console, keys: tuple[str, ...], home: Standing | None = None) -> None:
    """Go to a place from wherever the last key led."""
    app = it.app
    if app.prompt is not None:
        app.close_prompt()
    app.set_zone("UTC")
    app.view.asking = app.view.asking_project = ""
    if home is not None:
        app.view.task, app.view.stream = home.followed.split(" ")
    if home is None or standing(app).place != home.place:
        app.pages.clear()
        await press(it, "0")
        tidy(app)
        app.view_screen.lists[0].focus()
        await settle(it)
        for key in keys:
            await press(it, key)
            await settle(it, 8)
        for query, facet in ANSWERS.items():
            it.port.say(looked(query, facet))
    else:
        tidy(app)
        screen = app.view_screen
        if isinstance(screen, InstanceScreen):
            screen.go_to_pane(home.pane)
        else:
            screen.lists[0].focus()
        if keys[-1:] == ("v",):
            await press(it, "v")
    await settle(it)
    app.view.hint = ""
    app._before = None


def tidy(app: HarborApp) -> None:
    """All screens as they are when they are new."""
    for screen in (screen for stack in app._screen_stacks.values() for screen in stack):
        if isinstance(screen, InstanceScreen):
            screen.zoomed = False
            screen.current = 1
            screen.trends.clear()
            if not screen.log_tail.following:
                screen.log_tail.pause()
        if isinstance(screen, FleetScreen):
            screen.trends = screen.zoomed = False
    app.paint()
    for screen in (screen for stack in app._screen_stacks.values() for screen in stack):
        for table in screen.query(Table):
            table.stand(None)
    app.paint()


ANSWERS = {**states.states()["hurt"]().answers, **drilling.answers()}


def console() -> tuple[HarborApp, FakePort]:
    shown = states.states()["hurt"]().shown
    assert shown is not None
    port = FakePort(shown)
    start = Start("ackermann", NAMES)
    return HarborApp(start, port, theme=themes.load("dark"), symbols=symbols.UNICODE, clock=lambda: NOW), port


def check(action: Action, key: str, after: Standing, sent: list[ToEngine]) -> None:
    """What holds whatever a key does."""
    if action.acts:
        assert key.isupper() and len(key) == 1
        assert after.hint == f"{key}: this console is read-only; nothing was changed" and sent == []
    assert all(isinstance(each, LOOKING) for each in sent), (key, sent)


QUITS = {"fleet": ("q",)}


@pytest.mark.parametrize("place", PLACES)
async def test_every_key(place: str) -> None:
    app, port = console()
    lines = []
    async with app.run_test(size=(120, 35)) as pilot:
        it = Console(app, port, pilot, [NOW])
        await it.until(lambda: app.view.snapshot is not None)
        await arrive(it, PLACES[place])
        home = standing(app)
        for action in ACTIONS:
            for key in keys_of(action, {}):
                if key in QUITS.get(place, ()):
                    continue
                count = len(port.sent)
                await press(it, key)
                assert app.is_running and not app.crashed, key
                after, sent = standing(app), port.sent[count:]
                check(action, key, after, sent)
                lines.append(f"{key_name(key):10} {action.id:16} {told(home, after, sent)}")
                app.view.hint = ""
                if after._replace(hint="") != home or key == "t":
                    await arrive(it, PLACES[place], home)
                    assert standing(app) == home, key
        for key in QUITS.get(place, ()):
            await press(it, key)
            assert not app.is_running and app.return_code == 0
            lines.append(f"{key_name(key):10} quit             quits")
    words.use_zone("UTC")
    agree(f"keys-{place}", "\n".join(lines))
