"""Frames on the socket pair: a four-byte big-endian length, then one msgpack message."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from harbortui.engine.messages import Message, ToConsole, ToEngine

M = TypeVar("M")

HEADER_BYTES = 4
MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A whole snapshot of several hundred instances is about a tenth of this; more is a broken peer."""


class FrameError(Exception):
    """The other side sent what is not a frame; the connection cannot be used any more."""


def encode_frame(message: Message) -> bytes:
    """One message as bytes for the wire; raises FrameError when it is larger than the other side would take."""
    body = _encoder().encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(f"a {type(message).__name__} of {len(body)} bytes is over the limit of {MAX_FRAME_BYTES}")
    return len(body).to_bytes(HEADER_BYTES, "big") + body


class FrameReader(Generic[M]):
    """Cuts a byte stream into messages, however the stream is cut into pieces."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[M], *, limit: int = MAX_FRAME_BYTES) -> None:
        self._decoder = decoder
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[M]:
        """Yield every message that is complete with ``data``; raises FrameError for anything that is not one."""
        self._buffer += data
        while len(self._buffer) >= HEADER_BYTES:
            size = int.from_bytes(self._buffer[:HEADER_BYTES], "big")
            if size > self._limit:
                raise FrameError(f"a frame of {size} bytes is over the limit of {self._limit}")
            end = HEADER_BYTES + size
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER_BYTES:end])
            del self._buffer[:end]
            try:
                message = self._decoder.decode(body)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise FrameError(f"not a message: {type(error).__name__}") from None
            yield message

    @property
    def partial(self) -> bool:
        """True when the stream stopped in the middle of a frame."""
        return bool(self._buffer)


def console_reader() -> FrameReader[ToConsole]:
    """The reader on the console's side."""
    return FrameReader(msgspec.msgpack.Decoder[Any](ToConsole))


def engine_reader() -> FrameReader[ToEngine]:
    """The reader on the engine's side."""
    return FrameReader(msgspec.msgpack.Decoder[Any](ToEngine))


@cache
def _encoder() -> msgspec.msgpack.Encoder:
    return msgspec.msgpack.Encoder()
