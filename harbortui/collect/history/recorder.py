"""Recording: a snapshot in, a failure value out when it could not be kept; never an exception."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable

import msgspec

from harbortui.collect.history.append import append
from harbortui.collect.history.database import writing
from harbortui.collect.history.failures import EXPECTED, failure_of, is_damage
from harbortui.collect.history.observe import observe
from harbortui.collect.history.place import HistoryPlace, place_for
from harbortui.collect.history.retain import forget_others, tidy
from harbortui.collect.history.rows import Rows
from harbortui.collect.history.turns import is_covered
from harbortui.config.settings import Settings
from harbortui.model.failure import Failure
from harbortui.model.snapshot import Snapshot

_NOT_OURS_TO_WRITE = (errno.EACCES, errno.EPERM, errno.EROFS)


class Recorder:
    """Appends what is new of each snapshot to our file of one place. Waits for the disk: call it in a thread."""

    def __init__(self, place: HistoryPlace, wall: Callable[[], float]) -> None:
        self._place = place
        self._wall = wall
        self._recorded: Snapshot | None = None

    def record(self, snapshot: Snapshot) -> Failure | None:
        """Keep what is worth it, all of it or nothing; None when that was done, else why it was not.

        Also None where another host or user is recording the same into a shared directory.
        """
        now = self._wall()
        rows = observe(self._recorded, snapshot, now)
        if rows.empty or is_covered(self._place, rows, now):
            return None
        try:
            self._write(rows, now)
        except EXPECTED as error:
            # What was recorded before may be lost with the file, so that the next look writes everything anew.
            self._recorded = None
            if _is_read_only(error) and is_covered(self._place, rows, now, by_all=True):
                return None
            return self._failure(error, now)
        self._recorded = snapshot
        return None

    def _failure(self, error: BaseException, now: float) -> Failure:
        failure = failure_of(str(self._place.own), error, now)
        if not is_damage(error) or self._place.own.exists():
            return failure
        return msgspec.structs.replace(failure, detail=f"{failure.detail}; it was put aside, and a new one is begun")

    def _write(self, rows: Rows, now: float) -> None:
        with writing(self._place) as connection:
            # First, so that there is room for what comes.
            as_of = tidy(connection, self._place, now)
            append(connection, rows)
        if as_of is not None:
            forget_others(self._place, as_of)


def recorder_of(settings: Settings, wall: Callable[[], float]) -> Recorder | None:
    """The recorder that the configuration means; None where nothing is to be kept."""
    place = place_for(settings)
    return None if place is None else Recorder(place, wall)


def _is_read_only(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NOT_OURS_TO_WRITE
    return isinstance(error, sqlite3.Error) and "READONLY" in str(getattr(error, "sqlite_errorname", ""))
