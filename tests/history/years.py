"""A history as a long time of recording would leave it, filled in as fast as SQLite can."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from harbortui.collect.history.append import append
from harbortui.collect.history.codes import Metric
from harbortui.collect.history.database import writing
from harbortui.collect.history.keys import bucket_of, harbor_of, job_of
from harbortui.collect.history.place import HistoryPlace
from harbortui.collect.history.retain import HOURS_KEPT, MINUTES_KEPT, ROWS_KEPT
from harbortui.collect.history.rows import Place, Rows, Sample, StateRow
from harbortui.model.harbor import COMPONENTS
from harbortui.model.snapshot import Target

SOURCE = "MinIO account info"
GROWTH = 3_000_000_000
"""Bytes a day that every bucket grows."""


def target(number: int) -> Target:
    """One of the fleet."""
    name = f"harbor-{number:02d}"
    return Target(
        name=name,
        url=f"https://{name}.example.org",
        nomad_address="https://nomad.example.org:4646",
        job=name,
        store_endpoint="https://minio.example.org:9000",
        bucket=name,
    )


def places(of: Target) -> list[Place]:
    """Every series that one instance has."""
    harbor, job, bucket = harbor_of(of), job_of(of), bucket_of(of)
    return [
        *(Place(bucket, each, "", SOURCE) for each in (Metric.BUCKET_BYTES, Metric.BUCKET_OBJECTS)),
        *(Place(job, Metric.MEMORY_BYTES, name) for name in COMPONENTS),
        *(Place(harbor, each) for each in (Metric.ASKED, Metric.SEEN, Metric.LISTED, Metric.COLLECTED)),
        Place(job, Metric.SEEN),
        Place(bucket, Metric.ASKED),
    ]


def fill(place: HistoryPlace, instances: int, now: float, days: int = 365) -> None:
    """A year, as it is after every roll-up, with all lists as long as they may get."""
    with writing(place) as connection:
        for number in range(instances):
            _fill_one(connection, target(number), now, days)
        connection.execute("INSERT OR REPLACE INTO note VALUES ('hours', ?)", (int(now // 3600),))


def _fill_one(connection: sqlite3.Connection, of: Target, now: float, days: int) -> None:
    wanted = places(of)
    minute = int(now // 60)
    append(connection, Rows(samples=tuple(Sample(each, minute, 1) for each in wanted), states=tuple(_states(of, now))))
    numbers = [row[0] for row in connection.execute("SELECT id FROM series ORDER BY id DESC LIMIT ?", (100,))]
    series = numbers[: len(wanted)]
    connection.executemany(
        "INSERT OR IGNORE INTO minute VALUES (?, ?, ?)",
        ((t, each, value(t * 60, each)) for t in range(minute - MINUTES_KEPT, minute) for each in series),
    )
    for table, width, kept in (("hour", 3600, min(HOURS_KEPT, days * 24)), ("day", 86_400, days)):
        last = int(now // width)
        connection.executemany(
            f"INSERT OR IGNORE INTO {table} VALUES (?, ?, ?, ?, ?, ?)",
            (
                (each, t, width // 60, *_summed(t * width, width, each))
                for each in series
                for t in range(last - kept, last)
            ),
        )
    harbor, job = (_number(connection, key) for key in (harbor_of(of), job_of(of)))
    start = int(now * 1000)
    connection.executemany(
        "INSERT INTO execution VALUES (?, ?, 3, 2, ?, ?, 12, 0, 12, 0, 0)",
        ((harbor, each, start - each * 1000, start - each * 900) for each in range(ROWS_KEPT["execution"][1])),
    )
    connection.executemany(
        "INSERT INTO event VALUES (?, ?, '0a1b2c3d-1111-2222-3333-444455556666', 'core', 5, 137, 9, 0)",
        ((job, start - each * 1000) for each in range(ROWS_KEPT["event"][1])),
    )


def value(at: int, series: int) -> int:
    """A bucket that grows evenly, with a weekly collection that takes half a week's growth."""
    week = at % (7 * 86_400) / (7 * 86_400)
    return int(GROWTH * (at / 86_400 - 20_000) + GROWTH * 3.5 * week) + series


def _summed(at: int, width: int, series: int) -> tuple[int, int, int]:
    low, high = value(at, series), value(at + width - 1, series)
    return min(low, high), max(low, high), (low + high) // 2


def _states(of: Target, now: float) -> Iterator[StateRow]:
    for name in COMPONENTS:
        for each in range(200):
            place = Place(harbor_of(of), Metric.COMPONENT, name)
            yield StateRow(place, int(now - (200 - each) * 40_000) * 1000, 1 + each % 2)


def _number(connection: sqlite3.Connection, key: str) -> int:
    return int(connection.execute("SELECT id FROM endpoint WHERE key = ?", (key,)).fetchone()[0])


def place_at(directory: Path, writer: str = "host-1", **more: int) -> HistoryPlace:
    """A place of the test's own."""
    return HistoryPlace(directory, writer, **more)
