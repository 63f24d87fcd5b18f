"""Six-field cron expressions as Harbor writes them (seconds first): when did one last fire?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
LOOK_BACK_DAYS = 366 * 2


def previous_time(cron: str, before: float) -> float | None:
    """The last firing (unix seconds) before ``before``; None when it is no cron expression or fires too rarely.

    Harbor's jobs run in UTC; day of month and of week are alternatives when both are restricted, as in robfig/cron.
    """
    fields = cron.split()
    if len(fields) != 6:
        return None
    try:
        seconds, minutes, hours = (_numbers(field, 0, top) for field, top in zip(fields, (59, 59, 23), strict=False))
        days = _numbers(fields[3], 1, 31)
        months = _numbers(fields[4], 1, 12, _MONTHS)
        weekdays = {number % 7 for number in _numbers(fields[5], 0, 7, _DAYS)}
    except ValueError:
        return None
    any_day, any_weekday = fields[3][0] in "*?", fields[5][0] in "*?"
    limit = datetime.fromtimestamp(before, UTC)
    times = sorted(((h, m, s) for h in hours for m in minutes for s in seconds), reverse=True)
    for back in range(LOOK_BACK_DAYS):
        day = (limit - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        by_day, by_weekday = day.day in days, day.isoweekday() % 7 in weekdays
        if day.month not in months or not (by_day and by_weekday if any_day or any_weekday else by_day or by_weekday):
            continue
        for hour, minute, second in times:
            moment = day.replace(hour=hour, minute=minute, second=second)
            if moment < limit:
                return moment.timestamp()
    return None


@dataclass(frozen=True, slots=True)
class Missed:
    """The last firing and the one before it (unix seconds)."""

    due: float
    before: float


def missed_firing(cron: str, last: float, now: float, factor: float) -> Missed | None:
    """The firings after which nothing ran, with a grace of ``factor`` - 1 intervals; None when all is in order.

    ``last`` is when something last ran. Also None when ``cron`` is none or fires too rarely.
    """
    due = previous_time(cron, now)
    before = previous_time(cron, due) if due is not None else None
    if due is None or before is None:
        return None
    grace = (due - before) * max(0.0, factor - 1)
    # A run may begin a moment before its scheduled second by the database's clock.
    missed_this = last < due - 60 and now > due + grace
    missed_earlier = last < before - 60
    return Missed(due, before) if missed_this or missed_earlier else None


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    """The numbers a field stands for; raises ValueError."""
    numbers: set[int] = set()
    for part in field.lower().split(","):
        span, _, step_text = part.partition("/")
        step = int(step_text) if step_text else 1
        if span in ("*", "?"):
            first, last = low, high
        else:
            first_text, dash, last_text = span.partition("-")
            first = _number(first_text, names)
            last = _number(last_text, names) if dash else high if step_text else first
        if step < 1 or not low <= first <= last <= high:
            raise ValueError(field)
        numbers.update(range(first, last + 1, step))
    return numbers


def _number(text: str, names: dict[str, int] | None) -> int:
    return names[text] if names is not None and text in names else int(text)
