"""Counts, plans and hidden space by hand."""

from __future__ import annotations

from typing import Any

from harbortui.model.listing import (
    BucketCount,
    ClassTotal,
    CountPlan,
    CountProgress,
    HiddenBytes,
    HiddenKind,
    HiddenPart,
    UploadTotals,
)
from harbortui.model.usage import CountedUsage, UsagePlan
from tests.ui.samples import GIB, NOW


def plan(versioning: str | None = "", **changes: Any) -> UsagePlan:
    """What a count of 1.2 M objects takes."""
    values: dict[str, Any] = {
        "bucket": "harbor",
        "objects": 1_200_000,
        "objects_from": "the store's own statistics",
        "blobs": 600_000,
        "calls": 1217,
        "seconds": 12.0,
        "latency": 0.1,
        "shards": 16,
        "concurrency": 8,
        "spent_calls": 5,
    }
    return UsagePlan(count=CountPlan(**{**values, **changes}), versioning=versioning)


def progress(objects: int = 450_000, remaining: float | None = 8.0, **changes: Any) -> CountProgress:
    """A count under way."""
    values: dict[str, Any] = {
        "calls": 450,
        "retries": 0,
        "bytes": GIB,
        "shards_done": 3,
        "shards": 16,
        "concurrency": 8,
        "elapsed": 5.0,
        "rate": 90_000.0,
    }
    return CountProgress(objects=objects, remaining=remaining, **{**values, **changes})


def count(size: int = 400 * GIB, objects: int = 1_190_000, at: float = NOW - 3600) -> BucketCount:
    """A whole bucket."""
    none = ClassTotal()
    return BucketCount(
        bucket="harbor",
        objects=objects,
        bytes=size,
        blobs=ClassTotal(objects=objects, bytes=size),
        layers=none,
        manifests=none,
        tags=none,
        uploads=UploadTotals(),
        other=none,
        started_at=at - 12,
        ended_at=at,
        calls=1217,
    )


def hidden(*parts: HiddenPart) -> HiddenBytes:
    """What a count does not see."""
    usual = (
        HiddenPart(kind=HiddenKind.OLD_VERSIONS, objects=3, bytes=5 << 20),
        HiddenPart(kind=HiddenKind.DELETE_MARKERS, objects=2, bytes=0),
        HiddenPart(
            kind=HiddenKind.UNFINISHED_MULTIPARTS, inexact="MinIO lists only some, so an empty list proves nothing"
        ),
        HiddenPart(kind=HiddenKind.STALE_UPLOADS, objects=0, bytes=0, inexact="older than 168 h"),
    )
    return HiddenBytes(bucket="harbor", versioning="", parts=parts or usual, at=NOW - 3600, calls=4)


def counted(**changes: Any) -> CountedUsage:
    """A count with what it does not see."""
    return CountedUsage(count=count(**changes), hidden=hidden())
