"""A lookup: how one facet of the snapshot is learned, how often, and from which backend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from harbortui.model.facet import Facet
from harbortui.sources.answer import Answer


class FacetKey(NamedTuple):
    """A facet's place in the snapshot."""

    scope: str
    """``instance``, ``nodes``, ``store`` or ``vault``."""
    owner: str
    """An instance's name, a Nomad address, an object store's endpoint, or empty."""
    facet: str


class NotYet:
    """Returned by a lookup that needs another facet first; nothing was asked and nothing is known."""


NOT_YET: Final = NotYet()

Known = Callable[[FacetKey], Facet[Any]]
"""What is known of other facets at this moment."""

Ask = Callable[[Known], Awaitable[Answer[Any] | NotYet]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One facet's collection rule."""

    key: FacetKey
    every: float
    """Seconds between two refreshes while all is well and somebody looks."""
    backend: str
    """Lookups of one backend share slots and circuit: ``harbor:NAME``, ``nomad:URL``, ``store:URL``, ``vault``."""
    ask: Ask
    unwatched_every: float | None = None
    """Seconds between two refreshes while nobody looks at the instance; None when that makes no difference."""
    priority: int = 0
    """Lower goes first when several are due."""
    needs: FacetKey | None = None
    """The facet whose change makes this one due at once."""
