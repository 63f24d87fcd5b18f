"""Bounded decompression: 400 kB of gzip can unfold to 400 MB, so decoded bytes are counted while they unfold."""

from __future__ import annotations

import zlib
from collections import deque

from harbortui.sources.refusals import Refusal, TooLarge

_STEP = 65_536
"""Most bytes unfolded at once."""


class BodyReader:
    """Collects a body chunk by chunk, decoding ``gzip`` and ``deflate``, up to a cap of decoded bytes.

    With ``newest``, only so many bytes of its end are kept, for logs; the cap still holds for all that is read.
    """

    def __init__(self, encoding: str, cap: int, newest: int | None = None) -> None:
        coding = encoding.strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Refusal("an encoding nobody asked for")
        self._zlib = None if coding in ("", "identity") else zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        self._cap = cap
        self._size = 0
        self._newest = newest
        self._kept = 0
        self._parts: deque[bytes] = deque()
        self.cut = False
        """True when the beginning was left out."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire.

        Raises:
            TooLarge: the decoded body has more than ``cap`` bytes.
            Refusal: the bytes are not in the announced encoding.
        """
        if self._zlib is None:
            self._keep(chunk)
            return
        try:
            while chunk and not self._zlib.eof:
                self._keep(self._zlib.decompress(chunk, _STEP))
                chunk = self._zlib.unconsumed_tail
        except zlib.error:
            raise Refusal("a compressed body that does not decompress") from None

    def body(self) -> bytes:
        """The whole decoded body.

        Raises:
            Refusal: the compressed stream ended early.
        """
        if self._zlib is not None and self._size and not self._zlib.eof:
            raise Refusal("a compressed body that ends early")
        whole = b"".join(self._parts)
        if self._newest is None or len(whole) <= self._newest:
            return whole
        self.cut = True
        return whole[-self._newest :]

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._cap:
            self._parts.clear()
            raise TooLarge(self._cap)
        self._parts.append(data)
        self._kept += len(data)
        while self._newest is not None and self._kept - len(self._parts[0]) >= self._newest:
            self._kept -= len(self._parts.popleft())
            self.cut = True
