"""What CloudWatch said, kept in the state directory: a timer that runs every minute must not ask every minute."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from harbortui.collect.cache import state_directory
from harbortui.private import private_directory, write_private
from harbortui.sources.storage.cloudwatch import Asked

FILE = "cloudwatch.json"
MAX_BYTES = 1_000_000
KEPT = 256
"""Buckets; the one asked about longest ago goes first."""


class FigureMemo:
    """One small file; several consoles may write it, and the last one wins, which costs a question at most."""

    def __init__(self, directory: Callable[[], Path] = state_directory) -> None:
        self._directory = directory

    def load(self, key: str) -> Asked | None:
        """What is kept; None also when the file is missing, damaged or somebody else's."""
        return self._read().get(key)

    def keep(self, key: str, asked: Asked) -> None:
        """Keep it; a disk that refuses harms nothing."""
        known = {**self._read(), key: asked}
        newest = sorted(known.items(), key=lambda each: each[1].at, reverse=True)[:KEPT]
        with suppress(OSError):
            directory = private_directory(self._directory())
            write_private(directory / FILE, msgspec.json.encode(dict(newest)) + b"\n")

    def _read(self) -> dict[str, Asked]:
        path = self._directory() / FILE
        try:
            if path.stat().st_size > MAX_BYTES:
                return {}
            return msgspec.json.decode(path.read_bytes(), type=dict[str, Asked])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return {}
