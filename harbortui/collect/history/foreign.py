"""Reading the files of other hosts and users: without locks, and never a change to them.

Between hosts locks cannot be trusted, and a reader that took another host's unfinished write for a crash would undo it
in the middle. So the file is opened as if it could not change, and SQLite's own traces tell whether it did: the journal
has a beginning while a write is going on, and the change counter in the header is another one after it
(https://www.sqlite.org/fileformat2.html, sections 1.2.9 and 3). The writer brings each to the disk before the next
step, and on NFS every open sees what was brought there ("close-to-open").
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from harbortui.collect.history.database import connect
from harbortui.collect.history.place import journal_of
from harbortui.collect.history.schema import Empty, Unusable, require

T = TypeVar("T")

ATTEMPTS = 6
PAUSE = 0.02
"""Seconds before the second attempt; each further one waits twice as long."""

_JOURNAL_MAGIC = bytes((0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7))
_COUNTER = slice(24, 28)


def read_foreign(
    path: Path, query: Callable[[sqlite3.Connection], T], sleep: Callable[[float], None] = time.sleep
) -> T | None:
    """What ``query`` finds in the file, all of one moment; None for a file in which nothing has been written yet.

    Raises OSError, sqlite3.Error, and :class:`Unusable` for a file that is none of ours or whose writer was stopped in
    the middle of a write and has not come back.
    """
    pause, changed = PAUSE, False
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(pause)
            pause *= 2
        before = _mark(path)
        if before is None:
            continue
        if not before:
            return None
        try:
            found = _ask(path, query)
        except Empty:
            return None
        except sqlite3.Error:
            # Pages of two moments look like a broken file, which is none if it changed meanwhile.
            if _mark(path) == before:
                raise
            changed = True
            continue
        if _mark(path) == before:
            return found
        changed = True
    if changed:
        raise Unusable("was written to each time it was read")
    raise Unusable("was left in the middle of a write; it can be read again once its owner writes")


def _ask(path: Path, query: Callable[[sqlite3.Connection], T]) -> T:
    connection = connect(path, "mode=ro&immutable=1")
    try:
        require(connection)
        return query(connection)
    finally:
        connection.close()


def _mark(path: Path) -> bytes | None:
    """What changes with every write; None while one is going on, empty for an empty file."""
    try:
        if _head(journal_of(path), 8) == _JOURNAL_MAGIC:
            return None
    except FileNotFoundError:
        pass
    return _head(path, 100)[_COUNTER]


def _head(path: Path, size: int) -> bytes:
    # A fifo in a shared directory would hold us for ever; O_NONBLOCK makes opening one return.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unusable("is no ordinary file")
        return os.pread(descriptor, size, 0)
    finally:
        os.close(descriptor)
