"""One page of a listing: S3's rules for markers, delimiters and limits over any sorted source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

LAST = "\U0010ffff"
"""The highest character: what begins with a prefix and this sorts behind everything that begins with the prefix."""


class Keyed(Protocol):
    """What a listing lists."""

    @property
    def key(self) -> str:
        """Its key."""


T = TypeVar("T", bound=Keyed)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows and common prefixes in order; `last` is the name the next page goes on behind, "" on the last page.

    `last_row` is the row of that name, None when it is a common prefix.
    """

    rows: list[T]
    prefixes: list[str]
    last: str = ""
    last_row: T | None = None


def page(source: Callable[[str, str], Iterator[T]], prefix: str, delimiter: str, marker: str, limit: int) -> Page[T]:
    """At most `limit` rows and common prefixes behind `marker`.

    `source(after, prefix)` gives rows sorted by key. A marker that is itself a common prefix leaves out all that it
    stands for, so that any chain of pages names every key or its prefix exactly once.
    """
    rows: list[T] = []
    prefixes: list[str] = []
    last = ""
    last_row: T | None = None
    if not limit:
        return Page(rows, prefixes)
    skip = marker if delimiter and common_prefix(marker, prefix, delimiter) == marker else ""
    entries = source(marker + LAST if skip else marker, prefix)
    while (entry := next(entries, None)) is not None:
        common = common_prefix(entry.key, prefix, delimiter) if delimiter else ""
        if common and common == skip:
            continue
        if len(rows) + len(prefixes) == limit:
            return Page(rows, prefixes, last, last_row)
        if common:
            prefixes.append(common)
            last, last_row, skip = common, None, common
            entries = source(common + LAST, prefix)
        else:
            rows.append(entry)
            last, last_row = entry.key, entry
    return Page(rows, prefixes)


def common_prefix(key: str, prefix: str, delimiter: str) -> str:
    """What a key is rolled up to, or ""."""
    if not key.startswith(prefix):
        return ""
    at = key.find(delimiter, len(prefix))
    return key[: at + len(delimiter)] if at >= 0 else ""
