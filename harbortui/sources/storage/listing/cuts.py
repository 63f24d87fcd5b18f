"""Where to cut what is left of a long walk, when others are idle: hints, for any cut leaves each key in one range."""

from __future__ import annotations

import re

from harbortui.sources.storage.listing.layout import UPLOADS, Layout, digest_place
from harbortui.sources.storage.listing.pages import Objects, Position
from harbortui.sources.storage.listing.ranges import common_beginning, evenly
from harbortui.sources.storage.listing.stopped import Unruly
from harbortui.sources.storage.listing.table import Unreadable
from harbortui.sources.storage.listing.walk import Ask, Walk

SPREAD = 1 << 32
"""Digests are placed by their first eight digits."""
LEAST_PAGES = 2
"""Pages a piece should have."""
MAX_LEVELS = 6

_DIGEST = re.compile(r"[0-9a-f]{32,}|[0-9a-f]{2}")


class Cutter:
    """Finds cuts: by arithmetic where digests are, by asking for the names of a directory elsewhere."""

    def __init__(self, layout: Layout, ask: Ask) -> None:
        self._layout = layout
        self._ask = ask
        self._objects = Objects()

    async def cuts(self, walk: Walk, pieces: int) -> list[str]:
        """Names above the walk's last to cut at, for about so many pieces; none when it is not worth it."""
        place = digest_place(walk.last)
        if place is not None and walk.last.startswith(self._layout.blobs):
            return by_digest(walk, *place, pieces)
        names = await self._by_name(walk, pieces)
        if names or place is None:
            return names
        return by_digest(walk, *place, pieces)

    async def _by_name(self, walk: Walk, pieces: int) -> list[str]:
        """The directories behind the one the walk is in, at the highest level that has any."""
        common = common_beginning(walk.last, walk.upper)
        directory = common[: common.rfind("/") + 1]
        for _ in range(MAX_LEVELS):
            if UPLOADS in directory and not directory.endswith(UPLOADS):
                break  # the keys of one upload stay together
            name, slash, _ = walk.last[len(directory) :].partition("/")
            if _DIGEST.fullmatch(name):
                break
            child = directory + name + slash
            found = [each for each in await self._names(directory, child) if each > walk.last]
            found = [each for each in found if not walk.upper or each < walk.upper]
            if found:
                return evenly(found, pieces - 1)
            if not slash:
                break
            directory = child
        return []

    async def _names(self, directory: str, behind: str) -> list[str]:
        position = Position(after=f"{behind}~~~~")
        try:
            parser = await self._ask(self._objects.query(directory, position, "/"), self._objects.parser)
            page = self._objects.page(parser, position)
        except (Unreadable, Unruly):
            return []
        return sorted(page.keys + page.prefixes)


def by_digest(walk: Walk, directory: str, at: int, pieces: int) -> list[str]:
    """Cuts of the digests that are left, which are spread evenly, so that each piece has a few pages."""
    begin = _number(walk.lower, directory, 0)
    end = _number(walk.upper, directory, SPREAD)
    covered, left = at - begin, end - at
    if covered <= 0 or left <= 0:
        return []
    # As many pages for each digest to come as for each that was.
    pages = walk.pages / covered * left
    pieces = min(pieces, int(pages / LEAST_PAGES))
    cuts = [f"{directory}{at + left * number // pieces >> 24:02x}" for number in range(1, pieces)]
    return cuts


def _number(bound: str, directory: str, otherwise: int) -> int:
    """Where a bound is among the digests of a directory, by its first digits."""
    if not bound.startswith(directory):
        return otherwise
    digits = re.match(r"[0-9a-f]{0,2}", bound[len(directory) :])
    return int((digits[0] if digits else "").ljust(8, "0"), 16)
