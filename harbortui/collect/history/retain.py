"""What becomes of rows as they age: minutes to hours to days to nothing, and less of all when the room gets short."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harbortui.collect.history.place import HistoryPlace, journal_of, others

MINUTES_KEPT = 48 * 60
HOURS_KEPT = 90 * 24
ROWS_KEPT = {
    "execution": ("id", 20_000),
    "event": ("at", 5_000),
    "allocation": ("created", 1_000),
    "collection": ("id", 500),
}
"""By table: what its rows are ordered by, and how many of the newest are kept for each endpoint."""
CHANGES_KEPT = 2_000
"""Changes of one state that are kept, so that one that flaps does not fill the file."""
LATE = 300.0
"""Seconds after an hour's end in which its last samples are still awaited."""
BELIEVED_STEP = 48
"""Hours that the time by which we forget may move in one go: a host that boots in 2099 must not forget everything."""
BEHIND_ROUNDS = 168
"""Hours of recording after which a clock that is behind is right, and the one before it was wrong."""
FULL = 0.85
"""The share of the room from which on less is kept."""

_ROLL_HOURS = """
INSERT INTO hour
SELECT series, t / 60, count(*), min(value), max(value), CAST(round(avg(value)) AS INTEGER)
FROM minute WHERE t >= ? AND t < ? GROUP BY series, t / 60
ON CONFLICT (series, t) DO UPDATE SET n = excluded.n, low = excluded.low, high = excluded.high, mean = excluded.mean
WHERE excluded.n >= n
"""
_ROLL_DAYS = """
INSERT INTO day
SELECT series, t / 24, sum(n), min(low), max(high), CAST(round(sum(1.0 * mean * n) / sum(n)) AS INTEGER)
FROM hour WHERE t >= ? AND t < ? GROUP BY series, t / 24
ON CONFLICT (series, t) DO UPDATE SET n = excluded.n, low = excluded.low, high = excluded.high, mean = excluded.mean
WHERE excluded.n >= n
"""


