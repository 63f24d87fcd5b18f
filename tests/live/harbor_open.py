"""The console's Harbor source, opened on the live server; and comparing what it says with plain requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from harbortui.model.redact import Cleaner, Redactor
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import HarborSource
from tests.live.settings import LiveHarbor

T = TypeVar("T")
U = TypeVar("U")
ATTEMPTS = 4
"""A server in use changes between our question and the plain one."""


@asynccontextmanager
async def opened(server: LiveHarbor, credentials: Credentials | None) -> AsyncIterator[HarborSource]:
    """A source with these credentials."""

    async def supply() -> Credentials | None:
        return credentials

    clean = Cleaner(Redactor())
    source = HarborSource.open(url=server.url, credentials=supply, clean=clean, now=time.time, tls=server.tls)
    try:
        yield source
    finally:
        await source.aclose()


def value(answer: Answer[T]) -> T:
    """The value of a complete answer; fails with the failure's words and the right that is missing."""
    assert isinstance(answer, Ok), answer
    assert answer.lost_rows == (), answer.lost_rows
    return answer.value


async def agreed(ours: Callable[[], Awaitable[T]], plain: Callable[[], U], same: Callable[[T, U], bool]) -> tuple[T, U]:
    """What both say, once they say the same; fails when they never do."""
    for attempt in range(ATTEMPTS):
        told, expected = await ours(), await asyncio.to_thread(plain)
        if same(told, expected):
            return told, expected
        await asyncio.sleep(0.5 * attempt)
    raise AssertionError(f"the source says {told!r}, a plain request {expected!r}")
