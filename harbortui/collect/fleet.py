"""What the collection works on: the targets, how each facet is learned, and the streams beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from harbortui.collect.counting import Counter
from harbortui.collect.looks import Asker
from harbortui.collect.lookup import FacetKey, Lookup
from harbortui.collect.projects import Summer
from harbortui.model.failure import Failure
from harbortui.model.redact import Clean
from harbortui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class TailTarget:
    """One stream of one task of one allocation."""

    instance: str
    allocation_id: str
    task: str
    stream: str


class OpenTail(Protocol):
    """Opens the live tail of a task's log."""

    def __call__(self, target: TailTarget) -> AsyncIterator[bytes | Failure]:
        """Pieces of the log as they come, from a little before its end; a failure ends it."""


@dataclass(frozen=True, slots=True)
class EventFeed:
    """A stream of changes: each item is the facets that something just changed."""

    name: str
    open: Callable[[], AsyncIterator[tuple[FacetKey, ...] | Failure]]


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Everything wired together; built by ``harbortui.collect.wiring``, or by hand in tests."""

    snapshot: Snapshot
    """The targets with nothing learned."""
    lookups: tuple[Lookup, ...]
    open_tail: OpenTail
    clean: Clean
    """Redacts and sanitises outside text that has not passed a source's own cleaning: log lines, crash reports."""
    feeds: tuple[EventFeed, ...] = ()
    background: tuple[Callable[[], Awaitable[None]], ...] = ()
    """Endless work of sources, e.g. the renewal of the Vault token."""
    counters: Mapping[str, Counter] = field(default_factory=dict)
    """By instance, for those with a bucket; used only when a person asks."""
    summers: Mapping[str, Summer] = field(default_factory=dict)
    """By instance, of what its projects' repositories refer to; used only when a person asks."""
    askers: Mapping[str, Asker] = field(default_factory=dict)
    """By instance: what answers a look on demand."""
    close: Callable[[], Awaitable[None]] = field(default=_nothing)
