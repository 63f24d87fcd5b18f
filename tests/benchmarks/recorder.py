"""Writes down every request that the sources send, as it goes over the wire, so that another client can repeat it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

DROPPED = {"host", "connection", "content-length", "accept-encoding"}


@dataclass(frozen=True)
class Request:
    """One request; a stream is not one of them."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _headers(pairs: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in pairs if _text(name).lower() not in DROPPED}


@contextmanager
def recording(seen: list[Request]) -> Iterator[None]:
    """Collect the requests of httpx, requests and botocore while the block runs."""
    import botocore.httpsession
    import httpx
    import requests.adapters

    httpx_send = httpx.AsyncHTTPTransport.handle_async_request
    requests_send = requests.adapters.HTTPAdapter.send
    botocore_send = botocore.httpsession.URLLib3Session.send

    async def of_httpx(self: Any, request: httpx.Request) -> httpx.Response:
        seen.append(Request(request.method, str(request.url), _headers(request.headers.raw), request.content))
        return await httpx_send(self, request)

    def of_requests(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        seen.append(Request(request.method, request.url, _headers(request.headers.items()), body))
        return requests_send(self, request, *args, **kwargs)

    def of_botocore(self: Any, request: Any) -> Any:
        seen.append(Request(request.method, request.url, _headers(request.headers.items()), request.body or b""))
        return botocore_send(self, request)

    with (
        mock.patch.object(httpx.AsyncHTTPTransport, "handle_async_request", of_httpx),
        mock.patch.object(requests.adapters.HTTPAdapter, "send", of_requests),
        mock.patch.object(botocore.httpsession.URLLib3Session, "send", of_botocore),
    ):
        yield
