"""Asking every file of a place the same, and putting up with those that cannot be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from harbortui.collect.history.database import looking
from harbortui.collect.history.failures import EXPECTED, cannot_lock, failure_of
from harbortui.collect.history.foreign import read_foreign
from harbortui.collect.history.place import HistoryPlace, others
from harbortui.collect.history.schema import Empty
from harbortui.model.failure import Failure
from harbortui.sources.answer import Answer, Ok

T = TypeVar("T")


def ask_all(place: HistoryPlace, query: Callable[[sqlite3.Connection], T], now: float) -> Answer[list[T]]:
    """The answers of all files, our own first; ``lost_rows`` says which files could not be read, and why.

    A failure only where no file could be read although there are some; without any history the list is empty.
    """
    found: list[T] = []
    lost: list[Failure] = []
    asks: list[tuple[str, Callable[[], T | None]]] = [(place.own.name, lambda: _own(place, query))]
    try:
        asks += [(path.name, lambda path=path: read_foreign(path, query)) for path in others(place)]  # type: ignore[misc]
    except FileNotFoundError:
        return Ok([])
    except OSError as error:
        return failure_of(str(place.directory), error, now)
    for name, ask in asks:
        try:
            answer = ask()
        except EXPECTED as error:
            lost.append(failure_of(name, error, now))
            continue
        if answer is not None:
            found.append(answer)
    if lost and not found:
        return lost[0]
    return Ok(found, lost_rows=tuple(each.detail for each in lost))


def _own(place: HistoryPlace, query: Callable[[sqlite3.Connection], T]) -> T | None:
    try:
        if not place.own.stat().st_size:
            return None
    except FileNotFoundError:
        return None
    try:
        with looking(place) as connection:
            return query(connection)
    except Empty:
        return None
    except sqlite3.Error as error:
        if not cannot_lock(error):
            raise
        # Where nothing can be locked we never write either.
        return read_foreign(place.own, query)
