"""Harbor's crons: six fields of which the first must be 0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BOUNDS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
DAYS_AHEAD = 366


def _values(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in ("*", "?"):
            begin, end = low, high
        else:
            begin = int(first)
            end = int(last) if last else (high if step else begin)
        if not low <= begin <= end <= high:
            raise ValueError(f"{part} is out of range {low}-{high}")
        found.update(range(begin, end + 1, int(step) if step else 1))
    return frozenset(found)


def parse(cron: str) -> list[frozenset[int]]:
    """The six fields as sets of numbers; ValueError with Harbor's reason."""
    fields = cron.split()
    if len(fields) != 6:
        raise ValueError(f"expected exactly 6 fields, found {len(fields)}: [{cron}]")
    if fields[0] != "0":
        raise ValueError("the 1st field (indicating Seconds of time) of the cron setting must be 0")
    return [_values(field, low, high) for field, (low, high) in zip(fields, _BOUNDS, strict=True)]


def next_time(cron: str, after: float) -> float:
    """The first moment after `after` (unix seconds, UTC) that a cron names; 0.0 when there is none."""
    try:
        _, minutes, hours, days, months, weekdays = parse(cron)
    except ValueError:
        return 0.0
    start = datetime.fromtimestamp(after, UTC)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(DAYS_AHEAD):
        if day.month in months and day.day in days and (day.weekday() + 1) % 7 in weekdays:
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    moment = day.replace(hour=hour, minute=minute)
                    if moment > start:
                        return moment.timestamp()
        day += timedelta(days=1)
    return 0.0
