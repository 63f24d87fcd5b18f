"""One backend on one loopback address: counts, connection limit and faults before an aiohttp application."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from harbortui.sim.counts import Counts
from harbortui.sim.faults import FaultMode, forbidden, spoil

if TYPE_CHECKING:
    from harbortui.sim.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"Your IP is issuing too many concurrent connections, please rate limit your calls\n"
)
BACKLOG = 512
SHUTDOWN_SECONDS = 0.5
ACCEPT_STEPS = 4
"""Turns of the loop that asyncio takes from an accepted connection to its protocol."""


class Listener:
    """Serves one application. The port stays the same over down and up again.

    `max_connections` answers further connections with Nomad's raw 429 and closes them
    (hashicorp/nomad command/agent/http.go: connlimit).
    """

    def __init__(
        self, backend: str, app: web.Application, world: World, host: str = "127.0.0.1", max_connections: int = 0
    ) -> None:
        self.backend = backend
        self.app = app
        self.counts = Counts()
        self.host = host
        self.port = 0
        self.max_connections = max_connections
        self._world = world
        self._fault = FaultMode()
        self._fault_changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._kept: socket.socket | None = None
        self._gates: set[Gate] = set()

        @web.middleware
        async def outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._middleware(request, handler)

        app.middlewares.insert(0, outermost)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)

    @property
    def url(self) -> str:
        """The address without a final slash."""
        return f"http://{self.host}:{self.port}"

    @property
    def fault(self) -> FaultMode:
        """What it does wrong now."""
        return self._fault

    @property
    def hanging(self) -> bool:
        """True while nothing is answered."""
        return self._fault.mode == "hanging"

    async def start(self, port: int = 0) -> None:
        """Begin to listen on `port` (0: any)."""
        await self._runner.setup()
        self.port = port
        await self._listen()

    async def stop(self) -> None:
        """Stop listening, end all connections, close the application."""
        await self._close()
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        await self._runner.cleanup()

    async def set_fault(self, fault: FaultMode) -> None:
        """Change what it does wrong; "up" is no fault. Requests that hang go on when the fault ends."""
        self._fault = fault
        if fault.mode == "down":
            self._world.unreachable.add(self.backend)
            if self._server is not None:
                await self._close()
                # Bound but not listening: connections are refused and nobody else is given the port.
                self._kept = self._bind()
        else:
            self._world.unreachable.discard(self.backend)
            if self._server is None:
                await self._listen()
        if fault.mode == "hanging":
            self._world.unreachable.add(self.backend)
        self._fault_changed.set()
        self._fault_changed = asyncio.Event()
        self._world.touch()

    def accepts(self) -> bool:
        """True when one more connection may be served."""
        return not self.max_connections or self.counts.open < self.max_connections

    def inner(self) -> asyncio.Protocol:
        """A new protocol of the application's server for one connection."""
        server = self._runner.server
        if server is None:
            raise RuntimeError("the listener is not started")
        return server()

    def joined(self, gate: Gate) -> None:
        """A connection was accepted."""
        self._gates.add(gate)
        self.counts.connected()

    def left(self, gate: Gate) -> None:
        """A connection ended."""
        if gate in self._gates:
            self._gates.discard(gate)
            self.counts.disconnected()

    async def _listen(self) -> None:
        sock = self._kept or self._bind()
        self._kept = None
        self.port = sock.getsockname()[1]
        self._server = await asyncio.get_running_loop().create_server(lambda: Gate(self), sock=sock, backlog=BACKLOG)

    def _bind(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((self.host, self.port))
        return sock

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for _ in range(ACCEPT_STEPS):
            await asyncio.sleep(0)
        for gate in list(self._gates):
            gate.abort()
        await asyncio.sleep(0)

    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.counts.request(request.method, request.rel_url.raw_path)
        while self.hanging:
            await self._fault_changed.wait()
        fault = self._fault
        if fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.mode == "forbidden":
            status, kind, body = forbidden(self.backend)
            self.counts.by_status[status] += 1
            return web.Response(status=status, body=body, headers={"Content-Type": kind})
        self._world.sync()
        try:
            response = await handler(request)
        except web.HTTPException as error:
            self.counts.by_status[error.status] += 1
            raise
        except ConnectionError:
            return web.Response(status=499)  # The client has gone: nobody reads this, and it is no error to log.
        self.counts.by_status[response.status] += 1
        return _spoiled(fault, response) if fault.mode == "wrong" else response


def _spoiled(fault: FaultMode, response: web.StreamResponse) -> web.StreamResponse:
    """A wrong answer in place of a whole one; streams that have begun pass as they are."""
    if response.prepared or not isinstance(response, web.Response):
        return response
    body = response.body if isinstance(response.body, bytes | bytearray) else b""
    kind, wrong = spoil(fault.wrong, response.content_type, bytes(body))
    return web.Response(status=200, body=wrong, headers={"Content-Type": kind})


class Gate(asyncio.Protocol):
    """Stands before the application's protocol of one connection: counts it, refuses it, or lets it hang."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept, refuse with a raw 429, or accept and never answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._listener.accepts():
            self._listener.counts.refused += 1
            transport.write(TOO_MANY)
            transport.close()
            return
        self._listener.joined(self)
        self._inner = self._listener.inner()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Hand the client's bytes on."""
        if self._inner is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand the client's end on."""
        return self._inner.eof_received() if self._inner is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the end and hand it on."""
        self._listener.left(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Hand back-pressure on."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Hand the end of back-pressure on."""
        if self._inner is not None:
            self._inner.resume_writing()

    def abort(self) -> None:
        """End the connection at once (RST)."""
        if self._transport is not None:
            self._transport.abort()
