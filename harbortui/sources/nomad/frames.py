"""Cutting a framed log stream: JSON objects one after the other with no newline between them.

``{"Offset":n,"Data":"<base64>","File":…,"FileEvent":…}``, ``{}`` each second while idle, and, when something fails
after the answer has begun, plain text behind the last frame (hashicorp/nomad command/agent/fs_endpoint.go).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from harbortui.sources.rows import Unreadable

MAX_FRAME = 262_144
"""Bytes; Nomad sends at most 64 KiB of data in a frame, which is 88 KiB in base64."""

MAX_TEXT = 4_096
_MAX_BRACES = 64


class FrameWire(msgspec.Struct, frozen=True, rename="pascal"):
    """What is read of a frame; msgspec decodes the base64."""

    data: bytes = b""
    file_event: str = ""
    offset: int = 0
    """The position in the file behind ``data`` (client/allocrunner's streamFile adds what it read first)."""


_DECODER = msgspec.json.Decoder(FrameWire)


class FrameDecoder:
    """Takes chunks as they come and gives the log's bytes; chunks may cut frames anywhere."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._braces = 0
        self._in_text = False
        self.offset = 0
        """The position in the file behind the newest payload."""

    @property
    def trailing_text(self) -> bytes:
        """The plain text that follows the frames, empty while there is none."""
        return bytes(self._buffer) if self._in_text else b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The payload of each frame that is complete now; heartbeats have none.

        Raises:
            Unreadable: neither frames nor text.
        """
        self._buffer += chunk
        while not self._in_text and (frame := self._next()) is not None:
            if frame.data:
                self.offset = frame.offset
                yield frame.data
        if self._in_text:
            del self._buffer[MAX_TEXT:]
        elif len(self._buffer) > MAX_FRAME:
            raise Unreadable("a log frame larger than Nomad sends")

    def _next(self) -> FrameWire | None:
        if not self._searched:
            self._skip_space()
        if not self._buffer or self._in_text:
            return None
        while (end := self._buffer.find(b"}", self._searched)) >= 0:
            self._searched = end + 1
            frame = self._decode(end + 1)
            if frame is not None:
                del self._buffer[: end + 1]
                self._searched = self._braces = 0
                return frame
            self._braces += 1
            if self._braces > _MAX_BRACES:
                raise Unreadable("a log frame that never ends")
        self._searched = len(self._buffer)
        return None

    def _decode(self, end: int) -> FrameWire | None:
        """The frame up to ``end``; None when this brace is not the frame's last."""
        try:
            return _DECODER.decode(bytes(self._buffer[:end]))
        except msgspec.ValidationError as error:
            raise Unreadable(f"a log frame: {error}") from None
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    def _skip_space(self) -> None:
        if self._buffer[:1].isspace():
            self._buffer = self._buffer.lstrip()
        if self._buffer and self._buffer[:1] != b"{":
            self._in_text = True
