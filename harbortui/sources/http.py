"""One host spoken to with httpx: total deadlines, capped bodies, no cookies, no redirects, errors as values.

Requests go straight to httpx's transport, not through a client: then there is no cookie jar, no redirect, no ``.netrc``
and no environment that could have an influence, and each request costs less.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.allowlist import AllowList
from harbortui.sources.errors import failure_of
from harbortui.sources.headers import host_of, http_date, media_type, retry_after
from harbortui.sources.inflate import BodyReader
from harbortui.sources.origin import Origin
from harbortui.sources.tls import TlsSettings, ssl_context

if TYPE_CHECKING:
    import ssl

    import httpx

    from harbortui.sources.guard_httpx import GuardedTransport

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
JSON_CAP = 8_000_000
TEXT_CAP = 1_000_000
KEEPALIVE_SECONDS = 45.0
"""Longer than three polls at 15 s, shorter than the 60 s after which nginx and Nomad's front proxies hang up."""

JSON_TYPES = ("application/json",)
TEXT_TYPES = ("text/plain",)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_REDIRECTS = range(300, 400)

Query = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer of any status but a redirect; the body is decoded bytes, the text of it still untrusted."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    server_time: float | None = None
    """The ``Date`` header as unix seconds."""
    retry_after: float | None = None
    """Seconds, when the answer says so."""
    cut: bool = False
    """True when only the newest part of the body was kept."""

    @property
    def is_html(self) -> bool:
        """True for an HTML page, which no API we ask sends by itself: a proxy answered."""
        return media_type(self.headers.get("content-type", "")) in _HTML_TYPES


class Stream:
    """An open answer that arrives over a long time."""

    def __init__(self, response: httpx.Response, fail: Callable[[BaseException], Failure]) -> None:
        self._response = response
        self._fail = fail
        self.status = response.status_code
        self.headers: Mapping[str, str] = _headers(response)

    async def chunks(self, *, idle: float, first: float | None = None) -> AsyncIterator[bytes | Failure]:
        """Bytes as they come, still in the answer's encoding (ask for ``identity``).

        Ends with one failure when the connection breaks or nothing arrives for ``idle`` seconds (``first`` seconds,
        when given, for the first bytes), without one when the server ends the answer.
        """
        incoming = aiter(_bytes(self._response))
        patience = idle if first is None else first
        while True:
            try:
                async with asyncio.timeout(patience):
                    chunk = await anext(incoming)
                patience = idle
            except StopAsyncIteration:
                return
            except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
                failure = self._fail(error)
                break
            yield chunk
        yield failure

    async def body(self, *, cap: int = TEXT_CAP, deadline: float = TOTAL_SECONDS) -> bytes | Failure:
        """The whole rest, for answers that turned out to be an error text."""
        try:
            async with asyncio.timeout(deadline):
                return (await _read(self._response, cap)).body()
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            return self._fail(error)


