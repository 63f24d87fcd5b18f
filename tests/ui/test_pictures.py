"""Two pictures of the screen as it is painted, colours included; ``pytest --snapshot-update`` draws them again."""

from __future__ import annotations

from typing import Any

import pytest

from harbortui.ui import symbols, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.port import Shown
from harbortui.ui.view import Start
from tests.ui import samples
from tests.ui.samples import NAMES, NOW, FakePort


@pytest.fixture(autouse=True)
def any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer's own terminal asks for has no say in the pictures."""
    monkeypatch.delenv("NO_COLOR", raising=False)


def painted(instance: str = "") -> HarborApp:
    return HarborApp(
        Start("ackermann", NAMES, simulated=True, instance=instance),
        FakePort(Shown(*samples.hurt())),
        theme=themes.load("dark"),
        symbols=symbols.UNICODE,
        clock=lambda: NOW,
    )


def when(words: str) -> Any:
    """Wait for these words to be on the screen."""

    async def ready(pilot: Any) -> None:
        for _ in range(500):
            await pilot.pause(0.02)
            if words in "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips()):
                await pilot.pause()
                return
        raise AssertionError(f"{words!r} never came")

    return ready


def test_fleet(snap_compare: Any) -> None:
    assert snap_compare(painted(), terminal_size=(120, 35), run_before=when(f"opens {NAMES[1]}"))


def test_instance(snap_compare: Any) -> None:
    assert snap_compare(painted(NAMES[1]), terminal_size=(120, 35), run_before=when("no lines (opening)"))
