"""The guarded requests session: whatever the library passes, the adapter decides."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import requests
from aiohttp import web

from harbortui.sources.allowlist import AllowList, Blocked, Rule
from harbortui.sources.guard_httpx import GuardedTransport
from harbortui.sources.guard_requests import abort, guarded_session
from harbortui.sources.lane import Lane
from harbortui.sources.origin import Origin
from harbortui.sources.refusals import Overdue, Redirected, TooLarge
from harbortui.sources.tls import TlsSettings
from tests.sources.conftest import Certs, Served, eventually, reply

Start = Callable[..., Awaitable[Served]]
StartRaw = Callable[..., Awaitable[str]]
ALLOW = AllowList(
    [Rule("any", "GET", r"/[a-z]*", {"q": ".*"}), Rule("ask", "POST", "/ask", body=lambda body: body == b"{}")]
)


class Asker:
    """A guarded session whose calls run in a lane."""

    def __init__(self, url: str, tls: TlsSettings | None = None, proxy: str = "", total: float = 5.0) -> None:
        self.session = guarded_session(
            allow=ALLOW, origin=Origin.of(url), tls=tls or TlsSettings(), proxy=proxy, cap=100_000, total=total
        )
        self.lane = Lane("guard", 3)
        self.url = url

    async def get(self, path: str = "/x", method: str = "GET", **more: object) -> requests.Response:
        url = path if path.startswith("http") else self.url + path
        return await self.lane.run(
            lambda: self.session.request(method, url, **more),  # type: ignore[arg-type]
            deadline=20,
            abandon=lambda: abort(self.session),
        )

    def close(self) -> None:
        self.session.close()
        self.lane.close()


@pytest.fixture
async def ask() -> AsyncIterator[Callable[..., Asker]]:
    made: list[Asker] = []

    def make(url: str, **more: object) -> Asker:
        made.append(Asker(url, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


async def test_declared_requests_pass_without_cookies(serve: Start, ask: Callable[..., Asker]) -> None:
    served = await serve({"/x": reply('{"a": 1}', Set_Cookie="sid=PLANTED; Path=/"), "/ask": reply("{}")})
    asker = ask(served.url)
    for _ in range(2):
        assert (await asker.get(params={"q": "a b"})).json() == {"a": 1}
    assert (await asker.get("/ask", "POST", json={})).status_code == 200
    assert all("Cookie" not in one.headers for one in served.requests)
    assert len(asker.session.cookies) == 0


@pytest.mark.parametrize(
    ("path", "method", "more"),
    [
        ("/x", "DELETE", {}),
        ("/x", "PUT", {"json": {}}),
        ("/x/y", "GET", {}),
        ("/x", "GET", {"params": {"other": "1"}}),
        ("/x", "GET", {"data": b"body"}),
        ("/ask", "POST", {"json": {"more": 1}}),
        ("/ask", "POST", {"data": iter([b"{}"])}),
        ("http://127.0.0.1:1/x", "GET", {}),
    ],
)
async def test_nothing_undeclared_leaves(
    serve: Start, ask: Callable[..., Asker], path: str, method: str, more: dict[str, object]
) -> None:
    served = await serve({"*": reply("{}")})
    with pytest.raises(Blocked):
        await ask(served.url).get(path, method, **more)
    assert served.requests == []


async def test_another_scheme_has_no_way_out(serve: Start, ask: Callable[..., Asker]) -> None:
    served = await serve({"*": reply("{}")})
    with pytest.raises(requests.exceptions.InvalidSchema):
        await ask(served.url).get("https://127.0.0.1/x")


async def test_redirects_are_refused_although_the_library_would_follow(serve: Start, ask: Callable[..., Asker]) -> None:
    served = await serve({"/x": reply(status=307, Location="http://other.example/x"), "/y": reply(status=304)})
    asker = ask(served.url)
    with pytest.raises(Redirected, match=r"other\.example"):
        await asker.get(allow_redirects=True, headers={"X-Vault-Token": "PLANTED"})
    with pytest.raises(Redirected):
        await asker.get("/y")
    assert len(served.requests) == 2


async def test_bodies_are_capped_decoded(serve: Start, ask: Callable[..., Asker]) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    served = await serve(
        {
            "/x": reply(bomb, Content_Encoding="gzip"),
            "/y": reply(b"x" * 200_000),
            "/z": reply(gzip.compress(b"{}"), Content_Encoding="gzip"),
        }
    )
    asker = ask(served.url)
    for path in ("/x", "/y"):
        with pytest.raises(TooLarge):
            await asker.get(path)
    assert (await asker.get("/z")).json() == {}


async def test_a_dripping_body_ends_at_the_total_deadline(serve: Start, ask: Callable[..., Asker]) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    served = await serve({"/x": drip})
    with pytest.raises(Overdue):
        await ask(served.url, total=0.3).get()


async def test_a_cut_off_answer_is_a_requests_error(serve_raw: StartRaw, ask: Callable[..., Asker]) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        await ask(await serve_raw(cut)).get()


async def test_a_hanging_header_is_cut_and_the_slot_comes_back(serve_raw: StartRaw, ask: Callable[..., Asker]) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.02)

    url = await serve_raw(drip)
    asker = ask(url, total=60)
    with pytest.raises(TimeoutError):
        await asker.lane.run(lambda: asker.session.get(url + "/x"), deadline=0.3, abandon=lambda: abort(asker.session))
    await eventually(lambda: asker.lane.stuck == 0)


async def test_surplus_callers_wait_for_a_connection(serve: Start) -> None:
    running = peak = 0

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.01)
        running -= 1
        return web.json_response({})

    served = await serve({"/x": slow})
    session = guarded_session(allow=ALLOW, origin=Origin.of(served.url), tls=TlsSettings(), connections=2)
    lane = Lane("many", 6)
    await asyncio.gather(*(lane.run(lambda: session.get(served.url + "/x"), deadline=20) for _ in range(18)))
    session.close()
    lane.close()
    assert peak <= 2


async def test_the_environment_has_no_influence(
    serve: Start, ask: Callable[..., Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = await serve({"/x": reply("{}")})
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    assert (await ask(served.url).get()).status_code == 200


async def test_an_explicit_proxy_is_used(serve: Start, ask: Callable[..., Asker]) -> None:
    proxy = await serve({"*": reply('{"from": "proxy"}')})
    assert b"proxy" in (await ask("http://nomad.invalid", proxy=proxy.url).get()).content


async def test_tls_is_ours_whatever_the_library_passes(serve: Start, certs: Certs, ask: Callable[..., Asker]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certs.path("nomad.pem"), certs.path("nomad.key"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certs.path("ca.pem"))
    served = await serve({"/x": reply("{}")}, ssl_context=context)
    good = TlsSettings(
        ca_file=certs.path("ca.pem"),
        client_cert=certs.path("client.pem"),
        client_key=certs.path("client.key"),
        server_name="server.global.nomad",
    )
    assert (await ask(served.url, tls=good).get(verify=False, cert=None)).status_code == 200
    for wrong in (
        TlsSettings(client_cert=good.client_cert, client_key=good.client_key, server_name=good.server_name),
        TlsSettings(ca_file=good.ca_file, client_cert=good.client_cert, client_key=good.client_key),
        TlsSettings(ca_file=good.ca_file, server_name=good.server_name),
    ):
        with pytest.raises((requests.exceptions.SSLError, requests.exceptions.ConnectionError)):
            await ask(served.url, tls=wrong).get(verify=False)
    lax = TlsSettings(client_cert=good.client_cert, client_key=good.client_key, verify=False)
    assert (await ask(served.url, tls=lax).get(verify=True)).status_code == 200


async def test_abort_with_nothing_open_is_harmless(serve: Start, ask: Callable[..., Asker]) -> None:
    served = await serve({"/x": reply("{}")})
    asker = ask(served.url)
    abort(asker.session)
    await asker.get()
    abort(asker.session)
    assert (await asker.get()).status_code == 200  # an aborted idle connection is replaced
    assert threading.active_count() < 50


async def test_the_httpx_guard_refuses_before_anything_is_sent() -> None:
    sent: list[str] = []

    async def record(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(200)

    inner = httpx.MockTransport(record)
    guard = GuardedTransport(inner, allow=ALLOW, origin=Origin.of("http://nomad:4646"))

    async def stream() -> AsyncIterator[bytes]:
        yield b"{}"

    refused = [
        httpx.Request("GET", "http://other:4646/x"),
        httpx.Request("GET", "http://nomad:4647/x"),
        httpx.Request("GET", "https://nomad:4646/x"),
        httpx.Request("DELETE", "http://nomad:4646/x"),
        httpx.Request("GET", "http://nomad:4646/x?other=1"),
        httpx.Request("POST", "http://nomad:4646/ask", content=stream()),
        httpx.Request("POST", "http://nomad:4646/ask", json={"a": 1}),
    ]
    for request in refused:
        with pytest.raises(Blocked):
            await guard.handle_async_request(request)
    assert sent == []
    await guard.handle_async_request(httpx.Request("GET", "http://nomad:4646/x?q=1&q=2"))
    await guard.handle_async_request(httpx.Request("POST", "http://nomad:4646/ask", json={}))
    await guard.aclose()
    assert sent == ["/x", "/ask"]
