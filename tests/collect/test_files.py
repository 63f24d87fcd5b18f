"""Snapshot files and the cache of the last session."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.collect import cache as caching
from harbortui.collect.cache import KEPT_FILES, SnapshotCache, fleet_key
from harbortui.collect.files import decode_snapshot, encode_snapshot, read_snapshot, write_snapshot
from harbortui.collect.store import SnapshotStore
from harbortui.model.failure import Failure
from harbortui.model.secret import Secret
from harbortui.model.snapshot import Origin, Snapshot
from harbortui.sources.answer import Ok
from tests.collect.fakes import empty, failure, health, key


def filled() -> Snapshot:
    store = SnapshotStore(empty("a", "b"))
    store.learn(key("health", "a"), Ok(health(core="unhealthy", redis="healthy")), 5.0)
    store.learn(key("quotas", "a"), failure(), 6.0)
    return store.snapshot(7.0)


def test_a_snapshot_comes_back_as_it_was_but_marked(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    assert write_snapshot(path, filled(), written_at=8.0) is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    back = read_snapshot(path)
    assert back == msgspec.structs.replace(filled(), origin=Origin.SNAPSHOT)
    assert [each.name for each in tmp_path.iterdir()] == ["snapshot.json"], "no draft is left behind"


def test_an_older_file_is_replaced_with_its_rights_tightened(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    path.write_text("old")
    path.chmod(0o644)
    write_snapshot(path, filled(), written_at=8.0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and isinstance(read_snapshot(path), Snapshot)


def test_a_place_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    told = write_snapshot(tmp_path / "missing" / "x.json", filled(), written_at=8.0)
    assert told is not None and "cannot be written: No such file" in told.detail


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a snapshot"),
        (b"[]", "is not a snapshot"),
        (b"{}", "is not a snapshot"),
        (b'{"harbortui_snapshot": 2, "version": "9.1\\u001b[2J"}', "newer HarborTUI (9.1"),
        (b'{"harbortui_snapshot": 1, "written_at": 1, "version": "1"}', "is damaged"),
        (b'{"harbortui_snapshot": 1, "written_at": 1, "version": "1", "snapshot": {"schema": 99}}', "schema 99"),
        (b'{"harbortui_snapshot": 1, "written_at": 1, "version": "1", "snapshot": {"instances": 3}}', "is damaged"),
        (b"\xff\xfe" * 10, "is not a snapshot"),
        (b'{"a":' * 100_000, "is not a snapshot"),
    ],
)
def test_a_file_that_is_no_snapshot_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    told = read_snapshot(path)
    assert isinstance(told, Failure) and words in told.detail and "\x1b" not in told.detail


def test_missing_and_strange_files(tmp_path: Path) -> None:
    assert isinstance(read_snapshot(tmp_path / "none"), Failure)
    assert isinstance(read_snapshot(tmp_path), Failure)
    os.mkfifo(tmp_path / "pipe")
    assert isinstance(read_snapshot(tmp_path / "pipe"), Failure), "it does not wait for a writer"


@given(st.binary(max_size=400), st.integers(0, 200))
def test_a_damaged_file_never_raises(noise: bytes, cut: int) -> None:
    whole = encode_snapshot(filled(), written_at=1.0)
    for data in (noise, whole[:cut] + noise, whole[: len(whole) - cut]):
        assert isinstance(decode_snapshot(data), (str, Snapshot))


def test_a_secret_cannot_get_into_a_file() -> None:
    tainted = msgspec.structs.replace(filled(), fleet=Secret("hunter2-hunter2"))
    with pytest.raises(TypeError):
        encode_snapshot(tainted, written_at=1.0)


def test_the_cache_gives_back_values_without_their_failures(tmp_path: Path) -> None:
    cache = SnapshotCache(tmp_path / "last", empty("a", "b"))
    assert cache.load() is None
    assert cache.save(filled(), written_at=8.0)
    last = cache.load()
    assert last is not None
    assert last.instances[0].health.value == health(core="unhealthy", redis="healthy")
    assert last.instances[0].quotas.failure is None and last.taken_at == 7.0
    assert stat.S_IMODE((tmp_path / "last").stat().st_mode) == 0o700


def test_another_fleet_has_another_cache(tmp_path: Path) -> None:
    demo = msgspec.structs.replace(empty("a", "b"), origin=Origin.SIMULATED)
    assert fleet_key(demo) != fleet_key(empty("a", "b")) != fleet_key(empty("a"))
    SnapshotCache(tmp_path, empty("a", "b")).save(filled(), written_at=8.0)
    assert SnapshotCache(tmp_path, demo).load() is None


def test_the_cache_is_bounded_and_survives_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(KEPT_FILES + 3):
        fleet = empty(f"instance-{number}")
        assert SnapshotCache(tmp_path, fleet).save(fleet, written_at=1.0)
    files = list(tmp_path.glob("*.json"))
    assert len(files) == KEPT_FILES
    fleet = empty(f"instance-{KEPT_FILES + 2}")
    (tmp_path / f"{fleet_key(fleet)}.json").write_text(json.dumps({"harbortui_snapshot": 1}))
    assert SnapshotCache(tmp_path, fleet).load() is None
    monkeypatch.setattr(caching, "MAX_FILE_BYTES", 10)
    assert SnapshotCache(tmp_path, empty("instance-9")).load() is None


def test_a_cache_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert SnapshotCache(tmp_path / "file", empty("a")).save(filled(), written_at=1.0) is False
