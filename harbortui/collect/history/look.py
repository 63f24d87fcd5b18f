"""One instance as it is to be recorded, beside what was recorded of it before."""

from __future__ import annotations

from typing import Any, NamedTuple

from harbortui.collect.history.keys import whole
from harbortui.model.facet import Facet
from harbortui.model.snapshot import InstanceSnapshot

TOO_OLD = 600.0
"""Seconds: what was learned longer ago belongs to another session, which has recorded it."""
AHEAD = 120.0
"""Seconds that a time may lie after ours and still be believed."""
NAMES_PER_LOOK = 64
"""Components or tasks of one instance that are looked at; a real one has eight."""


class Look(NamedTuple):
    """One instance at ``now``, and what was recorded of it at ``then``."""

    instance: InstanceSnapshot
    now: float
    before: InstanceSnapshot | None = None
    then: float = 0.0

    def facet(self, name: str) -> Facet[Any]:
        """A facet of the instance."""
        found: Facet[Any] = getattr(self.instance, name)
        return found

    def recorded(self, name: str, field: str = "at") -> Facet[Any] | None:
        """The facet as it was recorded; None when it was not, or was too old then to be."""
        if self.before is None:
            return None
        found: Facet[Any] = getattr(self.before, name)
        return found if current(getattr(found, field), self.then) else None

    def news(self, name: str) -> bool:
        """True when the facet's value is another than the one recorded before."""
        new, old = self.facet(name), self.recorded(name)
        if new.value is None or not current(new.at, self.now):
            return False
        return old is None or old.value is not new.value

    def minute(self, name: str, field: str = "at") -> int | None:
        """The minute in which the value was learned (``tried_at``: asked for), unless it is recorded already."""
        at: float | None = getattr(self.facet(name), field)
        old = self.recorded(name, field)
        before: float | None = getattr(old, field) if old is not None else None
        if at is None or not current(at, self.now):
            return None
        return int(at // 60) if before is None or int(at // 60) > int(before // 60) else None


def current(at: float | None, now: float) -> bool:
    """True for a time that belongs to this session."""
    return at is not None and now - TOO_OLD <= at <= now + AHEAD


def milliseconds(at: float | None) -> int | None:
    """A time as it is stored; None for none, and for what no clock says."""
    value = whole(at)
    return None if at is None or value is None or not 0 < value < 2**41 else int(at * 1000)
