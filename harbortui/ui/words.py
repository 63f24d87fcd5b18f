"""Numbers and times as words: coarse, so that they rarely change; times in one zone, which is named."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
HALF_A_DAY = 43_200.0
_zone: tzinfo | None = UTC
"""Where times are shown; None is the machine's own zone. One for the whole console, set once at its start."""


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


def use_zone(name: str) -> None:
    """Show times in this zone from now on: ``UTC``, ``local`` or a name of the zone database; raises ValueError."""
    global _zone
    if name == "UTC":
        _zone = UTC
    elif name == "local":
        _zone = None
    else:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            _zone = ZoneInfo(name)
        except (OSError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"no such time zone: {name}") from error


def _at(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(_zone)


def zone(at: float) -> str:
    """The name of the zone that times are shown in, as it is called at that moment."""
    return _at(at).strftime("%Z")


def clock(at: float) -> str:
    """Hour and minute, zone named."""
    return _at(at).strftime("%H:%M %Z")


def minute(at: float) -> str:
    """Date, hour and minute, zone named."""
    return _at(at).strftime("%Y-%m-%d %H:%M %Z")


def moment(at: float | None) -> str:
    """Date and time, zone named; empty for None."""
    return "" if at is None else _at(at).strftime("%Y-%m-%d %H:%M:%S %Z")


def stamp(at: float, now: float) -> str:
    """A moment whose zone is named nearby: the time of day; with the date where it would be taken for another day."""
    moment = _at(at)
    near = now - at < HALF_A_DAY or moment.date() == _at(now).date()
    return moment.strftime("%H:%M:%S" if near else "%m-%d %H:%M")


def day(at: float) -> str:
    """Month and day, for an axis whose zone is named."""
    return _at(at).strftime("%m-%d")


def day_hour(at: float) -> str:
    """Month, day, hour and minute, for an axis whose zone is named."""
    return _at(at).strftime("%m-%d %H:%M")


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


def plural(count: int, word: str, several: str = "") -> str:
    """``1 task``, ``3 tasks``; ``several`` where an s does not do."""
    return f"{count} {word}" if count == 1 else f"{count} {several or f'{word}s'}"


def roughly(seconds: float) -> str:
    """How long something took, in one unit: ``17 s``, ``3 m``, ``2 h``."""
    if seconds < 60:
        return f"{max(0.0, seconds):.0f} s"
    return f"{seconds / 60:.0f} m" if seconds < 5400 else f"{seconds / 3600:.0f} h"


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
