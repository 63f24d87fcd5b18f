"""Nomad's streams over real sockets: framed logs and events, healthy, denied, silent, broken."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.http import HttpHost
from harbortui.sources.nomad.events import JobEvent, Subscription, subscribe
from harbortui.sources.nomad.logs import LogStream, follow
from harbortui.sources.nomad.policy import stream_reads
from harbortui.sources.nomad.source import NomadSource
from tests.sources import nomad_fixtures as given_

K = FailureKind
Serve = Callable[..., Awaitable[Any]]
LOG = LogStream(given_.ALLOC, "core", "stderr", "ops", "eu", 1000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


def frame(data: bytes, offset: int = 100_000) -> bytes:
    """A frame as Nomad sends it; ``offset`` is the position in the file behind the data."""
    return json.dumps({"Data": base64.b64encode(data).decode(), "File": "f", "Offset": offset}).encode()


def raw(*chunks: bytes, hold: bool = False) -> Any:
    """A server that sends these pieces after the request, then closes or stays silent."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0)
        if hold:
            await reader.read()
        writer.close()
        await writer.wait_closed()

    return handler


@pytest.fixture
async def host(clean: Clean) -> AsyncIterator[Callable[[str], HttpHost]]:
    made: list[HttpHost] = []

    def build(url: str) -> HttpHost:
        made.append(HttpHost(url=url, allow=stream_reads(), clean=clean, now=time.time))
        return made[-1]

    yield build
    for each in made:
        await each.aclose()


async def log_of(host: HttpHost, clean: Clean, silence: float = 5.0) -> list[bytes | Failure]:
    found = follow(host, LOG, {"X-Nomad-Token": "t"}, clean=clean, now=time.time, silence=silence)
    return [each async for each in found]


async def test_a_log_is_followed_framed_from_its_end(serve: Serve, host: Any, clean: Clean) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=frame(b"one\n") + b"{}" + frame("zwei ä\n".encode()))

    nomad = await serve({"*": handler})
    assert await log_of(host(nomad.url), clean) == [b"one\n", "zwei ä\n".encode()]
    (request,) = nomad.requests
    assert request.path == f"/v1/client/fs/logs/{given_.ALLOC}"
    assert dict(request.query) == {
        "task": "core",
        "type": "stderr",
        "follow": "true",
        "origin": "end",
        "offset": "1000",
        "plain": "false",
        "namespace": "ops",
        "region": "eu",
    }
    assert request.headers["Accept-Encoding"] == "identity"
    assert request.headers["X-Nomad-Token"] == "t"


async def test_a_log_read_from_its_beginning_has_a_whole_first_line(serve_raw: Serve, host: Any, clean: Clean) -> None:
    short = raw(HEAD, frame(b"panic: ", offset=7), frame(b"no configuration\n", offset=24))
    assert await log_of(host(await serve_raw(short)), clean) == [b"\npanic: ", b"no configuration\n"]


async def test_an_empty_log_is_told_to_be_open(serve_raw: Serve, host: Any, clean: Clean) -> None:
    quiet = raw(HEAD, b"{}", hold=True)
    opened, failure = await log_of(host(await serve_raw(quiet)), clean, silence=0.2)
    assert opened == b"" and isinstance(failure, Failure)


@pytest.mark.parametrize(
    ("status", "text", "kind", "needs"),
    [
        (500, "Permission denied", K.FORBIDDEN, "read-logs"),
        (404, 'task "core" not started yet. No logs available', K.NOT_FOUND, ""),
        (500, "No cluster leader", K.SERVER, ""),
        (302, "", K.REDIRECT, ""),
    ],
)
async def test_a_refused_log_says_why(
    serve: Serve, host: Any, clean: Clean, status: int, text: str, kind: FailureKind, needs: str
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status)

    nomad = await serve({"*": handler})
    (found,) = await log_of(host(nomad.url), clean)
    assert isinstance(found, Failure)
    assert (found.kind, found.status, found.needs) == (kind, status, needs)


async def test_silence_means_that_nobody_is_there(serve_raw: Serve, host: Any, clean: Clean) -> None:
    url = await serve_raw(raw(HEAD, frame(b"x"), b"{}", hold=True))
    data, failure = await log_of(host(url), clean, silence=0.2)
    assert data == b"x"
    assert isinstance(failure, Failure)
    assert failure.kind is K.TIMEOUT


async def test_an_error_behind_the_frames_is_told(serve_raw: Serve, host: Any, clean: Clean) -> None:
    url = await serve_raw(raw(HEAD, frame(b"x"), b"{}", b"rpc error: Unknown ", b'allocation "x"\n'))
    data, failure = await log_of(host(url), clean)
    assert data == b"x"
    assert isinstance(failure, Failure)
    assert failure.kind is K.NOT_FOUND


