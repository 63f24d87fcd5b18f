"""Estimating the blobs of a bucket from some of the 256 two-digit prefixes.

Digests are uniform, so whether a blob is in the listed prefixes is chance, independent of its size: k of 256 prefixes
are a sample of the blobs with p = k/256. The total is then estimated without bias by sum/p, with variance
(1 - p)/p² · sum of squares (Horvitz and Thompson), which one prefix is enough to tell. How much the prefixes differ
from each other is a second estimate; from four prefixes on the larger of the two is taken, so that names which are not
uniform after all show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import stdev

from harbortui.model.listing import BucketSample, Estimate
from harbortui.sources.storage.listing.access import Access
from harbortui.sources.storage.listing.pages import Objects, Page
from harbortui.sources.storage.listing.ranges import KeyRange
from harbortui.sources.storage.listing.survey import Surveyor
from harbortui.sources.storage.listing.together import together
from harbortui.sources.storage.listing.walk import Walk

PREFIXES = 256
USUAL_PREFIXES = 8
NONE_SEEN = 3.0
"""Where none is seen, up to three are to be expected in 95 of 100 cases ("rule of three")."""
LEAST_SPREAD = 4
"""Prefixes from which on their spread tells something."""

# Student's t for 95 %, by degrees of freedom from 1 on; then the normal distribution's.
_STUDENT = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
_NORMAL = 1.96


@dataclass(slots=True)
class Sum:
    """What is below one prefix; where its walk adds its pages."""

    objects: int = 0
    bytes: int = 0
    squares: int = 0
    """Sum of the squares of the sizes."""

    def add(self, page: Page) -> None:
        """The next page."""
        sizes = [size for key, size in zip(page.keys, page.sizes, strict=True) if key.endswith("/data")]
        self.objects += len(sizes)
        self.bytes += sum(sizes)
        self.squares += sum(size * size for size in sizes)

    def finish(self) -> None:
        """Nothing is kept for the end."""


async def take_sample(access: Access, prefixes: int) -> BucketSample:
    """A sample of so many of the 256 prefixes, each drawn with the same chance; raises as a count does."""
    count = min(max(1, prefixes), PREFIXES)
    names = await Surveyor(access.layout, access.ask, access.clock).algorithm_names()
    drawn = draw(count, access.fetcher.random)
    sums = [Sum() for _ in drawn]
    await together(
        *(
            Walk(_below(f"{access.layout.blobs}{name}/{prefix:02x}"), Objects(), access.ask, total).run(_go_on)
            for prefix, total in zip(drawn, sums, strict=True)
            for name in names
        )
    )
    objects = sum(each.objects for each in sums)
    return BucketSample(
        bucket=access.bucket,
        objects=estimate([each.objects for each in sums], objects, seen=objects),
        bytes=estimate([each.bytes for each in sums], sum(each.squares for each in sums), seen=objects, least=None),
        prefixes=count,
        sampled_objects=objects,
        at=access.fetcher.now(),
        calls=access.fetcher.spent.calls,
    )


def estimate(totals: Sequence[int], squares: int, *, seen: int, least: float | None = NONE_SEEN) -> Estimate:
    """The total over all prefixes from the totals of some.

    ``squares`` is the sum of the squares over what was seen, ``seen`` how many that were. When none was seen, the
    interval ends at ``least`` times 256/k, or nowhere.
    """
    share = len(totals) / PREFIXES
    value = round(sum(totals) / share)
    if share == 1.0:
        return Estimate(value=value, standard_error=0.0, low=value, high=value)
    if not seen:
        return Estimate(value=0, standard_error=0.0, low=0, high=None if least is None else ceil(least / share))
    error = sqrt((1 - share) * squares) / share
    margin = _student(seen) * error
    if len(totals) >= LEAST_SPREAD:
        spread = PREFIXES * stdev(totals) / sqrt(len(totals)) * sqrt(1 - share)
        error, margin = max(error, spread), max(margin, _student(len(totals)) * spread)
    low = max(sum(totals), floor(value - margin))
    return Estimate(value=value, standard_error=error, low=low, high=ceil(value + margin))


def _student(count: int) -> float:
    """How many standard errors of so many observations hold 95 of 100 cases."""
    return _STUDENT[max(0, count - 2)] if count - 2 < len(_STUDENT) else _NORMAL


def draw(count: int, random: Callable[[], float]) -> list[int]:
    """So many different prefixes, in order; ``random`` gives numbers from 0 to below 1."""
    left = list(range(PREFIXES))
    return sorted(left.pop(int(random() * len(left))) for _ in range(count))


def _below(prefix: str) -> KeyRange:
    return KeyRange(prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1))


async def _go_on(_: Walk) -> None:
    """Nothing to do between pages."""
