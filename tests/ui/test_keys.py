"""Keys and states through Textual's Pilot, on an engine that says what the test tells it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from textual.pilot import Pilot

from harbortui.engine.messages import EngineNote, Focus, Follow, LogLines, Refresh, TailState, Unfollow
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.snapshot import Origin
from harbortui.ui import symbols, themes
from harbortui.ui.actions import ACTING_KEYS
from harbortui.ui.app import HarborApp
from harbortui.ui.header import header_cells
from harbortui.ui.port import Shown, SnapshotPort
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.screens.page import PageScreen
from harbortui.ui.view import Start
from tests.ui import samples
from tests.ui.samples import NAMES, NOW, FakePort

replace = msgspec.structs.replace


class Console:
    """The app under test, its engine and its pilot."""

    def __init__(self, app: HarborApp, port: FakePort, pilot: Pilot[None], clock: list[float]) -> None:
        self.app, self.port, self.pilot, self.clock = app, port, pilot, clock

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, self.text
            await self.pilot.pause(0.01)

    async def until_text(self, text: str) -> None:
        await self.until(lambda: text in self.text)

    @property
    def instance_screen(self) -> InstanceScreen:
        assert isinstance(self.app.screen, InstanceScreen)
        return self.app.screen


@asynccontextmanager
async def console(
    *first: Shown | LogLines | EngineNote,
    size: tuple[int, int] = (120, 35),
    instance: str = "",
    simulated: bool = False,
) -> AsyncIterator[Console]:
    port = FakePort(*(first or (Shown(*samples.hurt()),)))
    clock = [NOW]
    app = HarborApp(
        Start("ackermann", NAMES, simulated=simulated, instance=instance),
        port,
        theme=themes.load("dark"),
        symbols=symbols.UNICODE,
        clock=lambda: clock[0],
    )
    async with app.run_test(size=size) as pilot:
        each = Console(app, port, pilot, clock)
        await each.until(lambda: app.view.snapshot is not None)
        await pilot.pause()
        yield each


async def test_names_are_there_before_any_data() -> None:
    app = HarborApp(
        Start("f", NAMES), FakePort(), theme=themes.load("dark"), symbols=symbols.UNICODE, clock=lambda: NOW
    )
    async with app.run_test() as pilot:
        await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert all(name in text for name in NAMES)
        assert "no data yet" in text


async def test_the_fleet_leads_with_the_verdict_and_the_cursor_is_on_the_worst() -> None:
    async with console() as it:
        lines = it.text.splitlines()
        assert "read-only" in lines[0] and "as of 14:03 UTC" in lines[0]
        assert lines[1].strip().startswith("✖ harbor-vm-05: registry is unhealthy")
        assert "opens harbor-vm-05" in lines[2]
        assert isinstance(it.app.screen, FleetScreen)
        assert it.app.screen.instances.cursor_key == NAMES[1]
        assert [line.split()[2] for line in lines if line.startswith("▌")] == ["critical"]


async def test_enter_opens_and_escape_minus_q_and_zero_go_back() -> None:
    async with console() as it:
        for back in ("escape", "minus", "q", "0"):
            await it.press("enter")
            await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
            assert it.port.sent[-2:-1] == [Focus(instance=NAMES[1])] or Focus(instance=NAMES[1]) in it.port.sent
            await it.press(back)
            await it.until(lambda: isinstance(it.app.screen, FleetScreen))
            assert it.port.sent[-1] == Focus()


async def test_the_log_of_the_instance_is_followed_while_in_view_only() -> None:
    async with console() as it:
        await it.press("enter")
        await it.until(lambda: Follow(instance=NAMES[1], task="core") in it.port.sent)
        await it.press("escape")
        await it.until(lambda: Unfollow() in it.port.sent)
    async with console(size=(80, 24)) as it:
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert not [each for each in it.port.sent if isinstance(each, Follow)]
        await it.press("5")
        await it.until(lambda: Follow(instance=NAMES[1], task="core") in it.port.sent)


async def test_keys_move_the_cursor_and_g_G_home_end_jump() -> None:
    async with console() as it:
        assert isinstance(it.app.screen, FleetScreen)
        table = it.app.screen.instances
        order = [row.key for row in table.pane.blocks[0].rows]
        for keys, index in (
            (("down",), 1),
            (("j",), 2),
            (("down",), 2),
            (("k",), 1),
            (("up",), 0),
            (("G",), 2),
            (("g",), 0),
            (("end",), 2),
            (("home",), 0),
            (("pagedown",), 2),
            (("pageup",), 0),
        ):
            await it.press(*keys)
            assert table.cursor_key == order[index], keys


async def test_the_cursor_stays_on_its_row_and_order_is_held_while_a_person_moves() -> None:
    async with console() as it:
        assert isinstance(it.app.screen, FleetScreen)
        table = it.app.screen.instances
        await it.press("j")
        assert table.cursor_key == NAMES[2]
        well = samples.fleet()
        it.port.say(Shown(well, samples.verdict(well)))
        await it.until_text("3 ok")
        assert [row.key for row in table.pane.blocks[0].rows] == [NAMES[1], NAMES[2], NAMES[0]]
        assert table.cursor_key == NAMES[2]
        it.app.screen.release()
        it.port.say(Shown(samples.fleet(*reversed(well.instances)), samples.verdict(well)))
        await it.until(lambda: [row.key for row in table.pane.blocks[0].rows] == [NAMES[2], NAMES[1], NAMES[0]])
        assert table.cursor_key == NAMES[2]


async def test_tab_and_numbers_go_through_the_panes_and_z_zooms() -> None:
    async with console() as it:
        await it.press("tab")
        assert isinstance(it.app.screen, FleetScreen) and it.app.screen.findings.has_focus
        await it.press("tab")
        assert it.app.screen.replication.has_focus and "enter  shows its replication" in it.text
        await it.press("tab", "enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        screen = it.instance_screen
        for expected in (2, 3, 4, 5, 1):
            await it.press("tab")
            assert screen.current == expected
        await it.press("shift+tab")
        assert screen.current == 5
        for number in range(1, 6):
            await it.press(str(number))
            assert screen.current == number and screen._pane(number).has_focus
        await it.press("3", "z")
        assert "3 Storage" in it.text and "4 Replication ✖" in it.text
        assert not screen.tables[3].display
        await it.press("escape")
        assert screen.tables[3].display and isinstance(it.app.screen, InstanceScreen)


async def test_all_panes_at_120_columns_and_one_with_tabs_at_80() -> None:
    async with console(instance=NAMES[1]) as it:
        await it.until_text("5 Logs")
        for pane in ("1 Components", "2 Allocations", "3 Storage", "4 Replication", "5 Logs"):
            assert f"─ {pane}" in it.text
    async with console(size=(80, 24), instance=NAMES[1]) as it:
        await it.until_text("1 Components ✖  2 Allocations ✖  3 Storage ◌  4 Replication ✖  5 Logs")
        assert "▌ ● database" in it.text
        assert it.text.count("─ 1 Components") == 1 and "─ 2 Allocations" not in it.text


async def test_l_follows_the_component_under_the_cursor_and_f_the_next_stream() -> None:
    async with console(instance=NAMES[1]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("j", "j", "l")
        await it.until(lambda: it.port.sent[-1] == Follow(instance=NAMES[1], task="registry"))
        await it.press("f")
        assert it.port.sent[-1] == Follow(instance=NAMES[1], task="registry", stream="stderr")
        await it.press("f")
        assert it.port.sent[-1] == Follow(instance=NAMES[1], task="registryctl")


def lines(*text: str, **changes: object) -> LogLines:
    message = LogLines(instance=NAMES[1], task="core", stream="stdout", lines=text, state=TailState.LIVE)
    return msgspec.structs.replace(message, **changes)


async def test_log_lines_are_shown_followed_scrolled_and_reset() -> None:
    async with console(instance=NAMES[1]) as it:
        await it.until(lambda: Follow(instance=NAMES[1], task="core") in it.port.sent)
        it.port.say(lines(*(f"line {n}." for n in range(100)), allocation_id="7f3a19c2-1"))
        await it.until_text("line 99.")
        assert "live, allocation 7f3a19c2" in it.text
        await it.press("5", "g")
        assert "line 0." in it.text and "G follows" in it.text
        it.port.say(lines("newest"))
        it.port.say(lines(dropped=7))
        await it.until_text("7 lines left out")
        assert "line 0." in it.text and "newest" not in it.text
        await it.press("G")
        assert "newest" in it.text
        it.port.say(lines("of another task", task="redis"))
        it.port.say(lines("after", reset=True))
        await it.until_text("after")
        assert "newest" not in it.text and "of another task" not in it.text


async def test_a_failed_tail_says_why() -> None:
    async with console(instance=NAMES[1]) as it:
        await it.until(lambda: Follow(instance=NAMES[1], task="core") in it.port.sent)
        failure = samples.failed("x", samples.FailureKind.FORBIDDEN, "Permission denied", needs="read-logs").failure
        it.port.say(lines(state=TailState.FAILED, failure=failure))
        await it.until_text("not permitted, needs read-logs: Permission denied")


async def test_enter_shows_a_cut_row_in_full_and_escape_returns_to_it() -> None:
    async with console(instance=NAMES[1], size=(80, 24)) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("4")
        assert "a3ed95cae" not in it.text and "…" in it.text
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, PageScreen))
        await it.until_text("blob a3ed95cae upload")
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert it.instance_screen.current == 4


async def test_enter_on_the_log_shows_the_lines_in_full() -> None:
    async with console(instance=NAMES[1], size=(80, 24)) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("5")
        it.port.say(lines("word " * 20 + "middle " + "word " * 20 + "end."))
        await it.until_text("word word end.")
        assert "middle" not in it.text and "…" in it.text
        await it.press("enter")
        await it.until_text("middle")


async def test_i_lists_sources_and_ages_and_a_row_opens_from_there() -> None:
    async with console() as it:
        await it.press("i")
        await it.until_text("Sources and ages")
        assert "Vault health and token" in it.text
        await it.press("G", "enter")
        await it.until_text("last tried")
        await it.press("escape")
        await it.until_text("S3 HEAD bucket")
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))


async def test_help_is_generated_and_left_with_escape() -> None:
    async with console() as it:
        await it.press("question_mark")
        await it.until_text("one row down")
        await it.press("q")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))


@pytest.mark.parametrize("key", ACTING_KEYS)
async def test_acting_keys_say_why_they_do_nothing_and_send_nothing(key: str) -> None:
    async with console() as it:
        before = list(it.port.sent)
        await it.press(key)
        assert f"{key}: this console is read-only; nothing was changed" in it.text
        assert it.port.sent == before
        await it.press("j")
        assert "nothing was changed" not in it.text


async def test_refresh_asks_the_engine_for_what_is_looked_at() -> None:
    async with console() as it:
        await it.press("ctrl+r")
        assert it.port.sent[-1] == Refresh()
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("ctrl+r")
        assert it.port.sent[-1] == Refresh(instance=NAMES[1])
        await it.press("ctrl+l")
        await it.until_text("1 Components")


async def test_q_on_the_fleet_quits() -> None:
    async with console() as it:
        await it.press("q")
        assert it.app.return_code == 0 and not it.app.is_running


async def test_ctrl_c_quits_only_when_pressed_twice_in_a_row() -> None:
    async with console() as it:
        await it.press("ctrl+c")
        assert "ctrl-c again quits" in it.text
        await it.press("j", "ctrl+c")
        assert it.app.is_running
        await it.press("ctrl+c")
        assert not it.app.is_running


async def test_unbound_keys_do_nothing() -> None:
    async with console() as it:
        before = it.text
        await it.press("h", "r", "ctrl+q", "tilde", "f5")
        assert it.text == before and it.app.is_running


async def test_marks_of_simulated_production_snapshot_and_cached_data() -> None:
    snapshot, verdict = samples.hurt()
    async with console(simulated=True) as it:
        assert "SIMULATED" in it.text.splitlines()[0]
    async with console(Shown(snapshot, verdict, cached=True)) as it:
        await it.until_text("last session, 14:03 UTC")
    old = msgspec.structs.replace(snapshot, origin=Origin.SNAPSHOT)
    async with console(Shown(old, verdict)) as it:
        it.clock[0] = NOW + 86_400
        await it.until_text("SNAPSHOT of 2025-11-21 14:03 UTC")
        assert "not live" in it.text


async def test_ages_move_once_a_minute_and_silence_is_told() -> None:
    async with console() as it:
        assert " 2 d " in it.text
        it.clock[0] = NOW + 86_400
        it.app._next_minute()
        await it.until_text("no news since 14:03 UTC")
        assert " 3 d " in it.text


async def test_a_note_of_the_engine_stands_until_there_is_news() -> None:
    async with console() as it:
        it.port.say(EngineNote(text="the engine was ended by signal 9; starting it again"))
        await it.until_text("✖ the engine was ended by signal 9")
        it.port.say(Shown(*samples.hurt()))
        await it.until(lambda: "signal 9" not in it.text)


async def test_all_well_is_a_sentence_too() -> None:
    well = samples.fleet()
    async with console(Shown(well, samples.verdict(well))) as it:
        await it.until_text("● all 3 instances are well")


async def test_the_instance_that_was_asked_for_is_open_from_the_start() -> None:
    async with console(instance=NAMES[2]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert Focus(instance=NAMES[2]) in it.port.sent


async def test_a_snapshot_port_shows_its_snapshot_and_ends_when_closed() -> None:
    port = SnapshotPort(*samples.hurt())
    stream = port.messages()
    shown = await anext(stream)
    assert isinstance(shown, Shown) and shown.snapshot.fleet == "ackermann"
    port.send(Refresh())
    await port.aclose()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(stream), 5)


async def test_a_fault_of_the_listener_ends_the_app_and_is_reported() -> None:
    port = FakePort(Shown(*samples.hurt()))
    seen: list[BaseException] = []
    app = HarborApp(
        Start("f", NAMES),
        port,
        theme=themes.load("dark"),
        symbols=symbols.UNICODE,
        clock=lambda: NOW,
        on_crash=seen.append,
    )
    fault = RuntimeError("boom")
    with pytest.raises(RuntimeError, match="boom"):
        async with app.run_test() as pilot:
            port.say(fault)
            end = time.monotonic() + 10
            while not seen and time.monotonic() < end:
                await pilot.pause(0.01)
    assert seen == [fault] and app.crashed


async def test_minus_goes_to_the_view_before_and_back_again() -> None:
    async with console() as it:
        await it.press("minus")
        assert "no view before" in it.text
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("minus")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))
        await it.press("minus")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, PageScreen))
        await it.press("minus")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))


async def test_the_next_step_names_what_is_under_the_cursor() -> None:
    async with console() as it:
        assert f"opens {NAMES[1]}" in it.text
        await it.press("j")
        await it.until_text(f"opens {NAMES[2]}")
        await it.press("tab")
        await it.until_text("shows the finding in full")


async def test_what_the_last_session_saw_is_never_said_as_what_is() -> None:
    snapshot = samples.fleet()
    async with console(Shown(snapshot, samples.verdict(snapshot), cached=True)) as it:
        assert "◌ last session, 14:03 UTC: all 3 instances are well" in it.text
        await it.press("enter")
        await it.until_text("◌ last session: all well")


async def test_a_log_pane_without_lines_says_why() -> None:
    async with console(instance=NAMES[1], size=(80, 24)) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("5")
        await it.until_text("no lines (opening)")
        failure = Failure(kind=FailureKind.REFUSED, detail="connection refused")
        it.port.say(LogLines(instance=NAMES[1], task="core", stream="stdout", state=TailState.FAILED, failure=failure))
        await it.until_text("no lines (failed: connection refused)")
        assert "5 Logs ✖" in it.text


async def test_l_on_a_page_says_where_logs_are() -> None:
    async with console() as it:
        await it.press("i", "l")
        await it.until_text("logs belong to an instance")


async def test_the_footer_of_a_page_names_no_key_that_does_nothing_there() -> None:
    async with console() as it:
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, PageScreen))
        footer = it.text.splitlines()[-1]
        assert "esc back" in footer and "open" not in footer and "tab" not in footer


async def test_notes_stand_above_the_components_and_the_cursor_below_them() -> None:
    snapshot, verdict = samples.hurt()
    broken = snapshot.instances[1]
    broken = replace(broken, usage=samples.stale(broken.usage), job=samples.stale(broken.job))
    snapshot = samples.fleet(snapshot.instances[0], broken, snapshot.instances[2])
    async with console(Shown(snapshot, verdict), instance=NAMES[1]) as it:
        await it.until_text("stale, 5 m old: no answer in time")
        assert it.instance_screen.tables[0].cursor_key == "database"
        assert "nginx" in it.text
        await it.press("k", "enter")
        await it.until_text("(Nomad client stats, Nomad job)")


async def test_a_snapshot_promises_nothing_that_only_a_live_fleet_can_do() -> None:
    snapshot, verdict = samples.hurt()
    old = replace(snapshot, origin=Origin.SNAPSHOT)
    async with console(Shown(old, verdict), instance=NAMES[1]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.until_text("no lines (a snapshot holds no logs)")
        await it.press("5", "f")
        await it.until_text("Logs  core stderr")
        assert "opening" not in it.text
        sent = [each for each in it.port.sent if isinstance(each, Refresh)]
        await it.press("ctrl+r")
        await it.until_text("there is nobody to ask")
        assert [each for each in it.port.sent if isinstance(each, Refresh)] == sent
        await it.press("R")
        await it.until_text("R: this is a snapshot; nothing was changed")
        for key in ("1", "2", "3", "4", "5", "z", "i", "escape", "0"):
            await it.press(key)
            assert "SNAPSHOT of 2025-11-21 14:03 UTC" in it.text


async def test_the_way_keeps_its_end_where_there_is_no_room_for_all_of_it() -> None:
    async with console(size=(70, 24)) as it:
        await it.press("enter", "1", "enter", "enter")
        assert [each.text for each in header_cells(it.app.view)[0][-3:]] == ["› harbor-vm-05", "› database", "› Health"]
        assert "ackermann  › harbor-vm-05  › …  › Health " in it.text.splitlines()[0]
        await it.pilot.resize_terminal(140, 30)
        await it.until_text("› harbor-vm-05  › database  › Health")
