"""What the mouse does when it was asked for."""

from __future__ import annotations

from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.screens.page import PageScreen
from tests.ui.samples import NAMES
from tests.ui.test_keys import console


async def test_clicks_go_to_rows_open_them_and_sort() -> None:
    async with console() as it:
        assert isinstance(it.app.screen, FleetScreen)
        table = it.app.screen.instances
        await it.pilot.click(table, offset=(20, 3))
        assert table.cursor_key == NAMES[2]
        await it.pilot.click(table, offset=(15, 1))
        assert table.arrangement.sort == "Instance" and not table.arrangement.backwards
        await it.pilot.click(table, offset=(15, 1))
        assert table.arrangement.backwards
        await it.pilot.click(table, offset=(20, 2), times=2)
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))


async def test_clicks_on_tabs_and_on_words_of_the_footer() -> None:
    async with console(size=(80, 24), instance=NAMES[1]) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.until_text("3 Storage")
        line = it.text.splitlines()[2]
        await it.pilot.click(it.instance_screen.tabs, offset=(line.index("3 Storage") + 2, 0))
        assert it.instance_screen.current == 3
        foot = it.text.splitlines()[-1]
        await it.pilot.click(it.instance_screen.footer, offset=(foot.index("? help"), 0))
        await it.until(lambda: isinstance(it.app.screen, PageScreen))
        await it.pilot.click(it.app.screen.footer, offset=(75, 0))  # type: ignore[attr-defined]


async def test_the_wheel_moves() -> None:
    async with console() as it:
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, PageScreen))
        screen = it.app.screen
        assert isinstance(screen, PageScreen)
        screen.table.on_mouse_scroll_down()
        assert screen.table._cursor == 3
        screen.table.on_mouse_scroll_up()
        assert screen.table._cursor == 0
