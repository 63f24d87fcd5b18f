"""Connections for many calls at once: each has its own, for httpcore looks at all of a pool's for each request.

With 32 connections in one pool a fifth of a count's CPU went into asking each of them whether it is still alive.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from harbortui.model.failure import Failure
from harbortui.sources.http import HttpHost


class Hosts:
    """Hosts of one connection each; as many as there are calls at once, the one used last first."""

    def __init__(self, make: Callable[[], HttpHost]) -> None:
        self._make = make
        self._mapper = make()
        """Never sends anything: it knows how failures are written."""
        self._busy: set[HttpHost] = set()
        self._idle: list[HttpHost] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[HttpHost]:
        """A host that nobody else uses meanwhile."""
        host = self._idle.pop() if self._idle else self._make()
        self._busy.add(host)
        try:
            yield host
        finally:
            self._busy.discard(host)
            self._idle.append(host)

    def failure(self, error: BaseException) -> Failure:
        """The failure of an exception, dated now."""
        return self._mapper.failure(error)

    async def rest(self) -> None:
        """Close the connections that nobody uses: thirty are too many to keep for a count that may never come."""
        idle, self._idle = self._idle, []
        for host in idle:
            await host.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self.rest()
        for host in list(self._busy):
            await host.aclose()
