"""Answers as Nomad gives them: JSON, query headers, blocking until an index has passed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from harbortui.sim.nomad.context import Call
from harbortui.sim.nomad.encoding import go_duration
from harbortui.sim.nomad.errors import bad_request

MAX_WAIT = 300.0
"""Seconds: default and longest blocking time (nomad/rpc.go: defaultQueryTime and maxQueryTime)."""
JITTER_FRACTION = 16


def json_answer(call: Call, data: object, index: int | None = None) -> web.Response:
    """A 200 with JSON; with an index also the headers of a state query."""
    pretty = "pretty" in call.query and call.query["pretty"] != "0"
    text = json.dumps(data, indent=4 if pretty else None, separators=None if pretty else (",", ":"))
    response = web.Response(body=text.encode(), content_type="application/json")
    if index is not None:
        response.headers["X-Nomad-Index"] = str(index)
        response.headers["X-Nomad-KnownLeader"] = "true" if call.nomad.leader else "false"
        response.headers["X-Nomad-LastContact"] = "0"
    return response


async def state_answer(call: Call, index: Callable[[], int], data: Callable[[], object]) -> web.Response:
    """Answer a state query, after its index has passed the one asked for or the waiting time is over.

    The wait is real time: it is a promise about the connection, which clients set their read timeouts by.
    """
    asked, wait = _blocking_options(call)
    if asked > 0:
        wait += call.world.rng("nomad-jitter").random() * wait / JITTER_FRACTION
        await _block(call, asked, index, wait)
    return json_answer(call, data(), max(1, index()))


def _blocking_options(call: Call) -> tuple[int, float]:
    wait = MAX_WAIT
    if text := call.query.get("wait", ""):
        seconds = go_duration(text)
        if seconds is None:
            raise bad_request("Invalid wait time")
        wait = min(seconds, MAX_WAIT) if seconds > 0 else MAX_WAIT
    index = call.query.get("index", "")
    if (index and not index.isascii()) or (index and not index.isdigit()):
        raise bad_request("Invalid index")
    return int(index or 0), wait


async def _block(call: Call, asked: int, index: Callable[[], int], wait: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    while index() <= asked and not call.server.closing.is_set():
        rest = deadline - loop.time()
        if rest <= 0 or connection_lost(call.request):
            return
        await pause(call, rest)


async def pause(call: Call, seconds: float) -> None:
    """Wait up to `seconds` of real time for a change of the world or the server's end."""
    clock = call.world.clock
    waits = [
        asyncio.ensure_future(call.world.changed(seconds * max(1.0, clock.speed if clock else 1.0))),
        asyncio.ensure_future(call.server.closing.wait()),
    ]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in waits:
            waiting.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*waits, return_exceptions=True)
    call.world.sync()


def connection_lost(request: web.Request) -> bool:
    """True when nobody is there to read the answer."""
    return request.transport is None or request.transport.is_closing()
