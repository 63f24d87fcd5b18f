"""What the screens stand on: fitting, tables, themes, symbols, actions, the crop of partial updates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from harbortui.resources import resource
from harbortui.ui import compat, themes
from harbortui.ui.actions import ACTING_KEYS, ACTIONS, Where, bindings, footer_actions
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.fit import MEASURED, MIDDLE_FROM, fit, fit_line, place_columns, visible, wants, wrap
from harbortui.ui.palette import NAMES
from harbortui.ui.symbols import ASCII, UNICODE, choose, to_ascii
from harbortui.ui.widgets.painted import Drawn, Look
from harbortui.ui.widgets.table import Table

HOSTILE = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


# Fitting


@given(HOSTILE, st.integers(0, 40), st.booleans(), st.sampled_from([UNICODE, ASCII]))
def test_fitted_text_has_exactly_its_width_and_nothing_that_controls(
    text: str, width: int, right: bool, symbols: object
) -> None:
    fitted = fit(text, width, right, symbols)  # type: ignore[arg-type]
    assert cell_len(fitted) == width
    assert fitted.isprintable()
    if symbols is ASCII:
        assert fitted.isascii()


def test_a_cut_always_shows_an_ellipsis() -> None:
    assert fit("harbor-vm-05", 8) == "harbor-…"
    assert fit("harbor-vm-05", 8, symbols=ASCII) == "harbor-~"
    assert fit("容器注册表", 6) == "容器 …"
    assert fit("12", 4, True) == "  12"


@given(HOSTILE, st.integers(1, 30))
def test_wrapping_loses_no_character_but_spaces(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join(lines).replace(" ", "") == visible(text).replace(" ", "")
    assert all(cell_len(line) <= max(2, width) for line in lines)


@given(st.text(max_size=120), st.integers(0, 60))
def test_a_log_line_has_exactly_its_width_and_keeps_both_ends(text: str, width: int) -> None:
    shown = fit_line(text, width)
    assert cell_len(shown) == width
    if width >= MIDDLE_FROM and text.isascii() and text.isprintable() and len(text) > width:
        assert shown.count("…") == 1 and text.startswith(shown.split("…")[0]) and text.endswith(shown.split("…")[1])


def test_equal_columns_grow_by_turns() -> None:
    columns = (Column("a", 4, most=20), Column("b", 4, most=20))
    assert [width for _, _, width in place_columns(columns, 21)] == [10, 10]
    assert [width for _, _, width in place_columns(columns, 21, (4, 20))] == [4, 16]


def test_wrapping_breaks_at_spaces() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("", 8) == [""]


COLUMNS = (Column("A", 5), Column("B", 6, 2, most=12), Column("C", 4, 1), Column("D", 8, 3))


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (1, [(0, 0, 1)]),
        (9, [(0, 0, 5)]),
        (10, [(0, 0, 5), (2, 6, 4)]),
        (17, [(0, 0, 5), (1, 6, 6), (2, 13, 4)]),
        (26, [(0, 0, 5), (1, 6, 6), (2, 13, 4), (3, 18, 8)]),
        (40, [(0, 0, 5), (1, 6, 12), (2, 19, 4), (3, 24, 8)]),
    ],
)
def test_columns_go_by_priority_and_grow_as_far_as_they_may(width: int, shown: list[tuple[int, int, int]]) -> None:
    assert list(place_columns(COLUMNS, width)) == shown


@given(st.integers(0, 200))
def test_columns_never_overlap_or_leave_the_line(width: int) -> None:
    places = place_columns(COLUMNS, width)
    end = 0
    for _, x, room in places:
        assert x >= end and room > 0
        end = x + room
    assert end <= width


def test_columns_want_what_their_longest_text_needs_and_never_shrink() -> None:
    rows = (Row("1", (Cell("x" * 20), Cell("y" * 9), Cell(""), Cell(""))), note("n", "z" * 90))
    first = wants(COLUMNS, rows, ())
    assert first == (5, 9, 4, 8)
    assert wants(COLUMNS, (), first) == first


# Table


def table(pane: Pane) -> Table:
    return Table(Look(themes.load("dark").palette, UNICODE), pane)


def plain(lines: list[Drawn]) -> list[str]:
    drawn = []
    for line in lines:
        text = ""
        for span in line.spans:
            text += " " * (span.x - cell_len(text)) + span.text
        drawn.append(text.rstrip())
    return drawn


def sample_pane(count: int) -> Pane:
    first = tuple(Row(f"a{n}", (Cell(f"name {n}"), Cell("v", "ok"), Cell(str(n)), Cell("d"))) for n in range(count))
    second = (Row("b", (Cell("other"), Cell("w"), Cell("1"), Cell("e"))),)
    return Pane("Things", (Block(COLUMNS, first), Block(COLUMNS, second, "More")), Cell("3 fine", "ok"))


def test_a_table_draws_title_header_rows_and_the_second_blocks_header() -> None:
    title, *rest = plain(table(sample_pane(2)).draw(40, 10))
    assert title.startswith("─ Things ───") and title.endswith("─ 3 fine ─")
    assert rest == [
        "  A     B      C    D",
        "  name… v      0    d",
        "  name… v      1    d",
        "  More  B      C    D",
        "  other w      1    e",
    ]


def test_a_table_that_does_not_fit_says_where_it_is() -> None:
    lines = plain(table(sample_pane(30)).draw(40, 6))
    assert len(lines) == 6
    assert "1 of 32" in lines[0]


@given(st.integers(0, 60), st.integers(0, 12))
def test_a_table_draws_in_any_room(width: int, height: int) -> None:
    lines = table(sample_pane(20)).draw(width, height)
    assert len(lines) <= height
    for line in lines:
        for span in line.spans:
            assert cell_len(span.text) == span.width


class Untouchable(tuple[Cell, ...]):
    """Cells that nobody may look at."""

    def __getitem__(self, _index: object) -> Cell:  # type: ignore[override]
        raise AssertionError("a row that is not in view was drawn")

    def __iter__(self) -> Iterator[Cell]:
        raise AssertionError("a row that is not in view was looked at")


def test_of_ten_thousand_rows_only_those_in_view_are_drawn() -> None:
    seen = tuple(Row(f"a{n}", (Cell(f"name {n}"), Cell("v"), Cell("1"), Cell("d"))) for n in range(MEASURED))
    rest = tuple(Row(f"b{n}", Untouchable()) for n in range(9000))
    big = table(Pane("Things", (Block(COLUMNS, (*seen, *rest)),)))
    assert len(big.draw(40, 10)) == 10
    big.action_page(1)
    assert len(big.draw(40, 10)) == 10


# Partial updates


def test_a_partial_update_sends_the_changed_cells_and_no_others() -> None:
    compat.install()
    compat.install()
    strip = Strip([Segment("left "), Segment("middle "), Segment("right")])
    update = ChopsUpdate([{0: strip}], [(0, 5, 11)], [[17]])
    console = Console(color_system=None, width=80, legacy_windows=False)
    assert update.render_segments(console) == "\x1b[1;6Hmiddle"


def test_a_partial_update_of_several_lines_and_chops() -> None:
    compat.install()
    first, second = Strip([Segment("abcdef")]), Strip([Segment("ghijkl")])
    chops = [{0: first, 6: second}, {0: None, 6: second}]
    update = ChopsUpdate(chops, [(0, 4, 8), (1, 0, 12)], [[6, 12], [6, 12]])
    console = Console(color_system=None, width=80, legacy_windows=False)
    assert update.render_segments(console) == "\x1b[1;5Hef\x1b[1;7Hgh\n\x1b[2;7Hghijkl"


# Themes


@pytest.mark.parametrize("name", themes.names())
def test_every_theme_loads_and_tells_the_states_apart(name: str) -> None:
    theme = themes.load(name)
    styles = {state: theme.palette.style(state) for state in ("ok", "warning", "critical", "unknown", "text")}
    if name != themes.NO_COLOUR:
        assert len(set(styles.values())) == len(styles)
    assert {theme.palette.style(each, "cursor") for each in NAMES} != {theme.palette.style(each) for each in NAMES}


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("ground", ["background", "bar", "cursor"])
def test_texts_have_enough_contrast(name: str, ground: str) -> None:
    palette = themes.load(name).palette
    for each in NAMES:
        style = palette.style(each, ground)
        assert style.color is not None and style.bgcolor is not None
        assert contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor()) >= 4.5, (each, ground)


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2 contrast ratio."""

    def light(colour: tuple[int, int, int]) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_mono_theme_has_no_colour_at_all() -> None:
    palette = themes.load("mono").palette
    styles = [palette.style(each, ground) for each in NAMES for ground in ("background", "bar", "cursor")]
    assert all(style.color is None and style.bgcolor is None for style in styles)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TERM": "xterm-256color"}, "dark"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "dark"),
        ({"TERM": "screen"}, "ansi"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "mono"),
    ],
)
def test_the_theme_follows_the_terminal_unless_one_is_wanted(environ: dict[str, str], name: str) -> None:
    assert themes.choose("", environ) == name
    assert themes.choose("light", environ) == "light"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("styles = 1", "[styles] must be a table"),
        ("[styles]\nokay = 'red'", "unknown name styles.okay"),
        ("[styles]\nok = 3", "styles.ok must be a string"),
        ("[styles]\nok = 'no such colour'", "'no' is not a valid color"),
        ("[styles]\nok = 'green'", "grounds.background needs a colour"),
        ("mood = 1\nansi = true", "unknown key 'mood'"),
        ("dark = 1\nlight = ;", "line 2"),
    ],
)
def test_a_wrong_theme_is_refused_with_its_file_and_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(themes.ThemeError) as caught:
        themes.read(path)
    assert said in str(caught.value) and "mine.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["nope", "../themes/dark", "/etc/passwd", ""])
