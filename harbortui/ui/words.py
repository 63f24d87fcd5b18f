"""Numbers and times as words: coarse, so that they rarely change; UTC, with the zone named where it matters."""

from __future__ import annotations

import time

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def age(seconds: float | None) -> str:
    """A coarse age: ``<1 m``, ``3 m``, ``5 h``, ``12 d``; empty for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "<1 m"
    if seconds < 3600:
        return f"{int(seconds // 60)} m"
    if seconds < 2 * 86_400:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86_400)} d"


def since(at: float | None, now: float) -> str:
    """The age of a moment; a moment that lies ahead is just now, because clocks differ."""
    return "" if at is None else age(max(0.0, now - at))


def until(at: float | None, now: float) -> str:
    """How long it is to a moment that lies ahead: ``in 5 h``; ``due`` when it has passed."""
    if at is None:
        return ""
    return f"in {age(at - now)}" if at > now else "due"


def clock(at: float) -> str:
    """Hour and minute in UTC, zone named."""
    return time.strftime("%H:%M UTC", time.gmtime(at))


def moment(at: float | None) -> str:
    """Date and time in UTC, zone named; empty for None."""
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def stamp(at: float, now: float) -> str:
    """A moment in UTC: the time of day within the last day, else the date with it; both stay as they are."""
    return time.strftime("%H:%M:%S" if now - at < 86_400 else "%m-%d %H:%M", time.gmtime(at))


def size(count: float | None) -> str:
    """Bytes in binary units, three digits at most: ``412 GiB``."""
    if count is None:
        return ""
    value = float(count)
    for unit in _UNITS:
        if abs(value) < 1000 or unit == _UNITS[-1]:
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return ""


def number(count: int | None) -> str:
    """A count in three digits at most: ``950``, ``1.2 M``."""
    if count is None:
        return ""
    value = float(count)
    for unit in ("", " k", " M", " G"):
        if value < 1000:
            return f"{value:.0f}{unit}" if value >= 10 or not unit else f"{value:.1f}{unit}"
        value /= 1000
    return f"{value:.0f} T"


def percent(part: float, whole: float) -> str:
    """A share without decimals."""
    return f"{100 * part / whole:.0f}%" if whole > 0 else ""


def plural(count: int, word: str) -> str:
    """``1 task``, ``3 tasks``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def duration(seconds: float | None) -> str:
    """How long something took: ``4 s``, ``3 m 12 s``, ``2 h 5 m``."""
    if seconds is None or seconds < 0:
        return ""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} m"
