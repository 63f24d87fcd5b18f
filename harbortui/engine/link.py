"""The engine's end of the socket pair as asyncio sees it: messages out with back-pressure, commands in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Protocol

from harbortui.engine.frames import FrameError, encode_frame, engine_reader
from harbortui.engine.messages import ToConsole, ToEngine

READ_BYTES = 65_536


class Sink(Protocol):
    """Where the engine's messages go: the socket, or a list in a headless command."""

    async def send(self, message: ToConsole) -> None:
        """Deliver one message, waiting while the other side takes no more; raises ConnectionError when it is gone."""


class SocketLink:
    """Sink and source of commands over a connected stream socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sending = asyncio.Lock()

    @classmethod
    async def over(cls, connection: socket.socket) -> SocketLink:
        """Take over a connected socket."""
        connection.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        return cls(reader, writer)

    async def send(self, message: ToConsole) -> None:
        """Write one frame and wait until the console's buffer has room again; raises ConnectionError."""
        frame = encode_frame(message)
        async with self._sending:
            self._writer.write(frame)
            await self._writer.drain()

    async def commands(self) -> AsyncIterator[ToEngine]:
        """Commands until the console's end closes or sends what is none."""
        frames = engine_reader()
        while True:
            try:
                data = await self._reader.read(READ_BYTES)
                if not data:
                    return
                for message in frames.feed(data):
                    yield message
            except (FrameError, OSError):
                return

    async def close(self) -> None:
        """Close our end."""
        self._writer.close()
