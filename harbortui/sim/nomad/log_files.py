"""A task's log as rotated files: core.stdout.0, core.stdout.1, ... of a fixed size, the oldest dropped."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class LogBytes(Protocol):
    """An append-only log with stable offsets."""

    def size(self) -> int:
        """Bytes so far."""

    def read(self, offset: int, limit: int = 65_536) -> bytes:
        """Up to `limit` bytes from `offset`."""


class Position(NamedTuple):
    """A place in the rotated files: number of the file and offset in it."""

    file: int
    offset: int


class LogFiles:
    """The files of one task and one stream, at most `keep` of `file_bytes` each."""

    def __init__(self, stream: LogBytes, task: str, kind: str, file_bytes: int, keep: int) -> None:
        self._stream = stream
        self._prefix = f"alloc/logs/{task}.{kind}."
        self._file_bytes = file_bytes
        self._keep = keep

    def name(self, file: int) -> str:
        """The path of a file below the allocation's directory."""
        return f"{self._prefix}{file}"

    def newest(self) -> int:
        """The file being written."""
        return max(0, self._stream.size() - 1) // self._file_bytes

    def oldest(self) -> int:
        """The first file that still exists."""
        return max(0, self.newest() - self._keep + 1)

    def size(self, file: int) -> int:
        """Bytes in a file."""
        return min(self._file_bytes, max(0, self._stream.size() - file * self._file_bytes))

    def read(self, position: Position, limit: int) -> bytes:
        """Up to `limit` bytes of one file from a position; empty at its end."""
        start = position.file * self._file_bytes + position.offset
        return self._stream.read(start, min(limit, max(0, self.size(position.file) - position.offset)))

    def locate(self, origin: str, offset: int) -> Position:
        """Where reading begins: `offset` from the start of the oldest file or back from the end of the newest.

        Offsets span files; one beyond the data is clamped (client/fs_endpoint.go, findClosest).
        """
        if origin == "end":
            file = self.newest()
            while offset > self.size(file) and file > self.oldest():
                offset -= self.size(file)
                file -= 1
            return Position(file, max(0, self.size(file) - offset))
        file = self.oldest()
        while offset > self.size(file) and file < self.newest():
            offset -= self.size(file)
            file += 1
        return Position(file, min(offset, self.size(file)))
