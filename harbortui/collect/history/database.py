"""Opening our own file: for one transaction that is written whole or not at all, or for a look."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from harbortui.collect.history.failures import is_damage
from harbortui.collect.history.place import HistoryPlace, check_ours, journal_of, make_ready
from harbortui.collect.history.schema import prepare, require

BUSY_SECONDS = 5.0
"""How long a process waits for another one of this host that is writing."""
PAGE_BYTES = 4096
LEAST_PAGES = 32
JOURNAL_BYTES = 1_000_000
"""What of the rollback journal stays on the disk between two writes."""

_SAFE = ("PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", "PRAGMA mmap_size = 0")


def connect(path: Path, parameters: str) -> sqlite3.Connection:
    """A connection with the limits that every one has; raises sqlite3.Error."""
    uri = f"file:{quote(str(path.absolute()))}?{parameters}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for statement in _SAFE:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def writing(place: HistoryPlace) -> Iterator[sqlite3.Connection]:
    """One transaction on our file, which is made where it is missing; an error in the block undoes all of it.

    The connection lives no longer than that, so that nothing is held open on a network, and another process of this
    host waits for one short write at most. The journal stays in place with its beginning wiped, not WAL: that needs
    shared memory, which no network file system has, and a journal tells readers without locks that a write is going on.

    Raises OSError, sqlite3.Error and :class:`~harbortui.collect.history.schema.Unusable`.
    """
    make_ready(place)
    file = place.own.stat()
    try:
        connection = connect(place.own, "mode=rw")
        try:
            _set_up(connection, place.max_bytes)
            connection.execute("BEGIN IMMEDIATE")
            try:
                prepare(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk has ended the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        finally:
            connection.close()
    except sqlite3.Error as error:
        if is_damage(error):
            _put_aside(place, file)
        raise


@contextmanager
def looking(place: HistoryPlace) -> Iterator[sqlite3.Connection]:
    """Our file for reading, with locks; a write that was killed half-way is undone first.

    Raises OSError, sqlite3.Error and :class:`~harbortui.collect.history.schema.Unusable`.
    """
    check_ours(place)
    connection = connect(place.own, "mode=rw")
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        require(connection)
        yield connection
    finally:
        connection.close()


def _set_up(connection: sqlite3.Connection, max_bytes: int) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode = PERSIST")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    # Pages that went to the file and back within one transaction would leave no trace for readers without locks.
    connection.execute("PRAGMA cache_spill = OFF")
    connection.execute(f"PRAGMA max_page_count = {max(LEAST_PAGES, max_bytes // PAGE_BYTES)}")


def _put_aside(place: HistoryPlace, broken: os.stat_result) -> None:
    """Make room for a new file where ours is broken; the broken one is kept once, for whoever wants to look."""
    with suppress(OSError):
        # Another process may have done it already, and then the new file is none to put aside.
        if os.path.samestat(place.own.stat(), broken):
            journal_of(place.own).unlink(missing_ok=True)
            os.replace(place.own, place.own.with_suffix(".damaged"))
