"""Nomad over real sockets: what is asked, and what every kind of answer means."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Clean
from harbortui.model.secret import Secret
from harbortui.sources.allowlist import Blocked
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.client import NOMAD, WIDTH
from harbortui.sources.nomad.policy import reads, stream_reads
from harbortui.sources.nomad.source import NomadSource
from harbortui.sources.nomad.worker import Call
from harbortui.sources.tls import TlsSettings
from tests.sources import nomad_fixtures as given_

K = FailureKind
ALLOC = given_.ALLOC
TOKEN = "PLANTED-nomad-token"
SELF = "/v1/acl/token/self"
Serve = Callable[..., Awaitable[Any]]
Make = Callable[..., NomadSource]


def answer(value: object, status: int = 200, kind: str = "application/json", **headers: str) -> Any:
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    names = {name.replace("_", "-"): text for name, text in headers.items()}

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=data, status=status, headers={"Content-Type": kind, **names})

    return handler


def error(status: int, text: str) -> Any:
    return answer(text, status, "text/plain; charset=utf-8")


@pytest.fixture
async def make(clean: Clean) -> Any:
    """``make(address, token=…)``: sources that are closed at the end."""
    made: list[NomadSource] = []

    def build(address: str, token: str | Failure | None = TOKEN, **more: Any) -> NomadSource:
        async def tokens() -> Secret | Failure | None:
            return Secret(token) if isinstance(token, str) else token

        source = NomadSource(address=address, token=tokens, clean=clean, now=time.time, **more)
        made.append(source)
        return source

    yield build
    for each in made:
        await each.aclose()


async def test_a_job_is_asked_with_its_namespace_region_and_token(serve: Serve, make: Make) -> None:
    nomad = await serve({"*": answer(given_.job(), X_Nomad_Index="4711")})
    found = await make(nomad.url, region="eu").job("harbor/periodic-1", "ops")
    assert isinstance(found, Ok)
    assert (found.value.id, found.index) == ("harbor-vm-06", 4711)
    assert found.server_time is not None
    (request,) = nomad.requests
    assert request.raw_path == "/v1/job/harbor%2Fperiodic-1?namespace=ops&region=eu"
    assert request.headers["X-Nomad-Token"] == TOKEN


async def test_every_read_decodes(serve: Serve, make: Make) -> None:
    sample = given_.sample(memory={"RSS": 5, "Measured": ["RSS"]}, cpu={"TotalTicks": 2.0})
    nomad = await serve(
        {
            "/v1/job/h/allocations": answer([given_.allocation()]),
            "/v1/job/h/deployment": answer(None),
            "/v1/job/h/evaluations": answer([]),
            "/v1/nodes": answer([{"ID": "1", "Name": "a"}]),
            f"/v1/client/allocation/{ALLOC}/stats": answer(given_.stats(core=sample)),
        }
    )
    source = make(nomad.url)
    found = await asyncio.gather(
        source.allocations("h", "default"),
        source.deployment("h", "default"),
        source.placement("h", "default"),
        source.nodes(),
        source.usage(ALLOC, "default"),
    )
    assert all(isinstance(each, Ok) for each in found), found
    assert all(each.query.get("namespace") == "default" for each in nomad.requests if each.path != "/v1/nodes")


async def test_the_tools_variables_have_no_influence(serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "REGION", "NAMESPACE", "ADDR", "CLIENT_CERT", "CLIENT_KEY"):
        monkeypatch.setenv(f"NOMAD_{name}", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    nomad = await serve({"*": answer(given_.job())})
    assert isinstance(await make(nomad.url, token=None).job("h", "default"), Ok)
    (request,) = nomad.requests
    assert "X-Nomad-Token" not in request.headers
    assert dict(request.query) == {"namespace": "default"}


@pytest.mark.parametrize(
    ("status", "text", "kind", "needs"),
    [
        (403, "Permission denied", K.FORBIDDEN, "read-job"),
        (500, "rpc error: Permission denied", K.FORBIDDEN, "read-job"),
        (403, "ACL token not found", K.AUTH, ""),
        (500, "ACL token expired", K.AUTH, ""),
        (401, "Unauthorized", K.AUTH, ""),
        (500, f'Unknown allocation "{ALLOC}"', K.NOT_FOUND, ""),
        (404, "alloc not found", K.NOT_FOUND, ""),
        (404, "state for allocation x not found on client", K.NOT_FOUND, ""),
        (500, "alloc lookup failed: UUID must be 36 characters", K.NOT_FOUND, ""),
        (404, "No path to node", K.SERVER, ""),
        (500, "No cluster leader", K.SERVER, ""),
        (500, "No path to region", K.NOT_FOUND, ""),
        (429, "Your IP is issuing too many concurrent connections, please rate limit", K.RATE_LIMITED, ""),
        (400, "Invalid index", K.PROTOCOL, ""),
        (405, "Invalid method", K.PROTOCOL, ""),
        (500, "rpc error: failed to get conn: dial tcp 10.0.0.1:4647: connect: connection refused", K.SERVER, ""),
        (500, "failed to parse signed token: go-jose/go-jose: compact JWS format must have three parts", K.AUTH, ""),
        (400, "Client sent an HTTP request to an HTTPS server.\n", K.TLS, ""),
        (500, "\x1b[2Jrpc error: EOF", K.SERVER, ""),
        (503, "", K.SERVER, ""),
    ],
)
async def test_error_answers_are_told_by_text_then_status(
    serve: Serve, make: Make, status: int, text: str, kind: FailureKind, needs: str
) -> None:
    nomad = await serve({"*": error(status, text), SELF: answer({"AccessorID": "a"})})
    found = await make(nomad.url).job("h", "default")
    assert isinstance(found, Failure)
    assert (found.kind, found.status, found.needs) == (kind, status, needs)
    assert "\x1b" not in found.detail
    assert found.detail


@pytest.mark.parametrize(
    ("status", "text", "detail"),
    [
        (500, "ACL token expired", "our Nomad token has expired"),
        (403, "Permission denied", "Nomad does not know our token"),
        (403, "ACL token not found", "Nomad does not know our token"),
        (500, "failed to parse signed token: compact JWS format", "what we have as Nomad token is none"),
    ],
)
async def test_a_refusal_tells_a_bad_token_from_a_missing_right(
    serve: Serve, make: Make, status: int, text: str, detail: str
) -> None:
    nomad = await serve({"*": error(403, "Permission denied"), SELF: error(status, text)})
    source = make(nomad.url)
    found = await asyncio.gather(source.job("h", "default"), source.nodes(), source.usage(ALLOC, "default"))
    assert {(each.kind, each.detail, each.needs) for each in found if isinstance(each, Failure)} == {
        (K.AUTH, detail, "")
    }
    assert not any(isinstance(each, Ok) for each in found)
    assert [request.path for request in nomad.requests].count(SELF) == 1


async def test_without_a_token_nobody_asks_who_we_are(serve: Serve, make: Make) -> None:
    nomad = await serve({"*": error(403, "Permission denied")})
    found = await make(nomad.url, token=None).job("h", "default")
    assert isinstance(found, Failure)
    assert (found.kind, found.needs) == (K.FORBIDDEN, "read-job")
    assert "no Nomad token is configured" in found.detail
    assert len(nomad.requests) == 1


async def test_a_doubt_about_the_token_that_cannot_be_settled_changes_nothing(serve: Serve, make: Make) -> None:
    nomad = await serve({"*": error(403, "Permission denied"), SELF: error(500, "No cluster leader")})
    found = await make(nomad.url).job("h", "default")
    assert isinstance(found, Failure)
    assert (found.kind, found.needs) == (K.FORBIDDEN, "read-job")


async def test_retry_after_is_passed_on(serve: Serve, make: Make) -> None:
    nomad = await serve({"*": answer("busy", 429, "text/plain", Retry_After="7")})
    found = await make(nomad.url).job("h", "default")
    assert isinstance(found, Failure)
    assert (found.kind, found.retry_after) == (K.RATE_LIMITED, 7.0)


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (answer("<html><form>", 200, "text/html"), K.LOGIN_PAGE),
        (answer("  <!doctype html>", 200), K.LOGIN_PAGE),
        (answer("<html>", 403, "text/html"), K.LOGIN_PAGE),
        (answer("<html>", 502, "text/html"), K.SERVER),
        (answer("", 302, Location="https://sso.example/login"), K.REDIRECT),
        (answer('{"ID": 5}'), K.PROTOCOL),
        (answer("[1,2"), K.PROTOCOL),
    ],
)
async def test_answers_that_are_not_nomads(serve: Serve, make: Make, handler: Any, kind: FailureKind) -> None:
    proxy = await serve({"*": handler})
    found = await make(proxy.url).job("h", "default")
    assert isinstance(found, Failure)
    assert found.kind is kind
    assert len(proxy.requests) == 1


async def test_nothing_listens(make: Make, unused_tcp_port: int) -> None:
    found = await make(f"http://127.0.0.1:{unused_tcp_port}").nodes()
    assert isinstance(found, Failure)
    assert found.kind is K.REFUSED


def test_every_exception_of_python_nomad_has_an_entry() -> None:
    import nomad.api.exceptions as exceptions

    own = [each for each in vars(exceptions).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert {each.__name__ for each in own} == set(NOMAD)


@pytest.mark.parametrize("name", sorted(NOMAD))
async def test_what_a_bare_exception_of_python_nomad_means(make: Make, name: str) -> None:
    import nomad.api.exceptions as exceptions
    import requests

    client = make("http://127.0.0.1:9")._client
    call = Call("nodes", (), "node:read")
    bare = client._failure(getattr(exceptions, name)(None), call)
    assert bare.kind is NOMAD[name][0]
    if issubclass(getattr(exceptions, name), exceptions.BaseNomadException):
        wrapped = client._failure(getattr(exceptions, name)(requests.exceptions.ReadTimeout()), call)
        assert wrapped.kind is K.TIMEOUT


async def test_a_connection_that_is_closed_instead_of_answered_broke(serve_raw: Serve, make: Make) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    found = await make(await serve_raw(handler)).nodes()
    assert isinstance(found, Failure)
    assert found.kind is K.RESET


async def test_a_hanging_server_ends_at_the_deadline_and_frees_its_slots(serve_raw: Serve, make: Make) -> None:
    hang = True

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if hang:
            await reader.read()
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]")
        await writer.drain()
        await reader.read()

    source = make(await serve_raw(handler), deadline=0.3)
    found = await asyncio.gather(*(source.nodes() for _ in range(WIDTH)))
    assert [each.kind for each in found if isinstance(each, Failure)] == [K.TIMEOUT] * WIDTH
    hang = False
    async with asyncio.timeout(5):
        while not isinstance(await source.nodes(), Ok):  # noqa: ASYNC110 - threads end when they end
            await asyncio.sleep(0.02)


async def test_a_dripping_server_ends_at_the_deadline(serve_raw: Serve, make: Make) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n[")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    found = await make(await serve_raw(handler), deadline=0.4).nodes()
    assert isinstance(found, Failure)
    assert found.kind is K.TIMEOUT


async def test_a_huge_answer_is_cut_off(serve: Serve, make: Make) -> None:
    async def huge(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        try:
            for _ in range(200):
                await response.write(b" " * 65_536)
        except ConnectionError:
            pass
        return response

    nomad = await serve({"*": huge})
    found = await make(nomad.url).nodes()
    assert isinstance(found, Failure)
    assert found.kind is K.TOO_LARGE


async def test_few_connections_are_opened_and_kept(serve: Serve, make: Make) -> None:
    peers: set[object] = set()

    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        await asyncio.sleep(0.01)
        return web.json_response([])

    nomad = await serve({"*": handler})
    source = make(nomad.url)
    found = await asyncio.gather(*(source.nodes() for _ in range(40)))
    assert all(isinstance(each, Ok) for each in found)
    assert 1 <= len(peers) <= WIDTH


async def test_without_a_usable_token_nothing_is_asked(serve: Serve, make: Make) -> None:
    nomad = await serve({"*": answer([])})
    sealed = Failure(kind=K.SEALED, detail="Vault is sealed")
    source = make(nomad.url, token=sealed)
    assert await source.nodes() is sealed
    assert [each async for each in source.tail(ALLOC, "core", "stdout", "default")] == [sealed]
    assert [each async for each in source.events("default", 5)] == [sealed]
    assert nomad.requests == []


async def test_a_short_allocation_id_is_never_sent(serve: Serve, make: Make) -> None:
    nomad = await serve({"*": answer([])})
    source = make(nomad.url)
    for found in (await source.usage("5f1a2b3c", "default"), await anext(source.tail("../gc", "t", "stdout", ""))):
        assert isinstance(found, Failure)
        assert found.kind is K.NOT_FOUND
    assert nomad.requests == []


async def test_the_token_is_in_no_failure_and_no_repr(serve: Serve, make: Make) -> None:
    nomad = await serve({"*": error(500, f"token {TOKEN} says no")})
    source = make(nomad.url)
    source._clean.redactor.learn(Secret(TOKEN))  # type: ignore[attr-defined]
    found = await source.job("h", "default")
    assert TOKEN not in repr(found)
    workers = list(source._client._all)
    assert workers
    assert TOKEN not in repr([vars(each) for each in workers])
    assert TOKEN not in repr([requester for each in workers for requester in each._requesters.values()])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/client/allocation/{ALLOC}/restart"),
        ("GET", f"/v1/client/allocation/{ALLOC}/gc"),
        ("GET", f"/v1/client/allocation/{ALLOC}/exec"),
        ("GET", "/v1/client/gc"),
        ("GET", f"/v1/client/fs/cat/{ALLOC}"),
        ("PUT", "/v1/job/h"),
        ("DELETE", "/v1/job/h"),
        ("GET", "/v1/job/h/plan"),
        ("GET", "/v1/job/h/periodic/force"),
        ("GET", "/v1/job/h/submission"),
        ("GET", "/v1/var/nomad/jobs/h"),
        ("GET", "/v1/acl/tokens"),
        ("GET", f"/v1/acl/token/{ALLOC}"),
        ("PUT", "/v1/acl/token/self"),
        ("GET", "/v1/job/../client/gc"),
    ],
)
def test_what_changes_something_or_reads_secrets_is_not_declared(method: str, path: str) -> None:
    for allow in (reads(), stream_reads()):
        with pytest.raises(Blocked):
            allow.check(method, path, [], None)


async def test_a_server_name_other_than_the_address(serve: Serve, make: Make, certs: Any) -> None:
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certs.path("ca.pem"))
    context.load_cert_chain(certs.path("nomad.pem"), certs.path("nomad.key"))
    context.verify_mode = ssl.CERT_REQUIRED
    nomad = await serve({"*": answer([])}, ssl_context=context)
    client = {"client_cert": certs.path("client.pem"), "client_key": certs.path("client.key")}
    trusting = TlsSettings(ca_file=certs.path("ca.pem"), server_name="server.global.nomad", **client)
    assert isinstance(await make(nomad.url, tls=trusting).nodes(), Ok)
    for tls in (TlsSettings(ca_file=certs.path("ca.pem"), **client), TlsSettings(**client)):
        found = await make(nomad.url, tls=tls).nodes()
        assert isinstance(found, Failure)
        assert found.kind is K.TLS
    assert len(nomad.requests) == 1


async def test_closing_ends_a_tail(serve: Serve, make: Make) -> None:
    async def quiet(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"Data":"YQ=="}')
        await asyncio.Event().wait()
        return response

    nomad = await serve({"*": quiet})
    async with aclosing(make(nomad.url).tail(ALLOC, "core", "stdout", "default")) as tail:
        assert await anext(tail) == b"a"
