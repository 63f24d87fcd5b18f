"""The scheduler under a held clock: one in flight, bounded, with jitter and back-off, and nobody held up by others."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.collect.backoff import after_failure, after_success, full_jitter, wished
from harbortui.collect.intervals import INSTANCE_PACE, REQUESTS_PER_MINUTE, requests_per_minute
from harbortui.collect.lookup import Lookup
from harbortui.collect.schedule import ASKED_GAP, EVENT_GAP, PATIENCE, Schedule
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.snapshot import INSTANCE_FACETS
from tests.collect.fakes import failure, key, lookup


def schedule(*lookups: Lookup, width: int = 4, fleet_width: int = 64, seed: int = 1) -> Schedule:
    return Schedule(lookups, random=Random(seed), start=0.0, fleet_width=fleet_width, width=lambda _: width)


def names(started: list[Lookup]) -> list[str]:
    return [each.key.facet for each in started]


def test_everything_starts_at_once_in_order_of_priority() -> None:
    plan = schedule(lookup("executions", None, priority=2), lookup("health", None, priority=0))
    assert names(plan.start_due(0.0)) == ["health", "executions"]
    assert plan.start_due(1000.0) == [], "at most one in flight per facet"


def test_a_refresh_comes_after_the_interval_give_or_take_a_fifth() -> None:
    plan = schedule(lookup("health", None, every=15.0))
    now = 0.0
    gaps = []
    for _ in range(200):
        plan.start_due(now)
        plan.finished(key("health"), now, None)
        wake = plan.wake_at(now)
        assert wake is not None
        gaps.append(wake - now)
        now = wake
    assert 12.0 <= min(gaps) < 12.5 and 17.5 < max(gaps) <= 18.0


def test_failures_back_off_with_full_jitter_between_one_and_sixty_seconds() -> None:
    random = Random(7)
    delays = [[full_jitter(failures, random) for _ in range(300)] for failures in range(12)]
    assert all(1.0 <= delay <= 60.0 for row in delays for delay in row)
    assert max(delays[1]) <= 2.0 and max(delays[3]) <= 8.0
    assert min(delays[11]) < 10.0 and max(delays[11]) > 50.0, "jitter is over the whole range"


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(0.0, 1, 2), (5.0, 5, 6), (1e9, 120, 121), (float("nan"), 1, 2), (-3.0, 1, 2)]
)
def test_retry_after_is_honoured_up_to_a_limit(asked: float, least: float, most: float) -> None:
    assert least <= wished(asked, Random(1)) <= most


def test_what_only_a_person_can_mend_is_not_asked_every_second() -> None:
    denied = failure(FailureKind.FORBIDDEN)
    assert after_failure(denied, 1, 15.0, Random(1)) >= 48.0
    assert after_failure(denied, 1, 300.0, Random(1)) >= 240.0


@given(st.floats(1, 600), st.integers())
def test_jitter_stays_within_a_fifth(every: float, seed: int) -> None:
    assert 0.8 * every <= after_success(every, Random(seed)) <= 1.2 * every + 1e-9


def test_a_backend_takes_only_its_width_and_the_rest_wait_for_a_place() -> None:
    plan = schedule(*(lookup(name, None) for name in INSTANCE_FACETS[:6]), width=2)
    first = plan.start_due(0.0)
    assert len(first) == 2
    assert plan.start_due(0.5) == []
    plan.finished(first[0].key, 0.6, None)
    assert len(plan.start_due(0.6)) == 1


def test_a_hanging_backend_keeps_its_own_slots_and_gives_the_fleet_its_place_back() -> None:
    hanging = [lookup(name, None, owner="hung") for name in INSTANCE_FACETS[:4]]
    others = [lookup(name, None, owner="well", priority=9) for name in INSTANCE_FACETS[:4]]
    plan = schedule(*hanging, *others, width=4, fleet_width=4)
    assert {each.key.owner for each in plan.start_due(0.0)} == {"hung"}
    assert plan.wake_at(0.0) == PATIENCE
    assert {each.key.owner for each in plan.start_due(PATIENCE)} == {"well"}


def test_five_unanswered_calls_open_the_circuit_and_one_probe_closes_it() -> None:
    facets = INSTANCE_FACETS[:8]
    plan = schedule(*(lookup(name, None) for name in facets), width=8)
    for each in plan.start_due(0.0)[:6]:
        plan.finished(each.key, 0.1, failure())
    for each in facets[6:]:
        plan.finished(key(each), 0.2, failure())
    wake, probes = 0.2, 0
    for _ in range(20):
        moment = plan.wake_at(wake)
        assert moment is not None
        wake = max(wake, moment)
        started = plan.start_due(wake)
        assert len(started) <= 1, "a dead backend is only probed"
        for each in started:
            probes += 1
            plan.finished(each.key, wake, failure())
    assert probes >= 5
    assert plan.unreachable(key(facets[0])), "the others wait behind the probe"
    while not (started := plan.start_due(wake)):
        moment = plan.wake_at(wake)
        assert moment is not None
        wake = moment
    plan.finished(started[0].key, wake, None)
    assert len(plan.start_due(wake)) >= 2, "after an answer all that waited go at once"


def test_a_dead_backend_costs_few_requests_a_minute() -> None:
    plan = schedule(*(lookup(name, None, every=15.0) for name in INSTANCE_FACETS))
    attempts = run_failing(plan, until=600.0, failure_of=lambda: failure(FailureKind.TIMEOUT))
    assert attempts[-1] >= 500.0, "it never gives up"
    assert max(sum(1 for at in attempts if start <= at < start + 60) for start in range(60, 540)) <= 20


def run_failing(plan: Schedule, until: float, failure_of: object) -> list[float]:
    now, attempts = 0.0, []
    while now < until:
        for each in plan.start_due(now):
            attempts.append(now)
            plan.finished(each.key, now, failure_of())  # type: ignore[operator]
        wake = plan.wake_at(now)
        assert wake is not None
        now = max(now + 1e-6, wake)
    return attempts


def test_events_and_people_make_it_due_but_not_without_a_gap() -> None:
    plan = schedule(lookup("allocations", None, every=1000.0))
    plan.start_due(0.0)
    plan.finished(key("allocations"), 1.0, None)
    plan.event(key("allocations"), 1.1)
    assert plan.wake_at(1.1) == 1.0 + EVENT_GAP
    plan.ask(key("allocations"), 1.2)
    assert plan.wake_at(1.2) == 1.0 + ASKED_GAP


def test_an_event_during_a_call_brings_another_one_after_it() -> None:
    plan = schedule(lookup("allocations", None, every=1000.0))
    plan.start_due(0.0)
    plan.event(key("allocations"), 0.5)
    plan.finished(key("allocations"), 0.6, None)
    assert plan.wake_at(0.6) == 0.5 + EVENT_GAP


def test_a_server_that_asked_for_time_gets_it_even_when_a_person_asks() -> None:
    plan = schedule(lookup("health", None))
    plan.start_due(0.0)
    plan.finished(key("health"), 0.0, Failure(kind=FailureKind.RATE_LIMITED, detail="", retry_after=30.0))
    plan.ask_all("", 1.0)
    wake = plan.wake_at(1.0)
    assert wake is not None and wake >= 30.0
    assert plan.start_due(29.0) == []


def test_focus_makes_usage_frequent_for_one_instance() -> None:
    plan = schedule(*(lookup("usage", None, owner=owner, every=15.0, unwatched_every=60.0) for owner in ("a", "b")))
    assert plan.every(key("usage", "a")) == 60.0
    assert plan.focus("a", 0.0) == {key("usage", "a"): 15.0}
    assert plan.focus("b", 0.0) == {key("usage", "a"): 60.0, key("usage", "b"): 15.0}


def test_the_table_covers_every_facet_and_keeps_the_request_budget() -> None:
    assert set(INSTANCE_PACE) == set(INSTANCE_FACETS)
    shared_by_jitter = 1 / (1 - 0.2)
    assert requests_per_minute(watched=True) * shared_by_jitter < REQUESTS_PER_MINUTE


@settings(deadline=None)
@given(st.data())
def test_no_facet_is_ever_twice_in_flight_or_forgotten(data: st.DataObject) -> None:
    """Whatever ends, fails or is asked for in whatever order, every facet stays scheduled."""
    facets = INSTANCE_FACETS[:5]
    plan = schedule(*(lookup(name, None) for name in facets), width=2, fleet_width=3)
    flying: set[str] = set()
    now = 0.0
    for _ in range(data.draw(st.integers(1, 40))):
        for each in plan.start_due(now):
            assert each.key.facet not in flying
            flying.add(each.key.facet)
        step = data.draw(st.sampled_from(["end", "fail", "not_yet", "ask", "wait"]))
        if step in ("end", "fail", "not_yet") and flying:
            facet = data.draw(st.sampled_from(sorted(flying)))
            flying.discard(facet)
            plan.finished(key(facet), now, failure() if step == "fail" else None, not_yet=step == "not_yet")
        elif step == "ask":
            plan.ask_all("", now)
        now += data.draw(st.floats(0.0, 30.0))
    for _ in range(300):
        for facet in sorted(flying):
            plan.finished(key(facet), now, None)
        flying = {each.key.facet for each in plan.start_due(now)}
        if not flying:
            wake = plan.wake_at(now)
            assert wake is not None
            now = max(now, wake)
    seen: set[str] = set()
    for _ in range(100):
        for facet in sorted(flying):
            plan.finished(key(facet), now, None)
        flying = {each.key.facet for each in plan.start_due(now)}
        seen |= flying
        wake = plan.wake_at(now)
        now = max(now, wake if wake is not None else now)
    assert seen == set(facets)
