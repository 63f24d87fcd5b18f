"""Log bytes into lines, however the stream cuts them; bytes stay bytes until a line is whole."""

from __future__ import annotations

MAX_LINE_BYTES = 65_536
"""A line without an end is cut here and its rest dropped, so that a binary stream cannot fill the memory.

The rest is no line of its own: it may begin in the middle of a secret, where no redaction can know it.
"""


class LineSplitter:
    """Incremental: a character or a line end may be cut anywhere between two pieces."""

    def __init__(self, *, drop_first: bool) -> None:
        self._rest = bytearray()
        self._dropping = drop_first
        """True in the middle of a line whose beginning is not there: its end would look like a line of its own."""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete with ``data``, without their ends."""
        self._rest += data
        *whole, rest = self._rest.split(b"\n")
        if self._dropping and whole:
            del whole[0]
            self._dropping = False
        lines = [_without_return(line) for line in whole]
        if len(rest) > MAX_LINE_BYTES:
            if not self._dropping:
                lines.append(bytes(rest[:MAX_LINE_BYTES]))
            self._dropping = True
            rest = bytearray()
        self._rest = rest
        return lines

    def end(self) -> list[bytes]:
        """What is left when the stream ends; a last line may have no end."""
        rest, self._rest = bytes(self._rest), bytearray()
        return [_without_return(rest)] if rest and not self._dropping else []


def _without_return(line: bytes | bytearray) -> bytes:
    return bytes(line[:-1] if line.endswith(b"\r") else line)
