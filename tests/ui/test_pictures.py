"""Two pictures of each screen as it is painted, colours included; ``pytest --snapshot-update`` draws them again.

One in the dark theme at 120x35, one in another theme at another size: together they show every style on both grounds.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pytest

from harbortui.engine.messages import FleetPast, InstancePast, looked
from harbortui.ui import symbols, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.panes import actions
from harbortui.ui.port import Shown
from harbortui.ui.view import Start
from tests.ui import drilling, pasts, states
from tests.ui.samples import NAMES, NOW, FakePort

ROOMY, SMALL, LARGE = (120, 35), (80, 24), (200, 60)


class Picture(NamedTuple):
    """What is pressed, what is on the screen then, and how it is drawn."""

    keys: tuple[str, ...]
    words: str
    size: tuple[int, int] = ROOMY
    theme: str = "dark"
    state: str = "hurt"


PICTURES = {
    "fleet": Picture((), f"opens {NAMES[1]}"),
    "fleet-light": Picture((), "all 3 instances are well", SMALL, "light", "well"),
    "instance": Picture(("enter",), "live, allocation"),
    "instance-contrast": Picture(("enter",), "live, allocation", LARGE, "high-contrast-dark"),
    "jobs": Picture(("6",), "stuck worker"),
    "jobs-light": Picture(("6",), "stuck worker", SMALL, "light"),
    "projects": Picture(("7",), "97% of its quota"),
    "projects-contrast": Picture(("7",), "97% of its quota", SMALL, "high-contrast-light"),
    "audit": Picture(("8",), "login failed"),
    "audit-light": Picture(("8",), "not permitted", SMALL, "light", "denied"),
    "actions": Picture(("9",), "nothing was changed from here"),
    "actions-light": Picture(("9",), "nothing was changed from here", SMALL, "light"),
    "help": Picture(("question_mark",), "On this screen: Fleet"),
    "help-contrast": Picture(("question_mark",), "On this screen: Fleet", SMALL, "high-contrast-light"),
    "component": Picture(("enter", "j", "j", "enter"), "› registry"),
    "component-light": Picture(("enter", "j", "j", "enter"), "OOM killed", SMALL, "light"),
    "runbook": Picture(("b",), "Registry not reachable"),
    "runbook-contrast": Picture(("b",), "Registry not reachable", SMALL, "high-contrast-light"),
    "trends": Picture(("enter", "3", "z", "v"), "forecast: in about"),
    "trends-light": Picture(("v",), "in about 9 weeks", SMALL, "light"),
}


@pytest.fixture(autouse=True)
def any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer's own terminal asks for, and where files are, have no say in the pictures."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(actions, "audit_file", lambda: "~/.local/state/harbortui/audit.jsonl")


async def shown(pilot: Any, words: str) -> None:
    """Wait for these words to be on the screen."""
    end = time.monotonic() + 10
    while words not in (text := "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())):
        assert time.monotonic() < end, f"{words!r} never came:\n{text}"
        await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, snap_compare: Any) -> None:
    picture = PICTURES[name]
    told = states.states()[picture.state]()
    assert isinstance(told.shown, Shown)
    port = FakePort(told.shown)
    app = HarborApp(
        Start("ackermann", NAMES, simulated=True),
        port,
        theme=themes.load(picture.theme),
        symbols=symbols.UNICODE,
        clock=lambda: NOW,
    )

    async def reach(pilot: Any) -> None:
        """Press the keys, and answer what they ask for."""
        await shown(pilot, "enter  opens")
        if picture.state != "hurt":
            await pilot.press("down")
        for key in picture.keys:
            await pilot.press(key)
            await pilot.pause()
        port.say(FleetPast(instances=tuple(pasts.past(each) for each in NAMES)))
        port.say(InstancePast(detail=pasts.detail(states.NAME, trends=pasts.trends())))
        for query, facet in {**told.answers, **drilling.answers()}.items():
            port.say(looked(query, facet))
        if told.tail is not None and "instance" in name:
            port.say(told.tail)
        while not port.is_quiet:
            await pilot.pause()
        await shown(pilot, picture.words)

    assert snap_compare(app, terminal_size=picture.size, run_before=reach)
