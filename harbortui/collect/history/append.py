"""Writing the rows of one look, within the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from harbortui.collect.history.codes import GONE, REACH, Metric
from harbortui.collect.history.rows import (
    EventRow,
    ExecutionRow,
    GcRow,
    Listed,
    Measured,
    Place,
    Rows,
    Sample,
    StateRow,
)

SERIES_PER_ENDPOINT = 256
"""A server that invents names does not fill the disk with them."""
BEFORE_MINUTES = 360
"""How long before a garbage collection the bucket's size may have been learned to count as that before it."""
AFTER_MS = 6 * 3_600_000
"""How long after a garbage collection the bucket may be measured to count as that after it."""

AHEAD_MS = 600_000
"""What was recorded later than this after a row is not newer than it, but from a clock that was ahead."""

_COVERAGE = (Metric.ASKED, Metric.SEEN)

_EXECUTION = """
INSERT INTO execution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (endpoint, id) DO UPDATE SET
    policy = excluded.policy, status = excluded.status, start = excluded.start, finish = excluded.finish,
    total = excluded.total, failed = excluded.failed, succeed = excluded.succeed, in_progress = excluded.in_progress,
    stopped = excluded.stopped
WHERE (finish IS NULL OR excluded.finish IS NOT NULL)
    AND (policy, status, start, finish, total, failed, succeed, in_progress, stopped) IS NOT
        (excluded.policy, excluded.status, excluded.start, excluded.finish, excluded.total, excluded.failed,
         excluded.succeed, excluded.in_progress, excluded.stopped)
"""
_COLLECTION = """
INSERT INTO collection (endpoint, id, status, start, finish, dry_run, freed, blobs, manifests)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (endpoint, id) DO UPDATE SET
    status = excluded.status, start = excluded.start, finish = excluded.finish, dry_run = excluded.dry_run,
    freed = excluded.freed, blobs = excluded.blobs, manifests = excluded.manifests
WHERE (finish IS NULL OR excluded.finish IS NOT NULL)
    AND (status, start, finish, freed) IS NOT (excluded.status, excluded.start, excluded.finish, excluded.freed)
"""
_ALLOCATION = """
INSERT INTO allocation VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (endpoint, id) DO UPDATE SET status = excluded.status WHERE status IS NOT excluded.status
"""


def append(connection: sqlite3.Connection, rows: Rows) -> None:
    """Add everything; what is there already changes nothing, so that several processes may add the same."""
    writer = _Writer(connection)
    # Before the samples, which move the time at which the endpoint was last seen.
    writer.states(rows.states)
    for listed in rows.listed:
        writer.states(writer.gone(listed))
    writer.samples(rows.samples)
    writer.executions(rows.executions)
    writer.events(rows.events)
    writer.collections(rows.collections, rows.measured)
    connection.executemany(_ALLOCATION, [(writer.endpoint(each.endpoint), *each[1:]) for each in rows.allocations])


