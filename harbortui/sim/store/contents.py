"""What clients stored through S3 itself: bodies, their tags and types. Everything else is the world's."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5, sha256

from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import ObjectEntry

BLOCK = 64 << 10


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that a client put."""

    body: bytes
    etag: str
    content_type: str
    metadata: tuple[tuple[str, str], ...] = ()


class Contents:
    """Bodies of objects. Blobs of the world have made-up bytes of the right length, the same each time."""

    def __init__(self) -> None:
        self._stored: dict[tuple[str, str], Stored] = {}
        self.parts: dict[tuple[str, int], bytes] = {}
        """Bodies of the parts of open uploads, by upload id and number."""

    def put(self, bucket: Bucket, key: str, stored: Stored) -> None:
        """Store an object in the world's bucket."""
        bucket.put(key, len(stored.body))
        self._stored[bucket.name, key] = stored

    def delete(self, bucket: Bucket, key: str) -> bool:
        """Delete an object, the registry's too; True when it was there."""
        self._stored.pop((bucket.name, key), None)
        return bucket.delete(key)

    def stored(self, bucket: Bucket, key: str) -> Stored | None:
        """What a client put under that key."""
        return self._stored.get((bucket.name, key)) if self._stored else None

    def etag(self, bucket: Bucket, entry: ObjectEntry) -> str:
        """The entity tag, without quotes."""
        stored = self.stored(bucket, entry.key)
        return entry.etag if stored is None else stored.etag

    def read(self, bucket: Bucket, entry: ObjectEntry, start: int, length: int) -> bytes:
        """`length` bytes from `start`."""
        stored = self.stored(bucket, entry.key)
        body = bucket.body(entry) if stored is None else stored.body
        if body or stored is not None:
            return body[start : start + length]
        block = (sha256(entry.key.encode()).digest() * (BLOCK // 32))[:BLOCK]
        offset = start % BLOCK
        return (block * ((offset + length) // BLOCK + 1))[offset : offset + length]


def etag_of(body: bytes) -> str:
    """The entity tag of an object that came in one piece."""
    return md5(body, usedforsecurity=False).hexdigest()
