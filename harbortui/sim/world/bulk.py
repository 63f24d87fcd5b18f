"""Any number of synthetic blobs, made on the fly in key order, the same each time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from hashlib import sha256

from harbortui.sim.world.store_types import ObjectEntry

SPREAD = 1 << 32


class BulkBlobs:
    """`count` blobs whose digests rise with their number: number n's first eight hex digits are n * 2^32 / count.

    So a million keys need no memory, and the neighbour of any key is found by bisection.
    """

    def __init__(self, count: int, root: str, modified: float) -> None:
        self.count = count
        self._root = root + "blobs/sha256/"
        self._modified = modified
        self._total: int | None = None

    @property
    def total_bytes(self) -> int:
        """Bytes of all of them."""
        if self._total is None:
            self._total = sum(self.size(n) for n in range(self.count))
        return self._total

    @staticmethod
    def size(number: int) -> int:
        """Bytes of blob `number`: 1 kB to about 2 MB."""
        return 1_000 + number * 7_919 % 2_000_003

    def key(self, number: int) -> str:
        """The key of blob `number`."""
        head = f"{number * SPREAD // self.count:08x}"
        tail = sha256(f"bulk:{number}".encode()).hexdigest()[:56]
        return f"{self._root}{head[:2]}/{head}{tail}/data"

    def list(self, after: str, prefix: str) -> Iterator[ObjectEntry]:
        """Entries sorted by key, above `after`, beginning with `prefix`."""
        start = bisect_left(range(self.count), max(after, prefix), key=self.key)
        for number in range(start, self.count):
            key = self.key(number)
            if not key.startswith(prefix):
                return
            if key > after:
                yield self._entry(number, key)

    def get(self, key: str) -> ObjectEntry | None:
        """The entry of that key, or None."""
        number = bisect_left(range(self.count), key, key=self.key)
        return self._entry(number, key) if number < self.count and self.key(number) == key else None

    def _entry(self, number: int, key: str) -> ObjectEntry:
        return ObjectEntry(key, self.size(number), self._modified, f"{number:032x}")
