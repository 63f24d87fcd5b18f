"""The registry's layout in a bucket (distribution/distribution registry/storage/paths.go, unchanged since 2.3).

``<root>docker/registry/v2/`` holds ``blobs/<alg>/<2 hex>/<hex>/data`` and below ``repositories/<name>/`` links in
``_layers``, ``_manifests/revisions`` and ``_manifests/tags``, and uploads in ``_uploads/<uuid>/``. No component of a
repository's name begins with an underscore, so the first that does tells the class. Keys have no leading slash.
"""

from __future__ import annotations

import re
from typing import Literal

Class = Literal["blobs", "layers", "manifests", "tags", "uploads", "other"]

UPLOADS = "/_uploads/"
_MARKS: tuple[tuple[str, Class], ...] = (
    ("/_layers/", "layers"),
    ("/_manifests/revisions/", "manifests"),
    ("/_manifests/tags/", "tags"),
)
_DIGEST = re.compile(r"(.*/(?:blobs|_layers|revisions)/[a-z0-9+._-]+/)(?:[0-9a-f]{2}/)?([0-9a-f]{32,})/")


class Layout:
    """Where in the bucket the registry's keys are; ``root`` is its root directory, with or without slashes."""

    def __init__(self, root: str = "") -> None:
        inner = root.strip("/")
        self.v2 = f"{inner}/docker/registry/v2/" if inner else "docker/registry/v2/"
        self.blobs = f"{self.v2}blobs/"
        self.repositories = f"{self.v2}repositories/"

    def class_of(self, key: str) -> Class:
        """The class of a key."""
        if key.startswith(self.blobs):
            return "blobs" if key.endswith("/data") else "other"
        if not key.startswith(self.repositories):
            return "other"
        at = key.find("/_", len(self.repositories))
        if key.startswith(UPLOADS, at):
            return "uploads"
        for mark, name in _MARKS:
            if key.startswith(mark, at):
                return name if key.endswith("/link") else "other"
        return "other"


def upload_of(key: str) -> str:
    """The directory of the upload that a key below ``_uploads/`` belongs to."""
    end = key.find("/", key.find(UPLOADS) + len(UPLOADS))
    return key[:end] if end >= 0 else key


def digest_place(key: str) -> tuple[str, int] | None:
    """For a key below a directory of digests: that directory, and the digest's first eight digits as a number."""
    found = _DIGEST.match(key)
    return (found[1], int(found[2][:8], 16)) if found else None
