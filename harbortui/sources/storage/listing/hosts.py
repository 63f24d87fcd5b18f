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
        self._all: list[HttpHost] = [make()]
        self._idle = list(self._all)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[HttpHost]:
        """A host that nobody else uses meanwhile."""
        if not self._idle:
            self._all.append(self._make())
            self._idle.append(self._all[-1])
        host = self._idle.pop()
        try:
            yield host
        finally:
            self._idle.append(host)

    def failure(self, error: BaseException) -> Failure:
        """The failure of an exception, dated now."""
        return self._all[0].failure(error)

    async def aclose(self) -> None:
        """Close all connections."""
        for host in self._all:
            await host.aclose()
