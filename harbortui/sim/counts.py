"""Counting what reached a backend."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

READS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_WRITES = 1_000
_SEGMENT = re.compile(
    r"(?P<digest>sha256:[0-9a-f]{6,})|(?P<uuid>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
    r"|(?P<hex>[0-9a-f]{24})|(?P<id>\d+)"
)


def template(path: str) -> str:
    """A path with its ids replaced: numbers {id}, UUIDs {uuid}, digests {digest}, job ids {hex}."""
    parts = []
    for part in path.split("/"):
        match = _SEGMENT.fullmatch(part)
        parts.append(f"{{{match.lastgroup}}}" if match else part)
    return "/".join(parts)


@dataclass(slots=True)
class Counts:
    """Requests and connections of one backend since the last reset."""

    requests: int = 0
    by_path: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    writes: list[str] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    peak: int = 0
    refused: int = 0

    def request(self, method: str, path: str) -> None:
        """Count a request; writes are also listed in order (the first thousand)."""
        self.requests += 1
        self.by_path[f"{method} {template(path)}"] += 1
        if method not in READS and len(self.writes) < MAX_WRITES:
            self.writes.append(f"{method} {path}")

    def connected(self) -> None:
        """A connection was accepted."""
        self.connections += 1
        self.open += 1
        self.peak = max(self.peak, self.open)

    def disconnected(self) -> None:
        """A connection ended."""
        self.open -= 1

    def reset(self) -> None:
        """Start again; connections that are open stay counted as open."""
        self.requests = self.connections = self.refused = 0
        self.by_path.clear()
        self.by_status.clear()
        self.writes.clear()
        self.peak = self.open

    def as_dict(self) -> dict[str, Any]:
        """For the control server."""
        return {
            "requests": self.requests,
            "by_path": dict(sorted(self.by_path.items())),
            "by_status": {str(status): count for status, count in sorted(self.by_status.items())},
            "writes": list(self.writes),
            "connections": self.connections,
            "open": self.open,
            "peak": self.peak,
            "refused": self.refused,
        }