def test_an_unknown_theme_names_those_there_are(name: str) -> None:
    with pytest.raises(themes.ThemeError, match="dark, light, mono"):
        themes.load(name)


def test_missing_data_files_are_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-folder"):
        resource("no-such-folder")


# Symbols


@pytest.mark.parametrize(
    ("environ", "symbols"),
    [
        ({}, UNICODE),
        ({"LANG": "de_DE.UTF-8"}, UNICODE),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, ASCII),
        ({"LC_ALL": "", "LC_CTYPE": "en_US.ISO-8859-1"}, ASCII),
        ({"LANG": "C.utf8", "TERM": "linux"}, ASCII),
    ],
)
def test_symbols_follow_the_locale(environ: dict[str, str], symbols: object) -> None:
    assert choose(environ) is symbols


def test_every_symbol_is_one_cell_and_has_its_own_ascii_form() -> None:
    assert all(cell_len(each) == 1 for each in (*UNICODE, *ASCII))
    assert len(set(UNICODE)) == len(UNICODE)
    assert to_ascii("● ok · 3×", ASCII) == "o ok - 3x"


# Actions


def test_no_key_means_two_things_in_one_place() -> None:
    for place in Where:
        over = {place, Where.ALL} if place is Where.TABLE else {place, Where.ALL, Where.LIST, Where.TABLE}
        keys = [key for each in ACTIONS if each.where in over for key in each.keys.split(",")]
        assert len(keys) == len(set(keys)), place
    ids = [each.id for each in ACTIONS]
    assert len(ids) == len(set(ids))


