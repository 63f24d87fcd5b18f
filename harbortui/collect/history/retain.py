"""What becomes of rows as they age: minutes to hours to days to nothing, and less of all when the room gets short."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harbortui.collect.history.place import HistoryPlace, others

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
FULL = 0.85
"""The share of the room from which on less is kept."""

_ROLL_HOURS = """
INSERT OR REPLACE INTO hour
SELECT series, t / 60, count(*), min(value), max(value), CAST(round(avg(value)) AS INTEGER)
FROM minute WHERE t >= ? AND t < ? GROUP BY series, t / 60
"""
_ROLL_DAYS = """
INSERT OR REPLACE INTO day
SELECT series, t / 24, sum(n), min(low), max(high), CAST(round(sum(1.0 * mean * n) / sum(n)) AS INTEGER)
FROM hour WHERE t >= ? AND t < ? GROUP BY series, t / 24
"""


def tidy(connection: sqlite3.Connection, place: HistoryPlace, now: float) -> bool:
    """Once an hour, or when the room gets short: sum up what is over, forget what is too old; False otherwise.

    Runs within the caller's transaction, so that no moment shows a row in two places or in none.
    """
    hour = int((now - LATE) // 3600)
    done = _note(connection, "hours")
    if done == hour and _used(connection) <= FULL * place.max_bytes:
        return False
    _sum_up(connection, hour, done)
    _forget(connection, now, place.keep_days, 1.0)
    share = 1.0
    while _used(connection) > FULL * place.max_bytes and share > 0.01:
        share /= 2
        _forget(connection, now, place.keep_days, share)
    if done is None or done // 24 != hour // 24:
        _drop_orphans(connection)
    return True


def forget_others(place: HistoryPlace, now: float) -> None:
    """Remove files of this user that no host has written to for as long as anything is kept."""
    for path in _stale(place, now - place.keep_days * 86_400):
        for each in (path, path.with_name(f"{path.name}-journal")):
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


def _forget(connection: sqlite3.Connection, now: float, keep_days: int, share: float) -> None:
    """Forget what is older than ``share`` of what is kept of each table, and what time itself cannot explain."""
    minute = int(now // 60)
    connection.execute("DELETE FROM minute WHERE t < ?", (minute - int(MINUTES_KEPT * share),))
    connection.execute("DELETE FROM hour WHERE t < ?", (minute // 60 - int(HOURS_KEPT * share),))
    connection.execute("DELETE FROM day WHERE t < ?", (minute // 1440 - int(keep_days * share),))
    connection.execute("DELETE FROM minute WHERE t > ?", (minute + 1440,))
    connection.execute("DELETE FROM hour WHERE t > ?", (minute // 60 + 24,))
    connection.execute("DELETE FROM day WHERE t > ?", (minute // 1440 + 1,))
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
