"""From spans of several files to equal steps, in which nothing is filled in that nobody saw. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from harbortui.collect.history.queries import DAY, HOUR, MINUTE, Span
from harbortui.model.history import Point

PATIENCE = 2.5
"""A hole of so many of the series' own intervals is no hole yet."""
SLOWEST = 3600.0
"""Seconds; who records less often than hourly has gaps."""
MINUTES_READ = 47 * HOUR
HOURS_READ = 89 * DAY


class Grid(NamedTuple):
    """Equal steps from ``start`` (seconds since 1970)."""

    start: int
    step: int
    steps: int

    @property
    def end(self) -> int:
        """The end of the last step."""
        return self.start + self.step * self.steps


def grid(start: float, end: float, steps: int, now: float) -> Grid:
    """About ``steps`` steps over the time, none finer than what is still kept of it."""
    age = now - start
    finest = MINUTE if age <= MINUTES_READ else HOUR if age <= HOURS_READ else DAY
    step = max(finest, int((end - start) / max(1, steps)))
    unit = DAY if step >= DAY else HOUR if step >= HOUR else MINUTE
    step = -(-step // unit) * unit
    first = int(start // step * step)
    return Grid(first, step, max(1, -(-int(end - first) // step)))


def resample(files: Iterable[Sequence[Span]], over: Grid) -> tuple[Point, ...]:
    """One point for each step, from whichever file saw most of it.

    A step without samples is held from the one before where the series is recorded less often than the steps are long;
    where the hole is longer than that explains, its values are None.
    """
    best: list[Point | None] = [None] * over.steps
    for spans in files:
        for index, point in _points(spans, over):
            known = best[index]
            if known is None or point.samples > known.samples:
                best[index] = point
    return _held(best, over)


def _points(spans: Sequence[Span], over: Grid) -> Iterable[tuple[int, Point]]:
    sums: dict[int, list[float]] = {}
    for span in spans:
        first = max(0, (span.start - over.start) // over.step)
        last = min(over.steps - 1, (span.start + span.width - 1 - over.start) // over.step)
        share = span.n / max(1, last - first + 1)
        for index in range(first, last + 1):
            found = sums.get(index)
            if found is None:
                sums[index] = [share, span.mean * share, span.low, span.high]
            else:
                found[0] += share
                found[1] += span.mean * share
                found[2] = min(found[2], span.low)
                found[3] = max(found[3], span.high)
    for index, (weight, total, low, high) in sums.items():
        at = float(over.start + index * over.step)
        mean = min(max(total / weight, low), high)
        yield index, Point(at=at, mean=mean, low=low, high=high, samples=max(1, round(weight)))


def _held(best: list[Point | None], over: Grid) -> tuple[Point, ...]:
    seen = [index for index, point in enumerate(best) if point is not None]
    gaps = [later - earlier for earlier, later in pairwise(seen)]
    pace = min(median(gaps) * over.step, SLOWEST) if gaps else over.step
    longest = int(max(PATIENCE * pace, over.step) // over.step)
    for earlier, later in pairwise(seen):
        if 1 < later - earlier <= longest:
            for index in range(earlier + 1, later):
                best[index] = _hold(best[earlier], float(over.start + index * over.step))
    return tuple(
        point if point is not None else Point(at=float(over.start + index * over.step))
        for index, point in enumerate(best)
    )


def _hold(point: Point | None, at: float) -> Point | None:
    return None if point is None else Point(at=at, mean=point.mean, low=point.mean, high=point.mean)
