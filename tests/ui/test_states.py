"""Every screen in every state it is designed for, at three sizes, as text that a person has agreed to.

A screen that is not what its golden holds is a change a person has to read: see tests/ui/golden.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from harbortui.engine.messages import Follow, looked
from harbortui.ui import symbols, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.panes import actions
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.screens.listing import ListScreen
from harbortui.ui.view import Start
from tests.ui.golden import agree
from tests.ui.samples import NAMES, NOW, FakePort
from tests.ui.states import NAME, TOPICS, Told, states
from tests.ui.test_keys import Console

SIZES = ((80, 24), (120, 35), (200, 60))
PANES = {2: "allocations", 3: "storage", 4: "replication", 5: "logs"}
"""Those that 80 columns show one at a time, each in a golden of its own."""

Agree = Callable[[str], None]
Visit = Callable[[Console, Told, Agree], Awaitable[None]]


@pytest.fixture(autouse=True)
def any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a person's files are differs from one machine to the next."""
    monkeypatch.setattr(actions, "audit_file", lambda: "~/.local/state/harbortui/audit.jsonl")


async def the_fleet(it: Console, told: Told, agreed: Agree) -> None:
    """The first screen, the cursor on the instance that is looked at."""
    await it.until(lambda: isinstance(it.app.screen, FleetScreen))
    agreed("fleet")
    while it.app.view_screen.spot is not None and it.app.view_screen.spot.row.key != NAME:
        await it.press("j")


async def the_instance(it: Console, told: Told, agreed: Agree) -> None:
    """All panes, and each by itself where only one fits."""
    await it.press("1")
    await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
    if told.tail is not None:
        if not it.instance_screen.roomy:
            await it.press("5")
        await it.until(lambda: Follow(instance=NAME, task="core") in it.port.sent)
        it.port.say(told.tail)
        await it.until(lambda: it.app.view.tail != "opening" and bool(it.app.view.tail))
        await it.press("1")
    agreed("instance")
    if it.instance_screen.roomy:
        return
    for number, name in PANES.items():
        await it.press(str(number))
        agreed(f"instance-{name}")


async def the_lists(it: Console, told: Told, agreed: Agree) -> None:
    """Jobs, projects, audit."""
    for key, name in zip("678", TOPICS, strict=True):
        await it.press(key)
        await it.until(lambda: isinstance(it.app.screen, ListScreen))
        for query, facet in told.answers.items():
            if query.topic is TOPICS[name]:
                it.port.say(looked(query, facet))
                await it.until(lambda query=query: query in it.app.view.looks)  # type: ignore[misc]
        await it.pilot.pause()
        agreed(name)


async def what_has_one_state(it: Console, told: Told, agreed: Agree) -> None:
    """Actions and help, which tell of no source."""
    await it.press("9")
    await it.until_text("nothing was changed from here")
    agreed("actions")
    for key, name in (("0", "help-fleet"), ("1", "help-instance")):
        await it.press(key, "question_mark")
        await it.until_text("On this screen")
        agreed(name)
        await it.press("escape")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", states())
async def test_every_screen_in_every_state(state: str, size: tuple[int, int]) -> None:
    told = states()[state]()
    port = FakePort(*(() if told.shown is None else (told.shown,)))
    app = HarborApp(
        Start("ackermann", NAMES), port, theme=themes.load("dark"), symbols=symbols.UNICODE, clock=lambda: NOW
    )
    wrong: list[str] = []
    async with app.run_test(size=size) as pilot:
        it = Console(app, port, pilot, [NOW])
        await pilot.pause()
        await it.until(lambda: told.shown is None or app.view.snapshot is not None)
        await pilot.pause()

        def agreed(screen: str) -> None:
            try:
                agree(
                    f"{screen}-{'' if screen in ('actions',) or screen.startswith('help') else f'{state}-'}"
                    f"{size[0]}x{size[1]}",
                    it.text,
                )
            except (AssertionError, FileNotFoundError) as error:
                wrong.append(str(error))

        visits: list[Visit] = [the_fleet, the_instance, the_lists]
        if state == "well":
            visits.append(what_has_one_state)
        for visit in visits if told.shown is not None else visits[:1]:
            await visit(it, told, agreed)
    assert not wrong, "\n".join(wrong)
