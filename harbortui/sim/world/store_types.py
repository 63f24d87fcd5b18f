"""What the object store shows of a bucket."""

from __future__ import annotations

from typing import NamedTuple


class ObjectEntry(NamedTuple):
    """One object as a listing shows it; `etag` without quotes."""

    key: str
    size: int
    modified: float
    etag: str


class VersionEntry(NamedTuple):
    """One version (or delete marker) of an object."""

    key: str
    version_id: str
    size: int
    modified: float
    etag: str
    latest: bool
    delete_marker: bool


class MultipartUpload(NamedTuple):
    """An incomplete multipart upload; parts are (number, size, modified)."""

    key: str
    upload_id: str
    initiated: float
    parts: tuple[tuple[int, int, float], ...]


class BucketStats(NamedTuple):
    """Totals of a bucket. `objects`/`bytes` are what a full listing adds up to.

    `version_objects`/`version_bytes` are the versions that are not current: they, delete markers and multipart
    uploads never show in a listing.
    """

    objects: int
    bytes: int
    version_objects: int = 0
    version_bytes: int = 0
    delete_markers: int = 0
    multipart_uploads: int = 0
    multipart_bytes: int = 0
