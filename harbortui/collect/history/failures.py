"""What goes wrong with files and databases, as one failure value with a sentence for a person."""

from __future__ import annotations

import errno
import sqlite3

from harbortui.collect.history.schema import Unusable
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.text import safe_text

EXPECTED = (OSError, sqlite3.Error, Unusable)
"""What files and databases raise; everything else would be a fault of ours."""

_WORDS = {
    "SQLITE_FULL": "there is no room left",
    "SQLITE_BUSY": "another process holds it for too long",
    "SQLITE_LOCKED": "another process holds it for too long",
    "SQLITE_READONLY": "cannot be written",
    "SQLITE_CANTOPEN": "cannot be opened",
    "SQLITE_CORRUPT": "is damaged",
    "SQLITE_NOTADB": "is not a history of HarborTUI",
    "SQLITE_IOERR_LOCK": "cannot be locked on this file system; name another place in [history] directory",
    "SQLITE_IOERR_RDLOCK": "cannot be locked on this file system; name another place in [history] directory",
    "SQLITE_IOERR_WRITE": "cannot be written; is the disk full?",
    "SQLITE_PERM": "cannot be opened",
}


def failure_of(name: str, error: BaseException, now: float) -> Failure:
    """The failure of one file of the history; its words repeat nothing that stands in the file."""
    what = _words(error)
    return Failure(kind=FailureKind.LOCAL, detail=f"history: {safe_text(name, limit=200)} {what}", at=now)


def is_damage(error: BaseException) -> bool:
    """True when the file itself is broken, so that trying again is of no use."""
    return isinstance(error, sqlite3.DatabaseError) and _name(error) in ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def cannot_lock(error: BaseException) -> bool:
    """True when the file system knows no locks."""
    name = _name(error)
    return name in ("SQLITE_IOERR_LOCK", "SQLITE_IOERR_RDLOCK", "SQLITE_IOERR_CHECKRESERVEDLOCK", "SQLITE_PROTOCOL")


def _name(error: BaseException) -> str:
    return str(getattr(error, "sqlite_errorname", ""))


def _words(error: BaseException) -> str:
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return "cannot be written: there is no room left"
        return f"cannot be used: {error.strerror or type(error).__name__}"
    name = _name(error)
    # An extended code such as SQLITE_IOERR_WRITE is told by itself, or by its family.
    family = "_".join(name.split("_")[:2])
    return _WORDS.get(name) or _WORDS.get(family) or f"cannot be used ({name or type(error).__name__})"
