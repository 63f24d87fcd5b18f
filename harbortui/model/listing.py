"""What a listing of a bucket tells: a plan before, progress meanwhile, the count, a sample, and what it hides."""

from __future__ import annotations

from enum import Enum

from harbortui.model.record import Record


class ClassTotal(Record, frozen=True, kw_only=True):
    """Keys of one class and their bytes."""

    objects: int = 0
    bytes: int = 0


class UploadTotals(Record, frozen=True, kw_only=True):
    """What lies below ``_uploads/``: pushes that are under way or were never finished."""

    objects: int = 0
    bytes: int = 0
    sessions: int = 0
    """Uploads (one directory each) that these objects belong to."""
    stale_sessions: int = 0
    """Older than the age at which the registry purges by default; age is that of ``startedat``."""
    stale_bytes: int = 0
    undated_sessions: int = 0
    """Without ``startedat``: the registry gives them a date far in the future and never purges them."""
    undated_bytes: int = 0
    oldest_at: float | None = None


class BucketCount(Record, frozen=True, kw_only=True):
    """Every current object of a bucket, counted by listing it; what changed meanwhile may or may not be in it."""

    bucket: str
    objects: int
    bytes: int
    blobs: ClassTotal
    """Layers, configurations and manifests: where nearly all bytes are."""
    layers: ClassTotal
    """Links of layers; like the other links they are about 71 bytes each."""
    manifests: ClassTotal
    tags: ClassTotal
    uploads: UploadTotals
    other: ClassTotal
    """Anything that is not in the registry's layout, within its root directory or beside it."""
    started_at: float
    ended_at: float
    calls: int
    retries: int = 0
    notes: tuple[str, ...] = ()
    """What was odd about the store while counting."""

    @property
    def links(self) -> ClassTotal:
        """Links of all kinds."""
        each = (self.layers, self.manifests, self.tags)
        return ClassTotal(objects=sum(one.objects for one in each), bytes=sum(one.bytes for one in each))


class CountPlan(Record, frozen=True, kw_only=True):
    """What a count would take, estimated; nothing has been counted yet."""

    bucket: str
    objects: int
    objects_from: str
    """What the number of objects is estimated from, in words."""
    at_least: bool = False
    """True when there may well be more objects, so that calls, seconds and dollars are lower bounds."""
    blobs: int
    calls: int
    seconds: float
    dollars: float | None = None
    """Only where a listing is billed by a price we know: Amazon's own endpoints, at their usual list price."""
    latency: float
    """Seconds of the slowest page asked for the plan."""
    shards: int
    concurrency: int
    spent_calls: int
    """Calls made for the plan itself."""


class CountProgress(Record, frozen=True, kw_only=True):
    """How far a count is."""

    calls: int
    retries: int
    objects: int
    bytes: int
    shards_done: int
    shards: int
    """May rise while counting: long shards are split when connections are idle."""
    concurrency: int
    """Calls that may be under way at once; halved each time the store asks to slow down."""
    elapsed: float
    rate: float
    """Keys a second, on average."""
    remaining: float | None = None
    """Seconds left, estimated; None when the number of keys is not known."""


class Estimate(Record, frozen=True, kw_only=True):
    """An estimated total with its standard error and the interval that holds the truth in 95 of 100 cases."""

    value: int
    standard_error: float
    low: int
    high: int | None
    """None: no bound can be told, for nothing was seen."""


class BucketSample(Record, frozen=True, kw_only=True):
    """Blobs of a bucket, estimated from some of the 256 two-digit prefixes; links and all else are not in it."""

    bucket: str
    objects: Estimate
    bytes: Estimate
    prefixes: int
    """How many of the 256 were listed."""
    sampled_objects: int
    at: float
    calls: int


class HiddenKind(Enum):
    """Space that a listing of objects does not show, or that nobody refers to."""

    OLD_VERSIONS = "old versions"
    DELETE_MARKERS = "delete markers"
    UNFINISHED_MULTIPARTS = "unfinished multipart uploads"
    STALE_UPLOADS = "stale uploads"


class HiddenPart(Record, frozen=True, kw_only=True):
    """One kind of hidden space."""

    kind: HiddenKind
    objects: int | None = None
    """None: not tellable."""
    bytes: int | None = None
    inexact: str = ""
    """What makes the figures inexact, or why there are none; empty when they are exact."""


class HiddenBytes(Record, frozen=True, kw_only=True):
    """Space of a bucket that a count does not see."""

    bucket: str
    versioning: str | None = None
    """``Enabled``, ``Suspended``, empty when versions were never kept, None when it is not tellable."""
    parts: tuple[HiddenPart, ...]
    at: float
    calls: int
