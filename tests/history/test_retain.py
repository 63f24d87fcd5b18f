"""As time goes by: minutes become hours and days, what is too old goes, and the room is never exceeded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harbortui.collect.history.append import SERIES_PER_ENDPOINT, append
from harbortui.collect.history.codes import Metric
from harbortui.collect.history.database import writing
from harbortui.collect.history.keys import bucket_of, harbor_of
from harbortui.collect.history.retain import CHANGES_KEPT, HOURS_KEPT, MINUTES_KEPT, ROWS_KEPT, tidy
from harbortui.collect.history.rows import Place, Rows, Sample, StateRow
from harbortui.model.history import Measure, Subject
from tests.history.looks import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SOURCE,
    TARGET,
    Kept,
    bucket,
    execution,
    health,
    look,
    opened,
    value,
)
from tests.history.years import fill, place_at, target

PLACE = Place(bucket_of(TARGET), Metric.BUCKET_BYTES, "", SOURCE)


def samples(kept: Kept, times: range, step: int = 60) -> None:
    """A sample at each of these times, whose value is the minute since NOW; tidied at the end."""
    rows = Rows(
        samples=tuple(Sample(PLACE, at // 60, (at - int(NOW)) // 60 + 10_000_000) for at in times[:: step // 60])
    )
    with writing(kept.place) as connection:
        append(connection, rows)
        tidy(connection, kept.place, float(times[-1] + 400))
    kept.clock.now = float(times[-1])


def counts(kept: Kept) -> dict[str, int]:
    with opened(kept.place.own) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("minute", "hour", "day", "state", "execution", "series", "endpoint")
        }


def test_minutes_become_hours_and_days_with_the_same_sums(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    start = int(NOW // DAY * DAY)
    for day in range(5):
        samples(kept, range(start + day * 86_400, start + (day + 1) * 86_400 + 3600, 60))
    found = counts(kept)
    assert MINUTES_KEPT - 60 <= found["minute"] <= MINUTES_KEPT and found["hour"] == 5 * 24 + 1 and found["day"] == 5
    with opened(kept.place.own) as connection:
        for table, minutes in (("hour", 60), ("day", 1440)):
            for t, n, low, high, mean in connection.execute(f"SELECT t, n, low, high, mean FROM {table} ORDER BY t"):
                first = t * minutes - int(NOW // 60) + 10_000_000
                assert (n, low, high) == (minutes, first, first + minutes - 1)
                assert abs(mean - (first + minutes / 2)) <= 1


def test_a_series_reads_the_same_across_its_tables(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    start = int(NOW // DAY * DAY)
    for day in range(5):
        samples(kept, range(start + day * 86_400, start + (day + 1) * 86_400, 60))
    end = start + 5 * 86_400
    for begin, step in ((end - 40 * HOUR, HOUR), (end - 100 * HOUR, HOUR), (float(start), DAY)):
        steps = int((end - begin) / step)
        (series,) = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=begin, end=end, steps=steps))
        assert series.step == step and len(series.points) == steps
        for point in series.points:
            first = int(point.at - NOW) // 60 + 10_000_000
            assert point.mean is not None and abs(point.mean - (first + step / 120)) <= 1, point
            assert (point.low, point.high, point.samples) == (first, first + step / 60 - 1, step / 60)


def test_a_gap_is_a_gap_in_every_table(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    start = int(NOW // DAY * DAY)
    for day in (0, 1, 4, 5):
        samples(kept, range(start + day * 86_400, start + (day + 1) * 86_400, 60))
    end = start + 6 * 86_400
    (hourly,) = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=start, end=end, steps=6 * 24))
    assert [point.mean is None for point in hourly.points] == [False] * 48 + [True] * 48 + [False] * 48
    (daily,) = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=start, end=end, steps=6))
    assert [point.mean is None for point in daily.points] == [False, False, True, True, False, False]


def test_every_age_ends(tmp_path: Path) -> None:
    kept = Kept(tmp_path, keep_days=100)
    start = int(NOW)
    for day in range(0, 300, 1):
        samples(kept, range(start + day * 86_400, start + day * 86_400 + 7200, 600), 600)
    found = counts(kept)
    assert found["minute"] <= MINUTES_KEPT and found["hour"] <= HOURS_KEPT and 95 <= found["day"] <= 101


def test_after_a_long_silence_what_was_left_is_summed_up(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    start = int(NOW // 3600 * 3600)
    with writing(kept.place) as connection:
        append(connection, Rows(samples=tuple(Sample(PLACE, start // 60 + each, 5) for each in range(60))))
    kept.record(look(NOW + 20 * DAY))
    (series,) = value(
        kept.history.series(TARGET, Measure.BUCKET_BYTES, start=start, end=NOW + 20 * DAY + 60, steps=20 * 24)
    )
    told = [point.mean for point in series.points if point.mean is not None]
    assert told == [5, 1000], "also the present hour, which is not over"


def test_the_present_state_is_never_too_old(tmp_path: Path) -> None:
    kept = Kept(tmp_path, keep_days=10)
    kept.record(look(NOW, health=health(core="unhealthy")))
    kept.record(look(NOW + MINUTE, executions=(execution(2),)))
    for day in range(1, 30, 3):
        kept.record(look(NOW + day * DAY, executions=()))
    core = value(kept.history.since(TARGET, Subject.COMPONENT, "core"))
    assert core.state == "healthy" and core.since == NOW + MINUTE and core.unseen > 20 * DAY
    assert len(value(kept.history.changes(TARGET, Subject.COMPONENT, "core", start=0.0))) == 1
    assert value(kept.history.executions(TARGET)) == (), "they ended more than ten days ago"


def test_what_flaps_does_not_fill_the_file(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    place = Place(harbor_of(TARGET), Metric.COMPONENT, "core")
    rows = tuple(StateRow(place, int(NOW * 1000) + each, each % 2) for each in range(3 * CHANGES_KEPT))
    with writing(kept.place) as connection:
        append(connection, Rows(states=rows))
        tidy(connection, kept.place, NOW)
    assert counts(kept)["state"] == CHANGES_KEPT
    kept.clock.now = NOW + 60
    assert value(kept.history.since(TARGET, Subject.COMPONENT, "core")).since == pytest.approx(rows[-1].at / 1000)


def test_names_that_a_server_invents_are_limited_and_end(tmp_path: Path) -> None:
    kept = Kept(tmp_path, keep_days=2)
    for minute in range(10):
        names = {f"invented-{minute}-{each}": "healthy" for each in range(60)}
        kept.record(look(NOW + minute, health=health(**names)))
    assert counts(kept)["series"] < 2 * SERIES_PER_ENDPOINT
    (since,) = (value(kept.history.since(TARGET, Subject.HARBOR)),)
    assert since.state == "answers", "what was known first goes on"


def test_lists_are_limited_for_each_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS_KEPT, "execution", ("id", 40))
    kept = Kept(tmp_path)
    for newest in range(50, 300, 50):
        kept.record(look(NOW + newest, executions=tuple(execution(each) for each in range(newest - 49, newest + 1))))
    kept.record(look(NOW + 2 * HOUR, executions=(execution(250),)))
    assert [each.id for each in value(kept.history.executions(TARGET))] == list(range(250, 210, -1))


@pytest.mark.parametrize("ahead", [HOUR, 5 * DAY, 5000 * DAY])
def test_a_clock_that_was_ahead_leaves_no_trace_for_long(tmp_path: Path, ahead: float) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    kept.record(look(NOW + ahead, bucket=bucket(7)))
    for minute in range(0, 300, 5):
        kept.record(look(NOW + minute * MINUTE))
    with opened(kept.place.own) as connection:
        newest = connection.execute("SELECT max(t) * 60 FROM minute").fetchone()[0]
        hours = connection.execute("SELECT count(*) FROM hour WHERE t >= ?", (int(NOW // 3600),)).fetchone()[0]
    assert newest <= NOW + 301 * MINUTE + DAY and hours >= 3
    end = NOW + 300 * MINUTE
    (series,) = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=end, steps=60))
    assert [point.mean for point in series.points].count(None) <= 2


@pytest.mark.parametrize("wrong", [NOW + 5000 * DAY, 86_400.0 * 30], ids=["2039", "1970"])
def test_a_clock_that_is_wrong_for_an_hour_forgets_next_to_nothing(tmp_path: Path, wrong: float) -> None:
    kept = Kept(tmp_path)
    start = int(NOW // DAY * DAY)
    for day in range(5):
        samples(kept, range(start + day * 86_400, start + (day + 1) * 86_400, 60))
    kept.record(look(start + 5 * DAY, bucket=bucket(8)))
    before = counts(kept)
    for minute in range(0, 65, 5):
        kept.record(look(wrong + minute * MINUTE, bucket=bucket(7), health=health(core="unhealthy")))
    for minute in range(65, 300, 5):
        kept.record(look(start + 5 * DAY + minute * MINUTE, bucket=bucket(9)))
    after = counts(kept)
    assert after["hour"] >= before["hour"] and after["day"] >= before["day"]
    core = value(kept.history.since(TARGET, Subject.COMPONENT, "core"))
    assert core.state == "healthy" and core.seen_at == pytest.approx(kept.clock.now, abs=60)
    times = [each.at for each in value(kept.history.changes(TARGET, Subject.COMPONENT, "core", start=NOW))]
    assert max(times) <= kept.clock.now


def test_a_file_that_was_begun_in_the_future_comes_back_in_a_week(tmp_path: Path) -> None:
    kept = Kept(tmp_path, keep_days=3)
    kept.record(look(NOW + 5000 * DAY))
    for hour in range(24 * 12):
        kept.record(look(NOW + hour * HOUR))
    with opened(kept.place.own) as connection:
        (newest,) = connection.execute("SELECT max(t) * 3600 FROM hour").fetchone()
        (oldest,) = connection.execute("SELECT min(t) * 86400 FROM day").fetchone()
    assert newest <= kept.clock.now and oldest >= kept.clock.now - 4 * DAY


def test_a_wrong_clock_removes_no_file_of_another_host(tmp_path: Path) -> None:
    other, kept = Kept(tmp_path, "host-2"), Kept(tmp_path)
    other.record(look(NOW))
    os.utime(other.place.own, (NOW, NOW))
    kept.record(look(NOW))
    kept.record(look(NOW + 5000 * DAY))
    assert other.place.own.exists()


def test_it_stays_within_its_room_and_keeps_the_newest(tmp_path: Path) -> None:
    limit = 1_500_000
    kept = Kept(tmp_path, max_bytes=limit)
    wanted = [Place(bucket_of(TARGET), Metric.MEMORY_BYTES, f"task-{each}") for each in range(100)]
    for hour in range(50):
        begin = int(NOW // 60) + hour * 60
        rows = tuple(Sample(place, begin + each, 2**40 + each) for each in range(60) for place in wanted[:60])
        with writing(kept.place) as connection:
            tidy(connection, kept.place, begin * 60.0)
            append(connection, Rows(samples=rows))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) < limit + 1_100_000
    assert kept.place.own.stat().st_size <= limit
    with opened(kept.place.own) as connection:
        oldest, newest = connection.execute("SELECT min(t), max(t) FROM minute").fetchone()
        assert newest == int(NOW // 60) + 50 * 60 - 1 and newest - oldest > 120
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_year_at_one_minute_steps_is_small(tmp_path: Path) -> None:
    """An instance with every list as long as it may get: thirty of them are then below 200 MB."""
    place = place_at(tmp_path)
    fill(place, 1, NOW)
    size = place.own.stat().st_size
    assert 2_000_000 < size < 200_000_000 / 30
    kept = Kept(tmp_path, "host-1")
    kept.clock.now = NOW
    (series,) = value(kept.history.series(target(0), Measure.BUCKET_BYTES, start=NOW - 364 * DAY, end=NOW, steps=364))
    assert len([point for point in series.points if point.mean is not None]) >= 363
    with writing(place) as connection:
        assert tidy(connection, place, NOW + HOUR + 400) is not None
    assert place.own.stat().st_size <= size * 1.05