def tidy(connection: sqlite3.Connection, place: HistoryPlace, now: float) -> float | None:
    """Once an hour, or when the room gets short: sum up what is over, forget what is too old.

    Returns the time by which things were too old, None when it was not time for any of this. Runs within the caller's
    transaction, so that no moment shows a row in two places or in none.
    """
    hour = int((now - LATE) // 3600)
    done = _note(connection, "hours")
    if done == hour and _used(connection) <= FULL * place.max_bytes:
        return None
    _sum_up(connection, hour, done)
    as_of = _believed(connection, now, anew=done != hour)
    _forget(connection, as_of, place.keep_days, 1.0)
    share = 1.0
    while _used(connection) > FULL * place.max_bytes and share > 0.01:
        share /= 2
        _forget(connection, as_of, place.keep_days, share)
    if done is None or done // 24 != hour // 24:
        _drop_orphans(connection)
    return as_of


def forget_others(place: HistoryPlace, as_of: float) -> None:
    """Remove files of this user that no host has written to for as long as anything is kept."""
    for path in _stale(place, as_of - place.keep_days * 86_400):
        for each in (path, journal_of(path)):
            with suppress(OSError):
                each.unlink()


def _stale(place: HistoryPlace, before: float) -> Iterator[Path]:
    uid = place.own.stat().st_uid
    for path in others(place):
        with suppress(OSError):
            status = path.lstat()
            if status.st_uid == uid and status.st_mtime < before:
                yield path


def _sum_up(connection: sqlite3.Connection, hour: int, done: int | None) -> None:
    """Every hour since the last one, and every day that ended thereby."""
    if done is None or done > hour:
        # A new file, or a clock that was ahead: whatever is there is summed up from its beginning.
        oldest = connection.execute("SELECT min(t) / 60 FROM minute").fetchone()[0]
        done = hour if oldest is None else min(hour, int(oldest))
    connection.execute(_ROLL_HOURS, (done * 60, hour * 60))
    day = hour // 24
    connection.execute(_ROLL_DAYS, (done // 24 * 24, day * 24))
    connection.execute("INSERT OR REPLACE INTO note VALUES ('hours', ?)", (hour,))


def _believed(connection: sqlite3.Connection, now: float, *, anew: bool) -> float:
    """The time by which things are too old: ours, unless it jumped; what lies beyond a time we believe is removed.

    It follows our clock in steps, and back only after a week: a clock that is behind makes nothing too old, and what
    another one recorded in its future goes as soon as ours is plausible.
    """
    hour = int(now // 3600)
    known = _note(connection, "believed")
    if known is not None and not anew:
        return known * 3600.0
    believed = hour if known is None else max(known, min(hour, known + BELIEVED_STEP))
    behind = 0 if hour >= believed - BELIEVED_STEP else 1 + (_note(connection, "behind") or 0)
    if behind > BEHIND_ROUNDS:
        believed, behind = hour, 0
    connection.executemany("INSERT OR REPLACE INTO note VALUES (?, ?)", [("believed", believed), ("behind", behind)])
    if not behind:
        latest = max(hour, believed) + 24
        connection.execute("DELETE FROM minute WHERE t > ?", (latest * 60,))
        connection.execute("DELETE FROM hour WHERE t > ?", (latest,))
        connection.execute("DELETE FROM day WHERE t > ?", (latest // 24 + 1,))
        connection.execute("DELETE FROM state WHERE at > ?", (latest * 3_600_000,))
    return believed * 3600.0


def _forget(connection: sqlite3.Connection, now: float, keep_days: int, share: float) -> None:
    """Forget what is older than ``share`` of what is kept of each table."""
    minute = int(now // 60)
    connection.execute("DELETE FROM minute WHERE t < ?", (minute - int(MINUTES_KEPT * share),))
    connection.execute("DELETE FROM hour WHERE t < ?", (minute // 60 - int(HOURS_KEPT * share),))
    connection.execute("DELETE FROM day WHERE t < ?", (minute // 1440 - int(keep_days * share),))
    oldest = int((now - keep_days * share * 86_400) * 1000)
    _forget_changes(connection, oldest, max(2, int(CHANGES_KEPT * share)))
    connection.execute("DELETE FROM execution WHERE coalesce(finish, start) < ?", (oldest,))
    connection.execute("DELETE FROM collection WHERE coalesce(finish, start) < ?", (oldest,))
    connection.execute("DELETE FROM event WHERE at < ?", (oldest,))
    connection.execute("DELETE FROM allocation WHERE created < ?", (oldest,))
    for table, (column, kept) in ROWS_KEPT.items():
        _forget_rows(connection, table, column, max(1, int(kept * share)))


def _forget_changes(connection: sqlite3.Connection, oldest: int, kept: int) -> None:
    """The newest change stays whatever its age: it is the present state."""
    connection.execute(
        "DELETE FROM state WHERE at < ?"
        " AND at < (SELECT max(at) FROM state AS newest WHERE newest.series = state.series)",
        (oldest,),
    )
    crowded = connection.execute("SELECT series FROM state GROUP BY series HAVING count(*) > ?", (kept,)).fetchall()
    for (series,) in crowded:
        connection.execute(
            "DELETE FROM state WHERE series = ?1 AND at <= (SELECT at FROM state WHERE series = ?1"
            " ORDER BY at DESC LIMIT 1 OFFSET ?2)",
            (series, kept),
        )


def _forget_rows(connection: sqlite3.Connection, table: str, column: str, kept: int) -> None:
    crowded = connection.execute(f"SELECT endpoint FROM {table} GROUP BY endpoint HAVING count(*) > ?", (kept,))
    for (endpoint,) in crowded.fetchall():
        connection.execute(
            f"DELETE FROM {table} WHERE endpoint = ?1 AND {column} <= (SELECT {column} FROM {table}"
            f" WHERE endpoint = ?1 ORDER BY {column} DESC LIMIT 1 OFFSET ?2)",
            (endpoint, kept),
        )


def _drop_orphans(connection: sqlite3.Connection) -> None:
    """Names of what has left no row."""
    connection.execute(
        "DELETE FROM series WHERE id NOT IN (SELECT DISTINCT series FROM minute)"
        " AND NOT EXISTS (SELECT 1 FROM hour WHERE hour.series = series.id)"
        " AND NOT EXISTS (SELECT 1 FROM day WHERE day.series = series.id)"
        " AND NOT EXISTS (SELECT 1 FROM state WHERE state.series = series.id)"
    )
    tables = ("series", *ROWS_KEPT)
    empty = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {each} WHERE {each}.endpoint = endpoint.id)" for each in tables)
    connection.execute(f"DELETE FROM endpoint WHERE {empty}")


def _note(connection: sqlite3.Connection, name: str) -> int | None:
    row = connection.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def _used(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