async def test_frames_of_a_wrong_type_end_the_log(serve_raw: Serve, host: Any, clean: Clean) -> None:
    (failure,) = await log_of(host(await serve_raw(raw(HEAD, b'{"Data": 5}', hold=True))), clean)
    assert isinstance(failure, Failure)
    assert failure.kind is K.PROTOCOL


async def events_of(host: HttpHost, clean: Clean, index: int = 10, **patience: float) -> list[JobEvent | Failure]:
    wanted = Subscription("ops", "", index)
    return [each async for each in subscribe(host, wanted, {}, clean=clean, now=time.time, **patience)]


def batch(index: int, *events: dict[str, Any]) -> bytes:
    return json.dumps({"Index": index, "Events": list(events)}).encode() + b"\n"


def event(topic: str, kind: str, payload: dict[str, Any], index: int) -> dict[str, Any]:
    return {"Topic": topic, "Type": kind, "Key": "k", "Index": index, "Namespace": "ops", "Payload": payload}


async def test_events_tell_which_job_changed_and_nothing_else(serve: Serve, host: Any, clean: Clean) -> None:
    old = event("Job", "JobRegistered", {"Job": {"ID": "old"}}, 10)
    job = event("Job", "JobRegistered", {"Job": {"ID": "h", "TaskGroups": [{"Env": given_.SECRET}]}}, 11)
    alloc = event("Allocation", "AllocationUpdated", {"Allocation": {"JobID": "h", "Job": None}}, 12)
    node = event("Node", "NodeDrain", {"Node": {}}, 12)

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(
            body=b"{}\n" + batch(10, old) + batch(11, job) + b"{}\n" + batch(12, alloc, node, {"Topic": 5})
        )

    nomad = await serve({"*": handler})
    found = await events_of(host(nomad.url), clean)
    assert found == [
        JobEvent(index=10),
        JobEvent(index=11, job_id="h", topic="Job", type="JobRegistered"),
        JobEvent(index=12, job_id="h", topic="Allocation", type="AllocationUpdated"),
    ]
    (request,) = nomad.requests
    assert request.query["index"] == "11"
    assert request.query.getall("topic") == ["Allocation:*", "Deployment:*", "Evaluation:*", "Job:*"]


@pytest.mark.parametrize("hold", [True, False])
async def test_a_subscription_that_stays_silent_is_a_denied_one(
    serve_raw: Serve, host: Any, clean: Clean, hold: bool
) -> None:
    (found,) = await events_of(host(await serve_raw(raw(HEAD, hold=hold))), clean, first=0.2)
    assert isinstance(found, Failure)
    assert (found.kind, found.needs) == (K.FORBIDDEN, "read-job")


async def test_a_missing_heartbeat_ends_the_stream(serve_raw: Serve, host: Any, clean: Clean) -> None:
    url = await serve_raw(raw(HEAD, b"{}\n", hold=True))
    begun, found = await events_of(host(url), clean, silence=0.2)
    assert begun == JobEvent(index=10)
    assert isinstance(found, Failure)
    assert found.kind is K.TIMEOUT


async def test_a_line_that_is_no_event_ends_the_stream(serve_raw: Serve, host: Any, clean: Clean) -> None:
    _, found = await events_of(host(await serve_raw(raw(HEAD, b"{}\n", b"oops\n", hold=True))), clean)
    assert isinstance(found, Failure)
    assert found.kind is K.PROTOCOL


async def test_a_denied_stream_of_older_servers(serve: Serve, host: Any, clean: Clean) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text="Permission denied", status=403)

    nomad = await serve({"*": handler})
    (found,) = await events_of(host(nomad.url), clean)
    assert isinstance(found, Failure)
    assert (found.kind, found.needs) == (K.FORBIDDEN, "read-job")


async def test_the_source_begins_at_todays_index_and_finds_out_why_it_is_denied(serve: Serve, clean: Clean) -> None:
    known = True

    async def jobs(request: web.Request) -> web.StreamResponse:
        if not known:
            return web.Response(text="ACL token not found", status=403)
        return web.json_response([], headers={"X-Nomad-Index": "41"})

    async def stream(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"{}\n" if known else b"")

    async def token() -> Secret | Failure | None:
        return Secret("PLANTED")

    nomad = await serve({"/v1/jobs": jobs, "/v1/event/stream": stream})
    source = NomadSource(address=nomad.url, token=token, clean=clean, now=time.time)
    assert [each async for each in source.events("ops")] == [JobEvent(index=41)]
    assert nomad.requests[-1].query["index"] == "42"
    known = False
    (found,) = [each async for each in source.events("ops", 41)]
    assert isinstance(found, Failure)
    assert found.kind is K.AUTH
    await source.aclose()
