"""Filters, orders and marks: what a person asks a table for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.ui.arrange import Arrangement, arranged, sortable, states_in
from harbortui.ui.cell import Block, Cell, Column, Pane, Ranked, Row, note
from harbortui.ui.matching import matches, places, terms_of
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.sorting import number_of
from tests.ui.samples import NAMES
from tests.ui.test_commands import type_in
from tests.ui.test_keys import console

COLUMNS = (Column("State", 10), Column("Name", 10), Column("Size", 8))


def row(key: str, state: str, name: str, size: str) -> Row:
    return Row(key, (Cell(state), Cell(name), Cell(size)))


ROWS = (
    row("a", "● ok", "vm-10", "412 GiB"),
    row("b", "✖ critical", "vm-9", "2.0 TiB"),
    note("n", "stale, 5 m old"),
    row("c", "▲ warning", "Nas", ""),
    row("d", "◌ unknown", "vm-1", "unknown"),
)
PANE = Pane("Things", (Block(COLUMNS, ROWS), Block(COLUMNS[:2], (Row("e", (Cell("● ok"), Cell("old"))),), "Old")))


def keys(how: Arrangement) -> str:
    return "".join(each.key for block in arranged(PANE, how).pane.blocks for each in block.rows)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", "abncde"),
        ("vm", "abnd"),
        ("VM", "n"),
        ("nas", "nc"),
        ("Nas", "nc"),
        ("!vm", "nce"),
        ("vm !9", "and"),
        ("state:ok", "ane"),
        ("name:vm-1", "and"),
        ("!state:ok", "bncd"),
        ("size:gib", "an"),
        ("http://x", "n"),
        ("!", "abncde"),
        ("state:", "abncde"),
        ("tib vm", "bn"),
    ],
)
def test_a_filter_keeps_what_it_says_and_never_hides_a_sentence(text: str, left: str) -> None:
    assert keys(Arrangement(sought=text)) == left


@pytest.mark.parametrize(
    ("how", "order"),
    [
        (Arrangement(sort="Size"), "nbadce"),
        (Arrangement(sort="Size", backwards=True), "nabdce"),
        (Arrangement(sort="Name"), "ncdbae"),
        (Arrangement(sort="State"), "nbdcae"),
        (Arrangement(sort="State", backwards=True), "nacdbe"),
        (Arrangement(sort="Nothing"), "abncde"),
        (Arrangement(state="●"), "ane"),
        (Arrangement(state="●", sought="10"), "an"),
    ],
)
def test_orders_put_numbers_by_size_the_worst_first_and_the_empty_last(how: Arrangement, order: str) -> None:
    assert keys(how) == order


def test_counts_are_of_rows_and_not_of_sentences() -> None:
    assert arranged(PANE, Arrangement(sought="vm"))[1:] == (3, 5)
    assert arranged(PANE, Arrangement(sort="Name"))[1:] == (5, 5)
    assert states_in(PANE) == ("✖", "◌", "▲", "●") and sortable(PANE) == ("State", "Name", "Size")


def test_prose_hides_nothing_and_has_no_order() -> None:
    prose = PANE._replace(prose=True)
    assert arranged(prose, Arrangement(sought="zzz", sort="Name")).pane is prose and sortable(prose) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("412 GiB", 412 * 1024**3),
        ("1.2 M", 1.2e6),
        ("3 m", 180),
        ("<1 m", 60),
        ("2 d · 18 GiB", 172_800),
        ("39%", 39),
        ("5 failed", 5),
        ("vm-9", None),
        ("2.11.2", None),
        ("2025-11-21", None),
        ("14:03:20", None),
        ("7f3a19c2", None),
    ],
)
def test_numbers_are_read_with_their_units(text: str, number: float | None) -> None:
    assert number_of(Cell(text)) == number


def test_a_rank_goes_before_the_text_and_does_not_make_a_cell_another_one() -> None:
    assert number_of(Ranked("soon", rank=7)) == 7
    assert Ranked("soon", rank=7) == Cell("soon")


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_filter_fits_or_not(text: str, cell: str) -> None:
    matches(terms_of(text), COLUMNS, Row("x", (Cell(cell), Cell(""), Cell(""))))
    for begin, end in places(cell, text):
        assert cell[begin:end].lower() == text.lower()


async def test_s_goes_through_the_columns_and_the_header_says_which() -> None:
    async with console() as it:
        await it.press("s")
        assert "State↓" in it.text and "by State" in it.text
        await it.press("s")
        assert "Instance↑" in it.text
        assert isinstance(it.app.screen, FleetScreen)
        assert [each.key for each in it.app.screen.instances.pane.blocks[0].rows] == sorted(NAMES)
        for _ in range(12):
            await it.press("s")
            if "by " not in it.text.splitlines()[3]:
                break
        assert "↓" not in it.text and "↑" not in it.text


async def test_sort_can_be_typed_either_way_round() -> None:
    async with console() as it:
        await type_in(it, ":sort -inst")
        await it.press("enter")
        assert isinstance(it.app.screen, FleetScreen)
        assert [each.key for each in it.app.screen.instances.pane.blocks[0].rows] == sorted(NAMES, reverse=True)
        await type_in(it, ":sort")
        await it.press("enter")
        assert "by " not in it.text.splitlines()[3]


async def test_marks_stay_with_their_rows_and_go_with_escape() -> None:
    async with console() as it:
        await it.press("space", "space")
        assert isinstance(it.app.screen, FleetScreen)
        table = it.app.screen.instances
        assert "2 marked" in it.text and it.text.count("*") == 2
        assert {each.key for each in table.chosen} == {NAMES[1], NAMES[2]}
        await it.press("s", "s")
        assert {each.key for each in table.chosen} == {NAMES[1], NAMES[2]}
        await it.press("g", "space", "escape")
        assert "marked" not in it.text and len(table.chosen) == 1


async def test_f_shows_one_state_at_a_time_and_esc_all_again() -> None:
    async with console() as it:
        await it.press("f")
        assert "✖ critical only  1 of 3" in it.text
        await it.press("f")
        assert "▲ warning only  1 of 3" in it.text
        await it.press("f", "f")
        assert "warning only" not in it.text and "critical only" not in it.text and "ok only" not in it.text
        await it.press("f", "escape")
        assert "critical only" not in it.text and it.app.is_running


async def test_e_goes_to_the_next_trouble_through_all_tables() -> None:
    async with console() as it:
        assert isinstance(it.app.screen, FleetScreen)
        screen = it.app.screen
        assert screen.instances.cursor_key == NAMES[1]
        await it.press("e")
        assert screen.instances.cursor_key == NAMES[2]
        await it.press("e")
        assert screen.findings.has_focus
        await it.press("e", "e")
        assert screen.instances.has_focus and screen.instances.cursor_key == NAMES[1]


async def test_the_row_can_be_said_in_words() -> None:
    async with console() as it:
        await it.press("full_stop")
        assert f"State ✖ critical, Instance {NAMES[1]}" in it.text.splitlines()[-1]


async def test_t_goes_round_the_zones_and_z_zooms_everywhere() -> None:
    async with console() as it:
        await it.press("t")
        assert "times are in" in it.text and "(this machine's)" in it.text
        await it.press("t")
        assert "times are in UTC" in it.text
        await it.press("z")
        assert "─ Findings" not in it.text
        await it.press("escape")
        assert "─ Findings" in it.text
        await it.press("question_mark", "z")
        assert "one pane here" in it.text
