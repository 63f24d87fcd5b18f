"""Reading CloudWatch's answer: the newest day whose figures are all there, added up."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from harbortui.model.storage import BucketUsage
from harbortui.sources.rows import Unreadable, read_object
from harbortui.sources.storage.cloudwatch_request import DAY, OBJECTS

SOURCE = "AWS CloudWatch"
INCLUDES = "old versions and the parts of unfinished uploads"
PERIOD = 1.5 * DAY
"""Seconds: a day's figure comes up to 48 hours after that day began, so it is late after three days."""
_LARGEST = 2.0**62
_CLASS = re.compile(r"c\d{1,2}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]{1,63}")


class _Series(msgspec.Struct, frozen=True, rename="pascal"):
    id: str
    timestamps: list[float | str] = []
    values: list[float] = []


class _Answer(msgspec.Struct, frozen=True, rename="pascal"):
    metric_data_results: list[_Series]


class _Error(msgspec.Struct, frozen=True, rename={"kind": "__type"}):
    kind: str = ""


def figures(body: bytes) -> BucketUsage | None:
    """The bucket's size and number of objects; None while CloudWatch has none of this bucket.

    A class whose figure of the newest day is still missing while it had one the day before would make the bucket seem
    smaller than it is: then the day before counts.

    Raises:
        Unreadable: not such an answer.
    """
    days: dict[float, dict[str, float]] = {}
    for series in read_object(body, _Answer).metric_data_results:
        for told, value in zip(series.timestamps, series.values, strict=False):
            if not 0 <= value < _LARGEST:
                raise Unreadable("an impossible figure")
            days.setdefault(_unix(told), {}).setdefault(series.id, value)
    sizes = {day: {name for name in found if _CLASS.fullmatch(name)} for day, found in days.items()}
    known = sorted((day for day in sizes if sizes[day]), reverse=True)
    if not known:
        return None
    day = known[1] if len(known) > 1 and not sizes[known[0]] >= sizes[known[1]] and _next(known) else known[0]
    total = sum(days[day][name] for name in sizes[day])
    if total >= _LARGEST:
        raise Unreadable("an impossible figure")
    objects = days[day].get(OBJECTS)
    return BucketUsage(
        source=SOURCE,
        bytes=int(total),
        objects=None if objects is None else int(objects),
        measured_at=day,
        includes=INCLUDES,
        period=PERIOD,
    )


def error_code(body: bytes) -> str:
    """``AccessDenied`` of ``com.amazonaws.cloudwatch#AccessDenied``; empty when there is none."""
    try:
        code = read_object(body[:65_536], _Error).kind.rpartition("#")[2].partition(":")[0]
    except Unreadable:
        return ""
    return code if _CODE.fullmatch(code) else ""


def _next(known: list[float]) -> bool:
    """True when the two newest days follow each other; older ones prove nothing."""
    return known[0] - known[1] <= DAY


def _unix(told: float | str) -> float:
    if isinstance(told, str):
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            raise Unreadable("not a time") from None
        if moment.tzinfo is None:
            raise Unreadable("a time without a zone")
        return moment.timestamp()
    if not 0 <= told < 1e11:
        raise Unreadable("not a time")
    return told
