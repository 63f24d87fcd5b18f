"""A look before the count: a handful of calls tell how many blobs there are and where to cut the key space.

Digests are uniform, so how far the first thousand blobs reach tells how many there are, within about three percent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harbortui.sources.storage.listing.layout import Layout, digest_place
from harbortui.sources.storage.listing.pages import Objects, Page, Position
from harbortui.sources.storage.listing.ranges import evenly, hex_cuts
from harbortui.sources.storage.listing.stopped import Unruly
from harbortui.sources.storage.listing.table import Unreadable
from harbortui.sources.storage.listing.together import together
from harbortui.sources.storage.listing.walk import Ask

USUAL = "sha256"
MANY_BLOBS = 1_000_000
"""From here on 256 ranges instead of 16."""
MAX_PROJECT_CUTS = 64
MAX_ALGORITHMS = 8
LINKS_PER_BLOB = 1
"""At least one link leads to each blob that is in use."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known before a count."""

    whole: int | None
    """Objects of the bucket when all of them fit on a page."""
    blobs: dict[str, int]
    """Blobs by algorithm, estimated."""
    cuts: list[str]
    latency: float
    """Seconds of the slowest of its calls."""
    calls: int

    @property
    def all_blobs(self) -> int:
        """Blobs of all algorithms."""
        return sum(self.blobs.values())


class Surveyor:
    """Looks at one bucket."""

    def __init__(self, layout: Layout, ask: Ask, clock: Callable[[], float]) -> None:
        self._layout = layout
        self._ask = ask
        self._clock = clock
        self._objects = Objects()
        self._calls = 0
        self._latency = 0.0

    async def survey(self) -> Survey:
        """Four calls at once, and one for each digest algorithm beside the usual one.

        Raises:
            Stopped: the store cannot be asked.
        """
        blobs, repositories = self._layout.blobs, self._layout.repositories
        whole, algorithms, usual, projects = await together(
            self._page(""), self._page(blobs, "/"), self._page(f"{blobs}{USUAL}/"), self._page(repositories, "/")
        )
        others = [name for name in self.algorithms(algorithms) if name != USUAL]
        pages = dict(zip(others, await together(*(self._page(f"{blobs}{name}/") for name in others)), strict=True))
        pages[USUAL] = usual
        found = {name: estimate(page) for name, page in pages.items()}
        if whole.next is None:
            return Survey(len(whole.keys), found, [], self._latency, self._calls)
        cuts = [blobs, *self._project_cuts(projects)]
        for name, page in pages.items():
            cuts += blob_cuts(f"{blobs}{name}/", page, found[name])
        return Survey(None, found, cuts, self._latency, self._calls)

    async def algorithm_names(self) -> list[str]:
        """The digest algorithms that the bucket has blobs of: one call."""
        return self.algorithms(await self._page(self._layout.blobs, "/"))

    def algorithms(self, page: Page) -> list[str]:
        """The digest algorithms that a listing of ``blobs/`` with a delimiter names."""
        return [each.removeprefix(self._layout.blobs).strip("/") for each in page.prefixes[: MAX_ALGORITHMS + 1]]

    def _project_cuts(self, page: Page) -> list[str]:
        below = self._layout.repositories
        # The name just above all repositories: what is behind them is walked by itself.
        return [below, *evenly(sorted(page.prefixes), MAX_PROJECT_CUTS), f"{below[:-1]}0"]

    async def _page(self, prefix: str, delimiter: str = "") -> Page:
        position = Position()
        began = self._clock()
        parser = await self._ask(self._objects.query(prefix, position, delimiter), self._objects.parser)
        self._latency = max(self._latency, self._clock() - began)
        self._calls += 1
        try:
            page = self._objects.page(parser, position)
        except (Unreadable, Unruly):
            # Whatever is wrong, the count itself meets it and says so; here are hints only.
            return Page([], [], [], Position(after="?"))
        if not all(key.startswith(prefix) for key in page.keys):
            return Page([], [], [], None)
        return page


def estimate(page: Page) -> int:
    """How many blobs a directory of digests has, from its first page."""
    count = len(page.keys)
    place = digest_place(page.keys[-1]) if page.next is not None and page.keys else None
    return count if place is None else int(count * (1 << 32) / max(1, place[1]))


def blob_cuts(directory: str, page: Page, blobs: int) -> list[str]:
    """Where to cut a directory of digests: not at all when its first page is its last, else by one or two digits."""
    if page.next is None:
        return []
    return hex_cuts(directory, 256 if blobs > MANY_BLOBS else 16)
