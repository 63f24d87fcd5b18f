"""What an object store tells about itself and a bucket."""

from __future__ import annotations

from harbortui.model.record import Record


class BucketUsage(Record, frozen=True, kw_only=True):
    """Bytes and objects as one source knows them; sources differ by definition, so the source is part of the value."""

    source: str
    """``RGW bucket statistics``, ``MinIO account info``, ``MinIO metrics``, ``AWS CloudWatch``."""
    bytes: int
    objects: int | None = None
    measured_at: float | None = None
    """When the server itself last counted, when it says so; its figure may be days old."""
    includes: str = ""
    """What the figure counts beyond current objects, e.g. ``old versions and unfinished uploads``."""
    quota_bytes: int | None = None
    period: float = 0.0
    """Seconds between two counts of the source itself; 0 when the figure is the present one whenever it is asked."""


class BucketState(Record, frozen=True, kw_only=True):
    """``HEAD`` of the bucket: reachable with these credentials or not is the facet's failure."""

    name: str
    provider: str = ""
    """``MinIO``, ``Ceph RGW``, ``AWS S3`` or empty when it cannot be told."""
    usage: BucketUsage | None = None
    """None when no source on the server knows it without listing the bucket."""
    usage_note: str = ""
    """Why ``usage`` is None, in words for a person."""
    usage_needs: str = ""
    """The right whose absence ``usage_note`` tells of, where that is the reason."""
    clock_skew: float | None = None
    """Server time minus ours in seconds, from the Date header."""


class StoreHealth(Record, frozen=True, kw_only=True):
    """An object store's own health, unauthenticated where the product has such a thing."""

    provider: str = ""
    live: bool | None = None
    ready: bool | None = None
    detail: str = ""
    """MinIO answers 200 while offline; the truth is in a header, said here."""
