"""The console's Harbor source, opened on the live server."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harbortui.model.redact import Cleaner, Redactor
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import HarborSource
from tests.live.settings import LiveHarbor


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
