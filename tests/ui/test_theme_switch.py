"""A theme is tried on, chosen and read again while the console runs, and everything is painted in it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.color import Color
from textual.pilot import Pilot

from harbortui.ui import symbols, theme_memory, theme_picker, themes
from harbortui.ui.app import HarborApp
from harbortui.ui.port import Shown
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.theme_depth import Depth
from harbortui.ui.theme_switch import Shelf
from harbortui.ui.themes import Library
from harbortui.ui.view import Start
from tests.ui import samples
from tests.ui.samples import NAMES, NOW, FakePort

MINE = "inherit = 'dark'\n[grounds]\nbackground = 'on #010203'\n"


class Console:
    """The app under test and where its themes and memory are."""

    def __init__(self, app: HarborApp, pilot: Pilot[None], folder: Path, state: Path) -> None:
        self.app, self.pilot, self.folder, self.state = app, pilot, folder, state

    def write(self, text: str, name: str = "mine") -> Path:
        """As editors save: a new file in the place of the old one."""
        path, new = self.folder / f"{name}.toml", self.folder / f".{name}.new"
        new.write_text(text)
        new.chmod(0o644)
        new.replace(path)
        return path

    async def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, (self.app.view.hint, self.grounds())
            await self.pilot.pause(0.01)

    def grounds(self) -> set[Color | None]:
        """Every ground that is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return {segment.style.bgcolor for strip in strips for segment in strip if segment.style is not None}

    def shows(self, name: str, depth: Depth = Depth.TRUE) -> bool:
        """Is everything painted in the theme, and nothing in another?"""
        palette = themes.load(name, self.app.theme_switch.shelf.library, depth).palette
        wanted = {palette.style("text", ground).bgcolor for ground in ("background", "bar", "cursor")}
        return self.grounds() == wanted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "themes"
    path.mkdir(mode=0o755)
    (path / "mine.toml").write_text(MINE)
    (path / "mine.toml").chmod(0o644)
    return path


@asynccontextmanager
async def console(
    folder: Path, start: str = "dark", fixed_by: str = "", depth: Depth = Depth.TRUE
) -> AsyncIterator[Console]:
    state = folder.parent / "state"
    shelf = Shelf(Library((folder,)), depth, fixed_by, lambda name: theme_memory.keep(state, name))
    app = HarborApp(
        Start("ackermann", NAMES),
        FakePort(Shown(*samples.hurt())),
        theme=themes.load(start, shelf.library, depth),
        symbols=symbols.UNICODE,
        clock=lambda: NOW,
        shelf=shelf,
    )
    async with app.run_test(size=(120, 35)) as pilot:
        each = Console(app, pilot, folder, state)
        await each.until(lambda: app.view.snapshot is not None)
        await pilot.pause()
        yield each


async def test_a_preview_paints_everything_and_cancel_takes_it_back(folder: Path) -> None:
    async with console(folder) as it:
        await it.until(lambda: it.shows("dark"))
        for name in ("light", "mine", "night"):
            assert theme_picker.preview(it.app, name)
            await it.until(lambda name=name: it.shows(name))
        assert it.app.theme_switch.is_previewing
        theme_picker.cancel(it.app)
        await it.until(lambda: it.shows("dark"))
        theme_picker.cancel(it.app)
        assert it.shows("dark") and theme_memory.recall(it.state) == ""


