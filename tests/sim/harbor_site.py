"""One simulated Harbor on a real socket, and who may ask it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, ClientSession, DummyCookieJar
from aiohttp.test_utils import TestServer
from multidict import CIMultiDictProxy
from yarl import URL

from harbortui.sim.harbor import app
from harbortui.sim.world import Instance, SimOptions, World, build_world

START = 1_768_399_200.0
BASE = "/api/v2.0"
VERSIONS = ("v2.11.2", "v2.12.4", "v2.13.5", "v2.14.4", "v2.15.2")
DESCRIBED = ("v2.11.2", "v2.14.4", "v2.15.2")


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of one answer; `json` is None when it is no JSON."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str
    json: Any
    cookies: dict[str, str]

    @property
    def code(self) -> str:
        """Harbor's error code."""
        return str(self.json["errors"][0]["code"])

    @property
    def message(self) -> str:
        """Harbor's error message."""
        return str(self.json["errors"][0]["message"])


def basic(name: str, secret: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def fail(world: World, task: str) -> None:
    """Stop one task of the first instance for good."""
    allocation = world.nomad.current_alloc(world.instances[0].job_id)
    assert allocation is not None
    world.nomad.restart_loop(allocation.id, task, every=5.0)
    while world.instances[0].component_up(task):
        world.advance(world.now + 0.5)


class Site:
    """A served instance; `ask` sends one request as a role and never keeps a cookie."""

    def __init__(self, world: World, server: TestServer, session: ClientSession) -> None:
        self.world = world
        self.instance: Instance = world.instances[0]
        self.server = server
        self._session = session
        secrets = world.secrets
        self.roles: dict[str, str] = {
            "admin": basic("admin", secrets.admin_password),
            "console": basic(world.options.console_user, secrets.console_password),
            "operator": basic("robot$ops-operator", secrets.console_password),
            "peer": basic("robot$replication", secrets.robot_secret),
            "viewer": basic("viewer", secrets.console_password),
            "wrong": basic("admin", "no such password"),
            "anonymous": "",
        }

    @property
    def url(self) -> str:
        """The address without a final slash."""
        return str(self.server.make_url("")).rstrip("/")

    async def ask(
        self,
        path: str,
        role: str = "admin",
        method: str = "GET",
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Ask for `path` below /api/v2.0 (or a full one that begins with "//")."""
        full = path[1:] if path.startswith("//") else BASE + path
        url = URL(self.url + full, encoded=True)
        sent = {"Authorization": self.roles[role]} if self.roles[role] else {}
        sent |= headers or {}
        async with self._session.request(method, url, json=body, headers=sent, allow_redirects=False) as response:
            return await _answer(response)


async def _answer(response: ClientResponse) -> Answer:
    text = await response.text()
    is_json = response.content_type == "application/json" and text != ""
    data = await response.json() if is_json else None
    cookies = {name: morsel.value for name, morsel in response.cookies.items()}
    return Answer(response.status, response.headers, text, data, cookies)


@asynccontextmanager
async def serving(version: str = "v2.11.2", login_delay: float = 0.0, seed: int = 1) -> AsyncIterator[Site]:
    """The first instance of the reference fleet as that version of Harbor; time moves with world.advance()."""
    options = SimOptions(start=START, seed=seed, harbor_version=version)
    world = build_world(options)
    server = TestServer(app(world, world.instances[0], options, login_delay=login_delay))
    await server.start_server()
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        try:
            yield Site(world, server, session)
        finally:
            await server.close()
