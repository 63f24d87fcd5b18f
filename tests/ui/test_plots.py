"""Plots: exact lines, honest scales, gaps that stay gaps, and nothing that a value can be makes them fail."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.engine.messages import FleetPast, InstancePast
from harbortui.model.past import Curve, Trends
from harbortui.ui import words
from harbortui.ui.cell import Pane
from harbortui.ui.panes import trends
from harbortui.ui.panes.plots import Picture, bucket_plot, fleet_plots, memory_plot, restarts_plot, throughput_plot
from harbortui.ui.plot import LABEL, LEAST_WITH_LABELS, Ahead, Limit, Plot, Tick, draw, is_room
from harbortui.ui.plot_scale import Span, columns_of, scale_of
from harbortui.ui.plot_symbols import BLANK, PLOT
from harbortui.ui.symbols import ASCII, to_ascii
from harbortui.ui.trend import GAP, sureness
from tests.ui import pasts, samples
from tests.ui.samples import DAY, GIB, NAMES, NOW
from tests.ui.test_keys import Console, console

replace = msgspec.structs.replace
any_number = st.one_of(st.none(), st.floats(), st.floats(0, 100), st.just(0.0), st.integers(0, 9).map(float))
many = st.lists(any_number, max_size=150)
ROWS = (0x40 | 0x80, 0x04 | 0x20, 0x02 | 0x10, 0x01 | 0x08)
"""The dots of a braille cell, by height from below."""


def lines(picture: Picture) -> list[str]:
    return ["".join(cell.text for cell in line) for line in picture]


def plot(*values: float | None, **more: object) -> Plot:
    return Plot(Curve(start=NOW - 3600.0 * len(values), step=3600.0, values=values), words.size, words.day, **more)  # type: ignore[arg-type]


def dots_in(texts: list[str], x: int) -> list[int]:
    """Heights of the dots in one column of cells, from below."""
    found = []
    for number, line in enumerate(reversed(texts)):
        bits = ord(line[x]) - BLANK
        if 0 < bits < 256:
            found += [4 * number + height for height, mask in enumerate(ROWS) if bits & mask]
    return found


# Properties


@settings(max_examples=150, deadline=None)
@given(
    values=many,
    others=many,
    width=st.integers(-1, 140),
    height=st.integers(-1, 24),
    bars=st.booleans(),
    limit=any_number,
    slope=st.floats(),
    ends=st.lists(st.floats(), min_size=2, max_size=2),
)
def test_whatever_the_values_lines_have_exactly_the_width(
    values: list[float | None],
    others: list[float | None],
    width: int,
    height: int,
    bars: bool,
    limit: float | None,
    slope: float,
    ends: list[float],
) -> None:
    made = plot(
        *values,
        bars=bars,
        zero=bars,
        crosses=Curve(start=NOW - 3600.0 * len(others), step=3600.0, values=tuple(others)),
        limit=Limit(limit) if limit is not None else None,
        tick=Tick(limit / 2, "half") if limit is not None else None,
        ahead=Ahead(NOW, ends[0], slope, NOW + 9 * DAY, *ends),
    )
    drawn = draw(made, width, height)
    assert (len(drawn) == height and all(len(each) == width for each in lines(drawn))) if drawn else True
    assert bool(drawn) == (is_room(width, height) and bool(values))
    for line in lines(drawn):
        assert line.isprintable()
        plain = to_ascii(line, ASCII)
        assert len(plain) == len(line) and "?" not in plain


@settings(max_examples=150, deadline=None)
@given(values=st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=60), bars=st.booleans())
def test_gaps_stay_gaps_and_are_never_joined(values: list[float | None], bars: bool) -> None:
    # Two columns of dots for each value: a cell is one value.
    drawn = lines(draw(plot(*values, bars=bars), max(LEAST_WITH_LABELS, LABEL + 1 + len(values)), 6))
    room = len(drawn[0]) - LABEL - 1
    for x in range(room):
        begin, end = x * len(values) // room, -(-(x + 1) * len(values) // room)
        there = values[begin:end]
        column = [line[LABEL + 1 + x] for line in drawn[:-1]]
        if all(each is None for each in there):
            assert column == [" "] * (len(column) - 1) + [GAP]
        elif room == len(values):
            assert dots_in(drawn[:-1], LABEL + 1 + x), "what was seen is drawn"
            assert GAP not in column


@settings(max_examples=150, deadline=None)
@given(values=st.lists(st.floats(0, 1e9), min_size=30, max_size=60), height=st.integers(3, 12), zero=st.booleans())
def test_the_scale_does_not_lie(values: list[float], height: int, zero: bool) -> None:
    """What a dot's height says, by the labels, is within half a dot of what was seen, or between two neighbours."""
    texts = lines(draw(plot(*values, zero=zero), LABEL + 1 + len(values), height + 1))[:-1]
    scale = scale_of(values, zero=zero)
    assert texts[0].startswith(words.size(scale.high).rjust(LABEL))
    assert texts[-1].startswith(words.size(scale.low).rjust(LABEL))
    half = (scale.high - scale.low) / (4 * height - 1) / 2 * 1.001
    for x, value in enumerate(values):
        found = [scale.value(dot, 4 * height) for dot in dots_in(texts, LABEL + 1 + x)]
        before = values[max(0, x - 1)]
        assert min(abs(each - value) for each in found) <= half
        assert min(found) >= min(value, before) - half and max(found) <= max(value, before) + half