class HttpHost:
    """Requests to one origin over few connections; belongs to one event loop."""

    def __init__(
        self,
        *,
        url: str,
        allow: AllowList,
        clean: Callable[[str], str],
        now: Callable[[], float],
        tls: TlsSettings | None = None,
        proxy: str = "",
        connections: int = 4,
    ) -> None:
        self._origin = Origin.of(url)
        self._base = self._origin.url
        self._allow = allow
        self._clean = clean
        self._now = now
        self._tls = tls or TlsSettings()
        self._proxy = proxy
        self._connections = connections
        self._transport: GuardedTransport | None = None

    async def fetch(
        self,
        path: str,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        expect: tuple[str, ...] = JSON_TYPES,
        cap: int = JSON_CAP,
        newest: int | None = None,
        deadline: float = TOTAL_SECONDS,
    ) -> Reply | Failure:
        """One complete answer within ``deadline`` seconds in all and ``cap`` decoded bytes; ``newest`` keeps their end.

        ``path`` begins with a slash and is percent-encoded already. A redirect, a login page, or a 2xx body of another
        media type than ``expect`` (empty: any) is a failure; every other status is a reply.
        """
        try:
            async with asyncio.timeout(deadline):
                response = await self._send(method, path, query, headers, "gzip", deadline)
                try:
                    reader = await _read(response, cap, newest)
                    body = reader.body()
                finally:
                    await response.aclose()
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            return self.failure(error)
        judged = self._judge(response.status_code, _headers(response), body, expect)
        return replace(judged, cut=True) if reader.cut and isinstance(judged, Reply) else judged

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        opening: float = TOTAL_SECONDS,
    ) -> AsyncIterator[Stream | Failure]:
        """An answer whose headers arrived within ``opening`` seconds; closed when the block is left."""
        try:
            async with asyncio.timeout(opening):
                response = await self._send("GET", path, query, headers, "identity", None)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a value here
            failure = self.failure(error)
        else:
            try:
                yield Stream(response, self.failure)
            finally:
                await response.aclose()
            return
        yield failure

    def failure(self, error: BaseException) -> Failure:
        """The failure of an exception, dated now."""
        return failure_of(error, clean=self._clean, at=self._now())

    async def aclose(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.aclose()

    async def _send(
        self,
        method: str,
        path: str,
        query: Query,
        headers: Mapping[str, str] | None,
        encoding: str,
        read_seconds: float | None,
    ) -> httpx.Response:
        import httpx  # here, since it costs about 100 ms and the first screen must not wait for it

        transport = self._transport
        if transport is None:
            transport = self._transport = self._connect()
        encoded = encode_query(query)
        extensions: dict[str, object] = {
            "timeout": {
                "connect": CONNECT_SECONDS,
                "read": read_seconds,
                "write": TOTAL_SECONDS,
                "pool": read_seconds or TOTAL_SECONDS,
            }
        }
        if self._tls.server_name:
            extensions["sni_hostname"] = self._tls.server_name
        request = httpx.Request(
            method,
            f"{self._base}{path}?{encoded}" if encoded else f"{self._base}{path}",
            headers={"User-Agent": "harbortui", "Accept-Encoding": encoding, **(headers or {})},
            extensions=extensions,
        )
        return await transport.handle_async_request(request)

    def _connect(self) -> GuardedTransport:
        import httpx

        from harbortui.sources.guard_httpx import GuardedTransport

        _say_that_sniffio_is_missing()
        context: ssl.SSLContext | bool = ssl_context(self._tls) if self._origin.scheme == "https" else False
        inner = httpx.AsyncHTTPTransport(
            verify=context,
            trust_env=False,
            proxy=self._proxy or None,
            limits=httpx.Limits(
                max_connections=self._connections,
                max_keepalive_connections=self._connections,
                keepalive_expiry=KEEPALIVE_SECONDS,
            ),
        )
        return GuardedTransport(inner, allow=self._allow, origin=self._origin)

    def _judge(self, status: int, headers: Mapping[str, str], body: bytes, expect: tuple[str, ...]) -> Reply | Failure:
        reply = Reply(
            status,
            headers,
            body,
            server_time=http_date(headers.get("date", "")),
            retry_after=retry_after(headers.get("retry-after", ""), self._now()),
        )
        if status in _REDIRECTS:
            target = host_of(headers.get("location", ""))
            words = f"redirected to {target}, not followed" if target else "redirected, not followed"
            return self._failure(FailureKind.REDIRECT, words, reply)
        form = status in (401, 403) and b"<form" in body.lower()
        if reply.is_html and (status < 300 or form):
            return self._failure(FailureKind.LOGIN_PAGE, f"a login page answered at {self._origin.host}", reply)
        kind = media_type(headers.get("content-type", ""))
        if status < 300 and body and expect and kind and kind not in expect:
            return self._failure(FailureKind.PROTOCOL, f"{kind} where {expect[0]} was due", reply)
        return reply

    def _failure(self, kind: FailureKind, words: str, reply: Reply) -> Failure:
        return Failure(kind=kind, detail=self._clean(words), at=self._now(), status=reply.status)


@functools.cache
def _say_that_sniffio_is_missing() -> None:
    """httpcore tries to import sniffio several times a request; where it is not installed, each try searches the disk.

    ``None`` in ``sys.modules`` is Python's own way to say that there is no such module.
    """
    if importlib.util.find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]


def encode_query(query: Query) -> str:
    """A query as it goes on the wire: ``%20`` for a space, not ``+``, since AWS's signatures are made over that form.

    Bytes that were no UTF-8 (kept as surrogates) become themselves again.
    """
    return urlencode(list(query), quote_via=quote, errors="surrogateescape")


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


async def _bytes(response: httpx.Response) -> AsyncIterator[bytes]:
    stream = response.stream
    assert hasattr(stream, "__aiter__")  # an async transport answers with an async stream
    async for chunk in stream:
        yield chunk


async def _read(response: httpx.Response, cap: int, newest: int | None = None) -> BodyReader:
    reader = BodyReader(response.headers.get("content-encoding", ""), cap, newest)
    async for chunk in _bytes(response):
        reader.feed(chunk)
    return reader
