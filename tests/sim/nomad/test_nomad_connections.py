from __future__ import annotations

import asyncio

from .conftest import Api, eventually

LIMIT = 100


async def test_the_hundred_and_first_connection_is_sent_away(api: Api) -> None:
    listener = api.fleet.listeners["nomad"]
    opened: list[asyncio.StreamWriter] = []
    try:
        for _ in range(LIMIT):
            _, writer = await asyncio.open_connection(listener.host, listener.port)
            opened.append(writer)
        await eventually(lambda: listener.counts.open == LIMIT)
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(listener.host, listener.port)
            opened.append(writer)
            refusal = await reader.read()
        assert refusal.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
        assert b"Your IP is issuing too many concurrent connections" in refusal
    finally:
        for writer in opened:
            writer.close()
