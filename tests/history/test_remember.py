"""What rules, panes and the command take from the history, put together from what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbortui.collect.history.place import HistoryPlace
from harbortui.collect.history.read import History
from harbortui.collect.history.remember import Remembering, daily
from harbortui.collect.history.tally import execution_curves, increments, restart_count, restart_curve, task_curves
from harbortui.model.history import Change, Measure, Outlook, PastExecution, Point, Series, Subject
from harbortui.model.past import Past
from harbortui.model.snapshot import Target
from tests.history.looks import DAY, HOUR, MINUTE, NOW, TARGET, Kept, allocation, bucket, execution, health, look
from tests.history.years import GROWTH, fill, place_at, target


def change(at: float, count: int) -> Change:
    return Change(at=at, state=str(count))


def steps(*seen: bool, start: float = NOW - 4 * HOUR) -> list[Point]:
    return [Point(at=start + index * HOUR, mean=1.0 if each else None) for index, each in enumerate(seen)]


# Counting


def test_a_counter_that_starts_anew_is_counted_from_zero_and_what_was_before_the_first_look_is_not() -> None:
    changes = [change(1, 5), change(2, 6), change(3, 0), change(4, 2), change(5, 1)]
    assert increments(changes) == [(2, 1), (4, 2), (5, 1)]
    assert increments([change(1, 9)]) == increments([]) == []


def test_restarts_within_a_day_say_how_far_the_history_reaches_back() -> None:
    old = [change(NOW - 3 * DAY, 0), change(NOW - 2 * DAY, 4), change(NOW - HOUR, 6)]
    counted = restart_count("core", old, NOW - DAY, NOW)
    assert counted is not None and (counted.count, counted.reach) == (2, DAY)
    young = restart_count("core", [change(NOW - HOUR, 7)], NOW - DAY, NOW)
    assert young is not None and (young.count, young.reach) == (0, HOUR)
    assert restart_count("core", [], NOW - DAY, NOW) is None


def test_restarts_in_steps_have_gaps_where_nobody_looked_but_keep_what_was_found_later() -> None:
    looks = steps(True, False, False, True)
    curve = restart_curve("core", [change(looks[0].at, 0), change(looks[3].at + 60, 2)], looks)
    assert curve is not None and curve.values == (0.0, None, None, 2.0)
    early = restart_curve("core", [change(looks[2].at, 0)], looks)
    assert early is not None and early.values == (None, None, None, 0.0), "before the first look nothing is known"


def test_tasks_in_steps_by_the_start_of_their_execution() -> None:
    looks = steps(True, True, False, True)
    runs = [
        PastExecution(id=1, policy_id=1, status="Succeed", start_time=looks[0].at + 5, total=4, succeed=4),
        PastExecution(id=2, policy_id=2, status="Failed", start_time=looks[0].at + 9, total=3, succeed=1, failed=2),
        PastExecution(id=3, policy_id=1, status="Failed", start_time=looks[2].at + 9, total=1, failed=1),
        PastExecution(id=4, policy_id=1, status="InProgress", total=9),
    ]
    both = task_curves(runs, looks)
    assert both is not None
    assert (both[0].values, both[1].values) == ((5.0, 0.0, 0.0, 0.0), (2.0, 0.0, 1.0, 0.0))
    assert task_curves(runs[3:], looks) is None


def test_executions_in_steps() -> None:
    looks = steps(True, True, False, True)

    def run(number: int, status: str, step: int) -> PastExecution:
        return PastExecution(id=number, policy_id=1, status=status, start_time=looks[step].at + 5)

    both = execution_curves([run(1, "Succeed", 0), run(2, "Failed", 2), run(3, "Succeed", 0)], looks)
    assert both is not None
    assert both[0].values == (2.0, 0.0, 0.0, 0.0), "a list that was seen later tells of the time before it"
    assert both[1].values == (0.0, 0.0, 1.0, 0.0)
    assert execution_curves([], looks) is None


def test_a_day_is_what_the_bucket_held_at_its_end() -> None:
    points = tuple(Point(at=NOW + n * HOUR, mean=float(n) if n != 47 else None) for n in range(50))
    curve = daily(Series(measure=Measure.BUCKET_BYTES, source="x", step=HOUR, points=points))
    assert curve.values == (1.0, 25.0, 49.0)
    assert curve.step == DAY and curve.start + 3 * DAY == NOW + 50 * HOUR


# Out of a history


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def remembering(kept: Kept) -> Remembering:
    return Remembering(kept.history, kept.clock.now)


def test_states_restarts_and_lists_of_one_instance(kept: Kept) -> None:
    for minute in range(4):
        ill = health(core="unhealthy") if minute >= 2 else health()
        runs = (execution(minute + 1),)
        kept.record(
            look(NOW + minute * MINUTE, health=ill, allocations=(allocation(restarts=minute),), executions=runs)
        )
    told = remembering(kept)
    past = Past(instance="a", standings=told.standings(TARGET))
    detail = told.detail(TARGET, past, trends=True)
    core = past.standing(Subject.COMPONENT, "core")
    assert core is not None and (core.state, core.since) == ("unhealthy", NOW + 2 * MINUTE)
    assert core.earliest == NOW + MINUTE and core.unseen == 0.0
    redis = past.standing(Subject.COMPONENT, "redis")
    assert redis is not None and (redis.state, redis.earliest) == ("healthy", None)
    harbor = past.standing(Subject.HARBOR)
    assert harbor is not None and harbor.state == "answers"
    assert [(each.task, each.count) for each in detail.restarts] == [("core", 3)]
    assert [each.id for each in detail.executions] == [4, 3, 2, 1]
    assert detail.trends is not None and detail.lost == ()
    assert sum(each or 0 for each in detail.trends.restarts[0].values) == 3
    assert detail.trends.memory[0].values[-1] == 500.0
    assert told.detail(TARGET, past, trends=False).trends is None


def test_one_question_about_all_names_says_the_same_as_one_each(kept: Kept) -> None:
    for minute in range(6):
        state = "unhealthy" if minute == 3 else "healthy"
        kept.record(look(NOW + minute * MINUTE, health=health(core=state, redis=state)))
    found = kept.history.standings(TARGET, Subject.COMPONENT).value
    assert {"core", "redis", "nginx"} <= set(found)
    for name, since in found.items():
        assert kept.history.since(TARGET, Subject.COMPONENT, name).value == since


def test_a_forecast_only_with_a_limit_and_a_line_without_one(tmp_path: Path) -> None:
    place = place_at(tmp_path)
    fill(place, 1, NOW, days=100)
    told = Remembering(History(place, lambda: NOW), NOW)
    free = told.bucket(target(0), None)
    assert free is not None and free.forecast is None and free.trend is not None
    assert free.trend.per_day == pytest.approx(GROWTH, rel=0.2)
    limit = int(free.trend.level + 30 * GROWTH)
    full = told.bucket(target(0), limit)
    assert full is not None and full.forecast is not None and full.forecast.outlook is Outlook.FILLING
    assert full.forecast.at is not None and 20 < (full.forecast.at - NOW) / DAY < 40
    assert len(full.curve.values) in (60, 61)


def test_nothing_is_asked_of_what_an_instance_has_not(kept: Kept) -> None:
    kept.record(look(NOW, bucket=bucket(5)))
    bare = Target(name="b", url="http://b")
    told = remembering(kept)
    assert told.bucket(bare, None) is None
    assert told.standings(bare) == ()
    assert told.detail(bare, Past(instance="b"), trends=True).events == ()


def test_what_cannot_be_read_is_said_and_the_rest_is_told(kept: Kept) -> None:
    kept.record(look(NOW))
    (kept.place.directory / "other-1.history").write_bytes(b"no database at all" * 100)
    shared = HistoryPlace(kept.place.directory, kept.place.writer, shared=True)
    told = Remembering(History(shared, lambda: NOW), NOW)
    assert told.standings(TARGET) != ()
    assert any("other-1.history" in each for each in told.lost)