async def test_screens_that_are_not_on_are_painted_in_it_when_they_come(folder: Path) -> None:
    async with console(folder) as it:
        await it.pilot.press("enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen) and it.shows("dark"))
        assert theme_picker.accept(it.app, "light")
        await it.until(lambda: it.shows("light"))
        await it.pilot.press("escape")
        await it.until(lambda: not isinstance(it.app.screen, InstanceScreen) and it.shows("light"))
        await it.pilot.press("question_mark")
        await it.until(lambda: it.app.current_mode == "page" and it.shows("light"))


async def test_a_choice_is_remembered_unless_something_else_says_which_theme_it_is(folder: Path) -> None:
    async with console(folder) as it:
        theme_picker.preview(it.app, "night")
        assert theme_picker.accept(it.app, "night")
        assert it.app.view.hint == "theme night, also at the next start"
        assert theme_memory.recall(it.state) == "night"
        theme_picker.cancel(it.app)
        await it.until(lambda: it.shows("night"))
    async with console(folder, fixed_by="/etc/harbortui/config.toml") as it:
        assert theme_picker.accept(it.app, "light")
        assert "until the console ends: /etc/harbortui/config.toml says" in it.app.view.hint
        assert theme_memory.recall(it.state) == "night"


async def test_a_choice_that_cannot_be_kept_is_used_all_the_same(folder: Path) -> None:
    async with console(folder) as it:
        it.state.write_text("a file where the directory should be")
        assert theme_picker.accept(it.app, "light")
        assert "it cannot be remembered: File exists" in it.app.view.hint
        await it.until(lambda: it.shows("light"))


async def test_from_colours_to_the_terminals_own_and_back(folder: Path) -> None:
    async with console(folder) as it:
        theme_picker.preview(it.app, "ansi")
        default = Color.default()
        await it.until(lambda: all(each in (None, default) for each in it.grounds()))
        assert it.app.native_ansi_color
        theme_picker.cancel(it.app)
        await it.until(lambda: it.shows("dark"))
        assert not it.app.native_ansi_color


async def test_a_theme_is_shown_in_as_many_colours_as_there_are(folder: Path) -> None:
    async with console(folder, depth=Depth.MANY) as it:
        assert theme_picker.accept(it.app, "lagoon")
        await it.until(lambda: it.shows("lagoon", Depth.MANY))
        assert not it.shows("lagoon")


async def test_the_list_says_which_is_on_and_what_is_wrong(folder: Path) -> None:
    async with console(folder, "mine") as it:
        it.write("[styles]\nok = 3\n", "broken")
        found = {each.name: each for each in theme_picker.choices(it.app)}
        assert list(found) == list(theme_picker.names(it.app)) == sorted([*themes.names(), "mine", "broken"])
        assert [name for name, each in found.items() if each.is_current] == ["mine"]
        assert not found["broken"].is_well and "broken.toml:2: [styles] ok" in found["broken"].about
        assert not theme_picker.preview(it.app, "broken")
        assert "broken.toml:2: [styles] ok" in it.app.view.hint and it.shows("mine")
        assert not theme_picker.accept(it.app, "nope") and "no theme named 'nope'" in it.app.view.hint
        assert not it.app.theme_switch.is_previewing


async def test_a_saved_theme_is_read_again_and_a_broken_one_changes_nothing(folder: Path) -> None:
    async with console(folder, "mine") as it:
        it.app.theme_switch.watch()
        path = it.write(MINE + "bar = 'on #203040'\n")
        await it.until(lambda: Color.parse("#203040") in it.grounds())
        assert it.app.view.hint == "theme mine was read again"
        it.write(MINE + "bar = 'blue'\n")
        await it.until(lambda: "stays as it was" in it.app.view.hint)
        assert f"{path}:4: [grounds] bar" in it.app.view.hint and Color.parse("#203040") in it.grounds()
        path.unlink()
        await it.until(lambda: "no theme named 'mine'" in it.app.view.hint)
        it.write(MINE)
        await it.until(lambda: it.shows("mine") and "read again" in it.app.view.hint)


async def test_a_link_is_watched_where_it_leads(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "linked.toml"
    real.parent.mkdir(mode=0o755)
    real.write_text(MINE)
    real.chmod(0o644)
    (folder / "linked.toml").symlink_to(real)
    async with console(folder, "linked") as it:
        it.app.theme_switch.watch()
        real.write_text(MINE + "bar = 'on #203040'\n")
        await it.until(lambda: Color.parse("#203040") in it.grounds())


async def test_the_minutes_look_notices_what_nothing_told(folder: Path) -> None:
    async with console(folder, "mine") as it:
        it.app.theme_switch.close()
        it.write(MINE + "bar = 'on #203040'\n")
        it.app._next_minute()
        await it.until(lambda: Color.parse("#203040") in it.grounds())


async def test_themes_of_the_program_are_not_watched(folder: Path) -> None:
    async with console(folder) as it:
        it.app.theme_switch.watch()
        assert it.app.theme_switch._watch is None
        theme_picker.preview(it.app, "mine")
        assert it.app.theme_switch._watch is not None and it.app.theme_switch._watch._descriptor >= 0
        theme_picker.cancel(it.app)
        assert it.app.theme_switch._watch._descriptor < 0


def test_the_memory_forgives_whatever_is_in_its_file(tmp_path: Path) -> None:
    assert theme_memory.recall(tmp_path) == ""
    assert theme_memory.keep(tmp_path / "a" / "b", "night") == ""
    assert theme_memory.recall(tmp_path / "a" / "b") == "night"
    assert (tmp_path / "a" / "b" / "theme").stat().st_mode & 0o777 == 0o600
    for content in (b"\xff\xfe", b"../../etc/passwd", b"\x1b[31m", b"x" * 10_000, b""):
        (tmp_path / "theme").write_bytes(content)
        assert theme_memory.recall(tmp_path) == ""
    (tmp_path / "theme").unlink()
    (tmp_path / "theme").mkdir()
    assert theme_memory.recall(tmp_path) == ""
    assert theme_memory.keep(tmp_path, "night") == "Is a directory"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
