"""Times as the simulated programs print them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=4096)
def iso_seconds(at: int) -> str:
    """RFC 3339 in whole seconds, e.g. 2026-01-14T14:03:00Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_millis(at: float) -> str:
    """RFC 3339 with milliseconds as Harbor's API prints times; 0.0 is Go's zero time."""
    if at <= 0:
        return "0001-01-01T00:00:00.000Z"
    whole = int(at)
    return f"{iso_seconds(whole)[:-1]}.{int((at - whole) * 1000):03d}Z"


def next_weekday(after: float, weekday: int, hour: int) -> float:
    """The first moment after `after` at `hour`:00 UTC on `weekday` (Monday 0 ... Sunday 6), unix seconds."""
    day = int(after // 86_400)
    shift = (weekday - (day + 3) % 7) % 7
    at = (day + shift) * 86_400.0 + hour * 3_600.0
    return at if at > after else at + 7 * 86_400.0


def next_daily(after: float, hour: int) -> float:
    """The first moment after `after` at `hour`:00 UTC, unix seconds."""
    at = (after // 86_400) * 86_400.0 + hour * 3_600.0
    return at if at > after else at + 86_400.0
