"""Walking one range, page by page, without trusting the server to come to an end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable
from typing import Protocol

from harbortui.sources.storage.listing.pages import Listing, Page, Position, Query
from harbortui.sources.storage.listing.ranges import KeyRange
from harbortui.sources.storage.listing.stopped import NotSharded, Unruly
from harbortui.sources.storage.listing.table import TableParser

MAX_EMPTY = 100
"""Pages in a row without a key; AWS sends a few where much was deleted."""
MAX_PAGES = 10_000_000

Ask = Callable[[Query, Callable[[], TableParser]], Awaitable[TableParser]]
"""Asks for one page of the bucket."""


class Sink(Protocol):
    """Where the pages of one walk go."""

    def add(self, page: Page) -> None:
        """The next page."""
        ...

    def finish(self) -> None:
        """That was the last."""
        ...


class Walk:
    """One range of keys on its way; ``upper`` may be lowered between two pages, to give the rest to others."""

    def __init__(self, keys: KeyRange, listing: Listing, ask: Ask, sink: Sink, *, strict: bool = True) -> None:
        self.lower = keys.lower
        self.upper = keys.upper
        self.pages = 0
        self.keys = 0
        self.last = ""
        """The last name seen."""
        self.next_cut = 0
        """The page from which on it may be thought of cutting this walk again."""
        self._prefix = keys.prefix
        self._start = Position(after=keys.start_after)
        self._listing = listing
        self._ask = ask
        self._sink = sink
        self._strict = strict
        self._empty = 0
        self._ids: set[str] = set()
        """Versions of the last key so far: a server that ignores ``version-id-marker`` would send them again."""

    async def run(self, after_page: Callable[[Walk], Awaitable[None]]) -> None:
        """Walk to the end.

        Raises:
            Stopped: a page cannot be had.
            Unreadable, Unruly: a page is none, or the server repeats itself.
            NotSharded: the server ignores what keeps ranges apart.
        """
        position: Position | None = self._start
        while position is not None:
            parser = await self._ask(self._listing.query(self._prefix, position), self._listing.parser)
            page = self._listing.page(parser, position)
            self._check(page)
            position = self._take(page)
            if position is not None:
                await after_page(self)
        self._sink.finish()

    def _check(self, page: Page) -> None:
        if not page.keys:
            self._empty += 1
            if self._empty > MAX_EMPTY:
                raise Unruly(f"the store sends {self._empty} empty pages in a row")
            return
        self._empty = 0
        first, last = page.keys[0], page.keys[-1]
        if not (first.startswith(self._prefix) and last.startswith(self._prefix)):
            raise NotSharded("the store ignores prefix")
        if not self.pages and self._start.after and first <= self._start.after:
            raise NotSharded("the store ignores start-after")
        if self.last and (first < self.last or (self._strict and first == self.last)):
            raise Unruly("the store repeats itself: keys that came before")
        if not self._strict:
            self._check_versions(page)
        if self.pages >= MAX_PAGES:
            raise Unruly("the listing does not end")

    def _check_versions(self, page: Page) -> None:
        same = page.ids[: bisect_right(page.keys, self.last)] if page.keys[0] == self.last else []
        if not self._ids.isdisjoint(same):
            raise Unruly("the store repeats itself: versions that came before")
        if page.keys[-1] != self.last:
            self._ids.clear()
        self._ids.update(page.ids[bisect_left(page.keys, page.keys[-1]) :])

    def _take(self, page: Page) -> Position | None:
        """Add what of the page is in the range; where it goes on."""
        keys = page.keys
        begin = bisect_left(keys, self.lower) if self.lower and keys and keys[0] < self.lower else 0
        end = bisect_left(keys, self.upper) if self.upper and keys and keys[-1] >= self.upper else len(keys)
        self.pages += 1
        if begin < end:
            self.keys += end - begin
            self._sink.add(page.part(begin, end))
        if keys:
            self.last = keys[-1]
        return page.next if end == len(keys) else None
