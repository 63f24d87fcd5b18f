"""What of two snapshots is kept: numbers and bounded names, once a minute or when something changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.collect.history import codes
from harbortui.collect.history.codes import STATES, Metric
from harbortui.collect.history.keys import NAME_LIMIT, bounded, bucket_of, harbor_of, job_of, whole
from harbortui.collect.history.observe import observe
from harbortui.collect.history.rows import Rows
from harbortui.model.facet import Facet
from harbortui.model.failure import DENIED, Failure, FailureKind
from harbortui.model.harbor import ComponentHealth, GcRun, Health
from harbortui.model.nomad import AllocationUsage, TaskEvent, TaskState, TaskUsage
from harbortui.model.snapshot import Origin, Snapshot, Target
from harbortui.model.text import is_safe
from harbortui.model.usage import COUNTED
from tests.history.looks import (
    ALLOCATION,
    MINUTE,
    NOW,
    TARGET,
    Kept,
    again,
    allocation,
    bucket,
    execution,
    health,
    instance,
    look,
    lost,
    opened,
    seen,
)
from tests.ui import counts


def metrics(rows: Rows) -> set[Metric]:
    return {each.place.metric for each in (*rows.samples, *rows.states)}


def test_a_first_look_keeps_everything() -> None:
    rows = observe(None, look(NOW, allocations=(allocation(TaskEvent(type="Started", at=NOW - 9)),)), NOW)
    assert metrics(rows) == set(Metric)
    assert all(rows) and len(rows.executions) == len(rows.collections) == len(rows.allocations) == 1


def test_the_same_snapshot_gives_nothing_more() -> None:
    first = look(NOW)
    assert observe(first, first, NOW + 30).empty


def test_the_same_learned_in_the_next_minute_gives_samples_only() -> None:
    first = look(NOW)
    rows = observe(first, again(first, NOW + MINUTE), NOW + MINUTE)
    assert {each.minute for each in rows.samples} == {int(NOW // 60) + 1}
    assert not rows.states and not rows.executions and not rows.events and not rows.allocations


def test_learned_twice_within_a_minute_is_one_sample() -> None:
    first = look(NOW)
    assert observe(first, again(first, NOW + 15), NOW + 15).empty


def test_a_count_of_ours_is_a_series_of_its_own_and_kept_once() -> None:
    counted = Facet(source=COUNTED, value=counts.counted(size=400, objects=7, at=NOW), at=NOW, tried_at=NOW)
    plain = look(NOW)
    snapshot = msgspec.structs.replace(
        plain, instances=(msgspec.structs.replace(plain.instances[0], counted=counted), *plain.instances[1:])
    )
    rows = observe(plain, snapshot, NOW + 1)
    assert {(each.place.metric, each.place.detail, each.value) for each in rows.samples} == {
        (Metric.BUCKET_BYTES, COUNTED, 400),
        (Metric.BUCKET_OBJECTS, COUNTED, 7),
    }
    assert observe(snapshot, snapshot, NOW + MINUTE).empty


def test_a_change_is_kept_at_once_with_its_own_time() -> None:
    first = look(NOW)
    changed = look(NOW + 5, health=health(core="unhealthy"))
    found = observe(first, changed, NOW + 5).states
    states = {each.place.name: each for each in found if each.place.metric is Metric.COMPONENT}
    assert states["core"].value == STATES["unhealthy"] and states["core"].at == int((NOW + 5) * 1000)


def test_values_of_another_session_wait_until_they_are_learned_again() -> None:
    """The engine begins with the last session's snapshot, whose time was recorded then or by nobody."""
    old = look(NOW - 5000)
    last = msgspec.structs.replace(old, taken_at=NOW)
    assert observe(None, last, NOW).empty
    rows = observe(last, again(last, NOW + 1), NOW + 1)
    assert metrics(rows) == set(Metric) and rows.executions, "though the values are the very same objects"


def test_an_instance_that_became_another_one_is_looked_at_anew() -> None:
    first = look(NOW)
    moved = msgspec.structs.replace(TARGET, url="http://b")
    only = msgspec.structs.replace(first.instances[0], target=moved)
    rows = observe(first, msgspec.structs.replace(first, instances=(only,)), NOW)
    assert {each.endpoint for each in rows.executions} == {harbor_of(moved)} != {harbor_of(TARGET)}


def test_a_snapshot_from_a_file_is_not_the_present() -> None:
    assert observe(None, msgspec.structs.replace(look(NOW), origin=Origin.SNAPSHOT), NOW).empty


@pytest.mark.parametrize("kind", FailureKind)
def test_who_does_not_answer_is_a_state_and_our_own_fault_is_none(kind: FailureKind) -> None:
    gone = lost(kind, NOW)
    rows = observe(None, look(NOW, health=gone, bucket=gone), NOW)
    ours = kind in DENIED | {FailureKind.BLOCKED, FailureKind.CANCELLED, FailureKind.LOCAL, FailureKind.CONFLICT}
    ours = ours or kind is FailureKind.RATE_LIMITED
    found = {each.place.metric: each.value for each in rows.states}
    assert (Metric.HARBOR in found, Metric.BUCKET in found) == (not ours, not ours)
    if not ours:
        assert found[Metric.HARBOR] == found[Metric.BUCKET] == STATES[kind.value]
    assert not [each for each in rows.samples if each.place.metric in (Metric.BUCKET_BYTES, Metric.BUCKET_OBJECTS)]
    assert harbor_of(TARGET) not in {each.place.endpoint for each in rows.samples if each.place.metric is Metric.SEEN}


