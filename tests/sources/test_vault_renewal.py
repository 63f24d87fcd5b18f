"""The token is renewed at two thirds of its life by one owner, replaced when it cannot be, and never shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.vault.login import AppRoleLogin, Login, TokenLogin
from harbortui.sources.vault.source import VaultSource
from tests.sources.conftest import Served, eventually

PATH = "kv/data/harbor"
Start = Callable[..., Awaitable[Served]]


class Clock:
    """Time that passes only while the owner sleeps; sleeping past ``until`` waits for ever."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.until = 1000.0
        self.naps: list[float] = []
        self.blocked = False

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        while self.time + seconds > self.until:
            self.blocked = True
            await asyncio.sleep(0.002)
        self.blocked = False
        self.time += seconds


class FakeVault:
    """Tokens with lives, on the test's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ends: dict[str, float] = {"hvs.FIRST": 1000.0 + 600}
        self.ttl = 600.0
        self.max_life = 1e9
        self.born = 1000.0
        self.renewable = True
        self.failing = False
        self.logins = 0
        self.renewed_at: list[float] = []

    def routes(self) -> dict[str, object]:
        return {
            "/v1/sys/health": self.health,
            "/v1/auth/token/lookup-self": self.lookup,
            "/v1/auth/token/renew-self": self.renew,
            "/v1/auth/approle/login": self.login,
            f"/v1/{PATH}": self.read,
        }

    def left(self, request: web.Request) -> float:
        return self.ends.get(request.headers.get("X-Vault-Token", ""), 0.0) - self.clock.time

    async def health(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"initialized": True, "sealed": False})

    async def lookup(self, request: web.Request) -> web.StreamResponse:
        if self.left(request) <= 0:
            return web.json_response({"errors": ["permission denied"]}, status=403)
        return web.json_response({"data": {"ttl": int(self.left(request)), "renewable": self.renewable}})

    async def renew(self, request: web.Request) -> web.StreamResponse:
        assert json.loads(await request.text()) == {}
        if self.failing:
            return web.json_response({"errors": ["internal error"]}, status=500)
        if self.left(request) <= 0:
            return web.json_response({"errors": ["permission denied"]}, status=403)
        if not self.renewable:
            return web.json_response({"errors": ["lease is not renewable"]}, status=400)
        token = request.headers["X-Vault-Token"]
        self.renewed_at.append(self.clock.time)
        self.ends[token] = min(self.clock.time + self.ttl, self.born + self.max_life)
        return web.json_response(self.auth(token))

    async def login(self, request: web.Request) -> web.StreamResponse:
        self.logins += 1
        self.born = self.clock.time
        token = f"hvs.{self.logins}"
        self.ends[token] = self.clock.time + self.ttl
        return web.json_response(self.auth(token))

    async def read(self, request: web.Request) -> web.StreamResponse:
        if self.left(request) <= 0:
            return web.json_response({"errors": ["permission denied"]}, status=403)
        return web.json_response({"data": {"data": {"a": "b"}, "metadata": {"version": 1}}})

    def auth(self, token: str) -> dict[str, object]:
        lease = int(self.ends[token] - self.clock.time)
        return {"auth": {"client_token": token, "lease_duration": lease, "renewable": self.renewable}}


class Running:
    """A source whose owner runs on the fake clock."""

    def __init__(self, source: VaultSource, vault: FakeVault, clock: Clock) -> None:
        self.source = source
        self.vault = vault
        self.clock = clock
        self.task = asyncio.create_task(source.run(clock.sleep))

    async def live_until(self, time: float) -> None:
        """Let the owner live up to this moment."""
        self.clock.until = time
        self.clock.blocked = False
        await eventually(lambda: self.clock.blocked)


@pytest.fixture
async def run(serve: Start, clean: Clean) -> AsyncIterator[Callable[[Login], Awaitable[Running]]]:
    made: list[Running] = []

    async def start(login: Login) -> Running:
        clock = Clock()
        vault = FakeVault(clock)
        served = await serve(vault.routes())
        source = VaultSource(
            url=served.url, login=login, paths=[PATH], clean=clean, now=clock.now, learn=lambda secret: None
        )
        made.append(Running(source, vault, clock))
        return made[-1]

    yield start
    for each in made:
        each.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await each.task
        await each.source.aclose()


Run = Callable[[Login], Awaitable[Running]]
FIRST = TokenLogin(Secret("hvs.FIRST"))
ROLE = AppRoleLogin("role", Secret("id"))


async def test_a_token_is_renewed_at_two_thirds_of_its_life(run: Run) -> None:
    running = await run(FIRST)
    await running.live_until(1000 + 380)
    assert running.vault.renewed_at == []
    await running.live_until(1000 + 2000)
    assert running.vault.renewed_at == pytest.approx([1400, 1800, 2200, 2600, 3000], abs=5)
    assert isinstance(await running.source.read(PATH), Ok)


async def test_looking_at_a_token_does_not_put_its_renewal_off(run: Run) -> None:
    """The console looks each minute; at OpenBao this once moved every renewal into the last minute of the life."""
    running = await run(FIRST)
    for passed in range(0, 2000, 60):
        await running.live_until(1000 + passed)
        await running.source.state()
    assert running.vault.renewed_at == pytest.approx([1400, 1800, 2200, 2600], abs=5)


async def test_a_token_that_somebody_else_renewed_is_not_renewed_too_early(run: Run) -> None:
    running = await run(FIRST)
    await running.live_until(1000 + 300)
    running.vault.ends["hvs.FIRST"] = running.clock.time + 600
    await running.source.state()
    await running.live_until(1000 + 900)
    assert running.vault.renewed_at == pytest.approx([1000 + 300 + 400], abs=10)


async def test_a_token_near_its_end_is_renewed_at_once(run: Run) -> None:
    """It once took a minute until the first look at the renewal, which is too late for the last minute of a life."""
    running = await run(FIRST)
    running.vault.ends["hvs.FIRST"] = running.clock.time + 30
    await running.live_until(1000 + 60)
    assert running.vault.renewed_at == pytest.approx([1020], abs=2)


async def test_a_failing_renewal_is_tried_again_before_the_end(run: Run) -> None:
    running = await run(FIRST)
    running.vault.failing = True
    await running.live_until(1000 + 500)
    running.vault.failing = False
    await running.live_until(1000 + 590)
    assert running.vault.renewed_at and running.vault.renewed_at[0] <= 1000 + 540
    assert isinstance(await running.source.read(PATH), Ok)


async def test_a_token_that_cannot_be_renewed_ends_in_words(run: Run) -> None:
    running = await run(FIRST)
    running.vault.renewable = False
    await running.live_until(1000 + 800)
    answer = await running.source.read(PATH)
    assert isinstance(answer, Failure) and answer.kind is FailureKind.AUTH and "expired" in answer.detail
    assert min(running.clock.naps) >= 1.0  # no busy loop around a dead token


async def test_a_role_logs_in_again_when_its_token_cannot_be_renewed(
    run: Callable[[Login], Awaitable[Running]],
) -> None:
    running = await run(ROLE)
    running.vault.renewable = False
    await running.live_until(1000 + 1500)
    assert running.vault.logins == 4 and running.vault.renewed_at == []
    assert isinstance(await running.source.read(PATH), Ok)


async def test_a_role_logs_in_again_at_the_maximum_life(run: Run) -> None:
    running = await run(ROLE)
    running.vault.max_life = 900.0
    await running.live_until(1000 + 1700)
    assert running.vault.logins >= 2
    assert isinstance(await running.source.read(PATH), Ok)


async def test_a_revoked_token_is_replaced_within_one_read(run: Run) -> None:
    running = await run(ROLE)
    await running.live_until(1000 + 10)
    running.vault.ends.clear()
    assert isinstance(await running.source.read(PATH), Ok)
    assert running.vault.logins == 2
