"""A name server that does not answer holds up its own names only, and not the end of the process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from typing import TypeVar

import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.http import HttpHost
from harbortui.sources.resolver import LOOKUPS, ResolverLoop

T = TypeVar("T")


class Names:
    """Stands in for the system's resolver."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.release = threading.Event()

    def __call__(self, name: str | bytes, port: int, *more: int) -> list[object]:
        host = name.decode() if isinstance(name, bytes) else name
        self.asked[host] += 1
        if host.startswith("hole"):
            self.release.wait(20)
        if not host.startswith("good"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    fake = Names()
    monkeypatch.setattr(socket, "getaddrinfo", fake)
    yield fake
    fake.release.set()


def run(main: Coroutine[object, object, T]) -> T:
    with asyncio.Runner(loop_factory=ResolverLoop) as runner:
        return runner.run(main)


async def resolve(name: str) -> list[tuple[object, ...]]:
    return await asyncio.get_running_loop().getaddrinfo(name, 80, type=socket.SOCK_STREAM)


def test_a_good_name_is_looked_up_once_for_all(names: Names) -> None:
    async def main() -> None:
        answers = await asyncio.gather(*(resolve("good") for _ in range(5)))
        assert all(each[0][4] == ("127.0.0.1", 80) for each in answers)
        assert await resolve("good") == answers[0]

    run(main())
    assert names.asked["good"] == 1


def test_an_unknown_name_is_an_error_each_time(names: Names) -> None:
    async def main() -> None:
        for _ in range(2):
            with pytest.raises(socket.gaierror):
                await resolve("bad")

    run(main())
    assert names.asked["bad"] == 2


def test_hanging_names_hold_up_nobody_else_nor_the_end(names: Names) -> None:
    async def main() -> None:
        for _ in range(3):  # the same names again join the lookups that hang already
            for number in range(LOOKUPS - 1):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.001):
                        await resolve(f"hole{number}")
        async with asyncio.timeout(5):
            assert await resolve("good")

    run(main())
    assert not names.release.is_set()
    assert all(names.asked[f"hole{number}"] == 1 for number in range(LOOKUPS - 1))


def test_httpx_goes_through_it_and_says_timeout_or_dns(names: Names) -> None:
    async def ask(name: str) -> FailureKind:
        host = HttpHost(
            url=f"http://{name}:1",
            allow=AllowList([Rule("any", "GET", "/x")]),
            clean=Cleaner(Redactor()),
            now=lambda: 0.0,
        )
        answer = await host.fetch("/x", deadline=0.2 if name.startswith("hole") else 5)
        await host.aclose()
        assert isinstance(answer, Failure)
        return answer.kind

    async def main() -> list[FailureKind]:
        return await asyncio.gather(*(ask(name) for name in ("hole", "bad", "good")))

    assert run(main()) == [FailureKind.TIMEOUT, FailureKind.DNS, FailureKind.REFUSED]
    assert set(names.asked) == {"hole", "bad", "good"}
