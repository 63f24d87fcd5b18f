"""Rows of what the backends have forgotten, out of one file, and those of several files as one list."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import msgspec

from harbortui.collect.history.codes import ALLOCATION_STATUS, EVENT_TYPES, EXECUTION_STATUS, GC_STATUS, word_of
from harbortui.collect.history.keys import NAME_LIMIT, bounded
from harbortui.model.history import PastAllocation, PastEvent, PastExecution, PastGc

P = TypeVar("P", PastExecution, PastEvent, PastGc, PastAllocation)
Query = Callable[[sqlite3.Connection], list[P]]

_OF = "endpoint = (SELECT id FROM endpoint WHERE key = ?)"


def executions(endpoint: str, policy: int | None, limit: int) -> Query[PastExecution]:
    """The newest ones, of one policy or of all."""
    of_policy = "" if policy is None else " AND policy = ?"
    given = (endpoint,) if policy is None else (endpoint, policy)

    def query(connection: sqlite3.Connection) -> list[PastExecution]:
        rows = connection.execute(
            "SELECT id, policy, status, start, finish, total, failed, succeed, in_progress, stopped FROM execution"
            f" WHERE {_OF}{of_policy} ORDER BY id DESC LIMIT ?",
            (*given, limit),
        )
        return _readable(rows, _execution)

    return query


def events(endpoint: str, task: str | None, limit: int) -> Query[PastEvent]:
    """The newest ones, of one task or of all."""
    of_task = "" if task is None else " AND task = ?"
    given = (endpoint,) if task is None else (endpoint, bounded(task))

    def query(connection: sqlite3.Connection) -> list[PastEvent]:
        rows = connection.execute(
            f"SELECT at, allocation, task, type, exit_code, signal, oom FROM event WHERE {_OF}{of_task}"
            " ORDER BY at DESC LIMIT ?",
            (*given, limit),
        )
        return _readable(rows, _event)

    return query


def collections(endpoint: str, limit: int) -> Query[PastGc]:
    """The newest ones."""

    def query(connection: sqlite3.Connection) -> list[PastGc]:
        rows = connection.execute(
            "SELECT id, status, start, finish, dry_run, freed, blobs, manifests, held_before, held_after"
            f" FROM collection WHERE {_OF} ORDER BY id DESC LIMIT ?",
            (endpoint, limit),
        )
        return _readable(rows, _gc)

    return query


def allocations(endpoint: str, limit: int) -> Query[PastAllocation]:
    """The newest ones."""

    def query(connection: sqlite3.Connection) -> list[PastAllocation]:
        rows = connection.execute(
            f"SELECT id, created, version, node, status FROM allocation WHERE {_OF} ORDER BY created DESC LIMIT ?",
            (endpoint, limit),
        )
        return _readable(rows, _allocation)

    return query


def newest(
    files: Iterable[list[P]], key: Callable[[P], Hashable], order: Callable[[P], float], limit: int
) -> tuple[P, ...]:
    """The rows of all files, each once (as the file knows it that knows most), the newest first."""
    by_key: dict[Hashable, P] = {}
    for rows in files:
        for row in rows:
            known = by_key.get(key(row))
            if known is None or _knows(row) > _knows(known):
                by_key[key(row)] = row
    return tuple(sorted(by_key.values(), key=order, reverse=True)[:limit])


def _knows(row: PastExecution | PastEvent | PastGc | PastAllocation) -> int:
    """How much a row says: one that ended says more than one that goes on."""
    ended = isinstance(row, PastAllocation) and row.status not in ("pending", "running", "unknown")
    return 10 * ended + sum(value is not None for value in msgspec.structs.astuple(row))


def _readable(rows: Iterable[tuple[Any, ...]], read: Callable[[tuple[Any, ...]], P]) -> list[P]:
    """Rows as records; one that somebody wrote by hand and that is none is left out."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except (TypeError, ValueError, OverflowError):
            continue
    return found


def _execution(row: tuple[Any, ...]) -> PastExecution:
    total, failed, succeed, in_progress, stopped = (int(each) for each in row[5:])
    return PastExecution(
        id=int(row[0]),
        policy_id=int(row[1]),
        status=word_of(EXECUTION_STATUS, row[2]),
        start_time=_seconds(row[3]),
        end_time=_seconds(row[4]),
        total=total,
        failed=failed,
        succeed=succeed,
        in_progress=in_progress,
        stopped=stopped,
    )


def _event(row: tuple[Any, ...]) -> PastEvent:
    return PastEvent(
        at=int(row[0]) / 1000,
        allocation=_name(row[1]),
        task=_name(row[2]),
        type=word_of(EVENT_TYPES, row[3]),
        exit_code=_number(row[4]),
        signal=_number(row[5]),
        oom_killed=row[6] == 1,
    )


def _gc(row: tuple[Any, ...]) -> PastGc:
    freed, blobs, manifests, before, after = (_number(each) for each in row[5:])
    return PastGc(
        id=int(row[0]),
        status=word_of(GC_STATUS, row[1]),
        start_time=_seconds(row[2]),
        end_time=_seconds(row[3]),
        dry_run=row[4] == 1,
        freed_bytes=freed,
        purged_blobs=blobs,
        purged_manifests=manifests,
        bytes_before=before,
        bytes_after=after,
    )


def _allocation(row: tuple[Any, ...]) -> PastAllocation:
    return PastAllocation(
        id=_name(row[0]),
        created=int(row[1]) / 1000,
        job_version=int(row[2]),
        node=_name(row[3]),
        status=word_of(ALLOCATION_STATUS, row[4]),
    )


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return bounded(value, NAME_LIMIT)


def _number(value: object) -> int | None:
    return None if value is None else int(value) if isinstance(value, int) else None


def _seconds(value: object) -> float | None:
    return value / 1000 if isinstance(value, int) else None
