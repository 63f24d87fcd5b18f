"""Lines and forecasts: right where the data carry one, silent where they do not."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.collect.history.queries import Span
from harbortui.collect.history.resample import Grid, grid, resample
from harbortui.collect.history.trend import forecast, trend
from harbortui.model.history import Outlook, Point
from tests.history.looks import DAY, HOUR, NOW


def points(values: list[float | None], step: float = HOUR) -> list[Point]:
    start = NOW - len(values) * step
    return [Point(at=start + index * step, mean=each) for index, each in enumerate(values)]


def sawtooth(days: int, growth: float, freed: float, noise: float = 0.0, seed: int = 1) -> list[Point]:
    """Hourly usage that grows by ``growth`` a day and loses ``freed`` in a weekly collection."""
    random = Random(seed)
    held, found = 1e12, []
    for hour in range(days * 24):
        held += growth / 24
        if hour % (7 * 24) == 80:
            held -= freed
        found.append(held + random.gauss(0, noise))
    return points(list(found))


@given(st.floats(-1e9, 1e9), st.floats(0, 1e12), st.integers(100, 1500))
def test_a_straight_line_is_found_exactly(per_day: float, begin: float, hours: int) -> None:
    line = trend(points([begin + per_day * hour / 24 for hour in range(hours)]))
    assert line is not None
    assert line.per_day == pytest.approx(per_day, rel=1e-6, abs=1e-3)
    assert line.low <= line.per_day <= line.high


def test_collections_do_not_hide_growth_and_one_jump_makes_none() -> None:
    line = trend(sawtooth(56, growth=10e9, freed=35e9, noise=1e8))
    assert line is not None
    assert line.low <= 5e9 <= line.high and line.low > 0, "10 a day, 5 of them freed each week"
    jump = trend(points([1e12 + (5e11 if hour > 900 else 0) for hour in range(1000)]))
    assert jump is not None and jump.per_day == 0


def test_gaps_are_no_data() -> None:
    whole = [1e12 + 1e9 * hour / 24 for hour in range(720)]
    holes = [None if 200 < hour < 400 else each for hour, each in enumerate(whole)]
    line = trend(points(holes))
    assert line is not None and line.per_day == pytest.approx(1e9)
    mostly = [each if hour % 5 == 0 else None for hour, each in enumerate(whole)]
    assert trend(points(mostly)) is None, "a fifth of the time is too little"


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 5, [float(each) for each in range(71)]])
def test_too_little_makes_no_line_and_no_forecast(values: list[float]) -> None:
    assert trend(points(list(values))) is None
    told = forecast(points(list(values)), 1e15, NOW)
    assert (told.outlook, told.at, told.trend) == (Outlook.SHORT, None, None)


def test_a_bucket_that_fills_is_told_with_its_range() -> None:
    """A year in one: the real end lies between the earliest and the latest."""
    growth, freed = 10e9, 35e9
    told = forecast(sawtooth(56, growth, freed, noise=1e8), 1.5e12, NOW)
    net = growth - freed / 7
    now_held = 1e12 + 56 * net
    real = NOW + (1.5e12 - now_held) / net * DAY
    assert told.outlook is Outlook.FILLING
    assert told.at is not None and told.earliest is not None and told.latest is not None
    assert NOW <= told.earliest <= told.at <= told.latest
    assert told.earliest <= real <= told.latest and abs(told.at - real) < 0.2 * (real - NOW)


@given(st.floats(1e8, 1e11), st.floats(0, 0.9), st.integers(14, 90), st.floats(1.0, 200.0), st.integers(0, 99))
def test_a_forecast_is_in_order_and_never_in_the_past(
    growth: float, share: float, days: int, ahead: float, seed: int
) -> None:
    data = sawtooth(days, growth, growth * 7 * share, noise=growth / 10, seed=seed)
    last = data[-1].mean
    assert last is not None
    told = forecast(data, last + growth * ahead, NOW)
    if told.outlook is Outlook.FILLING:
        assert told.at is not None and told.earliest is not None
        assert NOW <= told.earliest <= told.at <= (told.latest if told.latest is not None else told.at)
    else:
        assert told.at is told.earliest is told.latest is None


def test_other_outlooks() -> None:
    flat = points([1e12 + (hour % 7) for hour in range(800)])
    assert forecast(flat, 2e12, NOW).outlook is Outlook.STEADY
    shrinking = points([1e12 - 1e9 * hour for hour in range(800)])
    assert forecast(shrinking, 2e12, NOW).outlook is Outlook.STEADY
    slow = points([1e12 + 1e6 * hour for hour in range(800)])
    assert forecast(slow, 9e12, NOW).outlook is Outlook.BEYOND
    assert forecast(points([5.0] * 800), 5.0, NOW).outlook is Outlook.REACHED
    old = forecast(slow, 1.001e12, NOW + 400 * DAY)
    assert old.outlook is Outlook.SHORT, "a line that ended a year ago says nothing of now"


def test_noise_around_nothing_is_hardly_ever_called_growth() -> None:
    """An hour depends on the one before, as usage does: what looks like growth by chance must not become a date."""
    called = 0
    for seed in range(60):
        random = Random(seed)
        held, values = 0.0, []
        for _ in range(24 * 28):
            held = 0.98 * held + random.gauss(0, 1e9)
            values.append(1e12 + held)
        called += forecast(points(list(values)), 1.2e12, NOW).outlook is Outlook.FILLING
    assert called <= 6


# The steps beneath


@given(st.floats(0, 500 * DAY), st.floats(1.0, 400 * DAY), st.integers(1, 2000))
def test_a_grid_covers_its_time_in_steps_that_exist(age: float, length: float, steps: int) -> None:
    start = NOW - age
    over = grid(start, start + length, steps, NOW)
    assert over.start <= start and over.end >= start + length - 1
    assert over.start % over.step == 0 and over.step % 60 == 0
    assert over.step < 3600 or over.step % 3600 == 0
    assert over.step < 86_400 or over.step % 86_400 == 0


spans = st.lists(
    st.builds(
        lambda minute, width, value: Span(
            int(NOW) // 86_400 * 86_400 + minute * 60 // width * width, width, 1, value, value, value
        ),
        st.integers(0, 600),
        st.sampled_from([60, 300, 3600]),
        st.integers(0, 10**15),
    ),
    max_size=50,
)


@given(st.lists(spans, max_size=3))
def test_nothing_is_made_up(files: list[list[Span]]) -> None:
    over = Grid(int(NOW) // 86_400 * 86_400, 300, 120)
    told = resample(files, over)
    every = [span for file in files for span in file]
    assert len(told) == 120 and [point.at for point in told] == [over.start + 300 * each for each in range(120)]
    for point in told:
        if point.samples:
            inside = [each for each in every if each.start < point.at + 300 and each.start + each.width > point.at]
            assert inside and point.low is not None and point.high is not None and point.mean is not None
            assert min(each.low for each in inside) <= point.low <= point.mean <= point.high
            assert point.high <= max(each.high for each in inside)
        elif point.mean is not None:
            assert any(each.start < point.at for each in every) and any(each.start > point.at for each in every)


def test_what_was_long_ago_foretells_nothing() -> None:
    rising = points([1e12 + 1e9 * hour / 24 for hour in range(1200)])
    assert forecast(rising, 1.1e12, NOW + 2 * DAY).outlook is Outlook.FILLING
    assert forecast(rising, 1.1e12, NOW + 20 * DAY).outlook is Outlook.SHORT
    assert forecast(rising, 1e12, NOW).outlook is Outlook.REACHED
    assert forecast(rising, 1e12, NOW + 20 * DAY).outlook is Outlook.SHORT, "garbage may have been collected since"