@given(values=st.lists(st.integers(0, 50).map(float), min_size=1, max_size=40))
def test_counts_stand_on_zero_and_nothing_is_not_a_gap(values: list[float]) -> None:
    texts = lines(draw(plot(*values, bars=True, top=1.0), LABEL + 1 + max(12, len(values)), 5))[:-1]
    bottom = texts[-1][LABEL + 1 :]
    assert GAP not in bottom and " " not in bottom
    assert texts[-1].startswith(words.size(0.0).rjust(LABEL))


@given(many, st.integers(1, 300))
def test_no_peak_is_lost_in_a_narrow_plot(values: list[float | None], columns: int) -> None:
    found = columns_of(0.0, 60.0, values, Span(0.0, 60.0 * max(1, len(values))), columns)
    seen = [max(-1e300, min(1e300, each)) for each in values if each is not None and math.isfinite(each)]
    assert max((each.high for each in found if each), default=None) == max(seen, default=None)
    assert min((each.low for each in found if each), default=None) == min(seen, default=None)


def test_a_flat_line_looks_flat() -> None:
    texts = lines(draw(plot(*(412.0 * GIB + n % 2 for n in range(40)), zero=False), 60, 8))[:-1]
    found = [dot for x in range(LABEL + 1, 60) for dot in dots_in(texts, x)]
    assert max(found) - min(found) <= 1


@pytest.mark.parametrize(
    "values", [(5.0,), (5.0,) * 30, (0.0,), (1e308, -1e308), (math.nan,), (math.inf, 1.0), (None,)]
)
def test_odd_series_are_drawn_too(values: tuple[float | None, ...]) -> None:
    assert len(draw(plot(*values), 60, 8)) == 8


# Marks


def test_the_marks_of_a_plot_differ_from_each_other_in_both_sets() -> None:
    ascii_marks = [to_ascii(each, ASCII) for each in (*PLOT, GAP)]
    dots = {to_ascii(chr(BLANK + bits), ASCII) for bits in range(1, 256)}
    assert len({*PLOT, GAP}) == len({*ascii_marks}) == len(PLOT) + 1
    assert dots == {".", "'", ":"} and not dots & {*ascii_marks}


def test_the_forecast_is_another_mark_beyond_now_and_the_limit_is_thick_where_it_is_expected() -> None:
    picture = bucket_plot(pasts.curve(*pasts.GROWN), pasts.bucket(), NOW, 78, 12)
    drawn = lines(picture)
    now = next(line.index("now") for line in drawn if "now" in line and line.startswith(" " * LABEL))
    for line in drawn[1:-2]:
        assert all(x >= now for x, each in enumerate(line) if each == PLOT.ahead)
        assert all(x <= now + 1 for x, each in enumerate(line) if each != PLOT.ahead and ord(each) > BLANK)
    assert PLOT.when in drawn[1] and PLOT.limit in drawn[1] and "500 GiB" in drawn[1]
    assert "forecast: in about 9 weeks (8 to 10)" in drawn[-1] and "likely" in drawn[-1]
    assert "now 411 GiB" in drawn[0] and "least 372 GiB, most 411 GiB" in drawn[0]


