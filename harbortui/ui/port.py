"""The console's only door: commands out, what to show in. The engine's client stands behind it, a file, or a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from harbortui.engine.messages import ToEngine, Told
    from harbortui.model.finding import Verdict
    from harbortui.model.snapshot import Snapshot


class Shown(NamedTuple):
    """A snapshot to show from now on; facets that did not change are the same objects as before."""

    snapshot: Snapshot
    verdict: Verdict
    cached: bool = False
    """True for the last session's snapshot, shown until the first data is there."""


class EnginePort(Protocol):
    """What the app needs of an engine."""

    def send(self, message: ToEngine) -> None:
        """Hand over a command; never blocks, never raises."""

    def messages(self) -> AsyncIterator[Shown | Told]:
        """What there is to show, until the engine is closed."""

    async def aclose(self) -> None:
        """End the engine, within two seconds."""


class SnapshotPort:
    """Shows one snapshot from a file; there is no engine, so commands go nowhere."""

    def __init__(self, snapshot: Snapshot, verdict: Verdict) -> None:
        self._shown = Shown(snapshot, verdict)
        self._closed = asyncio.Event()

    def send(self, message: ToEngine) -> None:
        """Do nothing: a file cannot be asked."""

    async def messages(self) -> AsyncIterator[Shown | Told]:
        """The snapshot, once."""
        yield self._shown
        await self._closed.wait()

    async def aclose(self) -> None:
        """End the messages."""
        self._closed.set()
