"""Endless answers: written piece by piece, compressed with a flush per piece when the client accepts gzip."""

from __future__ import annotations

import zlib

from aiohttp import web

from harbortui.sim.nomad.answers import connection_lost
from harbortui.sim.nomad.context import Call


class ByteStream:
    """The body of a streaming answer. `send` tells whether anybody still listens."""

    def __init__(self, call: Call, content_type: str, hijacked: bool = False) -> None:
        self._request = call.request
        headers = {"Content-Type": content_type, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        self._gzip = None
        if accepts_gzip(call.request) and not hijacked:
            headers["Content-Encoding"] = "gzip"
            self._gzip = zlib.compressobj(wbits=31)
        self.response: web.StreamResponse = (
            _Hijacked(headers=headers) if hijacked else web.StreamResponse(headers=headers)
        )
        if hijacked:
            self.response.force_close()

    async def open(self) -> None:
        """Send the status and headers."""
        await self.response.prepare(self._request)

    async def send(self, data: bytes) -> bool:
        """Write and flush; False when the client is gone."""
        if self._gzip is not None:
            data = self._gzip.compress(data) + self._gzip.flush(zlib.Z_SYNC_FLUSH)
        try:
            await self.response.write(data)
        except ConnectionError:
            return False
        return not self.lost

    async def finish(self) -> web.StreamResponse:
        """End the body."""
        if self._gzip is not None and not self.lost:
            await self.response.write(self._gzip.flush())
        return self.response

    @property
    def lost(self) -> bool:
        """True when the client is gone."""
        return connection_lost(self._request)


class _Hijacked(web.StreamResponse):
    """An answer without length and without chunks: its end is the end of the connection."""

    _length_check = False


def accepts_gzip(request: web.Request) -> bool:
    """True when the request asks for gzip (a quality of zero refuses it)."""
    for offer in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, quality = offer.strip().partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0")
    return False
