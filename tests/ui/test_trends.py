"""The past on the screen: in words and plain characters, in the panes, and behind ``v``."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.engine.messages import AskHistory, FleetPast, InstancePast
from harbortui.model.history import Forecast, Outlook
from harbortui.ui.cell import Pane, Row
from harbortui.ui.fit import fit
from harbortui.ui.panes import trends
from harbortui.ui.panes.allocations import allocations_pane
from harbortui.ui.panes.components import components_pane
from harbortui.ui.panes.fleet import fleet_pane
from harbortui.ui.panes.older import growth_rows
from harbortui.ui.panes.replication import replication_pane
from harbortui.ui.panes.storage import storage_pane
from harbortui.ui.panes.trends import fleet_trends
from harbortui.ui.plot_symbols import PLOT
from harbortui.ui.port import Shown, SnapshotPort
from harbortui.ui.symbols import ASCII, LEVELS
from harbortui.ui.trend import (
    GAP,
    chart,
    fold,
    forecast_words,
    growth,
    is_soon,
    lasted,
    since_words,
    spark,
    spark_of,
)
from tests.ui import pasts, samples
from tests.ui.samples import GIB, NAMES, NOW
from tests.ui.test_keys import console

replace = msgspec.structs.replace
WIDTHS = (40, 78, 120, 200)


def rows(pane: Pane, block: int = 0) -> dict[str, Row]:
    return {row.key: row for row in pane.blocks[block].rows}


def texts(row: Row) -> list[str]:
    return [cell.text for cell in row.cells]


def column(pane: Pane, row: Row, title: str) -> str:
    return row.cells[[each.title for each in pane.blocks[0].columns].index(title)].text


# Characters and words

numbers = st.one_of(st.none(), st.floats(min_value=0, max_value=1e18))


@given(st.lists(numbers, max_size=200), st.integers(min_value=1, max_value=90))
def test_a_gap_stays_a_gap_and_nothing_else_becomes_one(values: list[float | None], cells: int) -> None:
    folded = fold(values, cells)
    assert len(folded) == min(cells, len(values))
    seen = [each for each in values if each is not None]
    assert max((each for each in folded if each is not None), default=None) == max(seen, default=None)
    line = spark_of(folded)
    assert [each == GAP for each in line] == [each is None for each in folded]
    assert set(line) <= {GAP, *LEVELS}


@given(st.lists(numbers, min_size=1, max_size=60), st.integers(min_value=1, max_value=8))
def test_a_chart_has_its_gaps_on_the_lowest_line_and_no_holes(values: list[float | None], height: int) -> None:
    lines = chart(values, 0.0, 1e18, height)
    assert len(lines) == height and {len(line) for line in lines} == {len(values)}
    for index, value in enumerate(values):
        bar = [line[index] for line in reversed(lines)]
        if value is None:
            assert bar == [GAP, *[" "] * (height - 1)]
        else:
            assert bar[0] in LEVELS
            filled = "".join(bar).rstrip(" ")
            assert " " not in filled and set(filled[:-1]) <= {LEVELS[-1]}


def test_levels_are_plain_where_the_terminal_has_no_others() -> None:
    line = spark([*range(8), None], 0, 7)
    assert line == f"{LEVELS}{GAP}"
    plain = fit(line, 9, symbols=ASCII)
    assert plain.isascii() and "?" not in plain and len(set(plain)) == 9


def test_growth_says_steady_where_it_may_be_none() -> None:
    assert growth(pasts.TREND) == "+14 GiB"
    assert growth(replace(pasts.TREND, low=-1.0)) == "steady"
    assert growth(replace(pasts.TREND, per_day=-float(GIB), low=-2.0 * GIB, high=-0.5 * GIB)) == "-7.0 GiB"


def test_a_forecast_has_its_range_and_is_in_days_when_it_is_near() -> None:
    assert forecast_words(pasts.forecast(), NOW) == "in about 9 weeks (8 to 10)"
    assert forecast_words(pasts.forecast(latest=None), NOW) == "in about 9 weeks (8 to never)"
    near = pasts.forecast(9.0)
    assert forecast_words(near, NOW) == "in about 9 days (2 to 16)"
    assert is_soon(near, NOW) and not is_soon(pasts.forecast(), NOW) and not is_soon(None, NOW)


@pytest.mark.parametrize("outlook", [each for each in Outlook if each is not Outlook.FILLING])
def test_every_other_outlook_is_said_without_a_time(outlook: Outlook) -> None:
    said = forecast_words(Forecast(outlook=outlook, limit=1.0), NOW)
    assert said and not any(each.isdigit() for each in said)


def test_what_may_have_begun_earlier_says_so() -> None:
    known = pasts.standing("core").since
    assert lasted(known, NOW) == "5 d"
    assert lasted(replace(known, earliest=None), NOW) == ">5 d"
    said = since_words(replace(known, earliest=known.since - 7200, unseen=3600.0))
    assert "not before" in said and "nobody looked for 60 m" in said


# Panes


def test_the_fleet_has_a_trend_only_where_something_is_known() -> None:
    snapshot = samples.fleet()
    verdict = samples.verdict(snapshot)
    assert fleet_pane(snapshot, verdict, NOW, {}) == fleet_pane(snapshot, verdict, NOW)
    pane = fleet_pane(snapshot, verdict, NOW, {NAMES[0]: pasts.past()})
    assert column(pane, rows(pane)[NAMES[0]], "A week") == "▁▃▅▆█ +14 GiB"
    assert column(pane, rows(pane)[NAMES[1]], "A week") == ""
    assert ("full", "in about 9 weeks (8 to 10)") in rows(pane)[NAMES[0]].more


def test_a_bucket_of_which_nothing_was_heard_today_has_no_present_size() -> None:
    grown = pasts.past(bucket=pasts.bucket(curve=pasts.curve(*pasts.GROWN, None)))
    for past, held in ((pasts.past(), "411 GiB"), (grown, "")):
        pane = fleet_trends(samples.fleet(), {NAMES[0]: past}, 120, NOW)
        assert column(pane, rows(pane)[NAMES[0]], "Now") == held


def test_the_fleets_trends_say_why_there_is_nothing_to_see() -> None:
    for why, keys in ((None, ["reading"]), ("no history is kept of this fleet", ["none", "feed", "feed/timer"])):
        assert list(rows(fleet_trends(samples.fleet(), {}, 120, NOW, why))) == keys
    assert NAMES[0] in rows(fleet_trends(samples.fleet(), {}, 120, NOW, ""))


def test_growth_is_as_old_as_what_was_last_seen() -> None:
    old = pasts.bucket(curve=pasts.curve(*pasts.GROWN, None, None, None))
    (trend, full) = growth_rows(pasts.detail(past=pasts.past(bucket=old)), NOW)
    assert trend.cells[-1].text == full.cells[-1].text == "3 d"
    assert ("seen over", "58 days") in trend.more


def test_components_tell_since_when_and_restarts_within_a_day() -> None:
    each = samples.instance()
    pane = components_pane(each, NOW, pasts.detail())
    core, registry = rows(pane)["core"], rows(pane)["registry"]
    assert column(pane, core, "Since") == "5 d"
    assert (column(pane, core, "24h"), column(pane, registry, "24h")) == ("", "3")
    assert ("restarts", "3 within a day") in registry.more
    assert column(pane, rows(pane)["nginx"], "Since") == "5 d"


def test_a_state_that_the_history_does_not_know_yet_has_no_since() -> None:
    _, broken, _ = samples.hurt()[0].instances
    pane = components_pane(broken, NOW, pasts.detail(NAMES[1]))
    assert column(pane, rows(pane)["registry"], "Since") == "", "the history still has it healthy"
    ill = pasts.past(NAMES[1], standings=(pasts.standing("registry", "unhealthy", 0.5),))
    pane = components_pane(broken, NOW, pasts.detail(NAMES[1], past=ill))
    assert column(pane, rows(pane)["registry"], "Since") == "12 h"


def test_storage_tells_growth_forecast_and_what_a_collection_took_off_the_bucket() -> None:
    snapshot = samples.fleet()
    each = snapshot.instances[0]
    found = rows(storage_pane(snapshot, each, NOW, past=pasts.detail()))
    assert texts(found["trend"])[2].startswith("+14 GiB a week (+10 GiB to +18 GiB) ·")
    assert texts(found["full"])[2] == "in about 9 weeks (8 to 10) · 500 GiB"
    assert "freed 18 GiB" in texts(found["gc/7"])[2]
    assert texts(found["gc/7"])[2].endswith("bucket 430 GiB → 412 GiB (-18 GiB)")
    near = pasts.past(bucket=pasts.bucket(forecast=pasts.forecast(9.0)))
    found = rows(storage_pane(snapshot, each, NOW, past=pasts.detail(past=near)))
    assert texts(found["full"])[0] == "▲"


def test_no_limit_no_forecast_and_no_history_no_rows() -> None:
    snapshot = samples.fleet()
    each = snapshot.instances[0]
    unlimited = pasts.detail(past=pasts.past(bucket=pasts.bucket(forecast=None)))
    assert "full" not in rows(storage_pane(snapshot, each, NOW, past=unlimited))
    assert not {"trend", "full"} & set(rows(storage_pane(snapshot, each, NOW)))


def test_older_executions_stand_behind_those_that_harbor_tells() -> None:
    pane = replication_pane(samples.instance(), NOW, pasts.detail())
    keys = list(rows(pane))
    assert keys[-2:] == ["older", "past/7"], "104 is told by Harbor itself"
    assert "failed" in texts(rows(pane)["past/7"]) and "sync-to-nas" in texts(rows(pane)["past/7"])


def test_older_task_events_stand_behind_those_that_nomad_tells() -> None:
    pane = allocations_pane(samples.instance(), NOW, pasts.detail())
    older = pane.blocks[1].rows[-1]
    assert texts(older)[1:] == ["core", "Terminated", "OOM killed, exit 137, allocation 0a1b2c3d"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_trends_fit_into_every_width_with_their_newest_end(number: int, width: int) -> None:
    known = pasts.detail(trends=pasts.trends())
    pane = trends.pane_of(number, samples.instance(), known, NOW, width)
    for block in pane.blocks:
        needed = sum(each.width for each in block.columns if not each.priority) + len(block.columns) - 1
        assert needed <= max(width, 46)
        for row in block.rows:
            if not row.wide:
                for cell, each in zip(row.cells, block.columns, strict=True):
                    assert set(cell.text) <= {GAP, *LEVELS, " "} or not set(cell.text) & set(LEVELS)
                    if set(cell.text) & set(LEVELS):
                        assert len(cell.text) <= each.width, "a curve that is cut loses its newest end"


def test_memory_is_drawn_against_the_hard_limit_with_its_gaps() -> None:
    known = pasts.detail(trends=pasts.trends())
    pane = trends.pane_of(1, samples.instance(), known, NOW, 200)
    row = rows(pane)["core"]
    assert row.cells[1].text.startswith(GAP * 40) and GAP not in row.cells[1].text[40:]
    assert texts(row)[2:] == ["205", "249", "512"]
    assert LEVELS[-1] not in row.cells[1].text, "half of the limit is half the height"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_what_is_not_known_is_said(number: int) -> None:
    each = samples.instance()
    for known, said in (
        (None, "reading the history"),
        (pasts.detail(), "reading the history"),
        (pasts.detail(trends=pasts.Trends()), "knows nothing of this yet"),
        (pasts.detail(trends=pasts.Trends(), lost=("x.history: damaged",)), "damaged"),
    ):
        pane = trends.pane_of(number, each, known, NOW, 80)
        assert said in " ".join(row.cells[0].text for row in pane.blocks[0].rows)


# Keys


@pytest.mark.parametrize("size", [(80, 24), (120, 35)])
async def test_v_shows_how_the_focused_pane_went_and_back(size: tuple[int, int]) -> None:
    async with console(instance=NAMES[0], size=size) as it:
        await it.until(lambda: AskHistory(instance=NAMES[0]) in it.port.sent)
        it.port.say(InstancePast(detail=pasts.detail()))
        await it.press("v")
        assert it.port.sent[-1] == AskHistory(instance=NAMES[0], trends=True)
        await it.until_text("reading the history")
        it.port.say(InstancePast(detail=pasts.detail(trends=pasts.trends())))
        await it.until_text("MiB, last day")
        assert "Components: memory" in it.text and GAP * 3 in it.text
        it.port.say(InstancePast(detail=pasts.detail()))
        await it.press("3", "v")
        await it.until_text("Storage: usage")
        assert PLOT.ahead in it.text and "forecast: in about 9 weeks" in it.text
        await it.press("v", "1", "v")
        await it.until(lambda: "Components: memory" not in it.text)
        assert it.port.sent[-1] == AskHistory(instance=NAMES[0])


async def test_v_on_the_fleet() -> None:
    async with console(size=(80, 24)) as it:
        await it.until(lambda: AskHistory() in it.port.sent)
        it.port.say(FleetPast(instances=tuple(pasts.past(name) for name in NAMES[:2])))
        await it.press("v")
        await it.until_text("in about 9 weeks")
        assert "nothing known" in it.text and "+14 GiB" in it.text
        await it.press("v")
        await it.until_text("Instances")


async def test_each_minute_asks_once_about_what_is_on() -> None:
    async with console() as it:
        before = len(it.port.sent)
        it.app._next_minute()
        assert it.port.sent[before:] == [AskHistory()]
        await it.press("enter")
        await it.until(lambda: AskHistory(instance=NAMES[1]) in it.port.sent)
        before = len(it.port.sent)
        it.app._next_minute()
        assert it.port.sent[before:] == [AskHistory(instance=NAMES[1])]


async def test_an_answer_about_another_instance_is_not_shown() -> None:
    async with console(instance=NAMES[0]) as it:
        it.port.say(InstancePast(detail=pasts.detail(NAMES[1])))
        it.port.say(Shown(*samples.hurt()))
        await it.pilot.pause(0.05)
        assert it.app.view.detail is None


async def test_logs_pages_and_snapshots_say_why_v_shows_nothing() -> None:
    async with console(instance=NAMES[0]) as it:
        await it.press("5", "v")
        await it.until_text("a log has no trends")
        await it.press("question_mark", "v")
        await it.until_text("esc first")


def test_a_file_is_not_asked() -> None:
    assert SnapshotPort(*samples.hurt()).send(AskHistory()) is None


async def test_a_sentence_in_place_of_the_trends_is_no_instance_to_open() -> None:
    async with console() as it:
        await it.press("v")
        await it.until_text("reading the history")
        assert "opens" not in it.text
        await it.press("enter")
        assert it.app.current_mode == "fleet"
        await it.press("6")
        assert "which instance?" in it.text