def test_a_value_beside_a_failure_is_not_sampled_again() -> None:
    first = look(NOW)
    failed = msgspec.structs.replace(
        first.instances[0].bucket, tried_at=NOW + 60, failure=Failure(kind=FailureKind.TIMEOUT, detail="")
    )
    only = msgspec.structs.replace(first.instances[0], bucket=failed)
    rows = observe(first, msgspec.structs.replace(first, instances=(only,)), NOW + 60)
    assert [each.place.metric for each in rows.samples] == [Metric.ASKED]


def test_codes_are_never_given_twice_and_never_moved() -> None:
    tables = (codes.STATES, codes.EXECUTION_STATUS, codes.GC_STATUS, codes.ALLOCATION_STATUS, codes.EVENT_TYPES)
    for table in tables:
        assert len(set(table.values())) == len(table) and 0 in table.values()
    assert (STATES["unhealthy"], STATES["refused"], codes.EVENT_TYPES["Terminated"], Metric.RESTARTS) == (2, 21, 5, 23)


def test_endpoints_are_places_and_not_names() -> None:
    one = Target(name="one", url="HTTPS://Harbor.Example.org:443/")
    assert harbor_of(one) == harbor_of(Target(name="two", url="https://harbor.example.org"))
    assert harbor_of(one) != harbor_of(Target(name="one", url="https://harbor.example.org:8443"))
    keys = {job_of(TARGET), bucket_of(TARGET), harbor_of(TARGET)}
    assert len(keys) == 3 and "" not in keys and job_of(one) == bucket_of(one) == ""
    regions = {job_of(msgspec.structs.replace(TARGET, region=each)) for each in ("eu", "us")}
    assert len(regions) == 2


@given(st.text(alphabet=st.characters(codec=None), max_size=300), st.text(max_size=300))
def test_names_are_harmless_short_and_stay_apart(one: str, other: str) -> None:
    assert len(bounded(one)) <= NAME_LIMIT and is_safe(bounded(one))
    assert (bounded(one) == bounded(other)) == (one == other)
    assert bounded(bounded(one)) == bounded(one)
    bounded(one).encode("utf-8")


@given(st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans()))
def test_a_number_fits_the_database_or_is_none(given_value: object) -> None:
    found = whole(given_value)
    assert found is None or -(2**63) < found < 2**63


hostile_text = st.text(alphabet=st.characters(codec=None), max_size=200)
hostile_number = st.one_of(st.integers(-(2**70), 2**70), st.sampled_from([0, -1, 2**63, 10**30]))
hostile_time = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -1e300, 1e300, NOW]))


@given(hostile_text, hostile_number, hostile_time)
def test_whatever_servers_say_becomes_rows_that_can_be_written(text: str, number: int, time: float | None) -> None:
    """Hostile text, numbers and times in every field of every facet."""
    event = TaskEvent(type=text, at=time or 0.0, message=text, exit_code=number, signal=number)
    task = TaskState(name=text, state=text, restarts=number, events=(event,))
    facets: dict[str, Any] = {
        "health": Health(status=text, components=(ComponentHealth(name=text, status=text, error=text),) * 100),
        "allocations": (allocation(id=text, create_time=time, tasks=(task,) * 100, job_version=number, status=text),),
        "usage": AllocationUsage(allocation_id=text, tasks=(TaskUsage(name=text, memory_bytes=number),)),
        "bucket": bucket(number, number, measured_at=time),
        "executions": (execution(number, text, start_time=time, end_time=time, total=number, failed=number),),
        "gc_runs": (GcRun(id=number, status=text, start_time=time, end_time=time, freed_bytes=number),),
    }
    rows = observe(None, look(NOW, **facets), NOW)
    for row in (row for kind in rows for row in kind):
        for value in (*row, *(row.place if hasattr(row, "place") else ())):
            assert value is None or isinstance(value, int | str | tuple)
            assert not isinstance(value, int) or -(2**63) < value < 2**63
            assert not isinstance(value, str) or (len(value) <= 300 and is_safe(value))


MARK = "PLANTED"


def test_no_free_text_and_no_unknown_word_is_stored(tmp_path: Path) -> None:
    """A mark in every field that is not a name: the file does not hold it, in whatever encoding SQLite keeps."""
    event = TaskEvent(type=f"{MARK}1", at=NOW - 5, message=f"{MARK}2 hvs.secret", exit_code=137, oom_killed=True)
    task = TaskState(name="core", state=f"{MARK}3", events=(event,))
    words: dict[str, Any] = {
        "allocations": (
            allocation(tasks=(task,), status=f"{MARK}4", description=f"{MARK}5", desired_description=f"{MARK}6"),
        ),
        "health": Health(status=MARK, components=(ComponentHealth(name="core", status=f"{MARK}7", error=f"{MARK}8"),)),
        "executions": (execution(7, f"{MARK}9", status_text=f"{MARK}10", trigger=f"{MARK}11"),),
        "gc_runs": (GcRun(id=3, status=f"{MARK}12", kind=f"{MARK}13", start_time=NOW - 9, end_time=NOW - 5),),
        "bucket": bucket(5, includes=f"{MARK}14"),
        "usage": AllocationUsage(allocation_id=ALLOCATION, tasks=(TaskUsage(name="core", memory_bytes=1),)),
    }
    kept = Kept(tmp_path)
    kept.record(Snapshot(taken_at=NOW, fleet=MARK, instances=(instance(NOW, **words),)))
    gone = Failure(kind=FailureKind.TIMEOUT, detail=f"{MARK}15", needs=f"{MARK}16")
    failed = msgspec.structs.replace(seen(None, NOW + 60), at=None, failure=gone)
    kept.record(look(NOW + 60, health=failed, bucket=failed))
    with opened(kept.place.own) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone()[0] == 1
        written = "\n".join(connection.iterdump())
    assert MARK not in written and "told" not in written and "secret" not in written
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert MARK.encode() not in data and MARK.encode("utf-16-le") not in data
