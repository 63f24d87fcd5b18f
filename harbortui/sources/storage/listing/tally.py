"""Adding up pages; a page's keys are gone when it has been added."""

from __future__ import annotations

from datetime import datetime

from harbortui.model.listing import ClassTotal, UploadTotals
from harbortui.sources.storage.listing.layout import Class, Layout, upload_of
from harbortui.sources.storage.listing.pages import Page

STALE_SECONDS = 168 * 3600.0
"""The age at which the registry's ``uploadpurging`` removes an upload unless configured otherwise."""

_CLASSES: tuple[Class, ...] = ("blobs", "layers", "manifests", "tags", "uploads", "other")


class Tally:
    """Totals of one bucket by class, from any number of walks."""

    def __init__(self, layout: Layout, now: float) -> None:
        self._layout = layout
        self._stale_before = now - STALE_SECONDS
        self._objects: dict[Class, int] = dict.fromkeys(_CLASSES, 0)
        self._bytes: dict[Class, int] = dict.fromkeys(_CLASSES, 0)
        self._uploads = [0] * 5
        self._oldest: float | None = None

    @property
    def objects(self) -> int:
        """Keys so far."""
        return sum(self._objects.values())

    @property
    def bytes(self) -> int:
        """Bytes so far."""
        return sum(self._bytes.values())

    def of(self, name: Class) -> ClassTotal:
        """One class."""
        return ClassTotal(objects=self._objects[name], bytes=self._bytes[name])

    def uploads(self) -> UploadTotals:
        """The uploads."""
        sessions, stale, stale_bytes, undated, undated_bytes = self._uploads
        return UploadTotals(
            objects=self._objects["uploads"],
            bytes=self._bytes["uploads"],
            sessions=sessions,
            stale_sessions=stale,
            stale_bytes=stale_bytes,
            undated_sessions=undated,
            undated_bytes=undated_bytes,
            oldest_at=self._oldest,
        )

    def trail(self) -> Trail:
        """Where one walk adds its pages."""
        return Trail(self)

    def add(self, page: Page, trail: Trail) -> None:
        """Add a page of sorted keys, which come along one trail."""
        keys = page.keys
        if not keys:
            return
        blobs = self._layout.blobs
        if keys[0].startswith(blobs) and keys[-1].startswith(blobs) and all(key.endswith("/data") for key in keys):
            # Sorted, so whatever is between two blobs is below blobs/ as well.
            self._objects["blobs"] += len(keys)
            self._bytes["blobs"] += sum(page.sizes)
            return
        class_of = self._layout.class_of
        for key, size, time in zip(keys, page.sizes, page.times, strict=True):
            name = class_of(key)
            self._objects[name] += 1
            self._bytes[name] += size
            if name == "uploads":
                trail.upload(key, size, time)

    def add_upload(self, size: int, started: float | None) -> None:
        """Add one upload as a whole; its objects have been added by themselves."""
        self._uploads[0] += 1
        if started is None:
            self._uploads[3] += 1
            self._uploads[4] += size
            return
        self._oldest = started if self._oldest is None else min(self._oldest, started)
        if started < self._stale_before:
            self._uploads[1] += 1
            self._uploads[2] += size


class Trail:
    """One walk's way through the keys: an upload's keys follow each other, over the edges of pages."""

    __slots__ = ("_directory", "_size", "_started", "_tally")

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._directory = ""
        self._size = 0
        self._started: float | None = None

    def add(self, page: Page) -> None:
        """Add the walk's next page."""
        self._tally.add(page, self)

    def upload(self, key: str, size: int, time: str) -> None:
        """Add a key below ``_uploads/``."""
        directory = upload_of(key)
        if directory != self._directory:
            self.finish()
            self._directory = directory
        self._size += size
        if key.endswith("/startedat"):
            self._started = moment(time)

    def finish(self) -> None:
        """The walk is over, or at another upload: the one before is complete."""
        if self._directory:
            self._tally.add_upload(self._size, self._started)
        self._directory, self._size, self._started = "", 0, None


def moment(text: str) -> float | None:
    """Unix seconds of a time in a listing; None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo is not None else None
