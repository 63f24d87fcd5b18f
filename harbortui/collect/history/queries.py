"""What is asked of one file: plain rows, every value checked, because another person may have written it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from harbortui.collect.history.codes import Metric

ROW_LIMIT = 200_000
"""Rows of one answer that are taken from one file."""
MINUTES_AT_MOST = 5 * 1440
MINUTE, HOUR, DAY = 60, 3600, 86_400


class Span(NamedTuple):
    """Samples of a time, summed up; ``start`` in seconds since 1970."""

    start: int
    width: int
    n: int
    low: int
    high: int
    mean: int


class SeriesId(NamedTuple):
    """One series of the file."""

    id: int
    name: str
    detail: str
    seen: int | None
    """The last minute seen; only told of coverage."""


class StateChange(NamedTuple):
    """One row of the state table, in seconds."""

    at: float
    value: int
    earliest: float | None


def series_of(connection: sqlite3.Connection, endpoint: str, metric: Metric) -> list[SeriesId]:
    """All series of that metric at that endpoint."""
    rows = connection.execute(
        "SELECT series.id, name, detail, seen FROM series JOIN endpoint ON endpoint.id = series.endpoint"
        " WHERE endpoint.key = ? AND metric = ? LIMIT 1000",
        (endpoint, int(metric)),
    )
    return [
        SeriesId(identity, name, detail, seen if isinstance(seen, int) else None)
        for identity, name, detail, seen in rows
        if isinstance(identity, int) and isinstance(name, str) and isinstance(detail, str)
    ]


def spans(connection: sqlite3.Connection, series: int, start: int, end: int, step: int) -> list[Span]:
    """Samples from ``start`` to ``end`` in spans of at most ``step`` seconds, coarser where that is all there is.

    ``step`` is a multiple of a minute, of an hour or of a day, and ``start`` one of ``step``. What has not been summed
    up yet is taken from the finer table.
    """
    if step < HOUR:
        oldest = connection.execute("SELECT min(t) FROM minute").fetchone()[0]
        edge = end if not isinstance(oldest, int) else min(end, max(start, oldest // 60 * HOUR))
        return _hours(connection, series, start, edge) + _minutes(connection, series, edge, end, step)
    if step < DAY:
        first = connection.execute("SELECT min(t) FROM hour WHERE series = ?", (series,)).fetchone()[0]
        edge = start if not isinstance(first, int) else min(end, max(start, first * HOUR))
        days = _days(connection, series, start, edge) if edge > start else []
        return days + _hours(connection, series, edge, end) + _open_hours(connection, series, edge, end)
    summed = _summed(connection) // 24 * DAY
    edge = min(end, max(start, summed))
    later = _hours(connection, series, edge, end) + _open_hours(connection, series, edge, end)
    return _days(connection, series, start, edge) + later


def changes(connection: sqlite3.Connection, series: int) -> list[StateChange]:
    """All changes that are kept, oldest first."""
    rows = connection.execute(
        "SELECT at, value, earliest FROM state WHERE series = ? ORDER BY at LIMIT ?", (series, ROW_LIMIT)
    )
    return [
        StateChange(at / 1000, value, earliest / 1000 if isinstance(earliest, int) else None)
        for at, value, earliest in rows
        if isinstance(at, int) and isinstance(value, int)
    ]


def _summed(connection: sqlite3.Connection) -> int:
    """The first hour that has not been summed up."""
    row = connection.execute("SELECT value FROM note WHERE name = 'hours'").fetchone()
    return int(row[0]) if row is not None and isinstance(row[0], int) else 0


def _minutes(connection: sqlite3.Connection, series: int, start: int, end: int, step: int) -> list[Span]:
    """Minutes summed up to spans of ``step`` seconds, which begin at multiples of it."""
    # Minute by minute: rows of all series lie between two of one series. No file makes us look at more than are kept.
    start = max(start, end - MINUTES_AT_MOST * MINUTE)
    rows = connection.execute(
        "WITH RECURSIVE wanted (t) AS (SELECT ?2 WHERE ?2 < ?3 UNION ALL SELECT t + 1 FROM wanted WHERE t + 1 < ?3)"
        " SELECT wanted.t / ?4, count(*), min(value), max(value), CAST(round(avg(value)) AS INTEGER)"
        " FROM wanted CROSS JOIN minute ON minute.t = wanted.t AND minute.series = ?1 GROUP BY 1 ORDER BY 1",
        (series, start // MINUTE, -(-end // MINUTE), step // MINUTE),
    )
    return _readable(rows, step)


def _hours(connection: sqlite3.Connection, series: int, start: int, end: int) -> list[Span]:
    return _summed_up(connection, "hour", series, start, end, HOUR)


def _days(connection: sqlite3.Connection, series: int, start: int, end: int) -> list[Span]:
    return _summed_up(connection, "day", series, start, end, DAY)


def _summed_up(connection: sqlite3.Connection, table: str, series: int, start: int, end: int, width: int) -> list[Span]:
    rows = connection.execute(
        f"SELECT t, n, low, high, mean FROM {table} WHERE series = ? AND t >= ? AND t < ? ORDER BY t LIMIT ?",
        (series, start // width, -(-end // width), ROW_LIMIT),
    )
    return _readable(rows, width)


def _readable(rows: Iterable[tuple[Any, ...]], width: int) -> list[Span]:
    return [
        Span(t * width, width, n, low, high, mean)
        for t, n, low, high, mean in rows
        if type(t) is type(n) is type(low) is type(high) is type(mean) is int and 0 < n <= width // MINUTE
    ]


def _open_hours(connection: sqlite3.Connection, series: int, start: int, end: int) -> list[Span]:
    """Minutes that are not summed up yet, as hours."""
    first = max(start, _summed(connection) * HOUR)
    oldest = connection.execute("SELECT min(t) FROM minute").fetchone()[0]
    if not isinstance(oldest, int):
        return []
    return _minutes(connection, series, max(first, oldest * MINUTE), end, HOUR)
