"""Who records where several could: in a shared directory one file for a fleet is enough."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from harbortui.collect.history.failures import EXPECTED
from harbortui.collect.history.foreign import read_foreign
from harbortui.collect.history.place import HistoryPlace, others
from harbortui.collect.history.rows import Rows

FRESH = 150.0
"""Seconds after which a file that nobody wrote to no longer counts as somebody recording."""


class Recorded(NamedTuple):
    """What a file has a recent sample of."""

    endpoint: str
    metric: int
    detail: str
    """The source, where several count differently: what one of us counted by hand nobody else records."""


def is_covered(place: HistoryPlace, rows: Rows, now: float, *, by_all: bool = False) -> bool:
    """True when another host or user is recording everything that ``rows`` has samples of.

    Only files whose names come before ours count (``by_all``: every file), so that of two that see each other exactly
    one goes on. Whoever may see less does not count for what it does not record.
    """
    wanted = {Recorded(each.place.endpoint, int(each.place.metric), each.place.detail) for each in rows.samples}
    if not place.shared or not wanted:
        return False
    try:
        paths = [path for path in others(place) if by_all or path.name < place.own.name]
    except OSError:
        return False
    for path in paths:
        # A file that cannot be read records nothing for us.
        with suppress(*EXPECTED):
            wanted -= _recent(path, now)
        if not wanted:
            return True
    return False


def _recent(path: Path, now: float) -> set[Recorded]:
    if abs(now - path.stat().st_mtime) > FRESH:
        return set()

    def query(connection: sqlite3.Connection) -> set[Recorded]:
        rows = connection.execute(
            "SELECT DISTINCT endpoint.key, series.metric, series.detail"
            " FROM minute JOIN series ON series.id = minute.series"
            " JOIN endpoint ON endpoint.id = series.endpoint WHERE minute.t BETWEEN ? AND ? LIMIT 100000",
            (int((now - FRESH) // 60), int(now // 60)),
        )
        return {Recorded(str(key), metric, str(detail)) for key, metric, detail in rows if isinstance(metric, int)}

    return read_foreign(path, query) or set()
