"""Name lookups that cannot hold anything else up.

asyncio looks names up in its default thread pool: a handful of threads, shared by all names, joined at exit. A name
server that does not answer would stall the lookups of healthy backends and keep the process from ending.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, TypeAlias

from harbortui.sources.lane import Lane, LaneFull

LOOKUPS = 16
"""Names looked up at the same time; each hanging name holds one."""
KEEP_SECONDS = 30.0
"""An answer serves the connections opened within this time; a record that moves is followed soon after."""
PATIENCE_SECONDS = 60.0

_Key: TypeAlias = tuple[bytes | str | None, bytes | str | int | None, int, int, int, int]
_Addresses: TypeAlias = list[tuple[Any, ...]]  # as socket.getaddrinfo types them: the last member varies by family


class ResolverLoop(asyncio.SelectorEventLoop):
    """An event loop that looks names up in daemon threads of their own, one lookup per name at a time.

    For ``asyncio.Runner(loop_factory=ResolverLoop)``; everything in the loop that resolves names goes through it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lane = Lane("dns", LOOKUPS)
        self._lookups: dict[_Key, asyncio.Task[_Addresses]] = {}
        self._known: dict[_Key, tuple[float, _Addresses]] = {}

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> _Addresses:
        """The addresses of a name.

        Raises:
            socket.gaierror: there is no such name, or too many names hang.
        """
        key = (host, port, family, type, proto, flags)
        known = self._known.get(key)
        if known is not None and self.time() < known[0]:
            return known[1]
        lookup = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = self.create_task(self._look_up(key))
            lookup.add_done_callback(lambda task: self._ended(key, task))
        return await asyncio.shield(lookup)

    def close(self) -> None:
        """Close the loop; a hanging lookup is left behind in its daemon thread."""
        self._lane.close()
        super().close()

    async def _look_up(self, key: _Key) -> _Addresses:
        host, port, family, kind, proto, flags = key
        try:
            return await self._lane.run(
                lambda: socket.getaddrinfo(host, port, family, kind, proto, flags), deadline=PATIENCE_SECONDS
            )
        except (TimeoutError, LaneFull):
            raise socket.gaierror(socket.EAI_AGAIN, "the name server does not answer") from None

    def _ended(self, key: _Key, task: asyncio.Task[_Addresses]) -> None:
        del self._lookups[key]
        if task.cancelled():
            return
        # Asking for the exception also marks it as seen, when all who waited have given up.
        if task.exception() is None:
            self._known[key] = (self.time() + KEEP_SECONDS, task.result())
        else:
            self._known.pop(key, None)