def test_uppercase_acts_and_everything_else_only_looks() -> None:
    for each in ACTIONS:
        for key in each.keys.split(","):
            acts = len(key) == 1 and key.isupper() and key not in "GN"
            assert acts == each.acts == (key in ACTING_KEYS and len(key) == 1)


def test_keys_that_terminals_and_fingers_need_stay_unbound() -> None:
    never = {
        "h",
        "r",
        "ctrl+a",
        "ctrl+b",
        "ctrl+s",
        "ctrl+q",
        "ctrl+d",
        "ctrl+i",
        "ctrl+j",
        "ctrl+m",
        "ctrl+backslash",
        "tilde",
    }
    bound = {key for each in ACTIONS for key in each.keys.split(",")}
    assert not bound & never
    assert not {key for key in bound if key.startswith(("f1", "alt+"))}


def test_every_action_has_a_handler_where_it_is_bound() -> None:
    from harbortui.ui.app import HarborApp
    from harbortui.ui.screens.instance import InstanceScreen
    from harbortui.ui.widgets.log import LogTail

    owners = {
        Where.ALL: (HarborApp,),
        Where.LIST: (Table, LogTail),
        Where.TABLE: (Table,),
        Where.INSTANCE: (InstanceScreen,),
    }
    for each in ACTIONS:
        for owner in owners[each.where]:
            assert hasattr(owner, f"action_{each.call.split('(')[0]}"), each.id


def test_bindings_carry_the_ids_that_a_keymap_needs() -> None:
    assert {each.id for place in Where for each in bindings(place)} == {each.id for each in ACTIONS}
    assert "open" in {each.id for each in footer_actions((Where.LIST,), frozenset())}
    assert "open" not in {each.id for each in footer_actions((Where.LIST,), frozenset({"open"}))}


def test_every_glyph_we_write_has_an_ascii_form() -> None:
    assert to_ascii("fleet › harbor × 2 − 1 … ●", ASCII) == "fleet > harbor x 2 - 1 ~ o"
