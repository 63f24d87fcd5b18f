"""The command line, the palette and the filter as a person types them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.engine.messages import Refresh
from harbortui.ui.actions import ACTIONS
from harbortui.ui.commands.command_line import best, run
from harbortui.ui.commands.fuzzy import score
from harbortui.ui.commands.line import MOST, Line
from harbortui.ui.commands.palette import PalettePrompt
from harbortui.ui.commands.registry import commands
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.screens.listing import ListScreen
from harbortui.ui.screens.page import PageScreen
from tests.ui.samples import NAMES
from tests.ui.test_keys import Console, console, lines


async def type_in(it: Console, text: str) -> None:
    names = {":": "colon", "/": "slash", " ": "space", "-": "minus", "!": "exclamation_mark", ".": "full_stop"}
    await it.press(*(names.get(each, each) for each in text))


def foot(it: Console) -> str:
    return it.text.splitlines()[-1]


# The line


@given(st.lists(st.sampled_from(["backspace", "delete", "left", "right", "home", "end", "ctrl+w", "ctrl+u", "ab c"])))
def test_a_line_is_edited_without_leaving_itself(keys: list[str]) -> None:
    line = Line("first word")
    for key in keys:
        if not line.edit(key):
            line.insert(key)
        assert 0 <= line.caret <= len(line.text) <= MOST


def test_what_cannot_be_printed_is_not_typed() -> None:
    line = Line()
    line.insert("a\x1b[31m\x07b\u202e")
    assert line.text == "a[31mb"
    line.insert("x" * 2 * MOST)
    assert len(line.text) == MOST


def test_letters_fit_in_order_and_beginnings_of_words_fit_best() -> None:
    assert score("gl", "global logs") > score("gl", "tangle") > 0
    assert score("xq", "fleet") == 0 and score("", "fleet") > 0
    assert best("th", ["path", "theme", "threads"]) == ("theme", "threads", "path")


@given(st.text(max_size=20), st.text(max_size=30))
def test_any_letters_are_rated(typed: str, title: str) -> None:
    assert score(typed, title) >= 0


# The command line


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        (f":{NAMES[2]}", f"› {NAMES[2]}"),
        (f":storage {NAMES[2]}", "3 Storage"),
        (f":{NAMES[2]} replication", "4 Replication"),
        (f":jobs {NAMES[0]}", "› Jobs"),
        (":actions", "› Actions"),
        (":help", "one row down"),
        (":ages", "Sources and ages"),
        (":refr", "asked every source again"),
        (":flett", "there is no command flett; did you mean fleet?"),
        (":zzz", "there is no command zzz"),
        (":theme", "themes:"),
        (":zone mars", "no such time zone: mars"),
        (":zone local", "times are in"),
        (":help me", "help takes nothing after it"),
        (":storage mars", "there is no instance mars"),
        (":restart", "read-only; nothing was changed"),
        (":sort nothing", "there is no column nothing"),
        (":filter nas", "/nas  1 of 3"),
        (":health-check", "this version cannot yet"),
    ],
)
async def test_a_command_does_what_it_says(typed: str, seen: str) -> None:
    async with console() as it:
        await type_in(it, typed)
        await it.press("enter")
        await it.until_text(seen)
        assert it.app.prompt is None


async def test_the_line_shows_what_tab_would_add_and_tab_adds_it() -> None:
    async with console() as it:
        await type_in(it, ":refr")
        assert foot(it).startswith(" :refr") and "refresh" in foot(it)
        await it.press("tab")
        assert foot(it).startswith(" :refresh") and "collect now" in foot(it)
        await it.press("escape")
        assert it.app.prompt is None and "enter open" in foot(it)
        await type_in(it, ":storage ")
        assert all(name in foot(it) for name in NAMES)
        await it.press("tab", "tab", "enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert it.app.view.instance == NAMES[1]


async def test_the_right_arrow_takes_what_is_offered_and_up_brings_the_last_command() -> None:
    async with console() as it:
        await type_in(it, ":refr")
        await it.press("right")
        assert it.app.prompt is not None and it.app.prompt.line.text == "refresh"
        await it.press("enter")
        assert it.port.sent[-1] == Refresh()
        count = len(it.port.sent)
        await type_in(it, ":a")
        await it.press("up")
        assert it.app.prompt is not None and it.app.prompt.line.text == "refresh"
        await it.press("down")
        assert it.app.prompt.line.text == "a"
        await it.press("up", "enter")
        assert it.port.sent[count:] == [Refresh()]


async def test_while_a_line_is_typed_keys_do_nothing_else() -> None:
    async with console() as it:
        await type_in(it, ":q")
        assert it.app.is_running and isinstance(it.app.screen, FleetScreen)
        await it.press("tab", "R", "0")
        assert "nothing was changed" not in it.text
        await it.press("ctrl+c")
        assert it.app.prompt is None and it.app.is_running and "again quits" not in it.text
        await type_in(it, ":")
        await it.press("backspace")
        assert it.app.prompt is None


async def test_keys_that_come_at_once_go_into_the_line_that_the_first_one_opens() -> None:
    async with console() as it:
        await it.pilot.press("colon", "q", "R", "z")
        assert it.app.prompt is not None and it.app.prompt.line.text == "qRz"


async def test_quit_can_be_typed() -> None:
    async with console() as it:
        await type_in(it, ":quit")
        await it.press("enter")
        assert not it.app.is_running and it.app.return_code == 0


async def test_every_command_runs_on_every_screen() -> None:
    async with console() as it:
        names = [name for name in commands(it.app) if name not in ("quit", "suspend", "copy", "save")]  # type: ignore[arg-type]
        for place in ("0", "1", "5", "6", "question_mark"):
            await it.press("0", place)
            for name in names:
                await run(it.app, name)
                await it.pilot.pause()
                assert it.app.is_running, name
            await it.press("0")


def test_all_that_looks_can_be_typed() -> None:
    assert {"fleet", "describe", "trends", "next-error", "mark"} <= {each.id for each in ACTIONS}


# The palette


async def test_the_palette_lists_everything_and_narrows_as_it_is_typed() -> None:
    async with console() as it:
        await it.press("ctrl+p")
        assert isinstance(it.app.prompt, PalettePrompt)
        await it.until(lambda: "action" in it.text)
        assert foot(it).startswith(" >")
        await type_in(it, "sources ages")
        await it.until_text("verdict in full, sources and ages of everything")
        await it.press("enter")
        await it.until_text("Sources and ages")
        assert it.app.prompt is None and not it.app.view_screen.choices.display


async def test_the_palette_opens_instances_and_wraps_around() -> None:
    async with console() as it:
        await it.press("ctrl+p", "up")
        prompt = it.app.prompt
        assert isinstance(prompt, PalettePrompt) and prompt.at == len(prompt.found) - 1
        await it.press("down")
        assert prompt.at == 0
        await type_in(it, "nas instance")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert it.app.view.instance == NAMES[2]


async def test_a_palette_without_a_fit_says_so_and_escape_leaves_it() -> None:
    async with console(size=(80, 24)) as it:
        await it.press("ctrl+p")
        await type_in(it, "zzzz")
        await it.until_text("nothing fits")
        await it.press("enter")
        assert it.app.prompt is None
        await it.press("ctrl+p", "escape")
        await it.until(lambda: not it.app.view_screen.choices.display)


# The filter


async def test_a_filter_narrows_while_it_is_typed_and_says_how_much_is_left() -> None:
    async with console() as it:
        await type_in(it, "/vm-05")
        assert "1 of 3" in foot(it) and "Instances  /vm-05  1 of 3" in it.text
        await it.press("enter")
        assert it.app.prompt is None and NAMES[2] not in "\n".join(it.text.splitlines()[3:10])
        await it.press("escape")
        assert "/vm-05" not in it.text and NAMES[2] in it.text


async def test_escape_in_the_line_takes_the_filter_away_and_the_line_begins_with_the_old_one() -> None:
    async with console() as it:
        await type_in(it, "/nas")
        await it.press("enter", "slash")
        assert it.app.prompt is not None and it.app.prompt.line.text == "nas"
        await it.press("escape")
        assert "1 of 3" not in next(line for line in it.text.splitlines() if "Instances" in line)


async def test_what_is_found_in_text_is_gone_to_with_n_and_N() -> None:
    async with console() as it:
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, PageScreen))
        await it.press("escape")
        it.app.open_lines("Text", tuple(f"line {number} {'odd' if number % 2 else 'even'}" for number in range(80)))
        await it.until_text("line 7")
        screen = it.app.screen
        assert isinstance(screen, PageScreen)
        await type_in(it, "/odd")
        await it.press("enter")
        assert screen.table.cursor_key == "1/0"
        await it.press("n")
        assert screen.table.cursor_key == "3/0"
        await it.press("N", "N")
        assert screen.table.cursor_key == "79/0"
        await it.press("escape", "n")
        assert "nothing is sought" in foot(it)


async def test_the_log_finds_goes_on_and_pauses() -> None:
    async with console(instance=NAMES[1]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("5")
        it.port.say(lines(*(f"line {n} {'ERROR' if n in (20, 60) else 'fine'}" for n in range(100))))
        await it.until_text("line 99")
        await type_in(it, "/line 30")
        await it.press("enter")
        assert "line 30 " in it.text and "/line 30" in it.text
        await it.press("escape", "G", "e")
        assert "line 20 ERROR" in it.text
        await it.press("e")
        assert "line 60 ERROR" in it.text
        await it.press("G", "p")
        it.port.say(lines("newest"))
        await it.until_text("paused")
        assert "newest" not in it.text and "line 99" in it.text
        await it.press("p")
        assert "newest" in it.text


async def test_a_command_line_works_over_a_list_screen() -> None:
    async with console() as it:
        await it.press("6")
        await it.until(lambda: isinstance(it.app.screen, ListScreen))
        await type_in(it, ":fleet")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))


async def test_a_theme_is_found_with_the_word_before_its_name() -> None:
    async with console() as it:
        await it.press("ctrl+p", *"theme", "space", *"light")
        prompt = it.app.prompt
        assert isinstance(prompt, PalettePrompt) and prompt.found[0].theme == "light"


async def test_a_name_that_is_like_nothing_gets_no_suggestion() -> None:
    async with console() as it:
        await it.press("colon", *"zzqqxj", "enter")
        assert "there is no command zzqqxj" in it.text and "did you mean" not in it.text
