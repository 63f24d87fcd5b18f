"""Lines through series, and when they meet a limit; with their uncertainty, or not at all. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from harbortui.model.history import Forecast, Outlook, Point, Trend

DAY = 86_400.0
BLOCKS = 60
"""Medians that a series is thinned to: neighbours say nearly the same, and each must not count as a witness."""
LEAST_BLOCKS = 8
LEAST_DAYS = 3.0
LEAST_COVERAGE = 0.4
"""The share of its time that a series must have been seen for a line through it."""
REACH = 4.0
"""How many times as far as the data reach back a forecast may reach ahead, and the share of them they may be old."""

_Z95 = 1.96


def trend(points: Sequence[Point]) -> Trend | None:
    """The Theil-Sen line through the points; None when there are too few, or too many gaps between them.

    The median of all pairwise slopes stands up to the steps that garbage collections and pushes make; its interval is
    Sen's, from the variance of Kendall's S (P. K. Sen, 1968), widened to hold the slopes of both halves: usage is no
    independent noise, and a month that turned half-way says little about the next.
    """
    seen = [(point.at, point.mean) for point in points if point.mean is not None]
    if len(seen) < LEAST_BLOCKS:
        return None
    days = (seen[-1][0] - seen[0][0]) / DAY
    whole = sum(1 for point in points if seen[0][0] <= point.at <= seen[-1][0])
    if days < LEAST_DAYS or len(seen) < LEAST_COVERAGE * whole:
        return None
    until = seen[-1][0]
    blocks = _thinned([((at - until) / DAY, value) for at, value in seen])
    if len(blocks) < LEAST_BLOCKS:
        return None
    slope, low, high = _slope(blocks)
    halves = [_slope(half)[0] for half in (blocks[: len(blocks) // 2], blocks[len(blocks) // 2 :])]
    rests = sorted(value - slope * day for day, value in blocks)
    level = median(rests)
    spread = (_quantile(rests, 0.05) - level, _quantile(rests, 0.95) - level)
    return Trend(
        per_day=slope,
        low=min(low, *halves),
        high=max(high, *halves),
        level=level,
        spread=spread,
        days=days,
        until=until,
    )


def forecast(points: Sequence[Point], limit: float, now: float) -> Forecast:
    """When the series reaches ``limit``; an outlook without times where the data do not carry one."""
    seen = [(point.at, point.mean) for point in points if point.mean is not None]
    if seen and seen[-1][1] >= limit and now - seen[-1][0] <= LEAST_DAYS * DAY:
        return Forecast(outlook=Outlook.REACHED, limit=limit, trend=trend(points))
    line = trend(points)
    # What was long ago says nothing of the present, by which everything ahead is counted.
    if line is None or now - line.until > max(LEAST_DAYS, line.days / REACH) * DAY:
        return Forecast(outlook=Outlook.SHORT, limit=limit)
    # A slope whose interval holds zero may be none at all.
    if line.per_day <= 0 or line.low <= 0:
        return Forecast(outlook=Outlook.STEADY, limit=limit, trend=line)
    at = _meets(line, limit, line.per_day, 0.0)
    if at - now > REACH * line.days * DAY:
        return Forecast(outlook=Outlook.BEYOND, limit=limit, trend=line)
    earliest = max(now, min(at, _meets(line, limit, line.high, line.spread[1])))
    latest = max(at, _meets(line, limit, line.low, line.spread[0]))
    return Forecast(
        outlook=Outlook.FILLING,
        limit=limit,
        at=max(now, at),
        earliest=earliest,
        latest=None if latest - now > 2 * REACH * line.days * DAY else max(now, latest),
        trend=line,
    )


def _meets(line: Trend, limit: float, per_day: float, above: float) -> float:
    return line.until + (limit - line.level - above) / per_day * DAY


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Medians of blocks of equal time."""
    first, last = points[0][0], points[-1][0]
    length = (last - first) / BLOCKS or 1.0
    blocks: dict[int, list[tuple[float, float]]] = {}
    for point in points:
        blocks.setdefault(min(BLOCKS - 1, int((point[0] - first) / length)), []).append(point)
    return [
        (median(day for day, _ in block), median(value for _, value in block)) for _, block in sorted(blocks.items())
    ]


def _slope(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """The median slope of all pairs, and its 95 % interval."""
    slopes = sorted(
        (later - earlier) / (then - day)
        for index, (day, earlier) in enumerate(points)
        for then, later in points[index + 1 :]
        if then > day
    )
    n = len(points)
    width = _Z95 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    last = len(slopes) - 1
    low = slopes[max(0, math.floor((len(slopes) - width) / 2))]
    high = slopes[min(last, math.ceil((len(slopes) + width) / 2))]
    return median(slopes), low, high


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))]
