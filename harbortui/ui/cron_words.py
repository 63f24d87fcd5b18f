"""A cron expression of Harbor's in words: six fields, seconds first, in UTC."""

from __future__ import annotations

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SHORT = {day[:3].lower(): number for number, day in enumerate(_DAYS)}
_MOST_TIMES = 4
"""Times of a day that are written out."""


def cron_words(cron: str) -> str:
    """``daily at 03:00 UTC``, ``every 2 hours at :15``; what has no short words stays as it is written."""
    fields = cron.split()
    if len(fields) != 6 or fields[0] != "0" or fields[4] not in ("*", "?"):
        return cron
    when, each_day = _times(fields[1], fields[2])
    if not when:
        return cron
    if fields[3] in ("*", "?") and fields[5] in ("*", "?"):
        return when if each_day else f"daily at {when}"
    days = _days(fields[3], fields[5])
    if not days:
        return cron
    return f"{when}, {days}" if each_day else f"{days} at {when}"


def _times(minute: str, hour: str) -> tuple[str, bool]:
    """The times within a day, and whether they go on all day; empty where there are no short words."""
    if hour == "*" and (step := _step(minute, 60)):
        return f"every {step} minutes", True
    if not _is_number(minute) or int(minute) > 59:
        return "", False
    if hour == "*":
        return f"hourly at :{int(minute):02}", True
    if step := _step(hour, 24):
        return f"every {step} hours at :{int(minute):02}", True
    hours = hour.split(",")
    if len(hours) > _MOST_TIMES or not all(_is_number(each) and int(each) < 24 for each in hours):
        return "", False
    return ", ".join(f"{int(each):02}:{int(minute):02}" for each in hours) + " UTC", False


def _step(field: str, whole: int) -> int:
    """The step of ``*/n`` where it goes into the whole without a rest, so that it is even; else 0."""
    step = int(field[2:]) if field.startswith("*/") and _is_number(field[2:]) else 0
    return step if step > 1 and whole % step == 0 else 0


def _days(day: str, weekday: str) -> str:
    """The days in words; empty where there are no short ones."""
    if weekday in ("*", "?"):
        return f"on day {int(day)} of the month" if _is_number(day) and 1 <= int(day) <= 31 else ""
    if day not in ("*", "?"):
        return ""
    numbers = [_weekday(each) for each in weekday.lower().split(",")]
    if None in numbers or len(numbers) > _MOST_TIMES:
        return ""
    named = [_DAYS[each] for each in numbers if each is not None]
    return f"{named[0]}s" if len(named) == 1 else ", ".join(each[:3] for each in named)


def _weekday(text: str) -> int | None:
    if _is_number(text) and int(text) <= 7:
        return int(text) % 7
    return _SHORT.get(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 3
