"""Listeners count, limit and do wrong; over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from harbortui.sim.counts import template
from harbortui.sim.faults import WRONG_KINDS, FaultMode, Wrong, spoil
from harbortui.sim.listener import Listener
from harbortui.sim.world import World

BODY = {"name": "x", "count": 3, "ok": True, "rows": [1.5, None]}


def application() -> web.Application:
    """A little backend."""

    async def thing(request: web.Request) -> web.Response:
        return web.json_response(BODY)

    app = web.Application()
    app.router.add_route("*", "/thing/{id}", thing)
    return app


@pytest.fixture
async def listener(world: World) -> AsyncIterator[Listener]:
    """A listener for Nomad with room for four connections."""
    made = Listener("nomad", application(), world, max_connections=4)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """A client with a total deadline."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session


async def until(condition: Callable[[], bool]) -> None:
    """Poll a condition for at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what a socket's other end does raises no event here
            await asyncio.sleep(0.005)


async def test_counts(listener: Listener, client: aiohttp.ClientSession) -> None:
    for number in range(3):
        async with client.get(f"{listener.url}/thing/{number}") as answer:
            assert await answer.json() == BODY
    async with client.put(f"{listener.url}/thing/9") as answer:
        assert answer.status == 200
    async with client.get(f"{listener.url}/none") as answer:
        assert answer.status == 404
    counts = listener.counts
    assert counts.requests == 5
    assert counts.by_path == {"GET /thing/{id}": 3, "PUT /thing/{id}": 1, "GET /none": 1}
    assert counts.writes == ["PUT /thing/9"]
    assert counts.by_status == {200: 4, 404: 1}
    assert (counts.open, counts.peak, counts.connections) == (1, 1, 1)
    counts.reset()
    assert (counts.requests, counts.peak, counts.open) == (0, 1, 1)
    await client.close()
    await until(lambda: counts.open == 0)


async def test_more_connections_than_allowed_get_a_raw_429(listener: Listener) -> None:
    held = [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(4)]
    await until(lambda: listener.counts.open == 4)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"too many concurrent connections" in answer
    assert (listener.counts.refused, listener.counts.peak) == (1, 4)
    for _, open_writer in [*held, (reader, writer)]:
        open_writer.close()
        await open_writer.wait_closed()


async def test_down_refuses_and_comes_back_on_the_same_port(
    listener: Listener, client: aiohttp.ClientSession, world: World
) -> None:
    async with client.get(f"{listener.url}/thing/1") as answer:
        assert answer.status == 200
    port = listener.port
    await listener.set_fault(FaultMode("down"))
    assert "nomad" in world.unreachable
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get(f"{listener.url}/thing/1")
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", port))
    await listener.set_fault(FaultMode())
    assert listener.port == port
    assert not world.unreachable
    async with client.get(f"{listener.url}/thing/1") as answer:
        assert answer.status == 200


async def test_hanging_never_answers_until_it_ends(listener: Listener, client: aiohttp.ClientSession) -> None:
    await listener.set_fault(FaultMode("hanging"))
    pending = asyncio.create_task(client.get(f"{listener.url}/thing/1"))
    await until(lambda: listener.counts.requests == 1)
    done, _ = await asyncio.wait({pending}, timeout=0.05)
    assert not done
    await listener.set_fault(FaultMode())
    answer = await pending
    assert answer.status == 200
    answer.release()


async def test_slow_and_forbidden(listener: Listener, client: aiohttp.ClientSession) -> None:
    await listener.set_fault(FaultMode("slow", seconds=0.05))
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async with client.get(f"{listener.url}/thing/1") as answer:
        assert answer.status == 200
    assert loop.time() - begin >= 0.05
    await listener.set_fault(FaultMode("forbidden"))
    async with client.get(f"{listener.url}/thing/1") as answer:
        assert (answer.status, await answer.text()) == (403, "Permission denied")


async def test_wrong_answers(listener: Listener, client: aiohttp.ClientSession) -> None:
    got: dict[str, tuple[str, bytes]] = {}
    for wrong in ("html", "truncated", "types", "empty", "garbage"):
        await listener.set_fault(FaultMode("wrong", wrong=wrong))
        async with client.get(f"{listener.url}/thing/1") as answer:
            assert answer.status == 200
            got[wrong] = answer.content_type, await answer.read()
    assert got["html"][0] == "text/html"
    assert b"<form" in got["html"][1]
    assert got["truncated"][0] == "application/json"
    assert got["truncated"][1] == b'{"name": "x", "count": 3, "ok": true, "rows": [1.5, null]}'[:29]
    assert got["types"][1] == b'{"name": 1, "count": ["3"], "ok": {"value": true}, "rows": [["1.5"], {}]}'
    assert got["empty"][1] == b""
    assert b"\x1b" in got["garbage"][1]


def test_wrong_types_of_something_that_is_no_json() -> None:
    assert spoil("types", "application/xml", b"<a/>") == ("application/xml", b'{"unexpected":[1,2,3]}')


@given(st.binary(max_size=200), st.sampled_from(WRONG_KINDS))
def test_any_answer_can_be_made_wrong(body: bytes, wrong: Wrong) -> None:
    kind, made = spoil(wrong, "application/json", body)
    assert kind in ("application/json", "text/html")
    assert made != body or len(body) < 2


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s, min_size=1)))
def test_wrong_types_are_json_of_another_type(value: object) -> None:
    _, made = spoil("types", "application/json", json.dumps(value).encode())
    assert json.loads(made) != value


def test_templates() -> None:
    assert template("/v1/allocation/8609694a-cdbc-db9b-d345-e782dbb562ed/stop") == "/v1/allocation/{uuid}/stop"
    assert template("/api/v2.0/replication/executions/12/tasks") == "/api/v2.0/replication/executions/{id}/tasks"
    assert template("/v2/a/manifests/sha256:" + "a" * 64) == "/v2/a/manifests/{digest}"
    assert template("/api/v2.0/jobservice/jobs/177bbf5121cd856ea459625c/log") == "/api/v2.0/jobservice/jobs/{hex}/log"
