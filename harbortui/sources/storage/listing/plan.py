"""What a count would take, before it is begun: calls, seconds and, where a price is known, dollars."""

from __future__ import annotations

from math import ceil

from harbortui.model.listing import CountPlan
from harbortui.sources.storage.listing.access import Access
from harbortui.sources.storage.listing.pace import START
from harbortui.sources.storage.listing.pages import PAGE
from harbortui.sources.storage.listing.survey import LINKS_PER_BLOB, Survey, Surveyor

DOLLARS_PER_CALL = 0.005 / 1000
"""Amazon's list price of a LIST request (standard storage, us-east-1); others differ, and some bill nothing."""
AMAZON = (".amazonaws.com", ".amazonaws.com.cn")
BELIEVABLE = 0.8
"""A store that says it has fewer objects than this share of the blobs we estimate has not counted for long."""
CPU_SECONDS = 0.006
"""Of our own for a page of a thousand keys: fetching, parsing, adding up."""

_ALL_ON_A_PAGE = "all of them fit on one page"
_STORE = "the store's own statistics"
_SPREAD = "how far the first blobs reach among the digests, and one link for each"


async def plan_count(access: Access, host: str, objects: int | None = None) -> CountPlan:
    """The plan; ``objects`` is how many the store itself says there are, when it does. Raises Stopped."""
    survey = await Surveyor(access.layout, access.ask, access.clock).survey()
    return plan_of(survey, access.bucket, host, objects)


def plan_of(survey: Survey, bucket: str, host: str, objects: int | None = None) -> CountPlan:
    """What a survey says about a count."""
    blobs = survey.all_blobs
    least = blobs * (1 + LINKS_PER_BLOB)
    if survey.whole is not None:
        total, basis = survey.whole, _ALL_ON_A_PAGE
    elif objects is not None and objects >= blobs * BELIEVABLE:
        total, basis = objects, _STORE
    else:
        total, basis = max(least, PAGE + 1), _SPREAD
    shards = len(set(survey.cuts)) + 1
    calls = ceil(total / PAGE) + (shards if survey.cuts else 0) + survey.calls
    width = min(START, shards)
    seconds = survey.latency + max(calls * survey.latency / width, calls * CPU_SECONDS)
    return CountPlan(
        bucket=bucket,
        objects=total,
        objects_from=basis,
        at_least=basis == _SPREAD,
        blobs=blobs,
        calls=calls,
        seconds=seconds,
        dollars=calls * DOLLARS_PER_CALL if host.endswith(AMAZON) else None,
        latency=survey.latency,
        shards=shards,
        concurrency=width,
        spent_calls=survey.calls,
    )
