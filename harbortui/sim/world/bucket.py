"""The bucket of one instance in the registry's layout, derived from what the instance stores.

Layout: distribution/distribution registry/storage/paths.go (v2.8): blobs/<alg>/<2 hex>/<hex>/data, and per repository
_layers, _manifests and _uploads links below repositories/.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from hashlib import md5
from heapq import merge
from typing import TYPE_CHECKING

from harbortui.sim.world.bulk import BulkBlobs
from harbortui.sim.world.harbor_types import Artifact, Blob
from harbortui.sim.world.options import MINUTE, S3_REGION
from harbortui.sim.world.store_types import BucketStats, MultipartUpload, ObjectEntry, VersionEntry
from harbortui.sim.world.timefmt import iso_seconds

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance

ROOT = "registry/docker/registry/v2/"
LINK_SIZE = 71
STARTED_SIZE = 20


def _etag(key: str) -> str:
    return md5(key.encode(), usedforsecurity=False).hexdigest()


class Bucket:
    """One bucket. The sorted list of real keys is made when it is first listed and again after content changed."""

    def __init__(self, instance: Instance) -> None:
        self._in = instance
        self.name = instance.bucket_name
        self.region = S3_REGION
        self.version_state = "Enabled" if instance.world.options.versioning else ""
        self.multipart: list[MultipartUpload] = []
        self.uploads: list[tuple[str, str, float, int]] = []
        self.extra: dict[str, tuple[int, float]] = {}
        self.removed: set[str] = set()
        self.old_versions: list[VersionEntry] = []
        bulk = instance.world.options.bulk_blobs if instance.primary else 0
        self.bulk = BulkBlobs(bulk, ROOT, instance.world.options.start - 30 * 86_400.0)
        self._built = -1
        self._keys: list[str] = []
        self._meta: dict[str, tuple[int, float]] = {}
        self._bytes = 0
        self._scan: tuple[float, BucketStats] = (0.0, BucketStats(0, 0))

    # Reading

    def blobs(self) -> dict[str, int]:
        """Stored blobs: 64 hex digits -> bytes; deleted artifacts' blobs stay until garbage collection."""
        found = dict(self._in.content.referenced())
        for _, artifact, _ in self._in.content.garbage:
            found.update(artifact.image.blobs)
        return found

    def stats(self) -> BucketStats:
        """The truth now: objects and bytes are what a full listing adds up to."""
        self._build()
        old = [v for v in self.old_versions if not v.delete_marker]
        gone = [entry.size for key in self.removed if (entry := self.bulk.get(key))]
        return BucketStats(
            len(self._keys) + self.bulk.count - len(gone),
            self._bytes + self.bulk.total_bytes - sum(gone),
            len(old),
            sum(v.size for v in old),
            len(self.old_versions) - len(old),
            len(self.multipart),
            sum(size for upload in self.multipart for _, size, _ in upload.parts),
        )

    def scanned(self) -> tuple[float, BucketStats]:
        """What MinIO's scanner last wrote down and when: some minutes old, so without the youngest pushes.

        It stays the same until the next round, some 25 minutes later, whatever is deleted meanwhile.
        """
        now = self._in.world.now
        period = (20 + self._in.number % 3 * 5) * MINUTE
        at = now - (now + self._in.number * 97) % period - 10 * MINUTE
        if abs(self._scan[0] - at) < 1.0:
            return self._scan
        self._build()
        young = [self._meta[key][0] for key in self._keys if self._meta[key][1] > at]
        full = self.stats()
        self._scan = at, full._replace(objects=full.objects - len(young), bytes=full.bytes - sum(young))
        return self._scan

    def list(self, after: str = "", prefix: str = "") -> Iterator[ObjectEntry]:
        """Objects sorted by key, keys above `after` that begin with `prefix`, lazily."""
        self._build()
        if not self.bulk.count:
            return self._real(after, prefix)
        bulk = self.bulk.list(after, prefix)
        kept = (entry for entry in bulk if entry.key not in self.removed) if self.removed else bulk
        return merge(self._real(after, prefix), kept)

    def get(self, key: str) -> ObjectEntry | None:
        """One object, or None."""
        self._build()
        meta = self._meta.get(key)
        if meta:
            return ObjectEntry(key, meta[0], meta[1], _etag(key))
        return None if key in self.removed else self.bulk.get(key)

    def versions(self, after: str = "", prefix: str = "") -> Iterator[VersionEntry]:
        """All versions sorted by key, newest first within a key; unversioned objects have version "null"."""

        def order(version: VersionEntry) -> tuple[str, bool, float]:
            return version.key, not version.latest, -version.modified

        stale = sorted((v for v in self.old_versions if v.key > after and v.key.startswith(prefix)), key=order)
        gone = {v.key for v in self.old_versions if v.latest}
        current = (
            VersionEntry(e.key, "null", e.size, e.modified, e.etag, True, False)
            for e in self.list(after, prefix)
            if e.key not in gone
        )
        return merge(current, stale, key=order)

    def body(self, entry: ObjectEntry) -> bytes:
        """The content of links and start dates; blobs have no content here."""
        parts = entry.key.split("/")
        if parts[-1] == "link" and "sha256" in parts:
            return f"sha256:{parts[-2]}".encode()
        if parts[-1] == "startedat":
            return iso_seconds(int(entry.modified)).encode()
        return b""

    # Writing

    def put(self, key: str, size: int) -> None:
        """Store an object that is not the registry's (a probe's); in a versioned bucket what it replaces stays."""
        self._keep_version(key, marker=False)
        self.removed.add(key)
        self.extra[key] = (size, self._in.world.now)
        self._built = -1
        self._in.world.touch()

    def delete(self, key: str) -> bool:
        """Delete an object, the registry's too (which then misses it); True when it was there.

        In a versioned bucket it stays as an old version behind a delete marker.
        """
        found = self._keep_version(key, marker=True)
        self.extra.pop(key, None)
        self.removed.add(key)
        self._built = -1
        self._in.world.touch()
        return found

    def _keep_version(self, key: str, marker: bool) -> bool:
        entry, now = self.get(key), self._in.world.now
        if entry is not None and self.version_state == "Enabled":
            count = len(self.old_versions)
            self.old_versions = [v._replace(latest=False) if v.key == key else v for v in self.old_versions]
            old = (_etag(f"{count}:{key}"), entry.size, entry.modified, entry.etag, False, False)
            # Newest first: two changes may fall into the same moment of a held clock.
            self.old_versions.insert(0, VersionEntry(key, *old))
            if marker:
                self.old_versions.insert(0, VersionEntry(key, _etag(f"{count}:{key}:gone"), 0, now, "", True, True))
        elif self.version_state == "Enabled" and not marker:
            self.old_versions = [v._replace(latest=False) if v.key == key else v for v in self.old_versions]
        return entry is not None

    def collect(self, swept: set[Blob]) -> None:
        """Garbage collection removed these blobs; with versioning they stay as old versions behind delete markers."""
        content = self._in.content
        if self.version_state == "Enabled":
            now = self._in.world.now
            for blob in sorted(swept):
                key = f"{ROOT}blobs/sha256/{blob.hex[:2]}/{blob.hex}/data"
                old = VersionEntry(key, blob.hex[:32], blob.size, now - 86_400, _etag(key), False, False)
                self.old_versions += (old, VersionEntry(key, blob.hex[32:], 0, now, "", True, True))
        content.garbage = [row for row in content.garbage if row[1].image.manifest not in swept]
        content.version += 1

    # Building

    def _real(self, after: str, prefix: str) -> Iterator[ObjectEntry]:
        keys, meta = self._keys, self._meta
        at = max(bisect_right(keys, after), bisect_left(keys, prefix))
        for index in range(at, len(keys)):
            key = keys[index]
            if not key.startswith(prefix):
                return
            size, modified = meta[key]
            yield ObjectEntry(key, size, modified, _etag(key))

    def _build(self) -> None:
        version = self._in.content.version
        if self._built == version:
            return
        meta: dict[str, tuple[int, float]] = {}
        for repository in self._in.repositories.values():
            for artifact in repository.artifacts:
                self._artifact_keys(meta, repository.name, artifact)
        for name, artifact, _ in self._in.content.garbage:
            self._artifact_keys(meta, name, artifact)
        for name, upload, started, size in self.uploads:
            base = f"{ROOT}repositories/{name}/_uploads/{upload}/"
            meta[base + "data"] = (size, started + 5)
            meta[base + "startedat"] = (STARTED_SIZE, started)
        for key in self.removed:
            meta.pop(key, None)
        meta.update(self.extra)
        self._meta, self._keys = meta, sorted(meta)
        self._bytes = sum(size for size, _ in meta.values())
        self._built = version

    def _artifact_keys(self, meta: dict[str, tuple[int, float]], name: str, artifact: Artifact) -> None:
        base = f"{ROOT}repositories/{name}/"
        image, at = artifact.image, artifact.push_time
        for blob in image.blobs:
            meta.setdefault(f"{ROOT}blobs/sha256/{blob.hex[:2]}/{blob.hex}/data", (blob.size, at))
        for blob in (image.config, *image.layers):
            meta.setdefault(f"{base}_layers/sha256/{blob.hex}/link", (LINK_SIZE, at))
        manifest = image.manifest.hex
        meta[f"{base}_manifests/revisions/sha256/{manifest}/link"] = (LINK_SIZE, at)
        for tag in artifact.tags:
            meta[f"{base}_manifests/tags/{tag}/current/link"] = (LINK_SIZE, at)
            meta[f"{base}_manifests/tags/{tag}/index/sha256/{manifest}/link"] = (LINK_SIZE, at)
