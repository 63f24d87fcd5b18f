"""One simulated Nomad over real sockets: in the test's loop (`api`) or in a thread for synchronous clients (`sim`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import pytest

from harbortui.sim.fleet import SimFleet
from harbortui.sim.thread import SimThread
from harbortui.sim.world import Allocation, SimOptions

START = 1_768_399_200.0
JOB = "harbor-vm-06"


async def eventually(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; TimeoutError after ten seconds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the other side has no event to give
            await asyncio.sleep(0.01)


class Answer:
    """A whole answer."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        assert self.status == 200, self.body
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)


class Api:
    """An HTTP client of the cluster with the management token unless another is given."""

    def __init__(self, fleet: SimFleet, session: aiohttp.ClientSession) -> None:
        self.fleet = fleet
        self.session = session
        self.world = fleet.world
        self.url = fleet.listeners["nomad"].url

    @property
    def alloc(self) -> Allocation:
        found = self.world.nomad.current_alloc(JOB)
        assert found is not None
        return found

    def headers(self, token: str | None) -> dict[str, str]:
        secret = self.world.secrets.nomad_token if token is None else token
        return {"X-Nomad-Token": secret} if secret else {}

    async def call(
        self,
        method: str,
        path: str,
        token: str | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        sent = self.headers(token) | (headers or {"Accept-Encoding": "identity"})
        async with self.session.request(
            method, self.url + path, params=query or {}, json=json, headers=sent, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, token: str | None = None, /, **query: str) -> Answer:
        return await self.call("GET", path, token, query=query)

    async def put(self, path: str, body: object = None, token: str | None = None, /, **query: str) -> Answer:
        return await self.call("PUT", path, token, body, query=query)


async def _api(options: SimOptions) -> AsyncIterator[Api]:
    timeout = aiohttp.ClientTimeout(total=20)
    async with SimFleet(options, only=("nomad",)) as fleet, aiohttp.ClientSession(timeout=timeout) as session:
        yield Api(fleet, session)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """The reference cluster, clock held at START."""
    async for one in _api(SimOptions(start=START, speed=0.0)):
        yield one


@pytest.fixture
async def open_api() -> AsyncIterator[Api]:
    """The same without ACLs."""
    async for one in _api(SimOptions(start=START, speed=0.0, acl=False)):
        yield one


@pytest.fixture(scope="module")
def sim() -> Iterator[SimThread]:
    """The reference cluster in a thread, clock held at START; shared by a module's tests."""
    with SimThread(SimOptions(start=START, speed=0.0), only=("nomad",)) as running:
        yield running
