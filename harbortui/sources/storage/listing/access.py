"""One operation's access to one bucket: its own pace and its own account of calls over shared connections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.http import Reply
from harbortui.sources.storage.listing.fetch import LIST, Fetcher
from harbortui.sources.storage.listing.layout import Layout
from harbortui.sources.storage.listing.pages import Query
from harbortui.sources.storage.listing.stopped import NotSharded, Stopped, Unruly
from harbortui.sources.storage.listing.table import TableParser, Unreadable
from harbortui.sources.storage.listing.walk import Ask
from harbortui.sources.storage.provider import provider_of


@dataclass(slots=True)
class Access:
    """What plan, count, sample and hidden space ask with."""

    bucket: str
    layout: Layout
    fetcher: Fetcher
    clock: Callable[[], float]
    """Monotonic seconds."""
    host: str
    """The endpoint's name."""
    provider: str = field(default="")
    """As far as the answers so far tell it."""

    async def ask(self, query: Query, parser: Callable[[], TableParser]) -> TableParser:
        """One page of the bucket; raises Stopped."""
        return await self._get("", query, parser, LIST)

    def asking(self, needs: str) -> Ask:
        """The same for pages that need another right."""

        async def ask(query: Query, parser: Callable[[], TableParser]) -> TableParser:
            return await self._get("", query, parser, needs)

        return ask

    async def parts(self, key: str, query: Query, parser: Callable[[], TableParser], needs: str) -> TableParser:
        """One page about one key; raises Stopped."""
        return await self._get(f"/{quote(key, errors='surrogateescape')}", query, parser, needs)

    def failure(self, error: Exception) -> Failure:
        """The failure that one of this package's exceptions stands for."""
        if isinstance(error, Stopped):
            return error.failure
        if isinstance(error, Unreadable | Unruly | NotSharded):
            return self.fetcher.failure(FailureKind.PROTOCOL, str(error))
        return self.fetcher.hosts.failure(error)

    async def _get(self, key: str, query: Query, parser: Callable[[], TableParser], needs: str) -> TableParser:
        found, reply = await self.fetcher.get(f"/{self.bucket}{key}", query, parser, needs)
        self._learn(reply)
        return found

    def _learn(self, reply: Reply) -> None:
        if not self.provider:
            self.provider = provider_of(reply.headers, self.host)
