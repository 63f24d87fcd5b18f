"""Bad credentials never pass as anonymous and are not tried again and again: each failed login locks the user."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import BasicAuth, web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.probe import EXCUSED_SECONDS, RECHECK_SECONDS, REFUSED_SECONDS
from harbortui.sources.harbor.source import HarborSource
from tests.sources.conftest import Served

K = FailureKind
API = "/api/v2.0"
Start = Callable[..., Awaitable[Served]]


class Setup:
    """A Harbor with one good password, a configuration that may change, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.good = "right"
        self.credentials: Credentials | Failure | None = Credentials("admin", Secret("right"))
        self.time = 1000.0
        self.database = "healthy"

    async def supply(self) -> Credentials | Failure | None:
        return self.credentials

    def _knows(self, request: web.Request) -> bool:
        header = request.headers.get("Authorization")
        return header is not None and BasicAuth.decode(header).password == self.good

    async def who(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        if self._knows(request):
            return web.json_response({"username": "admin", "sysadmin_flag": True})
        return web.json_response({"errors": [{"code": "UNAUTHORIZED", "message": "unauthorized"}]}, status=401)

    async def health(self, request: web.Request) -> web.StreamResponse:
        component = {"name": "database", "status": self.database}
        return web.json_response({"status": self.database, "components": [component]})

    async def policies(self, request: web.Request) -> web.StreamResponse:
        return web.json_response([]) if self._knows(request) else await self.who(request)


@pytest.fixture
def setup() -> Setup:
    return Setup()


async def start(serve: Start, setup: Setup, clean: Clean) -> tuple[HarborSource, Served]:
    served = await serve(
        {
            f"{API}/users/current": setup.who,
            f"{API}/replication/policies": setup.policies,
            f"{API}/health": setup.health,
        }
    )
    source = HarborSource.open(url=served.url, credentials=setup.supply, clean=clean, now=lambda: setup.time)
    return source, served


PROBE, ASK, HEALTH = f"GET {API}/users/current", f"GET {API}/replication/policies", f"GET {API}/health"


async def test_good_credentials_are_proven_once_for_all_callers(serve: Start, setup: Setup, clean: Clean) -> None:
    source, served = await start(serve, setup, clean)
    answers = await asyncio.gather(*(source.policies() for _ in range(5)))
    await source.aclose()
    assert all(isinstance(each, Ok) for each in answers)
    assert served.asked.count(PROBE) == 1 and served.asked.count(ASK) == 5


async def test_bad_credentials_are_sent_once(serve: Start, setup: Setup, clean: Clean) -> None:
    setup.credentials = Credentials("admin", Secret("wrong"))
    source, served = await start(serve, setup, clean)
    answers = [*await asyncio.gather(*(source.policies() for _ in range(5))), await source.account()]
    await source.aclose()
    assert all(isinstance(each, Failure) and each.kind is K.AUTH for each in answers)
    assert served.asked == [PROBE, HEALTH]


async def test_they_are_tried_again_when_changed_or_after_a_while(serve: Start, setup: Setup, clean: Clean) -> None:
    setup.credentials = Credentials("admin", Secret("wrong"))
    source, served = await start(serve, setup, clean)
    await source.policies()
    for seconds, probes in ((RECHECK_SECONDS, 2), (REFUSED_SECONDS, 3), (REFUSED_SECONDS, 4)):
        setup.time += seconds - 1
        await source.policies()
        assert served.asked.count(PROBE) == probes - 1
        setup.time += 1
        await source.policies()
        assert served.asked.count(PROBE) == probes
    setup.credentials = Credentials("admin", Secret("right"))
    assert isinstance(await source.policies(), Ok)
    await source.aclose()
    assert served.asked.count(PROBE) == 5 and served.asked.count(ASK) == 1


async def test_credentials_that_stop_working_are_probed_once(serve: Start, setup: Setup, clean: Clean) -> None:
    source, served = await start(serve, setup, clean)
    assert isinstance(await source.policies(), Ok)
    setup.good = "rotated"
    for _ in range(4):
        answer = await source.policies()
        assert isinstance(answer, Failure) and answer.kind is K.AUTH
    await source.aclose()
    assert served.asked == [PROBE, ASK, ASK, PROBE, HEALTH]


async def test_a_refusal_while_the_database_is_down_is_no_refusal(serve: Start, setup: Setup, clean: Clean) -> None:
    source, served = await start(serve, setup, clean)
    assert isinstance(await source.policies(), Ok)
    setup.good = "nobody: the database is gone"
    unseen = await source.policies()
    assert isinstance(unseen, Failure) and unseen.kind is K.AUTH
    setup.database = "unhealthy"
    setup.time += RECHECK_SECONDS
    for _ in range(5):
        answer = await source.policies()
        assert isinstance(answer, Failure) and answer.kind is K.SERVER and "database" in answer.detail
    assert served.asked.count(PROBE) == 3
    setup.good, setup.database = "right", "healthy"
    setup.time += EXCUSED_SECONDS
    assert isinstance(await source.policies(), Ok)
    await source.aclose()


async def test_without_credentials_nothing_is_asked(serve: Start, setup: Setup, clean: Clean) -> None:
    source, served = await start(serve, setup, clean)
    setup.credentials = None
    answer = await source.policies()
    assert isinstance(answer, Failure) and answer.kind is K.NO_CREDENTIALS
    sealed = setup.credentials = Failure(kind=K.SEALED, detail="Vault is sealed")
    assert await source.policies() is sealed
    assert await source.account() is sealed
    await source.aclose()
    assert served.requests == []


async def test_a_dead_harbor_proves_nothing(setup: Setup, clean: Clean) -> None:
    source = HarborSource.open(url="http://127.0.0.1:1", credentials=setup.supply, clean=clean, now=lambda: setup.time)
    for _ in range(2):
        answer = await source.policies()
        assert isinstance(answer, Failure) and answer.kind is K.REFUSED
    await source.aclose()
