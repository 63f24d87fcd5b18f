"""What a session leaves for the next one, and what is not taken back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.cli.arguments import Arguments
from harbortui.cli.console import _memory
from harbortui.config.settings import FleetSettings, Settings, UiSettings
from harbortui.ui import symbols, themes, words
from harbortui.ui.app import HarborApp
from harbortui.ui.port import Shown
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.state import KEPT_FILES, MOST_BYTES, MOST_TYPED, Memory, Session, Table, fleet_key
from harbortui.ui.view import Start
from tests.ui import samples
from tests.ui.samples import NAMES, NOW, FakePort
from tests.ui.test_commands import type_in
from tests.ui.test_keys import Console


@asynccontextmanager
async def session(folder: Path, *, instance: str = "", fresh: bool = False) -> AsyncIterator[Console]:
    port = FakePort(Shown(*samples.hurt()))
    app = HarborApp(
        Start("ackermann", NAMES, instance=instance),
        port,
        theme=themes.load("dark"),
        symbols=symbols.UNICODE,
        clock=lambda: NOW,
        memory=lambda: Memory(folder, "key", fresh=fresh),
    )
    async with app.run_test(size=(120, 35)) as pilot:
        it = Console(app, port, pilot, [NOW])
        await it.until(lambda: app.view.snapshot is not None)
        await pilot.pause()
        yield it
    words.use_zone("UTC")


async def test_view_filter_order_and_zone_come_back(tmp_path: Path) -> None:
    async with session(tmp_path) as it:
        await type_in(it, "/vm")
        await it.press("enter", "s", "t")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("3", "z")
    assert os.stat(tmp_path / "key.json").st_mode & 0o777 == 0o600
    async with session(tmp_path) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert it.app.view.instance in NAMES and it.app.view.zone == "local"
        assert it.instance_screen.current == 3 and it.instance_screen.zoomed
        await it.press("0")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))
        assert "/vm  2 of 3  by State" in it.text
        await it.press("colon", "up", "escape", "slash", "up")
        assert it.app.prompt is not None and it.app.prompt.past == ["vm"]
    async with session(tmp_path, fresh=True) as it:
        assert isinstance(it.app.screen, FleetScreen) and it.app.view.arrangements == {}


async def test_hidden_rows_are_said_at_the_start(tmp_path: Path) -> None:
    Memory(tmp_path, "key").save(Session(tables={"fleet/instances": Table(sought="nas")}))
    async with session(tmp_path) as it:
        await it.until_text("tables are filtered as you left them")
        assert "/nas  1 of 3" in it.text


async def test_an_instance_that_was_asked_for_goes_before_the_last_view(tmp_path: Path) -> None:
    Memory(tmp_path, "key").save(Session(mode="instance", instance=NAMES[0]))
    async with session(tmp_path, instance=NAMES[2]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert it.app.view.instance == NAMES[2]


async def test_an_instance_that_is_gone_is_left_out(tmp_path: Path) -> None:
    Memory(tmp_path, "key").save(Session(mode="instance", instance="gone", zone="Nowhere/Land", pane=77))
    async with session(tmp_path) as it:
        assert isinstance(it.app.screen, FleetScreen) and it.app.view.zone == "UTC"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "broken"),
        (b'{"version":1,"fleet":"other"}', "another version or fleet"),
        (b'{"version":99,"fleet":"key"}', "another version or fleet"),
        (b" " * (MOST_BYTES + 2), "too large"),
        (b'{"version":1,"fleet":"key","tables":3}', "broken"),
    ],
)
async def test_a_file_that_cannot_be_used_is_ignored_with_a_hint(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "key.json").write_bytes(data)
    assert why in Memory(tmp_path, "key").load()[1]
    async with session(tmp_path) as it:
        await it.until_text("the last view is not restored")
        assert isinstance(it.app.screen, FleetScreen)


def test_links_and_pipes_are_no_files_of_ours(tmp_path: Path) -> None:
    (tmp_path / "key.json").symlink_to("/etc/passwd")
    assert "symbolic links" in Memory(tmp_path, "key").load()[1]
    (tmp_path / "key.json").unlink()
    os.mkfifo(tmp_path / "key.json")
    assert "not a file" in Memory(tmp_path, "key").load()[1]


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_survived(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "key.json").write_bytes(data)
    Memory(folder, "key").load()


def test_what_was_typed_is_bounded_and_sanitised_when_read(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "key")
    typed = {"/": [f"a\x1b]52;{number}\u202e" for number in range(200)]}
    assert memory.save(Session(typed=typed, tables={"x": Table(sought="\x1b[2J", state="● ok")}))
    found, why = memory.load()
    assert not why and found is not None
    assert len(found.typed["/"]) == MOST_TYPED and all(text.isprintable() for text in found.typed["/"])
    assert found.tables["x"].sought.isprintable() and found.tables["x"].state == "●"


def test_a_huge_history_is_left_out_and_what_is_the_same_is_not_written_again(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "key")
    assert memory.save(Session(typed={sign: ["界" * 400] * 50 for sign in ":/>"}))
    assert (tmp_path / "key.json").stat().st_size < MOST_BYTES
    (tmp_path / "key.json").unlink()
    assert memory.save(Session(typed={sign: ["界" * 400] * 50 for sign in ":/>"}))
    assert not (tmp_path / "key.json").exists()


def test_a_place_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not Memory(tmp_path / "file", "key").save(Session(mode="jobs"))


def test_only_so_many_fleets_are_remembered(tmp_path: Path) -> None:
    for number in range(KEPT_FILES + 4):
        Memory(tmp_path, f"{number}").save(Session(mode="jobs"))
    assert len(list(tmp_path.iterdir())) == KEPT_FILES


def test_fleets_are_told_apart() -> None:
    one = fleet_key("f", [("a", "https://a")])
    assert one == fleet_key("f", [("a", "https://a")]) != fleet_key("f", [("a", "https://b")])


def test_a_demo_a_snapshot_and_who_does_not_want_it_keep_nothing() -> None:
    live = Settings()
    assert _memory(live, Arguments()) is not None
    assert _memory(None, Arguments()) is None
    assert _memory(live, Arguments(snapshot="x")) is None
    assert _memory(Settings(fleet=FleetSettings(simulated=True)), Arguments()) is None
    assert _memory(msgspec.structs.replace(live, ui=UiSettings(restore=False)), Arguments()) is None
