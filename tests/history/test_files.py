"""Files that are broken, foreign, older, newer or full: one failure value, and reading goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from harbortui.collect.history import database, files, schema
from harbortui.collect.history.database import writing
from harbortui.collect.history.failures import failure_of
from harbortui.collect.history.place import journal_of
from harbortui.collect.history.schema import APPLICATION_ID, TABLES, Unusable, prepare
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.history import Measure, Subject
from harbortui.model.text import is_safe
from harbortui.sources.answer import Ok
from tests.history.looks import MINUTE, NOW, TARGET, Clock, Kept, execution, look, opened, value

ROOT = Path(__file__).resolve().parents[2]


def failure(kept: Kept, at: float) -> Failure:
    """Why recording at that time fails."""
    kept.clock.now = at
    found = kept.recorder.record(look(at))
    assert isinstance(found, Failure) and found.kind is FailureKind.LOCAL and "\n" not in found.detail
    return found


def half_written(kept: Kept, directory: Path) -> None:
    """Copy the file and its journal out of the middle of a write, as a power cut leaves them."""
    connection = sqlite3.connect(kept.place.own, isolation_level=None)
    connection.execute("PRAGMA journal_mode = PERSIST")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO minute VALUES (?, 1, 1)", [(each,) for each in range(20_000)])
    for path in kept.place.directory.iterdir():
        shutil.copy(path, directory)
    connection.close()


def test_a_write_that_was_cut_off_is_undone_by_its_owner(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "cut").mkdir()
    kept = Kept(tmp_path / "one")
    kept.record(look(NOW))
    half_written(kept, tmp_path / "cut")
    other = Kept(tmp_path / "cut", "host-2")
    other.clock.now = NOW
    answer = other.history.executions(TARGET)
    assert isinstance(answer, Failure) and "in the middle of a write" in answer.detail
    other.record(look(NOW + MINUTE))
    answer = other.history.executions(TARGET)
    assert isinstance(answer, Ok) and len(answer.value) == 1 and "middle of a write" in answer.lost_rows[0]
    owner = Kept(tmp_path / "cut")
    owner.clock.now = NOW
    assert len(value(owner.history.changes(TARGET, Subject.HARBOR, start=0.0))) == 1, "looking alone undoes it"
    assert value(other.history.executions(TARGET))
    with opened(owner.place.own) as connection:
        assert connection.execute("SELECT count(*) FROM minute WHERE t < 30000").fetchone()[0] == 0


def test_a_full_history_says_so_and_can_still_be_read(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    small = Kept(tmp_path, max_bytes=1)
    many = tuple(execution(each) for each in range(20_000))
    small.clock.now = NOW + MINUTE
    found = small.recorder.record(look(NOW + MINUTE, executions=many))
    assert isinstance(found, Failure) and "no room left" in found.detail
    assert len(value(small.history.executions(TARGET))) == 1
    small.record(look(NOW + 2 * MINUTE))


LIMITED = """
import resource, signal, sys
from pathlib import Path
from harbortui.model.history import Subject
from tests.history.looks import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
kept = Kept(Path(sys.argv[1]))
kept.record(look(NOW))
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
kept.clock.now = NOW + 60
failure = kept.recorder.record(look(NOW + 60, executions=tuple(execution(each) for each in range(2000))))
print(failure.detail)
print(len(value(kept.history.executions(TARGET))), len(value(kept.history.changes(TARGET, Subject.HARBOR, start=0.0))))
"""


def test_a_disk_without_room_is_one_failure_and_the_file_stays_whole(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environ,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr
    told, counts = run.stdout.splitlines()
    assert told.startswith("history: ") and ("no room" in told or "disk full" in told), told
    assert counts == "1 1"
    kept = Kept(tmp_path)
    kept.record(look(NOW + 120))
    with opened(kept.place.own) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


READER = """
import os, sys
from pathlib import Path
from tests.history.looks import *
from harbortui.collect.history import files, foreign
kept = Kept(Path(sys.argv[1]), "host-2", shared=True)
if os.geteuid() == 0:
    os.setuid(65_534)
for at in (NOW + 10, NOW + 4000):
    kept.clock.now = at
    failure = kept.recorder.record(look(at))
    print(None if failure is None else failure.detail)
    print(len(value(kept.history.executions(TARGET))))
