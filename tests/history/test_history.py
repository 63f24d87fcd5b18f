"""Recorded and asked: series with their gaps, since when, and lists longer than those of the backends."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from harbortui.collect.history.place import place_of, writer_name
from harbortui.collect.history.recorder import Recorder
from harbortui.model.failure import FailureKind
from harbortui.model.harbor import GcRun
from harbortui.model.history import Measure, Subject
from harbortui.model.nomad import AllocationUsage, TaskEvent, TaskUsage
from harbortui.model.snapshot import Snapshot
from tests.history.looks import (
    ALLOCATION,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SOURCE,
    TARGET,
    Kept,
    again,
    allocation,
    bucket,
    execution,
    health,
    look,
    lost,
    opened,
    value,
)


def sizes(kept: Kept, start: float, end: float, steps: int) -> list[float | None]:
    (series,) = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=start, end=end, steps=steps))
    assert series.source == SOURCE
    return [point.mean for point in series.points]


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for minute in [*range(10), *range(20, 30)]:
        kept.record(look(NOW + minute * MINUTE, bucket=bucket(1000 + minute)))
    found = sizes(kept, NOW, NOW + 30 * MINUTE, 30)
    assert found == [*range(1000, 1010), *[None] * 10, *range(1020, 1030)]


def test_a_slower_pace_is_no_gap_and_a_hole_in_it_is_one(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for minute in (0, 5, 10, 15, 30, 35):
        kept.record(look(NOW + minute * MINUTE, bucket=bucket(minute)))
    found = sizes(kept, NOW, NOW + 36 * MINUTE, 36)
    assert found[:16] == [0] * 5 + [5] * 5 + [10] * 5 + [15]
    assert found[16:30] == [None] * 14 and found[30:36] == [30] * 5 + [35]
    (series,) = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=NOW + 36 * MINUTE, steps=36))
    assert [point.samples for point in series.points][:6] == [1, 0, 0, 0, 0, 1], (
        "what is held is told from what is seen"
    )


def test_what_is_not_measured_now_is_no_sample(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    kept.record(look(NOW + MINUTE, bucket=lost(FailureKind.TIMEOUT, NOW + MINUTE)))
    kept.clock.now = NOW + 2 * MINUTE
    assert sizes(kept, NOW, NOW + 2 * MINUTE, 2) == [1000, None]


def test_a_step_that_has_just_begun_is_no_gap(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    kept.clock.now = NOW + MINUTE + 5
    assert sizes(kept, NOW, NOW + MINUTE + 5, 2) == [1000]
    kept.record(look(NOW + MINUTE + 10, bucket=bucket(1001)))
    assert sizes(kept, NOW, NOW + MINUTE + 10, 2) == [1000, 1001]


def test_a_source_that_goes_on_comes_before_one_that_ended(tmp_path: Path) -> None:
    """Whoever moved from one way of asking to another must not be shown the figure of weeks ago as the present one."""
    kept = Kept(tmp_path)
    for hour in range(30):
        kept.record(look(NOW + hour * HOUR, bucket=bucket(1000 + hour)))
    other = msgspec.structs.replace(bucket(7).usage, source="MinIO metrics")  # type: ignore[arg-type]
    for hour in range(5):
        at = NOW + 9 * DAY + hour * HOUR
        kept.record(look(at, bucket=msgspec.structs.replace(bucket(7), usage=other)))
    found = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=kept.clock.now, steps=1440))
    assert [each.source for each in found] == ["MinIO metrics", SOURCE]


def test_sources_count_apart_and_tasks_too(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    other = msgspec.structs.replace(bucket(7).usage, source="MinIO metrics")  # type: ignore[arg-type]
    tasks = tuple(TaskUsage(name=name, memory_bytes=size) for name, size in (("core", 5), ("redis", 6)))
    kept.record(look(NOW, usage=AllocationUsage(allocation_id=ALLOCATION, tasks=tasks)))
    kept.record(look(NOW + MINUTE, bucket=msgspec.structs.replace(bucket(7), usage=other)))
    end = NOW + 2 * MINUTE
    usage = value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=end, steps=2))
    assert {each.source: [point.mean for point in each.points] for each in usage} == {
        SOURCE: [1000, None],
        "MinIO metrics": [None, 7],
    }
    memory = value(kept.history.series(TARGET, Measure.MEMORY_BYTES, start=NOW, end=end, steps=2, name="redis"))
    assert [(each.name, each.points[0].mean) for each in memory] == [("redis", 6)]
    assert len(value(kept.history.series(TARGET, Measure.MEMORY_BYTES, start=NOW, end=end))) == 2


def test_since_when_and_between_which_looks(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    kept.record(look(NOW + 5 * MINUTE))
    kept.record(look(NOW + 8 * MINUTE, health=health(core="unhealthy")))
    since = value(kept.history.since(TARGET, Subject.COMPONENT, "core"))
    assert (since.state, since.since, since.earliest) == ("unhealthy", NOW + 8 * MINUTE, NOW + 5 * MINUTE)
    redis = value(kept.history.since(TARGET, Subject.COMPONENT, "redis"))
    assert (redis.state, redis.since, redis.earliest) == ("healthy", NOW, None), "perhaps for ever"
    assert redis.seen_at == NOW + 8 * MINUTE
    assert value(kept.history.since(TARGET, Subject.COMPONENT, "nobody")) is None


def test_since_says_for_how_long_nobody_looked(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for minute in [*range(5), *range(65, 70)]:
        kept.record(look(NOW + minute * MINUTE))
    since = value(kept.history.since(TARGET, Subject.TASK, "core"))
    assert since.since == NOW and since.unseen == pytest.approx(60 * MINUTE, abs=2 * MINUTE)


def test_a_process_without_memory_writes_no_change_that_is_none(tmp_path: Path) -> None:
    """``check --record`` knows nothing of the look before; the file does."""
    for minute in range(5):
        kept = Kept(tmp_path)
        kept.record(look(NOW + minute * MINUTE, health=health(core="unhealthy" if minute == 3 else "healthy")))
    changes = value(kept.history.changes(TARGET, Subject.COMPONENT, "core", start=0.0))
    assert [(each.state, each.at) for each in changes] == [
        ("healthy", NOW),
        ("unhealthy", NOW + 3 * MINUTE),
        ("healthy", NOW + 4 * MINUTE),
    ]
    later = value(kept.history.changes(TARGET, Subject.COMPONENT, "core", start=NOW + 3.5 * MINUTE))
    assert [each.state for each in later] == ["unhealthy", "healthy"], "with the one that was in effect"


def test_the_way_to_harbor_is_a_state_and_its_components_then_are_not_seen(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    for minute in range(1, 31):
        kept.record(look(NOW + minute * MINUTE, health=lost(FailureKind.REFUSED, NOW + minute * MINUTE)))
    harbor = value(kept.history.since(TARGET, Subject.HARBOR))
    assert (harbor.state, harbor.since, harbor.unseen) == ("refused", NOW + MINUTE, 0.0)
    core = value(kept.history.since(TARGET, Subject.COMPONENT, "core"))
    assert (core.state, core.seen_at) == ("healthy", NOW)
    assert value(kept.history.since(TARGET, Subject.COMPONENT, "nginx")).state == "unhealthy"


def test_what_an_instance_has_no_more_is_gone(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW, health=health(trivy="healthy")))
    kept.record(look(NOW + MINUTE, allocations=()))
    for subject, name in ((Subject.TASK, "core"), (Subject.COMPONENT, "trivy")):
        told = value(kept.history.since(TARGET, subject, name))
        assert (told.state, told.since, told.earliest) == ("gone", NOW + MINUTE, NOW)
    assert value(kept.history.since(TARGET, Subject.COMPONENT, "nginx")).state == "healthy"
    Kept(tmp_path).record(look(NOW + 2 * MINUTE))
    assert value(kept.history.since(TARGET, Subject.TASK, "core")).state == "running"


def test_restarts_are_told_as_numbers(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for minute, restarts in enumerate((0, 0, 1, 1, 4)):
        kept.record(look(NOW + minute * MINUTE, allocations=(allocation(restarts=restarts),)))
    found = value(kept.history.changes(TARGET, Subject.RESTARTS, "core", start=0.0))
    assert [each.state for each in found] == ["0", "1", "4"]


def test_executions_outlive_the_newest_fifty(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for newest in range(50, 301, 50):
        rows = tuple(execution(each, policy_id=1 + each % 2) for each in range(newest - 49, newest + 1))
        kept.record(look(NOW + newest, executions=rows))
    found = value(kept.history.executions(TARGET))
    assert [each.id for each in found] == list(range(300, 0, -1))
    assert all(each.policy_id == 2 for each in value(kept.history.executions(TARGET, 2)))
    assert len(value(kept.history.executions(TARGET, limit=7))) == 7


def test_an_execution_is_told_as_it_ended(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    running = execution(1, "InProgress", end_time=None, succeed=0, in_progress=1)
    kept.record(look(NOW, executions=(running,)))
    kept.record(look(NOW + 30, executions=(execution(1, "Failed", failed=1, succeed=0),)))
    Kept(tmp_path).record(look(NOW + 31, executions=(running,)))  # another console, that asked before it ended
    (found,) = value(kept.history.executions(TARGET))
    assert (found.status, found.failed, found.in_progress) == ("Failed", 1, 0) and found.end_time is not None


def test_task_events_outlive_the_last_ten(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for first in range(0, 40, 5):
        events = tuple(
            TaskEvent(type="Terminated", at=NOW - 100 + each, exit_code=137, signal=9, oom_killed=True, message="no")
            for each in range(first, first + 10)
        )
        kept.record(look(NOW + first, allocations=(allocation(*events),)))
    found = value(kept.history.task_events(TARGET, "core"))
    assert [each.at for each in found] == [NOW - 100 + each for each in range(44, -1, -1)]
    assert (found[0].exit_code, found[0].signal, found[0].oom_killed, found[0].type) == (137, 9, True, "Terminated")
    assert value(kept.history.task_events(TARGET, "redis")) == ()
    (started,) = value(kept.history.allocations(TARGET))
    assert (started.id, started.created, started.node, started.status) == (ALLOCATION, NOW - DAY, "vm-1", "running")


def test_a_collection_has_what_the_bucket_held_before_and_after(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    running = GcRun(id=9, status="Running", start_time=NOW + 90)
    ended = GcRun(id=9, status="Success", start_time=NOW + 90, end_time=NOW + 150, freed_bytes=600)
    kept.record(look(NOW, bucket=bucket(1000)))
    kept.record(look(NOW + 60, bucket=bucket(1001)))
    kept.record(look(NOW + 120, bucket=bucket(700), gc_runs=(running,)))
    # The server counted before the collection ended: its figure is not that after it.
    kept.record(look(NOW + 180, bucket=bucket(650, measured_at=NOW + 100), gc_runs=(ended,)))
    (found, *_) = value(kept.history.collections(TARGET))
    assert (found.id, found.status, found.bytes_before, found.bytes_after) == (9, "Success", None, None)
    kept.record(look(NOW + 240, bucket=bucket(400, measured_at=NOW + 200), gc_runs=(ended,)))
    kept.record(look(NOW + 300, bucket=bucket(450, measured_at=NOW + 260), gc_runs=(ended,)))
    (found, *_) = value(kept.history.collections(TARGET))
    # The minute in which it began holds samples from before and after.
    assert (found.bytes_before, found.bytes_after, found.freed_bytes) == (1000, 400, 600)


def test_a_figure_of_an_unknown_time_is_not_what_a_collection_left(tmp_path: Path) -> None:
    """MinIO's account information is its scanner's, hours or days old: it would say that nothing was freed."""
    kept = Kept(tmp_path)
    ended = GcRun(id=9, status="Success", start_time=NOW + 90, end_time=NOW + 150, freed_bytes=600)
    kept.record(look(NOW, bucket=bucket(1000, period=3600.0)))
    kept.record(look(NOW + 180, bucket=bucket(1000, period=3600.0), gc_runs=(ended,)))
    (found, *_) = value(kept.history.collections(TARGET))
    assert (found.bytes_before, found.bytes_after) == (None, None)


def test_consoles_of_one_host_share_a_file_and_write_nothing_twice(tmp_path: Path) -> None:
    one, other = Kept(tmp_path), Kept(tmp_path)
    for minute in range(5):
        snapshot = look(NOW + minute * MINUTE)
        one.record(snapshot)
        other.record(again(snapshot, snapshot.taken_at + 7))
    assert len([each for each in tmp_path.iterdir() if each.suffix == ".history"]) == 1
    (series,) = value(one.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=NOW + 5 * MINUTE, steps=5))
    assert [point.samples for point in series.points] == [1] * 5
    assert len(value(one.history.changes(TARGET, Subject.HARBOR, start=0.0))) == 1


def test_hosts_have_files_of_their_own_and_are_read_together(tmp_path: Path) -> None:
    one, other = Kept(tmp_path, "host-1"), Kept(tmp_path, "host-2")
    for minute in range(5):
        one.record(look(NOW + minute * MINUTE, executions=(execution(minute),)))
    for minute in range(5, 10):
        other.record(look(NOW + minute * MINUTE, executions=(execution(minute),), health=health(core="unhealthy")))
    one.clock.now = other.clock.now
    for each in (one, other):
        assert sizes(each, NOW, NOW + 10 * MINUTE, 10) == [1000] * 10
        since = value(each.history.since(TARGET, Subject.COMPONENT, "core"))
        assert (since.state, since.since, since.earliest) == ("unhealthy", NOW + 5 * MINUTE, NOW)
        assert len(value(each.history.executions(TARGET))) == 10


def test_a_state_between_two_equal_ones_is_not_lost_in_the_other_file(tmp_path: Path) -> None:
    one, other = Kept(tmp_path, "host-1"), Kept(tmp_path, "host-2")
    other.record(look(NOW + 1))
    for minute, state in enumerate(("healthy", "unhealthy", "healthy")):
        one.record(look(NOW + minute * MINUTE, health=health(core=state)))
    other.clock.now = one.clock.now
    since = value(other.history.since(TARGET, Subject.COMPONENT, "core"))
    assert (since.state, since.since) == ("healthy", NOW + 2 * MINUTE)


def test_one_of_two_hosts_in_a_shared_directory_records(tmp_path: Path) -> None:
    """Whoever's name comes first goes on; the other one takes over when that ends."""
    one, other = Kept(tmp_path, "a", shared=True), Kept(tmp_path, "b", shared=True)

    def record(kept: Kept, snapshot: Snapshot) -> None:
        kept.record(snapshot)
        if kept.place.own.exists():
            os.utime(kept.place.own, (snapshot.taken_at,) * 2)

    for minute in range(5):
        snapshot = look(NOW + minute * MINUTE)
        record(other, snapshot)
        record(one, snapshot)
    for minute in range(5, 12):
        other.record(look(NOW + minute * MINUTE))
    minutes = {name: _minutes(tmp_path / f"{name}.history") for name in ("a", "b")}
    assert minutes["a"] == [0, 1, 2, 3, 4]
    assert minutes["b"][0] == 0 and 7 in minutes["b"] and not {1, 2, 3, 4} & set(minutes["b"])