def test_no_forecast_without_a_time() -> None:
    for bucket in (pasts.bucket(forecast=None), pasts.bucket(forecast=pasts.forecast(trend=None)), None):
        drawn = "".join(lines(bucket_plot(pasts.curve(*pasts.GROWN), bucket, NOW, 78, 10))[1:-1])
        assert PLOT.ahead not in drawn and PLOT.now not in drawn


def test_how_sure_a_forecast_is() -> None:
    assert sureness(pasts.forecast(), NOW) == "likely"
    assert sureness(pasts.forecast(latest=NOW + 100 * DAY), NOW) == "roughly"
    assert sureness(pasts.forecast(latest=NOW + 300 * DAY), NOW) == "unsure"
    assert sureness(pasts.forecast(latest=None), NOW) == "unsure"
    assert sureness(pasts.forecast(at=None), NOW) == ""


def test_failures_are_crosses() -> None:
    drawn = lines(throughput_plot(pasts.trends(), NOW, 78, 9, hours=True))
    assert sum(line.count(PLOT.cross) for line in drawn[1:-2]) == 1
    assert "618 in all, 3 failed" in drawn[0] and "no bytes" in drawn[-1]
    assert throughput_plot(Trends(), NOW, 78, 9, hours=True) == ()


def test_memory_has_its_limit_and_a_tick_at_what_is_reserved() -> None:
    spec = samples.instance().job.value.tasks[0]
    curve = pasts.trends().memory[0]
    drawn = lines(memory_plot(curve, spec, NOW, 78, 10))
    assert "512 MiB" in drawn[1] and PLOT.limit * 5 in drawn[1]
    assert sum(PLOT.tick in line for line in drawn[1:-1]) == 3
    assert "reserved" in drawn[-1] and GAP in drawn[-1]
    bare = lines(memory_plot(curve, None, NOW, 78, 10))
    assert "no hard limit" in bare[-1] and PLOT.limit not in "".join(bare)


def test_what_is_old_has_an_age() -> None:
    old = pasts.curve(*pasts.GROWN, None, None, None)
    assert "411 GiB, 3 d ago" in lines(bucket_plot(old, None, NOW, 78, 9))[0]


def test_times_are_in_the_zone_that_is_shown() -> None:
    words.use_zone("Asia/Tokyo")
    try:
        times = lines(restarts_plot(pasts.trends().restarts[0], 78, 9))[-2]
        assert times.rstrip().endswith("JST")
    finally:
        words.use_zone("UTC")
    assert (
        datetime.fromtimestamp(NOW, UTC).strftime("%m-%d UTC")
        in lines(restarts_plot(pasts.trends().restarts[0], 78, 9))[-2]
    )


