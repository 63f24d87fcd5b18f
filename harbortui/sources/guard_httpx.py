"""The guarded transport for httpx: what is not declared is refused before a socket is opened."""

from __future__ import annotations

from urllib.parse import parse_qsl

import httpx

from harbortui.sources.allowlist import AllowList, Blocked
from harbortui.sources.origin import Origin


class GuardedTransport(httpx.AsyncBaseTransport):
    """Lets declared requests to one origin through to ``inner``."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *, allow: AllowList, origin: Origin) -> None:
        self._inner = inner
        self._allow = allow
        self._origin = origin

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one declared request.

        Raises:
            Blocked: another server, an undeclared request, or a body that cannot be looked at.
            httpx.HTTPError: the way failed.
        """
        if not self._origin.holds(str(request.url)):
            raise Blocked("a request to another server")
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        try:
            body = request.content
        except httpx.RequestNotRead:
            raise Blocked("a request with a streamed body") from None
        # httpx's headers are found whatever their case, and repeated ones come joined, which no pattern matches.
        self._allow.check(request.method, path, parse_qsl(query, keep_blank_values=True), body, request.headers)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()