def _minutes(path: Path) -> list[int]:
    with opened(path) as connection:
        return [row[0] - int(NOW // 60) for row in connection.execute("SELECT DISTINCT t FROM minute ORDER BY t")]


def test_who_sees_less_does_not_keep_others_from_recording(tmp_path: Path) -> None:
    blind, other = Kept(tmp_path, "a", shared=True), Kept(tmp_path, "b", shared=True)
    for minute in range(3):
        at = NOW + minute * MINUTE
        blind.record(look(at, executions=lost(FailureKind.FORBIDDEN, at)))
        os.utime(blind.place.own, (at, at))
        other.record(look(at))
    assert _minutes(other.place.own) == [0, 1, 2]


def test_a_demo_never_meets_a_fleet(tmp_path: Path) -> None:
    """Even when somebody gives both one directory, and the demo's endpoints are called like the fleet's."""
    given = {"keep_days": 730, "max_bytes": 10_000_000}
    assert place_of("", simulated=True, **given) is None  # type: ignore[arg-type]
    real, demo = (place_of(str(tmp_path), simulated=each, **given) for each in (False, True))  # type: ignore[arg-type]
    assert real is not None and demo is not None and real.directory != demo.directory
    kept, played = Kept(real.directory), Kept(demo.directory)
    played.record(look(NOW))
    assert value(kept.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=NOW + 60)) == ()
    assert value(kept.history.executions(TARGET)) == () and not list(real.directory.glob("*.history"))
    kept.record(look(NOW, bucket=bucket(5)))
    assert sizes(played, NOW, NOW + 60, 1) == [1000] and sizes(kept, NOW, NOW + 60, 1) == [5]


def test_a_fleet_of_other_endpoints_is_another_one_and_a_new_name_is_none(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    renamed = msgspec.structs.replace(TARGET, name="new name", external_url="https://elsewhere")
    assert len(value(kept.history.executions(renamed))) == 1
    assert value(kept.history.executions(msgspec.structs.replace(TARGET, url="http://other"))) == ()
    other = msgspec.structs.replace(TARGET, bucket="other")
    assert value(kept.history.series(other, Measure.BUCKET_BYTES, start=NOW, end=NOW + 60)) == ()


def test_without_any_history_there_is_nothing_and_no_failure(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "not" / "there")
    assert value(kept.history.executions(TARGET)) == () and value(kept.history.since(TARGET, Subject.BUCKET)) is None
    assert value(kept.history.forecast(TARGET, 10.0)).at is None


def test_a_writer_is_one_host_and_user() -> None:
    name = writer_name(node="Jump-1.example.org", machine_id="x", uid=7)
    assert name.startswith("jump-1-example-org-") and name.endswith("-7")
    others = (("jump-1.example.org", "y", 7), ("jump-2", "x", 7), ("Jump-1.example.org", "x", 8))
    assert len({name, *(writer_name(node=n, machine_id=m, uid=u) for n, m, u in others)}) == 4
    assert writer_name(node="../../\x1b\udcff" * 50, machine_id="x", uid=7).isascii()
    assert "/" not in writer_name(node="../../etc", machine_id="", uid=0)


def test_files_are_ours_alone_or_the_groups(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "own")
    kept.record(look(NOW))
    assert kept.place.directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in kept.place.directory.iterdir()} == {0o600}
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o2770)
    shared = Kept(team, shared=True)
    shared.record(look(NOW))
    assert team.stat().st_mode & 0o777 == 0o770, "somebody else's directory is left as it is"
    assert {path.stat().st_mode & 0o777 for path in team.iterdir()} == {0o640}


def test_old_time_comes_in_coarser_steps(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    for span, step in ((HOUR, 60.0), (40 * DAY, HOUR), (300 * DAY, DAY)):
        (series,) = value(
            kept.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW - span, end=NOW + 60, steps=10_000)
        )
        assert series.step == step
        assert [point.mean for point in series.points if point.mean is not None] == [1000]


def test_recording_can_be_asked_for_by_anybody_at_any_time(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.clock.now = NOW
    recorder = Recorder(kept.place, kept.clock)
    assert recorder.record(Snapshot()) is None and not list(tmp_path.iterdir()), "nothing to keep makes no file"
