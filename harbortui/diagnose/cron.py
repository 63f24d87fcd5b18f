"""Six-field cron expressions as Harbor writes them (seconds first): when did one last fire, when does it next?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
LOOK_BACK_DAYS = 366 * 2


@dataclass(frozen=True, slots=True)
class Firings:
    """What a cron expression means: the times of a day, and the days."""

    times: tuple[tuple[int, int, int], ...]
    """Hour, minute, second; rising."""
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either: bool
    """True when a day of the month or a day of the week is enough."""

    def on(self, day: datetime) -> bool:
        """True when it fires on that day."""
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (by_day or by_weekday if self.either else by_day and by_weekday)


def firings(cron: str) -> Firings | None:
    """What the expression means; None when it is none.

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
    times = tuple(sorted((h, m, s) for h in hours for m in minutes for s in seconds))
    either = not (fields[3][0] in "*?" or fields[5][0] in "*?")
    return Firings(times, frozenset(days), frozenset(months), frozenset(weekdays), either)


def previous_time(cron: str, before: float) -> float | None:
    """The last firing (unix seconds) before ``before``; None when it is no cron expression or fires too rarely."""
    return next((each for each in _from_day_to_day(cron, before, -1) if each < before), None)


def next_time(cron: str, after: float) -> float | None:
    """The first firing (unix seconds) after ``after``; None when it is no cron expression or fires too rarely."""
    return next((each for each in _from_day_to_day(cron, after, 1) if each > after), None)


def _from_day_to_day(cron: str, begin: float, step: int) -> Iterator[float]:
    """All firings from the day of ``begin`` on, into the past for -1."""
    meaning = firings(cron)
    if meaning is None:
        return
    today = datetime.fromtimestamp(begin, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(LOOK_BACK_DAYS):
        day = today + timedelta(days=step * days)
        if meaning.on(day):
            for hour, minute, second in meaning.times[::step]:
                yield day.replace(hour=hour, minute=minute, second=second).timestamp()


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