"""


def test_who_may_only_read_a_shared_directory_reads_and_complains_only_when_nobody_records() -> None:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "shared"
        other = Kept(directory, "host-9", shared=True)
        other.record(look(NOW))
        os.utime(other.place.own, (NOW, NOW))
        for each in directory.iterdir():
            each.chmod(0o644)
        Path(folder).chmod(0o755)
        directory.chmod(0o555)
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", READER, str(directory)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environ, cwd=ROOT)
        directory.chmod(0o755)
    assert run.returncode == 0, run.stderr
    first, one, second, still_one = run.stdout.splitlines()
    assert first == "None", "another one records the same: no reason to complain"
    assert second.startswith("history: ") and "Permission denied" in second
    assert (one, still_one) == ("1", "1")


def test_where_nothing_can_be_written_it_says_so_each_time_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for directory in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/history")):
        kept = Kept(directory)
        kept.clock.now = NOW
        assert failure(kept, NOW).detail.startswith("history: ")
        answer = kept.history.executions(TARGET)
        assert isinstance(answer, Failure) or answer.value == ()


def test_a_link_or_a_directory_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    kept = Kept(tmp_path / "history")
    kept.place.directory.mkdir(mode=0o700)
    kept.place.own.symlink_to(victim)
    assert "not a file of ours" in failure(kept, NOW).detail
    assert victim.read_bytes() == b""
    kept.place.own.unlink()
    journal_of(kept.place.own).symlink_to(victim)
    assert "journal is not a file of ours" in failure(kept, NOW).detail
    Kept(kept.place.directory, "host-2").record(look(NOW))
    (kept.place.directory / "host-3.history").symlink_to(kept.place.directory / "host-2.history")
    os.mkfifo(kept.place.directory / "host-4.history")
    (kept.place.directory / "host-5.history").mkdir()
    reader = Kept(kept.place.directory, "host-9")
    reader.clock.now = NOW
    assert len(value(reader.history.executions(TARGET))) == 1


@pytest.mark.parametrize("damage", ["head", "middle", "cut"])
def test_a_damaged_file_is_put_aside_and_a_new_one_begun(tmp_path: Path, damage: str) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    data = bytearray(kept.place.own.read_bytes())
    if damage == "cut":
        del data[len(data) // 2 :]
    else:
        at = 0 if damage == "head" else 4096
        data[at : at + 60_000] = os.urandom(len(data[at : at + 60_000]))
    kept.place.own.write_bytes(data)
    found = failure(kept, NOW + MINUTE)
    assert ("damaged" in found.detail or "not a history" in found.detail) and "put aside" in found.detail
    kept.record(look(NOW + 2 * MINUTE))
    assert kept.place.own.with_suffix(".damaged").read_bytes()[4096:] == bytes(data)[4096:]
    assert len(value(kept.history.executions(TARGET))) == 1


def test_a_database_of_somebody_else_is_neither_read_nor_written(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    tmp_path.chmod(0o700)
    with opened(kept.place.own) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = kept.place.own.read_bytes()
    assert "not a history" in failure(kept, NOW).detail
    assert isinstance(kept.history.executions(TARGET), Failure)
    assert kept.place.own.read_bytes()[100:] == before[100:]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW extra AS SELECT 1",
        "CREATE TRIGGER extra AFTER INSERT ON minute BEGIN DELETE FROM hour; END",
        "CREATE INDEX extra ON minute (value)",
        "ALTER TABLE execution ADD COLUMN extra",
        "DROP TABLE gone",
    ],
)
def test_a_foreign_file_with_other_tables_is_not_believed(tmp_path: Path, statement: str) -> None:
    other = Kept(tmp_path, "host-2")
    other.record(look(NOW))
    with opened(other.place.own) as connection:
        connection.execute(statement.replace("gone", "allocation"))
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    answer = kept.history.executions(TARGET)
    assert isinstance(answer, Ok) and len(answer.value) == 1
    assert "tables that are not those" in answer.lost_rows[0]


def test_values_of_a_foreign_file_are_checked_one_by_one(tmp_path: Path) -> None:
    other = Kept(tmp_path, "host-2")
    other.record(look(NOW))
    evil = "\x1b]0;owned\x07" * 100
    with opened(other.place.own) as connection:
        for table in ("execution", "event", "allocation", "collection"):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            for column in columns[2:]:
                rows = connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchall()
                if rows:
                    changed = [evil if name == column else old for name, old in zip(columns, rows[0], strict=True)]
                    changed[1] = f"{column}{evil}" if table == "allocation" else 1000 + columns.index(column)
                    marks = ", ".join("?" * len(columns))
                    connection.execute(f"INSERT INTO {table} VALUES ({marks})", changed)
        connection.execute("UPDATE series SET name = ?, detail = ? WHERE metric < 10", (evil, evil))
        connection.execute("INSERT OR REPLACE INTO note VALUES ('hours', ?)", (evil,))
        connection.execute("UPDATE minute SET value = ?", (evil,))
        connection.execute("INSERT INTO minute SELECT -5, id, 5 FROM series")
        connection.execute("INSERT INTO hour SELECT id, 5, -9, 'x', 1e300, NULL FROM series WHERE 0")
        connection.execute("UPDATE state SET value = ?", (evil,))
    kept = Kept(tmp_path)
    kept.clock.now = NOW
    history = kept.history
    told = [
        value(history.series(TARGET, Measure.BUCKET_BYTES, start=NOW - 600, end=NOW + 60)),
        value(history.series(TARGET, Measure.BUCKET_BYTES, start=NOW - 50 * 86_400, end=NOW + 60)),
        value(history.series(TARGET, Measure.BUCKET_BYTES, start=NOW - 500 * 86_400, end=NOW + 60)),
        value(history.executions(TARGET)),
        value(history.task_events(TARGET)),
        value(history.allocations(TARGET)),
        value(history.collections(TARGET)),
        value(history.since(TARGET, Subject.HARBOR)),
        value(history.forecast(TARGET, 10.0)),
    ]
    assert is_safe(repr(told)) and "\\x1b" not in repr(told)


def test_an_older_file_is_brought_up_to_date_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {name: sql for name, sql in TABLES.items() if name != "allocation"}
    upgrades = {1: (TABLES["allocation"], "UPDATE execution SET status = status"), 2: ("SELECT 1",)}
    kept = Kept(tmp_path)
    kept.place.directory.chmod(0o700)
    with sqlite3.connect(kept.place.own, isolation_level=None) as connection:
        connection.execute("BEGIN")
        prepare(connection, old, 1, {})
        connection.execute("INSERT INTO endpoint VALUES (1, 'x')")
        connection.execute("INSERT INTO execution VALUES (1, 1, 1, 2, ?1, ?1, 1, 0, 1, 0, 0)", (int(NOW * 1000),))
        connection.execute("COMMIT")
    kept.place.own.chmod(0o600)
    reader = Kept(tmp_path, "host-2")
    with monkeypatch.context() as newer:
        newer.setattr(database, "prepare", lambda connection: prepare(connection, TABLES, 3, upgrades))
        newer.setattr(database, "require", lambda connection: schema.require(connection, TABLES, 3))
        kept.record(look(NOW))
        assert len(value(kept.history.executions(TARGET))) == 1
    with opened(kept.place.own) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        assert connection.execute("SELECT count(*) FROM execution").fetchone() == (2,)
    # This version finds a newer file: it leaves it alone and says so.
    assert "newer HarborTUI" in failure(kept, NOW + MINUTE).detail
    reader.clock.now = NOW
    answer = reader.history.executions(TARGET)
    assert isinstance(answer, Failure) and "newer" in answer.detail


def test_an_upgrade_that_fails_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    upgrades = {1: ("DELETE FROM execution", "CREATE TABLE minute (x)")}
    with monkeypatch.context() as newer:
        newer.setattr(database, "prepare", lambda connection: prepare(connection, TABLES, 2, upgrades))
        failure(kept, NOW + MINUTE)
    assert len(value(kept.history.executions(TARGET))) == 1
    kept.record(look(NOW + 2 * MINUTE))


def test_every_version_below_the_present_one_has_a_way_up() -> None:
    assert sorted(schema.UPGRADES) == list(range(1, schema.VERSION)) and APPLICATION_ID < 2**31


def test_an_error_in_the_middle_of_a_write_undoes_all_of_it(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    with pytest.raises(ZeroDivisionError), writing(kept.place) as connection:
        connection.execute("DELETE FROM execution")
        raise ZeroDivisionError
    assert len(value(kept.history.executions(TARGET))) == 1


def test_what_holds_it_too_long_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    with sqlite3.connect(kept.place.own, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert "holds it" in failure(kept, NOW + MINUTE).detail
        assert len(value(kept.history.executions(TARGET))) == 1
        holder.execute("ROLLBACK")
    kept.record(look(NOW + MINUTE))


def test_a_file_system_that_cannot_lock_is_named_and_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SQLite says where fcntl fails (NFS without a lock daemon): we then never write, and need no lock to read."""
    kept = Kept(tmp_path)
    kept.record(look(NOW))
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_LOCK"

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(database, "_set_up", refuse)
    monkeypatch.setattr(files, "looking", refuse)
    assert "cannot be locked" in failure(kept, NOW + MINUTE).detail
    assert len(value(kept.history.executions(TARGET))) == 1


def test_words_of_a_failure_repeat_nothing_from_a_file() -> None:
    for error in (Unusable("is odd"), OSError(28, "x"), OSError(5, "I/O"), sqlite3.OperationalError("secret")):
        found = failure_of("a\x1bb", error, NOW)
        assert "secret" not in found.detail and "\x1b" not in found.detail


def test_files_of_hosts_that_are_gone_are_forgotten_in_time(tmp_path: Path) -> None:
    clock = Clock()
    kept = Kept(tmp_path, keep_days=30)
    Kept(tmp_path, "host-2").record(look(NOW))
    Kept(tmp_path, "host-3").record(look(NOW))
    os.utime(tmp_path / "host-2.history", (clock.now - 31 * 86_400,) * 2)
    os.utime(tmp_path / "host-3.history", (clock.now - 29 * 86_400,) * 2)
    kept.record(look(NOW))
    assert sorted(path.name for path in tmp_path.glob("*.history")) == ["host-1.history", "host-3.history"]
