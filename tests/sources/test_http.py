"""The httpx side against servers that misbehave: everything ends in time, in bounds, and as one failure."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import ssl
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.sources.allowlist import AllowList, Rule
from harbortui.sources.headers import clock_skew
from harbortui.sources.http import HttpHost, Reply, Stream
from harbortui.sources.tls import TlsSettings
from tests.sources.conftest import Certs, Served, reply

K = FailureKind
ALLOW = AllowList([Rule("any", "GET", r"/[a-z/]*", {"q": ".*"})])
Start = Callable[..., Awaitable[Served]]
StartRaw = Callable[..., Awaitable[str]]


def host(url: str, clean: Clean, **more: object) -> HttpHost:
    return HttpHost(url=url, allow=ALLOW, clean=clean, now=lambda: 1000.0, **more)  # type: ignore[arg-type]


async def kind_of(url: str, clean: Clean, **more: object) -> FailureKind:
    each = host(url, clean, **more)
    answer = await each.fetch("/x", deadline=0.5, cap=100_000)
    await each.aclose()
    assert isinstance(answer, Failure), answer
    assert answer.at == 1000.0
    return answer.kind


async def test_a_good_answer(serve: Start, clean: Clean) -> None:
    served = await serve({"/x": reply('{"a": 1}', Retry_After="7")})
    each = host(served.url, clean)
    answer = await each.fetch("/x", query=[("q", "a b&c")], headers={"X-Own": "1"})
    await each.aclose()
    assert isinstance(answer, Reply)
    assert (answer.status, answer.body, answer.retry_after) == (200, b'{"a": 1}', 7.0)
    assert answer.server_time is not None and answer.server_time > 1.7e9
    asked = served.requests[0]
    assert asked.query["q"] == "a b&c" and asked.headers["X-Own"] == "1"
    assert "Cookie" not in asked.headers


async def test_connections_are_reused_and_cookies_never_sent_back(serve: Start, clean: Clean) -> None:
    served = await serve({"/x": reply("{}", Set_Cookie="sid=PLANTED; Path=/")})
    each = host(served.url, clean)
    for _ in range(3):
        assert isinstance(await each.fetch("/x"), Reply)
    await each.aclose()
    assert all("Cookie" not in one.headers for one in served.requests)
    assert len({one.transport.get_extra_info("peername") for one in served.requests if one.transport}) <= 1


async def test_no_more_connections_than_allowed(serve: Start, clean: Clean) -> None:
    running = peak = 0

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.01)
        running -= 1
        return web.json_response({})

    served = await serve({"/x": slow})
    each = host(served.url, clean)
    answers = await asyncio.gather(*(each.fetch("/x") for _ in range(20)))
    await each.aclose()
    assert all(isinstance(one, Reply) for one in answers) and peak <= 4


async def test_an_undeclared_request_opens_no_connection(serve: Start, clean: Clean) -> None:
    served = await serve({})
    each = host(served.url, clean)
    for path, query in (("/1", []), ("/x", [("other", "1")]), ("/x/%2e%2e/y", [])):
        answer = await each.fetch(path, query=query)
        assert isinstance(answer, Failure) and answer.kind is K.BLOCKED
    answer = await each.fetch("/x", method="DELETE")
    assert isinstance(answer, Failure) and answer.kind is K.BLOCKED
    await each.aclose()
    assert served.requests == []


async def test_redirects_are_not_followed_and_the_target_is_named(serve: Start, clean: Clean) -> None:
    served = await serve({"/x": reply(status=302, Location="https://login.example/auth?next=PLANTED")})
    each = host(served.url, clean)
    answer = await each.fetch("/x", headers={"Authorization": "Basic PLANTED"})
    await each.aclose()
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.detail, answer.status) == (K.REDIRECT, "redirected to login.example, not followed", 302)
    assert len(served.requests) == 1


@pytest.mark.parametrize("status", [200, 401, 403])
async def test_a_login_page_is_told_apart(serve: Start, clean: Clean, status: int) -> None:
    served = await serve({"/x": reply("<html><FORM action=login>", status, "text/html; charset=utf-8")})
    each = host(served.url, clean)
    answer = await each.fetch("/x")
    await each.aclose()
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.status) == (K.LOGIN_PAGE, status)
    assert "127.0.0.1" in answer.detail


async def test_another_media_type_is_a_protocol_failure(serve: Start, clean: Clean) -> None:
    served = await serve({"/x": reply("hello", kind="text/plain")})
    assert await kind_of(served.url, clean) is K.PROTOCOL


async def test_bodies_are_capped_decoded(serve: Start, clean: Clean) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    served = await serve({"/x": reply(bomb, Content_Encoding="gzip")})
    assert await kind_of(served.url, clean) is K.TOO_LARGE
    served = await serve({"/x": reply(b"x" * 200_000)})
    assert await kind_of(served.url, clean) is K.TOO_LARGE
    served = await serve({"/x": reply(b"nonsense", Content_Encoding="gzip")})
    assert await kind_of(served.url, clean) is K.PROTOCOL


async def test_nobody_listens(clean: Clean) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert await kind_of(f"http://127.0.0.1:{port}", clean) is K.REFUSED


async def test_a_name_nobody_knows(clean: Clean) -> None:
    each = host("http://no-such-host.invalid", clean)
    answer = await each.fetch("/x", deadline=5)
    await each.aclose()
    assert isinstance(answer, Failure) and answer.kind in (K.DNS, K.TIMEOUT)  # TIMEOUT where no resolver answers


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drip_header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drip_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b" " * 4096 + b"\r\n")
        await writer.drain()


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()


async def close_in_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def reset_in_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n{")
    await writer.drain()
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


async def not_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(60)


async def endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: 1\r\n" * 1000)
        await writer.drain()


WRONG = [
    (hang, {K.TIMEOUT}),
    (drip_header, {K.TIMEOUT}),
    (drip_body, {K.TIMEOUT}),
    (endless_chunks, {K.TOO_LARGE}),
    (close_at_once, {K.RESET}),
    (close_in_body, {K.RESET}),
    (reset_in_body, {K.RESET}),
    (not_http, {K.PROTOCOL}),
    (endless_headers, {K.PROTOCOL}),
]


@pytest.mark.parametrize(("handler", "kinds"), WRONG, ids=lambda value: getattr(value, "__name__", ""))
async def test_a_server_that_misbehaves(
    serve_raw: StartRaw, clean: Clean, handler: object, kinds: set[FailureKind]
) -> None:
    assert await kind_of(await serve_raw(handler), clean) in kinds


async def test_a_hanging_answer_leaves_the_connections_usable(serve: Start, clean: Clean) -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    served = await serve({"/slow": never, "/x": reply("{}")})
    each = host(served.url, clean)
    slow = [each.fetch("/slow", deadline=0.2) for _ in range(4)]
    for answer in await asyncio.gather(*slow):
        assert isinstance(answer, Failure) and answer.kind is K.TIMEOUT
    assert isinstance(await each.fetch("/x"), Reply)
    await each.aclose()


async def test_cancellation_passes_through(serve_raw: StartRaw, clean: Clean) -> None:
    each = host(await serve_raw(hang), clean)
    asking = asyncio.create_task(each.fetch("/x"))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await each.aclose()


async def test_the_environment_has_no_influence(
    serve: Start, clean: Clean, monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    served = await serve({"/x": reply("{}")})
    netrc = os.path.join(tmp_path, "netrc")
    with open(netrc, "w") as file:  # noqa: ASYNC230 - a test's own small file
        file.write("machine 127.0.0.1 login ann password PLANTED\n")
    monkeypatch.setenv("NETRC", netrc)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    each = host(served.url, clean)
    assert isinstance(await each.fetch("/x"), Reply)
    await each.aclose()
    assert "Authorization" not in served.requests[0].headers


async def test_an_explicit_proxy_is_used(serve: Start, clean: Clean) -> None:
    proxy = await serve({"*": reply('{"from": "proxy"}')})
    each = host("http://harbor.invalid", clean, proxy=proxy.url)
    answer = await each.fetch("/x")
    await each.aclose()
    assert isinstance(answer, Reply) and b"proxy" in answer.body


# TLS


async def tls_server(serve: Start, certs: Certs, name: str = "server", demand: bool = False) -> Served:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certs.path(f"{name}.pem"), certs.path(f"{name}.key"))
    if demand:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certs.path("ca.pem"))
    return await serve({"/x": reply("{}")}, ssl_context=context)


async def tls_answer(served: Served, clean: Clean, **settings: object) -> Reply | Failure:
    each = host(served.url, clean, tls=TlsSettings(**settings))  # type: ignore[arg-type]
    answer = await each.fetch("/x")
    await each.aclose()
    return answer


async def test_tls_is_verified(serve: Start, certs: Certs, clean: Clean) -> None:
    served = await tls_server(serve, certs)
    assert isinstance(await tls_answer(served, clean, ca_file=certs.path("ca.pem")), Reply)
    unknown = await tls_answer(served, clean)
    assert isinstance(unknown, Failure) and unknown.kind is K.TLS and "certificate" in unknown.detail
    assert isinstance(await tls_answer(served, clean, verify=False), Reply)
    assert served.asked == ["GET /x", "GET /x"]


async def test_the_expected_name_can_be_given(serve: Start, certs: Certs, clean: Clean) -> None:
    served = await tls_server(serve, certs, "nomad")
    wrong = await tls_answer(served, clean, ca_file=certs.path("ca.pem"))
    assert isinstance(wrong, Failure) and wrong.kind is K.TLS and "mismatch" in wrong.detail
    right = await tls_answer(served, clean, ca_file=certs.path("ca.pem"), server_name="server.global.nomad")
    assert isinstance(right, Reply)


async def test_a_client_certificate_is_shown_when_demanded(serve: Start, certs: Certs, clean: Clean) -> None:
    served = await tls_server(serve, certs, demand=True)
    without = await tls_answer(served, clean, ca_file=certs.path("ca.pem"))
    assert isinstance(without, Failure) and without.kind in (K.TLS, K.RESET)
    client = {"client_cert": certs.path("client.pem"), "client_key": certs.path("client.key")}
    assert isinstance(await tls_answer(served, clean, ca_file=certs.path("ca.pem"), **client), Reply)


async def test_plain_http_on_a_tls_port_and_the_other_way_round(serve: Start, certs: Certs, clean: Clean) -> None:
    plain = await serve({"/x": reply("{}")})
    assert await kind_of(plain.url.replace("http:", "https:"), clean) is K.TLS
    served = await tls_server(serve, certs)
    assert await kind_of(served.url.replace("https:", "http:"), clean) in (K.RESET, K.PROTOCOL)


async def test_a_missing_authority_file_is_our_own_fault(clean: Clean) -> None:
    assert await kind_of("https://127.0.0.1:1", clean, tls=TlsSettings(ca_file="/no/such/file")) is K.LOCAL


# Streams


async def test_a_stream_gives_bytes_as_they_come_and_ends_clean(serve: Start, clean: Clean) -> None:
    async def frames(request: web.Request) -> web.StreamResponse:
        assert request.headers["Accept-Encoding"] == "identity"
        response = web.StreamResponse()
        await response.prepare(request)
        for part in (b"one", b"two"):
            await response.write(part)
            await asyncio.sleep(0.01)
        return response

    served = await serve({"/x": frames})
    each = host(served.url, clean)
    async with each.stream("/x") as stream:
        assert isinstance(stream, Stream) and stream.status == 200
        chunks = [chunk async for chunk in stream.chunks(idle=5)]
    await each.aclose()
    assert b"".join(chunk for chunk in chunks if isinstance(chunk, bytes)) == b"onetwo"
    assert not any(isinstance(chunk, Failure) for chunk in chunks)


async def test_a_silent_stream_ends_with_one_failure(serve_raw: StartRaw, clean: Clean) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\nabc")
        await writer.drain()
        await asyncio.sleep(60)

    each = host(await serve_raw(silent), clean)
    async with each.stream("/x") as stream:
        assert isinstance(stream, Stream)
        chunks = [chunk async for chunk in stream.chunks(idle=0.2)]
    await each.aclose()
    assert chunks[0] == b"abc"
    assert isinstance(chunks[-1], Failure) and chunks[-1].kind is K.TIMEOUT


async def test_a_stream_that_never_opens_or_answers_an_error(serve: Start, serve_raw: StartRaw, clean: Clean) -> None:
    each = host(await serve_raw(hang), clean)
    async with each.stream("/x", opening=0.2) as stream:
        assert isinstance(stream, Failure) and stream.kind is K.TIMEOUT
    await each.aclose()
    served = await serve({"/x": reply("no such allocation", 404, "text/plain")})
    each = host(served.url, clean)
    async with each.stream("/x") as stream:
        assert isinstance(stream, Stream) and stream.status == 404
        assert await stream.body() == b"no such allocation"
    async with each.stream("/1") as stream:
        assert isinstance(stream, Failure) and stream.kind is K.BLOCKED
    await each.aclose()


@pytest.mark.parametrize(
    ("server", "skew"), [(None, None), (1000.9, 0.0), (998.1, 0.0), (1004.6, 5.0), (700.4, -300.0)]
)
def test_the_same_clocks_give_the_same_difference(server: float | None, skew: float | None) -> None:
    assert clock_skew(server, 1000.0) == skew
