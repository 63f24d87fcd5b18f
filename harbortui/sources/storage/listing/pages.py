"""One page of a listing: what is asked for, and what came, checked against the rules every listing keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from operator import le, lt
from typing import Protocol

from harbortui.sources.storage.listing.quick import FlatParser
from harbortui.sources.storage.listing.stopped import Unruly
from harbortui.sources.storage.listing.table import Rows, TableParser

PAGE = 1000
"""Keys of a page, the most that servers send."""

Query = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where the next page begins."""

    after: str = ""
    """Behind this name."""
    token: str = ""
    """Or where the server's token says; then ``after`` is the last key so far."""
    version: str = ""
    """Within the versions of ``after``, behind this one."""


@dataclass(frozen=True, slots=True)
class Page:
    """Keys in order with their sizes and times of change, and where it goes on."""

    keys: list[str]
    sizes: list[int]
    times: list[str]
    next: Position | None = None
    """None on the last page."""
    states: list[tuple[str, str]] = field(default_factory=list)
    """Of versions only: the row's element and ``IsLatest``."""
    ids: list[str] = field(default_factory=list)
    """Of versions only."""
    prefixes: list[str] = field(default_factory=list)

    def part(self, begin: int, end: int) -> Page:
        """The keys from ``begin`` on and before ``end``."""
        if begin == 0 and end == len(self.keys):
            return self
        cut = slice(begin, end)
        parts = (self.keys[cut], self.sizes[cut], self.times[cut])
        return replace(self, keys=parts[0], sizes=parts[1], times=parts[2], states=self.states[cut], ids=self.ids[cut])


class Listing(Protocol):
    """A kind of listing."""

    def query(self, prefix: str, position: Position) -> Query:
        """What asks for the page."""
        ...

    def parser(self) -> TableParser:
        """What reads the answer."""
        ...

    def page(self, parser: TableParser, position: Position) -> Page:
        """The page that the parser read; raises Unreadable or Unruly."""
        ...


class Objects:
    """ListObjectsV2."""

    def query(self, prefix: str, position: Position, delimiter: str = "") -> Query:
        """``encoding-type=url``, because XML cannot carry every key."""
        query = [("encoding-type", "url"), ("list-type", "2"), ("max-keys", str(PAGE)), ("prefix", prefix)]
        if delimiter:
            query.append(("delimiter", delimiter))
        if position.token:
            query.append(("continuation-token", position.token))
        elif position.after:
            query.append(("start-after", position.after))
        return sorted(query)

    def parser(self) -> TableParser:
        """Reads the answer."""
        return FlatParser()

    def page(self, parser: TableParser, position: Position) -> Page:
        """The page.

        ``KeyCount`` is not looked at: rclone leaves it out, and rows that are missing make the XML unreadable anyway.

        Raises:
            Unreadable: sizes that are none.
            Unruly: keys out of order, or no way on.
        """
        keys, prefixes = parser.names("Contents", "Key"), parser.names("CommonPrefixes", "Prefix")
        if not _ascending(keys):
            raise Unruly("the store lists keys out of order")
        following = None
        if parser.is_truncated:
            following = _behind(keys, prefixes, parser.fields.get("NextContinuationToken", ""), position)
        times = parser.rows["Contents"].columns["LastModified"]
        return Page(keys, parser.numbers("Contents", "Size"), times, following, prefixes=prefixes)


class Versions:
    """ListObjectVersions."""

    def query(self, prefix: str, position: Position) -> Query:
        """Goes on behind a key, or behind one of its versions."""
        query = [("encoding-type", "url"), ("max-keys", str(PAGE)), ("prefix", prefix), ("versions", "")]
        if position.after:
            query.append(("key-marker", position.after))
        if position.version:
            query.append(("version-id-marker", position.version))
        return sorted(query)

    def parser(self) -> TableParser:
        """Reads the answer; versions and delete markers stand in one order."""
        rows = Rows(("Key", "VersionId", "IsLatest", "Size", "LastModified"))
        return TableParser({"Version": rows, "DeleteMarker": rows}, ("ListVersionsResult", "ListBucketVersionsResult"))

    def page(self, parser: TableParser, position: Position) -> Page:
        """The page; it goes on behind its last row, since RGW does not encode ``NextKeyMarker`` as it does keys."""
        rows = parser.rows["Version"]
        keys, ids = parser.names("Version", "Key"), rows.columns["VersionId"]
        if not all(map(le, keys, islice(keys, 1, None))):
            raise Unruly("the store lists keys out of order")
        following = None
        if parser.is_truncated:
            if not keys:
                raise Unruly("the store promises more versions but lists none")
            following = Position(after=keys[-1], version=ids[-1])
            if following == position or (keys[0], ids[0]) == (position.after, position.version):
                raise Unruly("the store repeats itself")
        states = list(zip(rows.names, rows.columns["IsLatest"], strict=True))
        return Page(keys, parser.numbers("Version", "Size"), rows.columns["LastModified"], following, states, ids)


def _behind(keys: list[str], prefixes: list[str], token: str, position: Position) -> Position:
    """Where the next page begins; a store that forgets the token is asked for what is behind the last name."""
    last = max(keys[-1] if keys else "", prefixes[-1] if prefixes else "", position.after)
    if token:
        if token == position.token:
            raise Unruly("the store repeats itself: the same continuation token again")
        return Position(after=last, token=token)
    if last == position.after:
        raise Unruly("the store repeats itself" if keys or prefixes else "the store promises more keys but names none")
    return Position(after=last)


def _ascending(keys: list[str]) -> bool:
    return all(map(lt, keys, islice(keys, 1, None)))
