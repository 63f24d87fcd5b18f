"""Reading the response headers that mean something to every source."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

_MAX_DIGITS = 12
SKEW_STEP = 5.0
"""Seconds a clock's difference is rounded to: finer than any threshold, coarser than what each answer adds to it."""


def http_date(text: str) -> float | None:
    """Unix seconds of an HTTP date; None when it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError, OSError):
        return None


def clock_skew(server_time: float | None, now: float) -> float | None:
    """Server time minus ours in seconds, rounded, so that the same clocks give the same value at each refresh."""
    return None if server_time is None else round((server_time - now) / SKEW_STEP) * SKEW_STEP


def retry_after(text: str, now: float) -> float | None:
    """Seconds a ``Retry-After`` asks to wait, from a number or a date; None for garbage, never negative."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= _MAX_DIGITS else None
    moment = http_date(text)
    return None if moment is None else max(0.0, moment - now)


def media_type(text: str) -> str:
    """``application/json`` from ``application/json; charset=utf-8``, in lower case."""
    return text.partition(";")[0].strip().lower()


def host_of(url: str) -> str:
    """The host a URL names; empty for relative or broken ones."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
