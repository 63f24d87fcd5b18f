"""The simulated fleet: one world, one clock, all servers and the control server."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from harbortui.sim import control
from harbortui.sim.clock import Clock
from harbortui.sim.config_out import write_config
from harbortui.sim.faults import FaultMode
from harbortui.sim.listener import Listener
from harbortui.sim.world import Instance, SimOptions, World, build_world

KINDS = ("harbor", "nomad", "vault", "s3")
MODULES = {"harbor": "harbor", "nomad": "nomad", "vault": "vault", "s3": "store"}
NOMAD_CONNECTIONS = 100
TICK_REAL_SECONDS = 0.25


class SimFleet:
    """Servers on loopback before one world: an async context manager, or start() and stop().

    `only` limits the kinds of servers (see KINDS); `base_port` gives fixed ports counting up from it (control first),
    0 ephemeral ones. The world is built in `__init__`.
    """

    def __init__(self, options: SimOptions, only: Iterable[str] = KINDS, base_port: int = 0) -> None:
        self.options = options
        self.clock = Clock(options.start, options.speed)
        self.world: World = build_world(options, self.clock)
        self.listeners: dict[str, Listener] = {}
        self.control_url = ""
        self._only = tuple(only)
        self._base_port = base_port
        self._control: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def endpoints(self) -> dict[str, str]:
        """Backend name -> address, with "control"."""
        return {"control": self.control_url, **{name: listener.url for name, listener in self.listeners.items()}}

    async def start(self) -> None:
        """Start every server and the ticker."""
        await self._start_control()
        if "harbor" in self._only:
            for instance in self.world.instances:
                await self._serve(f"harbor:{instance.name}", self._app("harbor", instance))
                instance.url = self.listeners[f"harbor:{instance.name}"].url
        for kind in KINDS[1:]:
            if kind in self._only:
                await self._serve(kind, self._app(kind, None), NOMAD_CONNECTIONS if kind == "nomad" else 0)
        self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Stop everything; a second call does nothing."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
            self._ticker = None
        await asyncio.gather(*(listener.stop() for listener in self.listeners.values()))
        if self._control is not None:
            await self._control.cleanup()
            self._control = None

    async def set_fault(self, backend: str, fault: FaultMode) -> None:
        """Let a backend do something wrong; KeyError when there is no such backend."""
        await self.listeners[backend].set_fault(fault)

    def set_clock(self, change: dict[str, Any]) -> None:
        """{"hold": true|unix, "set": unix, "advance": seconds, "speed": x}; ValueError for a moment in the past."""
        if hold := change.get("hold"):
            self.clock.hold(None if hold is True else float(hold))
        if "set" in change:
            self.clock.set(float(change["set"]))
        if "advance" in change:
            self.clock.advance(float(change["advance"]))
        if "speed" in change:
            self.clock.run(float(change["speed"]))
        self.world.sync()
        self.world.touch()

    def write_config(self, path: Path) -> Path:
        """Write the console's configuration for this fleet (and its Vault token file); returns its absolute path."""
        return write_config(self.world, self.endpoints, path)

    def _app(self, kind: str, instance: Instance | None) -> web.Application:
        module = importlib.import_module(f"harbortui.sim.{MODULES[kind]}")
        arguments = (self.world, self.options) if instance is None else (self.world, instance, self.options)
        application: web.Application = module.app(*arguments)
        return application

    async def _serve(self, backend: str, application: web.Application, max_connections: int = 0) -> None:
        listener = Listener(backend, application, self.world, max_connections=max_connections)
        port = self._base_port + 1 + len(self.listeners) if self._base_port else 0
        self.listeners[backend] = listener
        await listener.start(port)

    async def _start_control(self) -> None:
        self._control = web.AppRunner(control.app(self), access_log=None, shutdown_timeout=0.5)
        await self._control.setup()
        site = web.TCPSite(self._control, "127.0.0.1", self._base_port)
        await site.start()
        port = self._control.addresses[0][1]
        self.control_url = f"http://127.0.0.1:{port}"

    async def _tick(self) -> None:
        """Events happen in time even when nobody asks, so that streams and waiters see them."""
        while True:
            await asyncio.sleep(TICK_REAL_SECONDS)
            if self.clock.speed > 0:
                self.world.sync()
