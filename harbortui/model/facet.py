"""A facet: one thing the console knows about something, with its source, its age and what went wrong last."""

from __future__ import annotations

from enum import Enum
from typing import Generic, TypeVar

from harbortui.model.failure import DENIED, Failure
from harbortui.model.record import Record

T = TypeVar("T")

STALE_AFTER_INTERVALS = 2.5
"""A value older than this many of its refresh intervals is shown as stale."""


class FacetState(Enum):
    """How a pane shows a facet."""

    LOADING = "loading"
    FRESH = "fresh"
    STALE = "stale"
    """There is a value, but it is overdue or the newest attempt failed."""
    FAILED = "failed"
    """There is no value, only an error."""
    DENIED = "denied"
    """There is no value because we may not see it, or have no credentials to ask with."""
    ABSENT = "absent"
    """The configuration names nothing to ask."""


class Facet(Record, Generic[T], frozen=True, kw_only=True):
    """The last known value, kept when a later attempt fails, with the error beside it."""

    source: str = ""
    """Who said it, in words for a person: ``Harbor /health``."""
    every: float = 0.0
    """Seconds between two refreshes while all is well."""
    configured: bool = True
    """False when there is nothing to ask, so that no value will come."""
    value: T | None = None
    at: float | None = None
    """When ``value`` was learned."""
    tried_at: float | None = None
    """When the newest attempt ended."""
    failure: Failure | None = None
    """Why the newest attempt failed; None when it did not."""
    lost_rows: tuple[str, ...] = ()
    """What was wrong with rows that could not be read; the other rows are in ``value``."""

    def age(self, now: float) -> float | None:
        """Seconds since the value was learned, never negative; None without a value."""
        return None if self.at is None else max(0.0, now - self.at)

    def is_overdue(self, now: float) -> bool:
        """True when the value is older than its refresh interval explains."""
        age = self.age(now)
        return age is not None and self.every > 0 and age > self.every * STALE_AFTER_INTERVALS

    def state(self, now: float) -> FacetState:
        """How to show this facet at ``now``."""
        if self.at is not None:
            return FacetState.STALE if self.failure is not None or self.is_overdue(now) else FacetState.FRESH
        if self.failure is None:
            return FacetState.LOADING if self.configured else FacetState.ABSENT
        return FacetState.DENIED if self.failure.kind in DENIED else FacetState.FAILED