@given(st.integers(0, 220), st.integers(0, 40), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_small_multiples_fit_into_their_room(width: int, height: int, count: int) -> None:
    known = {f"harbor-{n}": pasts.past(f"harbor-{n}") for n in range(count)}
    picture = fleet_plots(known, NOW, width, height)
    assert len(picture) <= height
    assert all(len(line) <= width for line in lines(picture))


# Goldens: few, and read before they are changed

GOLDEN_BARS = """\
       6┤╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
        │        ⣶⣶⣶⣶⣀⣀  
        │  ⣤⣤    ××⣿⣿⣿⣿  
       0┤⣶⣶⣿⣿····⣿⣿⣿⣿⣿⣿⣀⣀
         11-13  11-21 UTC
"""
GOLDEN_ASCII = """\
       6+================
        |        ::::..  
        |  ..    xx::::  
       0+::::----::::::..
         11-13  11-21 UTC
"""


def test_bars_gaps_a_limit_and_failures_in_both_sets() -> None:
    values = (1.0, 2.0, None, None, 4.0, 4.0, 3.0, 0.0)
    made = Plot(
        Curve(start=NOW - 8 * DAY, step=DAY, values=values),
        lambda value: f"{value:.0f}",
        words.day,
        "UTC",
        crosses=Curve(start=NOW - 8 * DAY, step=DAY, values=(0.0, 0.0, None, None, 2.0, 0.0, 0.0, 0.0)),
        bars=True,
        limit=Limit(6.0),
    )
    drawn = lines(draw(made, 25, 5))
    assert drawn == GOLDEN_BARS.splitlines()
    assert [to_ascii(each, ASCII) for each in drawn] == GOLDEN_ASCII.splitlines()


# Where they are


def text_of(pane: Pane) -> str:
    return "\n".join(lines(pane.picture))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize(("width", "height"), [(78, 20), (68, 10), (118, 30), (30, 8), (9, 5), (1, 1)])
def test_a_picture_leaves_room_for_a_row(number: int, width: int, height: int) -> None:
    pane = trends.pane_of(number, samples.instance(), pasts.detail(trends=pasts.trends()), NOW, width, height)
    assert len(pane.picture) <= max(0, height - 3)
    assert all(len(line) <= width for line in lines(pane.picture))
    if (width, height) in ((78, 20), (118, 30)):
        assert pane.picture


def test_the_plot_is_of_the_row_under_the_cursor() -> None:
    known = pasts.detail(trends=pasts.trends())
    of = {key: trends.pane_of(1, samples.instance(), known, NOW, 78, 20, key) for key in ("redis", "core", "gone")}
    assert [lines(of[key].picture)[0].split()[0] for key in of] == ["redis", "core", "core"]
    hours, days = (trends.pane_of(4, samples.instance(), known, NOW, 78, 20, key) for key in ("hour/ok", "day/failed"))
    assert "Tasks an hour" in text_of(hours) and "Executions a day" in text_of(days)


def test_what_is_not_known_says_how_to_feed_it() -> None:
    pane = trends.pane_of(1, samples.instance(), pasts.detail(trends=Trends()), NOW, 78, 20)
    assert any("harbortui check --record" in cell.text for row in pane.blocks[0].rows for cell in row.cells)
    assert pane.picture == ()


async def with_trends(it: Console, *keys: str) -> None:
    it.port.say(InstancePast(detail=pasts.detail(trends=pasts.trends())))
    await it.press(*keys)
    it.port.say(InstancePast(detail=pasts.detail(trends=pasts.trends())))


async def test_the_cursor_moves_through_the_figures_and_takes_the_plot_along() -> None:
    async with console(instance=NAMES[0], size=(80, 24)) as it:
        await with_trends(it, "v")
        await it.until_text("40% of the hard limit")
        assert "  core  now" in it.text
        await it.press("j")
        await it.until_text("  database  now")
        await it.press("G", "v")
        await it.until(lambda: "hard limit" not in it.text)


async def test_zoom_makes_room_for_the_plot_and_back() -> None:
    async with console(instance=NAMES[0], size=(120, 35)) as it:
        await with_trends(it, "v")
        await it.until_text("MiB, last day")
        assert PLOT.limit not in it.text
        await it.press("z")
        await it.until_text("hard limit 512 MiB")
        await it.press("z")
        await it.until(lambda: PLOT.limit not in it.text)


async def test_where_the_screen_is_tall_all_four_are_drawn_and_a_resize_draws_again() -> None:
    async with console(instance=NAMES[0], size=(200, 60)) as it:
        await with_trends(it, "v", "2", "v", "3", "v", "4", "v")
        for said in ("hard limit 512 MiB", "restarts in", "forecast: in about", "Tasks an hour"):
            await it.until_text(said)
        await it.pilot.resize_terminal(80, 24)
        await it.until_text("Tasks an hour")
        assert all(len(line) <= 80 for line in it.text.splitlines())


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
async def test_the_fleet_has_a_small_plot_for_each(size: tuple[int, int]) -> None:
    async with console(size=size) as it:
        it.port.say(FleetPast(instances=tuple(pasts.past(name) for name in NAMES)))
        await it.press("v")
        await it.until_text(PLOT.when + " when")
        assert sum(line.count("500 GiB" + PLOT.tick) for line in it.text.splitlines()) == 3
        assert "in about 9 weeks" in it.text, "the figures are there as well"


async def test_a_click_below_the_picture_goes_to_the_row() -> None:
    async with console(instance=NAMES[0], size=(80, 24)) as it:
        await with_trends(it, "v")
        await it.until_text("40% of the hard limit")
        table = it.app.instance_screen.tables[0]  # type: ignore[union-attr]
        await it.pilot.click(table, offset=(5, table.frame + 2))
        await it.until_text("  jobservice  now")
        await it.pilot.click(table, offset=(5, 3))
        assert table.cursor_key == "jobservice", "the picture is no row"
