"""What is written to the terminal says the same as what Rich and Textual would write, in fewer bytes."""

from __future__ import annotations

import io

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from harbortui.ui import compat

COLUMNS, ROWS = 30, 4
COLOURS = st.sampled_from([None, "default", "red", "bright_blue", "#62b5d9", "#101010"])
STYLES = st.builds(
    lambda colour, ground, **attributes: Style(color=colour, bgcolor=ground, **attributes),
    COLOURS,
    COLOURS,
    bold=st.sampled_from([None, True, False]),
    italic=st.sampled_from([None, True]),
    underline=st.sampled_from([None, True]),
    reverse=st.sampled_from([None, True]),
)
TEXTS = st.sampled_from(["a", "bc ", "  ", "état"])
SEGMENTS = st.lists(st.tuples(TEXTS, STYLES | st.none()).map(lambda each: Segment(*each)), max_size=6)
SYSTEMS = st.sampled_from(["truecolor", "256", "standard"])


def console(system: str) -> Console:
    return Console(color_system=system, force_terminal=True, width=COLUMNS, legacy_windows=False, file=io.StringIO())  # type: ignore[arg-type]


def cells(text: str) -> list[tuple[object, ...]]:
    screen = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(screen).feed(text)
    return [tuple(screen.buffer[y][x]) for y in range(ROWS) for x in range(COLUMNS)]


@given(st.lists(SEGMENTS, min_size=1, max_size=ROWS), SYSTEMS)
def test_a_whole_paint_looks_as_textuals_does_and_takes_no_more_bytes(lines: list[list[Segment]], system: str) -> None:
    strips = [[Strip(line)] for line in lines]
    terse = compat._render_layout(LayoutUpdate(strips, Region(0, 0, COLUMNS, len(lines))), console(system))
    plain = "".join(f"\x1b[{y};1H" + each[0].render(console(system)) for y, each in enumerate(strips, start=1))
    assert cells(terse) == cells(plain)
    assert len(terse) <= len(plain) + len("\x1b[0m")


@given(SEGMENTS, st.integers(0, 9), st.integers(1, 12), SYSTEMS)
def test_a_partial_paint_looks_as_textuals_does(line: list[Segment], start: int, width: int, system: str) -> None:
    strip = Strip(line)
    stop = min(strip.cell_length, start + width)
    update = ChopsUpdate([{0: strip}], [(0, start, stop)], [[strip.cell_length]])
    terse = compat._render_chops(update, console(system))
    plain = f"\x1b[1;{start + 1}H" + strip.crop(start, stop).render(console(system))
    assert cells(terse) == cells(plain)


def test_a_style_is_written_once_and_then_only_what_differs() -> None:
    one, other = Style.parse("#ff0000 on #000001"), Style.parse("#00ff00 on #000001")
    bold = Style.parse("bold #00ff00 on #000001")
    true = ColorSystem.TRUECOLOR
    assert compat.turn(None, one, true) == "\x1b[38;2;255;0;0;48;2;0;0;1m"
    assert compat.turn(one, one, true) == ""
    assert compat.turn(one, other, true) == "\x1b[38;2;0;255;0m"
    assert compat.turn(bold, other, true) == "\x1b[0;38;2;0;255;0;48;2;0;0;1m"
    assert compat.turn(one, None, true) == "\x1b[0m"
    assert compat.turn(one, other, None) == ""
