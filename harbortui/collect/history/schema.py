"""The tables, their version, and the way from an older one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

APPLICATION_ID = 0x48425449
"""``HBTI``: how a file says that it is a history."""

TABLES = {
    "endpoint": "CREATE TABLE endpoint (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE)",
    "series": (
        "CREATE TABLE series (id INTEGER PRIMARY KEY, endpoint INTEGER NOT NULL, metric INTEGER NOT NULL,"
        " name TEXT NOT NULL, detail TEXT NOT NULL, seen INTEGER, UNIQUE (endpoint, metric, name, detail))"
    ),
    "minute": (
        "CREATE TABLE minute (t INTEGER NOT NULL, series INTEGER NOT NULL, value INTEGER NOT NULL,"
        " PRIMARY KEY (t, series)) WITHOUT ROWID"
    ),
    "hour": (
        "CREATE TABLE hour (series INTEGER NOT NULL, t INTEGER NOT NULL, n INTEGER NOT NULL, low INTEGER NOT NULL,"
        " high INTEGER NOT NULL, mean INTEGER NOT NULL, PRIMARY KEY (series, t)) WITHOUT ROWID"
    ),
    "day": (
        "CREATE TABLE day (series INTEGER NOT NULL, t INTEGER NOT NULL, n INTEGER NOT NULL, low INTEGER NOT NULL,"
        " high INTEGER NOT NULL, mean INTEGER NOT NULL, PRIMARY KEY (series, t)) WITHOUT ROWID"
    ),
    "state": (
        "CREATE TABLE state (series INTEGER NOT NULL, at INTEGER NOT NULL, value INTEGER NOT NULL, earliest INTEGER,"
        " PRIMARY KEY (series, at)) WITHOUT ROWID"
    ),
    "execution": (
        "CREATE TABLE execution (endpoint INTEGER NOT NULL, id INTEGER NOT NULL, policy INTEGER NOT NULL,"
        " status INTEGER NOT NULL, start INTEGER, finish INTEGER, total INTEGER NOT NULL, failed INTEGER NOT NULL,"
        " succeed INTEGER NOT NULL, in_progress INTEGER NOT NULL, stopped INTEGER NOT NULL, PRIMARY KEY (endpoint, id))"
        " WITHOUT ROWID"
    ),
    "event": (
        "CREATE TABLE event (endpoint INTEGER NOT NULL, at INTEGER NOT NULL, allocation TEXT NOT NULL,"
        " task TEXT NOT NULL, type INTEGER NOT NULL, exit_code INTEGER, signal INTEGER, oom INTEGER NOT NULL,"
        " PRIMARY KEY (endpoint, at, allocation, task, type)) WITHOUT ROWID"
    ),
    "collection": (
        "CREATE TABLE collection (endpoint INTEGER NOT NULL, id INTEGER NOT NULL, status INTEGER NOT NULL,"
        " start INTEGER, finish INTEGER, dry_run INTEGER NOT NULL, freed INTEGER, blobs INTEGER, manifests INTEGER,"
        " source TEXT, held_before INTEGER, held_after INTEGER, PRIMARY KEY (endpoint, id)) WITHOUT ROWID"
    ),
    "allocation": (
        "CREATE TABLE allocation (endpoint INTEGER NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL,"
        " version INTEGER NOT NULL, node TEXT NOT NULL, status INTEGER NOT NULL, PRIMARY KEY (endpoint, id))"
        " WITHOUT ROWID"
    ),
    "note": "CREATE TABLE note (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
}
"""``t`` counts whole minutes, hours or days since 1970 (UTC); other times are milliseconds.

``minute`` is ordered by time, so that one look writes to one place of the file and the oldest goes in one piece;
``hour`` and ``day`` by series, because that is how they are read.
"""

VERSION = 1

UPGRADES: Mapping[int, Sequence[str]] = {}
"""By version: the statements that lead from it to the next one."""


class Unusable(Exception):
    """The file cannot be used as a history; the message is the end of a sentence that begins with its name."""


class Empty(Unusable):
    """Nothing has been written to the file yet."""


def version_of(connection: sqlite3.Connection) -> int:
    """The file's version, 0 for an empty one; raises :class:`Unusable` for a file that is something else."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise Unusable("is not a history of HarborTUI")
        return version
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise Unusable("is not a history of HarborTUI")
    return 0


def require(connection: sqlite3.Connection, tables: Mapping[str, str] = TABLES, version: int = VERSION) -> None:
    """Raise :class:`Unusable` unless the file has exactly our tables.

    A file that another person wrote could bring views and triggers, which are programs.
    """
    found = version_of(connection)
    if not found:
        raise Empty("is empty")
    if found > version:
        raise Unusable(f"was written by a newer HarborTUI (its version is {found}, this one reads {version})")
    if found < version:
        raise Unusable(f"has the older version {found} and is taken over when its owner writes to it again")
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL LIMIT 100").fetchall()
    if dict(rows) != dict(tables):
        raise Unusable("has tables that are not those of a history")


def prepare(
    connection: sqlite3.Connection,
    tables: Mapping[str, str] = TABLES,
    version: int = VERSION,
    upgrades: Mapping[int, Sequence[str]] = UPGRADES,
) -> None:
    """Make the tables of a new file or bring an old one up to date, within the caller's transaction.

    Raises :class:`Unusable` for what is not ours, newer than us, or damaged.
    """
    found = version_of(connection)
    if found == 0:
        for statement in tables.values():
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    elif found < version:
        for step in range(found, version):
            for statement in upgrades[step]:
                connection.execute(statement)
    if found < version:
        connection.execute(f"PRAGMA user_version = {version}")
    require(connection, tables, version)
