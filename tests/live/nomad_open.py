"""The console's Nomad source, opened on the live agent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from harbortui.model.failure import Failure
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sources.nomad.source import NomadSource
from tests.live.settings import LiveNomad

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
"""An allocation, or a token, that no cluster has."""
UNKNOWN_JOB = "harbortui-live-no-such-job"


@asynccontextmanager
async def opened(server: LiveNomad, token: Secret | None) -> AsyncIterator[NomadSource]:
    """A source with this token; None asks anonymously."""

    async def supply() -> Secret | None:
        return token

    clean = Cleaner(Redactor())
    source = NomadSource(
        address=server.url, token=supply, clean=clean, now=time.time, region=server.region, tls=server.tls
    )
    try:
        yield source
    finally:
        await source.aclose()


async def read_until(
    tail: AsyncGenerator[bytes | Failure, None], done: Callable[[str], bool], seconds: float = 30.0
) -> str:
    """The text of a tail until ``done`` says so of all of it; fails with what it was when the time is over."""
    text = ""
    try:
        async with asyncio.timeout(seconds), aclosing(tail):
            async for piece in tail:
                assert isinstance(piece, bytes), piece
                text += piece.decode("utf-8", errors="replace")
                if done(text):
                    return text
    except TimeoutError:
        pass
    raise AssertionError(f"not in {seconds:g} s; the log was: …{text[-500:]!r}")
