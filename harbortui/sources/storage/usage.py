"""Reading how full a bucket is from what the store itself knows; nothing is ever listed for it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from harbortui.model.storage import BucketUsage
from harbortui.model.text import decode_text
from harbortui.sources.rows import Int64, read_object
from harbortui.sources.storage.prometheus import samples

RGW_INCLUDES = "old versions and unfinished uploads"
MINIO_INCLUDES = "old versions"
MINIO_PERIOD = 3600.0
"""Seconds. MinIO's scanner has no fixed interval: it pauses by load, and looks into each folder every 16th cycle."""

NANOSECONDS_FROM = 1e8
"""Ages above this are nanoseconds, as MinIO's ``since_last_update_seconds`` is (cmd/metrics-v3-cluster-usage.go)."""

_INT64 = 2.0**63
"""A figure from here on is none, and could not travel to the console."""

_NO_DATA = "MinIO has not counted this bucket yet"


class _Quota(msgspec.Struct, frozen=True):
    quota: Int64 = 0
    size: Int64 = 0


class _Details(msgspec.Struct, frozen=True):
    quota: _Quota | None = None


class _Bucket(msgspec.Struct, frozen=True, rename={"histogram": "objectHistogram"}):
    name: str = ""
    size: Int64 = 0
    objects: Int64 | None = None
    histogram: dict[str, Int64] | None = None
    """None until the scanner has counted the bucket, all zeros when it was empty."""
    details: _Details | None = None


class _Account(msgspec.Struct, frozen=True, rename="pascal"):
    buckets: tuple[_Bucket, ...] | None = None


def rgw_usage(headers: Mapping[str, str]) -> BucketUsage | None:
    """From the headers of a HEAD of the bucket; None when they are not there.

    Quotas are told to the bucket's owner only. The user's one counts all buckets of that user, so its share is at least
    what this bucket uses; the smaller of the two is the one that stops pushes first.
    """
    size = _digits(headers.get("x-rgw-bytes-used", ""))
    if size is None:
        return None
    quotas = (_digits(headers.get(f"x-rgw-quota-{whose}-size", "")) for whose in ("bucket", "user"))
    quota = min((each for each in quotas if each), default=None)
    return BucketUsage(
        source="RGW bucket statistics",
        bytes=size,
        objects=_digits(headers.get("x-rgw-object-count", "")),
        includes=RGW_INCLUDES,
        quota_bytes=quota,
    )


def account_usage(body: bytes, bucket: str) -> BucketUsage | str:
    """From MinIO's ``accountinfo``, which lists the buckets a key can see; else why it tells nothing.

    The figure is the background scanner's, which may be days old; the answer does not say when it counted.

    Raises:
        Unreadable: not such an answer.
    """
    account = read_object(body, _Account)
    found = next((each for each in account.buckets or () if each.name == bucket), None)
    if found is None:
        return "MinIO's account information does not name this bucket"
    if found.size <= 0 and not found.objects and found.histogram is None:
        return _NO_DATA
    quota = found.details.quota if found.details else None
    return BucketUsage(
        source="MinIO account info",
        bytes=found.size,
        objects=found.objects,
        includes=MINIO_INCLUDES,
        period=MINIO_PERIOD,
        quota_bytes=(quota.size or quota.quota or None) if quota else None,
    )


_V2 = ("minio_bucket_usage_total_bytes", "minio_bucket_usage_object_total", "minio_bucket_quota_total_bytes")
_V3 = (
    "minio_cluster_usage_buckets_total_bytes",
    "minio_cluster_usage_buckets_objects_count",
    "minio_cluster_usage_buckets_quota_total_bytes",
)
_AGES = {
    "minio_bucket_usage_last_activity_nano_seconds": 1e-9,
    "minio_usage_last_activity_nano_seconds": 1e-9,
    "minio_cluster_usage_buckets_since_last_update_seconds": 1.0,
}


def metrics_usage(body: bytes, bucket: str, now: float) -> BucketUsage | str:
    """From MinIO's metrics, version 2 or 3; else why they tell nothing. ``now`` in unix seconds."""
    figures: dict[str, float] = {}
    age: float | None = None
    for name, labels, value in samples(decode_text(body), "minio_"):
        if name in _AGES:
            age = _seconds(value, _AGES[name])
        elif labels.get("bucket") == bucket and 0 <= value < _INT64:
            figures[name] = value
    for size, objects, quota in (_V2, _V3):
        if size in figures:
            return BucketUsage(
                source="MinIO metrics",
                bytes=int(figures[size]),
                objects=int(figures[objects]) if objects in figures else None,
                measured_at=None if age is None else now - age,
                includes=MINIO_INCLUDES,
                period=MINIO_PERIOD,
                quota_bytes=int(figures.get(quota, 0)) or None,
            )
    return "MinIO's metrics do not name this bucket yet"


def _seconds(value: float, unit: float) -> float | None:
    """An age in seconds; 0 and less mean that nothing was counted yet."""
    if value <= 0:
        return None
    return value * 1e-9 if value > NANOSECONDS_FROM else value * unit


def _digits(text: str) -> int | None:
    """A count in a header; RGW says -1 for "no quota"."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
