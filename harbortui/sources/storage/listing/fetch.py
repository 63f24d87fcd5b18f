"""Fetching one page: signed, retried at the store's pace, read in slices that leave the event loop to others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.headers import clock_skew
from harbortui.sources.http import Reply, encode_query
from harbortui.sources.storage.errors import failure_of_code, skewed
from harbortui.sources.storage.listing.hosts import Hosts
from harbortui.sources.storage.listing.pace import Pace
from harbortui.sources.storage.listing.pages import Query
from harbortui.sources.storage.listing.quick import FlatParser
from harbortui.sources.storage.listing.stopped import Stopped
from harbortui.sources.storage.listing.table import TableParser, Unreadable

ATTEMPTS = 6
PAGE_SECONDS = 15.0
PAGE_CAP = 4_000_000
"""A thousand keys of 1024 bytes, each byte percent-encoded, and what is around them."""
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 20.0
LONGEST_ASKED = 120.0
"""Seconds a store may ask us to wait."""
SLICE = 65_536
"""Bytes parsed at once: below a millisecond."""
XML_TYPES = ("application/xml", "text/xml")

K = FailureKind
OVERTAXED = frozenset({K.RATE_LIMITED, K.TIMEOUT, K.SERVER})
PASSING = OVERTAXED | {K.RESET, K.REFUSED}
"""Failures that another attempt may not meet."""

LIST = "s3:ListBucket"

P = TypeVar("P", bound=TableParser)
Sign = Callable[[str], dict[str, str]]
"""The headers that make a GET of this URL ours."""


@dataclass(slots=True)
class Spent:
    """What the calls have cost so far."""

    calls: int = 0
    retries: int = 0


@dataclass(slots=True)
class Fetcher:
    """Signed pages of one store, for one bucket; belongs to one event loop."""

    hosts: Hosts
    base: str
    """The endpoint's URL."""
    sign: Sign
    clean: Callable[[str], str]
    now: Callable[[], float]
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    pace: Pace = field(default_factory=Pace)
    spent: Spent = field(default_factory=Spent)
    deadline: float = PAGE_SECONDS
    attempts: int = ATTEMPTS
    parsing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, path: str, query: Query, parser: Callable[[], P], needs: str = LIST) -> tuple[P, Reply]:
        """One answer, read.

        Raises:
            Stopped: the store refuses, or keeps failing for all attempts.
        """
        for attempt in range(self.attempts):
            ticket = await self.pace.enter()
            try:
                self.spent.calls += 1
                found = await self._once(path, query, parser, needs)
            finally:
                self.pace.leave()
            if not isinstance(found, Failure):
                self.pace.quicken()
                return found
            if found.kind in OVERTAXED:
                self.pace.ease(ticket)
            if not _may_pass(found) or attempt == self.attempts - 1:
                raise Stopped(found)
            self.spent.retries += 1
            await self.sleep(self._pause(attempt, found))
        raise AssertionError("unreachable")

    def failure(self, kind: FailureKind, words: str) -> Failure:
        """A failure of our own, dated now."""
        return Failure(kind=kind, detail=self.clean(words), at=self.now())

    async def _once(self, path: str, query: Query, parser: Callable[[], P], needs: str) -> tuple[P, Reply] | Failure:
        url = f"{self.base}{path}?{encode_query(query)}"
        async with self.hosts.one() as host:
            reply = await host.fetch(
                path, query=query, headers=self.sign(url), expect=XML_TYPES, cap=PAGE_CAP, deadline=self.deadline
            )
        if isinstance(reply, Failure):
            return reply
        if reply.status != 200:
            return await self._refused(reply, needs)
        try:
            return await self._parse(reply.body, parser()), reply
        except Unreadable as error:
            return self.failure(K.PROTOCOL, str(error))

    async def _parse(self, body: bytes, parser: P) -> P:
        # One answer at a time, or a slice of each would be parsed before the loop gets to anything else.
        async with self.parsing:
            if isinstance(parser, FlatParser) and parser.fill(body):
                await asyncio.sleep(0)
                return parser
            for begin in range(0, len(body), SLICE):
                parser.feed(body[begin : begin + SLICE])
                await asyncio.sleep(0)
            parser.close()
        return parser

    async def _refused(self, reply: Reply, needs: str) -> Failure:
        try:
            code = (await self._parse(reply.body, TableParser({}))).fields.get("Code", "")
        except Unreadable:
            code = ""
        now = self.now()
        failure = failure_of_code(code.strip(), reply.status, reply.headers, clean=self.clean, now=now, needs=needs)
        return skewed(failure, clock_skew(reply.server_time, now), self.clean)

    def _pause(self, attempt: int, failure: Failure) -> float:
        """Full jitter, so that the calls which failed together do not come back together."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**attempt)
        asked = min(LONGEST_ASKED, failure.retry_after or 0.0)
        return asked + self.random() * longest


def _may_pass(failure: Failure) -> bool:
    # An answer cut short is unreadable; what is unreadable for good stays so for all attempts.
    return failure.kind in PASSING or (failure.kind is K.PROTOCOL and failure.status is None)
