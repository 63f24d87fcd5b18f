"""Help and the screen of actions: made from the table of actions, complete, and readable at 80 columns."""

from __future__ import annotations

import msgspec
import pytest

from harbortui.model.snapshot import Origin
from harbortui.ui.actions import ACTIONS
from harbortui.ui.fit import cell_len
from harbortui.ui.panes import actions
from harbortui.ui.panes.help import Here, help_pane
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.screens.listing import ListScreen
from harbortui.ui.symbols import ASCII, UNICODE, to_ascii
from tests.ui.asked import all_text, view

SCREENS = (FleetScreen, InstanceScreen, ListScreen)
WIDTH = 76


def help_of(screen: type[FleetScreen | InstanceScreen | ListScreen], **keymap: str) -> list[tuple[str, list[str]]]:
    pane = help_pane(keymap, Here("Here", screen.FOOTER, screen.NOT_IN_FOOTER), WIDTH)
    return [(block.title, [" ".join(cell.text for cell in row.cells) for row in block.rows]) for block in pane.blocks]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_key_is_named_once_whatever_the_screen(screen: type[FleetScreen]) -> None:
    pane = help_pane({}, Here("Here", screen.FOOTER, screen.NOT_IN_FOOTER), WIDTH)
    groups = pane.blocks[: [block.title for block in pane.blocks].index("Signs")]
    found = [key for block in groups for row in block.rows for key in row.cells[0].text.split()]
    assert len(found) == len(set(found))
    assert {"?", "q", "z", "ctrl-z", "PgUp", "0", "5", "enter", "R", "Y"} <= set(found)
    offered = sum(len(each.keys.split(",")) for each in ACTIONS if not each.later)
    assert len(found) == offered
    rows = [row.key for block in pane.blocks for row in block.rows]
    assert len(rows) == len(set(rows))


def test_the_keys_of_the_present_screen_come_first() -> None:
    first_of_fleet, first_of_instance = (dict(help_of(each))["On this screen: Here"] for each in SCREENS[:2])
    assert any("count the bucket" in row for row in first_of_instance)
    assert not any("count the bucket" in row for row in first_of_fleet)
    titles = [title for title, _ in help_of(FleetScreen)]
    assert titles[0] == "On this screen: Here" and titles[-3:] == ["Keys that act", "Signs", "Rules"]


def test_keys_that_were_remapped_are_shown_with_what_they_were() -> None:
    rows = [row for _, rows in help_of(FleetScreen, logs="L", filter="ctrl+f") for row in rows]
    assert any(row.startswith("L ") and "live log of a task (l by default)" in row for row in rows)
    pane = help_pane({"filter": "ctrl+f"}, Here("Here", FleetScreen.FOOTER, frozenset()), WIDTH)
    assert pane.badge.text == "ctrl-f finds, n goes on, esc leaves"


def test_nothing_is_cut_at_eighty_columns_and_signs_have_stand_ins() -> None:
    pane = help_pane({}, Here("Here", FleetScreen.FOOTER, frozenset()), WIDTH)
    room = [column.width for column in pane.blocks[0].columns]
    for block in pane.blocks:
        for row in block.rows:
            assert all(cell_len(cell.text) <= width for cell, width in zip(row.cells, room, strict=True))
    text = all_text(pane)
    assert all(sign in text for sign in (UNICODE.ok, UNICODE.warning, UNICODE.critical, UNICODE.unknown))
    assert "?" not in to_ascii(text.replace("?", ""), ASCII).replace(ASCII.unknown, "")


@pytest.mark.parametrize("width", [1, 10, 17, 40])
def test_any_width_is_survived(width: int) -> None:
    assert help_pane({}, Here("Here", FleetScreen.FOOTER, frozenset()), width).blocks


def test_the_screen_of_actions_says_what_will_be_there_and_where_it_is_kept() -> None:
    text = all_text(actions.page(view(), 78))
    assert "nothing was changed from here: this console is read-only" in text
    assert "audit.jsonl" in text and "R C S E" in text and "newest first" in text
    shown = view()
    assert shown.snapshot is not None
    shown.snapshot = msgspec.structs.replace(shown.snapshot, origin=Origin.SNAPSHOT)
    assert "this is a snapshot: nothing can be changed from it" in all_text(actions.page(shown, 200))
