"""The simulated fleet in a thread of this process, for tests and for the demo."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from harbortui.sim.faults import parse_fault
from harbortui.sim.fleet import KINDS, SimFleet
from harbortui.sim.world import SimOptions, World

T = TypeVar("T")
START_SECONDS = 60.0
CALL_SECONDS = 20.0


class Control:
    """The control server's client, as plain calls that return JSON."""

    def __init__(self, url: str) -> None:
        self._url = url

    def counts(self) -> dict[str, Any]:
        """Counts of every backend."""
        return self._ask("/counts")

    def reset_counts(self) -> None:
        """Start counting again."""
        self._ask("/counts/reset", {})

    def clock(self, **change: object) -> dict[str, Any]:
        """Read the clock, or change it: hold, set, advance, speed."""
        return self._ask("/clock", dict(change)) if change else self._ask("/clock")

    def fault(self, backend: str, mode: str, **more: object) -> None:
        """Let a backend be up, down, slow, hanging, forbidden or wrong."""
        self._ask("/fault", {"backend": backend, "mode": mode, **more})

    def named_fault(self, name: str, **parameters: object) -> None:
        """Put in (or with clear=True take out) a named fault."""
        self._ask("/fault", {"name": name, **parameters})

    def secrets(self) -> dict[str, str]:
        """All planted secrets."""
        return {name: str(value) for name, value in self._ask("/secrets").items()}

    def world(self) -> dict[str, Any]:
        """The summary of the world."""
        return self._ask("/world")

    def do(self, change: str, **parameters: object) -> Any:
        """Change the world; returns what was made, if anything. RuntimeError with the server's reason on refusal."""
        return self._ask("/world", {"do": change, **parameters}).get("made")

    def _ask(self, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=CALL_SECONDS) as answer:
                result: dict[str, Any] = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from None
        return result


class SimThread:
    """`with SimThread(options) as sim:` runs a fleet in its own thread and loop.

    Instead of options their fields may be given: SimThread(instances=3, seed=1, hold=1768399200.0). `hold` is the start
    at which the clock stands; without it the fleet starts now and its clock runs. `config_path` is a written
    configuration in a temporary directory that goes with the fleet.
    """

    def __init__(
        self, options: SimOptions | None = None, only: Iterable[str] = KINDS, *, hold: float | None = None, **more: Any
    ) -> None:
        if options is None:
            fields: dict[str, Any] = {"start": time.time()} if hold is None else {"start": hold, "speed": 0.0}
            options = SimOptions(**fields, **more)
        self._options = options
        self._only = tuple(only)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="harbortui-sim", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fleet: SimFleet | None = None
        self._error: BaseException | None = None
        self._end: asyncio.Event | None = None
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self.config_path = Path()

    def __enter__(self) -> Self:
        self._directory = tempfile.TemporaryDirectory(prefix="harbortui-sim-")
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError("the simulated fleet did not start")
        if self._error is not None:
            self._directory.cleanup()
            raise self._error
        if set(KINDS) <= set(self._only):
            self.config_path = self.fleet.write_config(Path(self._directory.name) / "harbortui.toml")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10.0)
        if self._directory is not None:
            self._directory.cleanup()

    @property
    def fleet(self) -> SimFleet:
        """The running fleet; touch it only through `call`."""
        if self._fleet is None:
            raise RuntimeError("the simulated fleet is not running")
        return self._fleet

    @property
    def world(self) -> World:
        """The world; touch it only through `call` while the clock runs."""
        return self.fleet.world

    @property
    def control(self) -> Control:
        """A client of the control server."""
        return Control(self.fleet.control_url)

    def url(self, backend: str) -> str:
        """The address of a backend."""
        return self.fleet.endpoints[backend]

    def call(self, action: Callable[[SimFleet], T]) -> T:
        """Run `action(fleet)` in the fleet's loop, the world advanced to now, and return its result."""

        async def run() -> T:
            self.fleet.world.sync()
            return action(self.fleet)

        if self._loop is None:
            raise RuntimeError("the simulated fleet is not running")
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_SECONDS)

    def fault(self, backend: str, mode: str, **more: object) -> None:
        """Let a backend do something wrong (without a request to the control server)."""

        async def run() -> None:
            await self.fleet.set_fault(backend, parse_fault({"mode": mode, **more}))

        if self._loop is None:
            raise RuntimeError("the simulated fleet is not running")
        asyncio.run_coroutine_threadsafe(run(), self._loop).result(CALL_SECONDS)

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for the start
            self._error = error
            self._ready.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        async with SimFleet(self._options, self._only) as fleet:
            self._fleet = fleet
            self._ready.set()
            await self._end.wait()