class _Writer:
    """The numbers of endpoints and series while one look is written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._endpoints: dict[str, int] = {}
        self._series: dict[Place, int | None] = {}

    def endpoint(self, key: str) -> int:
        if key not in self._endpoints:
            self._connection.execute("INSERT OR IGNORE INTO endpoint (key) VALUES (?)", (key,))
            found = self._connection.execute("SELECT id FROM endpoint WHERE key = ?", (key,)).fetchone()
            self._endpoints[key] = int(found[0])
        return self._endpoints[key]

    def series(self, place: Place) -> int | None:
        """The series' number; None when the endpoint has too many already."""
        if place not in self._series:
            self._series[place] = self._found(place) or self._made(place)
        return self._series[place]

    def _found(self, place: Place) -> int | None:
        row = self._connection.execute(
            "SELECT id FROM series WHERE endpoint = ? AND metric = ? AND name = ? AND detail = ?", self._key(place)
        ).fetchone()
        return None if row is None else int(row[0])

    def _made(self, place: Place) -> int | None:
        count = "SELECT count(*) FROM series WHERE endpoint = ?"
        if self._connection.execute(count, (self.endpoint(place.endpoint),)).fetchone()[0] >= SERIES_PER_ENDPOINT:
            return None
        self._connection.execute(
            "INSERT INTO series (endpoint, metric, name, detail) VALUES (?, ?, ?, ?)", self._key(place)
        )
        return self._found(place)

    def _key(self, place: Place) -> tuple[int, int, str, str]:
        return self.endpoint(place.endpoint), int(place.metric), place.name, place.detail

    def states(self, rows: Iterable[StateRow]) -> None:
        for row in sorted(rows, key=lambda each: each.at):
            series = self.series(row.place)
            if series is None:
                continue
            last = self._connection.execute(
                "SELECT at, value FROM state WHERE series = ? AND at <= ? ORDER BY at DESC LIMIT 1",
                (series, row.at + AHEAD_MS),
            ).fetchone()
            if last is not None and (row.at <= last[0] or row.value == last[1]):
                continue
            earliest = None if last is None else min(row.at, max(last[0], self._seen(row.place, row.at)))
            self._connection.execute("INSERT INTO state VALUES (?, ?, ?, ?)", (series, row.at, row.value, earliest))

    def gone(self, listed: Listed) -> list[StateRow]:
        """States of what an endpoint had and has no more."""
        known = self._connection.execute(
            "SELECT name FROM series WHERE endpoint = ? AND metric = ?",
            (self.endpoint(listed.endpoint), int(listed.metric)),
        ).fetchall()
        return [
            StateRow(Place(listed.endpoint, listed.metric, name), listed.at, GONE)
            for (name,) in known
            if name not in listed.names
        ]

    def _seen(self, place: Place, at: int) -> int:
        """The beginning of the last minute before ``at`` in which the state before was seen, in milliseconds."""
        metric = Metric.ASKED if place.metric in REACH else Metric.SEEN
        series = self._found(Place(place.endpoint, metric))
        row = self._connection.execute("SELECT seen FROM series WHERE id = ?", (series,)).fetchone()
        seen = 0 if row is None or row[0] is None else int(row[0]) * 60_000
        return seen if seen <= at + AHEAD_MS else 0

    def samples(self, rows: Iterable[Sample]) -> None:
        numbered = [(row.minute, self.series(row.place), row.value, row.place.metric) for row in rows]
        kept = [row for row in numbered if row[1] is not None]
        self._connection.executemany("INSERT OR IGNORE INTO minute VALUES (?, ?, ?)", [row[:3] for row in kept])
        self._connection.executemany(
            "UPDATE series SET seen = ?1 WHERE id = ?2 AND coalesce(seen, 0) NOT BETWEEN ?1 AND ?3",
            [(*row[:2], row[0] + AHEAD_MS // 60_000) for row in kept if row[3] in _COVERAGE],
        )

    def executions(self, rows: Iterable[ExecutionRow]) -> None:
        self._connection.executemany(_EXECUTION, [(self.endpoint(each.endpoint), *each[1:]) for each in rows])

    def events(self, rows: Iterable[EventRow]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(self.endpoint(each.endpoint), *each[1:]) for each in rows],
        )

    def collections(self, rows: Iterable[GcRow], measured: Iterable[Measured]) -> None:
        self._connection.executemany(_COLLECTION, [(self.endpoint(each.endpoint), *each[1:]) for each in rows])
        for each in measured:
            self._put_beside(each)

    def _put_beside(self, measured: Measured) -> None:
        """What the bucket held before and after the collections around this measurement."""
        harbor = self.endpoint(measured.harbor)
        recent = self._connection.execute(
            "SELECT id, start, finish, held_before FROM collection WHERE endpoint = ? AND held_after IS NULL"
            " AND finish > ? AND finish <= ? AND (source IS NULL OR source = ?)",
            (harbor, measured.at - AFTER_MS, measured.at, measured.source),
        ).fetchall()
        series = self.series(Place(measured.bucket, Metric.BUCKET_BYTES, "", measured.source)) if recent else None
        for identity, start, _finish, before in recent:
            if before is None and series is not None and start is not None:
                before = self._last_before(series, start // 60_000)
            self._connection.execute(
                "UPDATE collection SET source = ?, held_before = ?, held_after = ? WHERE endpoint = ? AND id = ?",
                (measured.source, before, measured.bytes, harbor, identity),
            )

    def _last_before(self, series: int, minute: int) -> int | None:
        for each in range(minute - 1, minute - 1 - BEFORE_MINUTES, -1):
            row = self._connection.execute(
                "SELECT value FROM minute WHERE t = ? AND series = ?", (each, series)
            ).fetchone()
            if row is not None:
                return int(row[0])
        return None
