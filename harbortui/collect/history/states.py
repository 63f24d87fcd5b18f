"""Changes of one state as several files saw them, put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harbortui.collect.history.queries import StateChange


class Sighting(NamedTuple):
    """What one file knows of a state."""

    rows: Sequence[StateChange]
    seen_at: float
    """When its writer last looked, to the minute; 0 when never."""


def merged(files: Iterable[Sighting]) -> list[StateChange]:
    """The changes in order of time; what another file had seen already is no change.

    A change that one file saw late began no earlier than another file still saw the state before it.
    """
    sightings = list(files)
    found: list[StateChange] = []
    for row in sorted((row for each in sightings for row in each.rows), key=lambda each: each.at):
        if found and found[-1].value == row.value:
            continue
        bounds = [row.earliest] if row.earliest is not None else []
        if found:
            bounds.append(found[-1].at)
        found.append(StateChange(row.at, row.value, min(row.at, max(bounds)) if bounds else None))
    return found


def since_of(files: Iterable[Sighting]) -> tuple[StateChange, float] | None:
    """The newest change and when anybody last looked; None without any."""
    sightings = list(files)
    rows = merged(sightings)
    if not rows:
        return None
    return rows[-1], max(rows[-1].at, *(each.seen_at for each in sightings))
