"""Serves recordings on a socket: the same method and path gets the answer that the real server gave."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from tests.recorded.exchange import Exchange

_OWN_HEADERS = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding", "date"})
"""The replaying server writes these itself; a recorded date would look like a clock that is wrong."""


@dataclass
class Replay:
    """A running server; ``asked`` is what it was asked, ``missing`` what it had no recording for."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@asynccontextmanager
async def replaying(exchanges: Iterable[Exchange], *, keep_date: bool = False) -> AsyncIterator[Replay]:
    """Serve the exchanges. Of several for one path the one with the same query answers, else the first.

    A refused, reset or timed out exchange closes the connection without an answer.
    """
    known: dict[tuple[str, str], list[Exchange]] = {}
    for each in exchanges:
        known.setdefault((each.method, each.path), []).append(each)
    replay = Replay()

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        parts = urlsplit(request.raw_path)
        replay.asked.append(f"{request.method} {parts.path}?{parts.query}")
        found = known.get((request.method, parts.path), [])
        query = sorted(parse_qsl(parts.query, keep_blank_values=True))
        exchange = next((each for each in found if sorted(each.query) == query), next(iter(found), None))
        if exchange is None:
            replay.missing.append(f"{request.method} {parts.path}")
            return web.Response(status=404, text="not recorded")
        if exchange.failure:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return _response(exchange, request.method, keep_date)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        replay.url = f"http://{host}:{port}"
        yield replay
    finally:
        await runner.cleanup()


def _response(exchange: Exchange, method: str, keep_date: bool) -> web.Response:
    left = _OWN_HEADERS - ({"date"} if keep_date else set())
    headers = {name: value for name, value in exchange.headers.items() if name not in left}
    if method == "HEAD":
        return web.Response(status=exchange.status, headers=headers)
    return web.Response(status=exchange.status, headers=headers, body=exchange.body)
