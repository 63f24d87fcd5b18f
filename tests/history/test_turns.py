"""Several hosts in one directory: one records for all, and nobody keeps back what only they know."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from harbortui.model.facet import Facet
from harbortui.model.history import Measure
from harbortui.model.snapshot import Snapshot
from harbortui.model.usage import COUNTED
from tests.history.looks import MINUTE, NOW, SOURCE, TARGET, Kept, look, opened, value
from tests.ui import counts


@pytest.fixture
def two(tmp_path: Path) -> tuple[Kept, Kept]:
    """Two hosts that see each other; the first goes first."""
    return Kept(tmp_path, "host-1", shared=True), Kept(tmp_path, "host-2", shared=True)


def record(kept: Kept, snapshot: Snapshot) -> None:
    """At the snapshot's time, which the file gets too."""
    kept.record(snapshot)
    if kept.place.own.exists():
        os.utime(kept.place.own, (snapshot.taken_at, snapshot.taken_at))


def with_count(at: float) -> Snapshot:
    plain = look(at)
    counted = Facet(source=COUNTED, value=counts.counted(size=400, objects=7, at=at), at=at, tried_at=at)
    return msgspec.structs.replace(plain, instances=(msgspec.structs.replace(plain.instances[0], counted=counted),))


def test_who_sees_that_another_one_records_the_same_writes_nothing(two: tuple[Kept, Kept]) -> None:
    one, other = two
    record(one, look(NOW))
    record(other, look(NOW + 10))
    assert not other.place.own.exists()
    record(one, look(NOW + MINUTE))
    assert one.place.own.exists()


def test_a_count_that_a_person_asked_for_is_kept_though_another_one_records(two: tuple[Kept, Kept]) -> None:
    one, other = two
    record(one, look(NOW))
    record(other, with_count(NOW + 10))
    found = value(one.history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=NOW + MINUTE, steps=1))
    assert {each.source: each.points[0].mean for each in found} == {SOURCE: 1000, COUNTED: 400}
    record(one, look(NOW + MINUTE))
    record(other, look(NOW + MINUTE + 10))
    with opened(other.place.own) as connection:
        assert connection.execute("SELECT max(t) FROM minute").fetchone()[0] == int((NOW + 10) // 60)


def test_collections_are_kept_by_who_may_see_them(two: tuple[Kept, Kept]) -> None:
    one, other = two
    blind = look(NOW)
    record(
        one, msgspec.structs.replace(blind, instances=(msgspec.structs.replace(blind.instances[0], gc_runs=Facet()),))
    )
    assert value(one.history.collections(TARGET)) == ()
    record(other, look(NOW + 10))
    assert [each.id for each in value(other.history.collections(TARGET))] == [1]
