"""Killed at any point, by several writers at once: the history is whole."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from harbortui.collect.history.foreign import read_foreign
from harbortui.collect.history.schema import Unusable
from harbortui.model.history import Measure
from tests.history.looks import MINUTE, NOW, TARGET, Kept, look, opened, value
from tests.history.writer import TASKS

ROOT = Path(__file__).resolve().parents[2]
ROWS_OF_A_LOOK = TASKS + 2 + 6
"""Memory of each task, bytes and objects, and the six minutes in which something was asked, seen or listed."""
SECONDS = 60.0


@contextmanager
def writing(directory: Path, writer: str, first: int, pause: float = 0.0) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.history.writer", str(directory), writer, str(first), str(pause)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=ROOT, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def said(process: subprocess.Popen[str], count: int) -> list[int]:
    """The next minutes that were written."""
    assert process.stdout is not None
    return [int(process.stdout.readline()) for _ in range(count)]


def torn(connection: sqlite3.Connection) -> list[object]:
    """Minutes that are there in part, or whose numbers are those of another one."""
    rows = connection.execute(
        "SELECT t, count(*) FROM minute GROUP BY t HAVING count(*) != ?", (ROWS_OF_A_LOOK,)
    ).fetchall()
    wrong = connection.execute(
        "SELECT minute.t, value FROM minute JOIN series ON series.id = minute.series WHERE series.metric < 10"
        " AND value != minute.t - ?",
        (int(NOW // 60),),
    ).fetchall()
    lost = connection.execute(
        "SELECT t FROM minute WHERE t - ?1 NOT IN (SELECT id FROM execution) UNION"
        " SELECT id FROM execution WHERE id + ?1 NOT IN (SELECT t FROM minute)",
        (int(NOW // 60),),
    ).fetchall()
    return [*rows, *wrong, *lost]


def test_killed_again_and_again_it_stays_whole_and_keeps_what_was_said(tmp_path: Path) -> None:
    random = Random(4)
    known: set[int] = set()
    first = 0
    for _ in range(12):
        with writing(tmp_path, "host-1", first) as process:
            known.update(said(process, 2))
            time.sleep(random.uniform(0.0, 0.03))
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert process.stdout is not None
            known.update(int(line) for line in process.stdout.read().split() if line)
        with opened(tmp_path / "host-1.history") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert torn(connection) == []
            written = {row[0] - int(NOW // 60) for row in connection.execute("SELECT DISTINCT t FROM minute")}
        assert known <= written
        first = max(written) + 1
    (series,) = value(
        Kept(tmp_path).history.series(TARGET, Measure.BUCKET_BYTES, start=NOW, end=NOW + first * MINUTE, steps=first)
    )
    assert max(point.high for point in series.points if point.high is not None) == first - 1


def test_killed_at_every_other_block_of_a_write_it_is_as_before_or_as_after(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.history.ender", str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, env=environ)
    assert run.returncode == 0, run.stderr
    killed, whole, undone = map(int, run.stdout.split())
    assert killed >= 20 and undone >= 5 and whole > killed


def test_two_processes_write_and_a_third_kills_one_of_them(tmp_path: Path) -> None:
    """On one host they share a file: they wait for each other, and neither loses a look."""
    with writing(tmp_path, "host-1", 0) as one, writing(tmp_path, "host-1", 1000) as other:
        minutes = {*said(one, 10), *said(other, 10)}
        one.kill()
        minutes |= set(said(other, 10))
    with opened(tmp_path / "host-1.history") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert torn(connection) == []
        written = {row[0] - int(NOW // 60) for row in connection.execute("SELECT DISTINCT t FROM minute")}
    assert minutes <= written and len(minutes) == 30


def test_another_hosts_file_is_read_without_locks_and_never_torn(tmp_path: Path) -> None:
    """As on a network file system whose locks mean nothing: reads fall into writes and are done again."""
    path = tmp_path / "host-1.history"
    with writing(tmp_path, "host-1", 0, pause=0.03) as process:
        said(process, 1)
        counts: list[int] = []
        retries: list[float] = []
        until = time.monotonic() + SECONDS
        while (len(counts) < 60 or len(retries) < 10 or counts[-1] == counts[0]) and time.monotonic() < until:
            try:
                found = read_foreign(path, lambda connection: (torn(connection), _count(connection)), retries.append)
            except Unusable:
                continue  # it wrote all the time while we looked
            assert found is not None and found[0] == []
            counts.append(found[1])
        assert len(counts) >= 60 and len(retries) >= 10, "reads met writes"
        assert counts == sorted(counts) and counts[-1] > counts[0]
        assert process.poll() is None


def _count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM minute").fetchone()[0])


def test_reading_changes_nothing_in_another_hosts_file(tmp_path: Path) -> None:
    Kept(tmp_path, "host-2").record(look(NOW))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    kept = Kept(tmp_path, "host-1")
    kept.clock.now = NOW + 1
    assert len(value(kept.history.executions(TARGET))) == 1
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before
