"""The console's port on a living engine: its client and its mirror, imported once the screen is painted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from harbortui.ui.port import Shown

if TYPE_CHECKING:
    from harbortui.config.settings import Settings
    from harbortui.engine.client import EngineClient
    from harbortui.engine.launch import EngineEnd
    from harbortui.engine.messages import ToEngine, Told
    from harbortui.model.secret import Secret


class ClientPort:
    """An :class:`harbortui.ui.port.EnginePort` on the engine that was forked."""

    def __init__(self, end: EngineEnd, settings: Settings, vault_password: Secret | None = None) -> None:
        self._end = end
        self._vault_password = vault_password
        self._settings = settings
        self._client: EngineClient | None = None
        self._waiting: list[ToEngine] = []

    def send(self, message: ToEngine) -> None:
        """Hand over a command; those of the first moments wait for the client."""
        if self._client is None:
            self._waiting.append(message)
        else:
            self._client.send(message)

    async def messages(self) -> AsyncIterator[Shown | Told]:
        """What the engine says, deltas already applied."""
        from harbortui.engine.messages import Delta, FullSnapshot
        from harbortui.engine.mirror import SnapshotMirror

        client = self._connect()
        mirror = SnapshotMirror()
        cached = False
        async for message in client.messages():
            if isinstance(message, FullSnapshot | Delta):
                cached = isinstance(message, FullSnapshot) and message.cached
                yield Shown(mirror.apply(message), mirror.verdict, cached)
            else:
                yield message

    def _connect(self) -> EngineClient:
        from harbortui.engine.client import EngineClient
        from harbortui.engine.launch import respawn_engine

        if self._client is None:
            self._client = EngineClient(self._end, lambda: respawn_engine(self._settings, self._vault_password))
            for message in self._waiting:
                self._client.send(message)
            self._waiting.clear()
        return self._client

    async def aclose(self) -> None:
        """End the engine."""
        await self._connect().close()

    def kill(self) -> None:
        """End the engine without waiting, from any thread."""
        if self._client is not None:
            self._client.kill()
        else:
            self._end.sock.close()
