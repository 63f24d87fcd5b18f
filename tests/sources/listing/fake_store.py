"""A small S3 server that lists whatever keys it is given, by the book or with any of the quirks met in the field."""

from __future__ import annotations

import asyncio
import base64
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from aiohttp import web

HIGH = "\U0010ffff"
MODIFIED = "2026-01-01T00:00:00.000Z"


class Item(NamedTuple):
    """One object."""

    key: str
    size: int = 71
    modified: str = MODIFIED


@dataclass
class Quirks:
    """What is odd about the store."""

    page: int = 1000
    """Most keys on a page."""
    token: bool = True
    """False: truncated pages come without a token."""
    key_count: bool = True
    encoding: str = "aws"
    """``aws`` (slashes kept), ``rgw`` (slashes encoded), ``none`` (ignored)."""
    encoding_last: bool = True
    """``EncodingType`` behind the rows, as MinIO has it."""
    honour_start_after: bool = True
    honour_prefix: bool = True
    honour_delimiter: bool = True
    empty_every: int = 0
    """Each so many pages an empty, truncated one first, as AWS does where much was deleted."""
    pretty: bool = False
    repeat: bool = False
    """Tokens lead back to the first page."""
    same_token: bool = False
    unordered: bool = False
    prologue: str = '<?xml version="1.0" encoding="UTF-8"?>'
    fail: Callable[[int, Mapping[str, str]], web.StreamResponse | None] = lambda number, query: None
    """The answer to call number n (from 1 on) with that query in place of the right one."""
    cut: Callable[[int], bool] = lambda number: False
    """Whether the answer to call number n ends in the middle."""
    latency: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


def error(status: int, code: str, **headers: str) -> web.Response:
    """S3's error answer."""
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>no</Message></Error>'
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(body=body.encode(), status=status, content_type="application/xml", headers=names)


class FakeStore:
    """Answers ListObjectsV2 of any bucket with the same keys."""

    def __init__(self, items: Sequence[Item], quirks: Quirks | None = None) -> None:
        # UTF-8's order is that of code points, which Python's is.
        self.items = sorted(items)
        self.keys = [item.key for item in self.items]
        self.quirks = quirks or Quirks()
        self.calls = 0
        self.flying = 0
        self.most_flying = 0
        self.most_connections = 0
        self.queries: list[dict[str, str]] = []
        self.url = ""
        self._rows: dict[int, str] = {}
        self._server: web.Server | None = None

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._server.connections) if self._server is not None else 0

    def render(self) -> None:
        """Make all rows now, for measurements."""
        for index in range(len(self.items)):
            self._row(index)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        self.calls += 1
        number = self.calls
        self.queries.append(dict(request.query))
        self.flying += 1
        self.most_connections = max(self.most_connections, self.connections)
        self.most_flying = max(self.most_flying, self.flying)
        try:
            if self.quirks.latency:
                await asyncio.sleep(self.quirks.latency)
            failed = self.quirks.fail(number, request.query)
            if failed is not None:
                return failed
            body = self.listing(request.query).encode(errors="surrogateescape")
            if self.quirks.cut(number):
                body = body[: len(body) * 2 // 3]
            return web.Response(body=body, content_type="application/xml", headers=self.quirks.headers)
        finally:
            self.flying -= 1

    def listing(self, query: Mapping[str, str]) -> str:
        """The document for these parameters."""
        get = query.get
        odd = self.quirks
        prefix = get("prefix", "") if odd.honour_prefix else ""
        delimiter = get("delimiter", "") if odd.honour_delimiter else ""
        token = get("continuation-token", "")
        after = _decoded(token)[0] if token else (get("start-after", "") if odd.honour_start_after else "")
        if odd.repeat:
            after = ""
        first = _decoded(token)[1] if token else 1
        limit = min(odd.page, int(get("max-keys", "1000")))
        if odd.empty_every and first % odd.empty_every == 0:
            return self._document([], [], _encoded(after, first + 1), True)
        rows, prefixes, last, more = self._page(prefix, delimiter, after, limit)
        return self._document(rows, prefixes, _encoded(last, first + 1), more)

    def _page(self, prefix: str, delimiter: str, after: str, limit: int) -> tuple[list[int], list[str], str, bool]:
        end = bisect_left(self.keys, prefix + HIGH)
        at = max(bisect_right(self.keys, after), bisect_left(self.keys, prefix))
        if not delimiter:
            stop = min(end, at + limit)
            return list(range(at, stop)), [], self.keys[stop - 1] if stop > at else after, stop < end
        rows: list[int] = []
        prefixes: list[str] = []
        last = after
        while at < end and len(rows) + len(prefixes) < limit:
            cut = self.keys[at].find(delimiter, len(prefix))
            if cut < 0:
                rows.append(at)
                last = self.keys[at]
                at += 1
                continue
            common = self.keys[at][: cut + 1]
            if common + HIGH != after:
                prefixes.append(common)
            last = common + HIGH
            at = bisect_left(self.keys, last)
        return rows, prefixes, last, at < end

    def _document(self, rows: list[int], prefixes: list[str], token: str, more: bool) -> str:
        odd = self.quirks
        parts = [self._row(index) for index in (reversed(rows) if odd.unordered else rows)]
        common = [f"<CommonPrefixes><Prefix>{self._name(each)}</Prefix></CommonPrefixes>" for each in prefixes]
        encoding = "" if odd.encoding == "none" else "<EncodingType>url</EncodingType>"
        head = f"<Name>bucket</Name><Prefix></Prefix><IsTruncated>{str(more).lower()}</IsTruncated>"
        if odd.key_count:
            head += f"<KeyCount>{len(rows) + len(prefixes)}</KeyCount>"
        if more and odd.token:
            head += f"<NextContinuationToken>{'same' if odd.same_token else token}</NextContinuationToken>"
        inner = [head, *parts, *common]
        inner.insert(len(inner) if odd.encoding_last else 0, encoding)
        space = "\n  " if odd.pretty else ""
        return f"{odd.prologue}<ListBucketResult>{space}{space.join(inner)}{space}</ListBucketResult>"

    def _row(self, index: int) -> str:
        row = self._rows.get(index)
        if row is None:
            item = self.items[index]
            etag = f"<ETag>&#34;{index:032x}&#34;</ETag>"
            row = self._rows[index] = (
                f"<Contents><Key>{self._name(item.key)}</Key><LastModified>{item.modified}</LastModified>"
                f"{etag}<Size>{item.size}</Size><Owner><ID>x</ID><DisplayName>Key</DisplayName></Owner>"
                "<StorageClass>STANDARD</StorageClass></Contents>"
            )
        return row

    def _name(self, key: str) -> str:
        if self.quirks.encoding == "none":
            return escape(key)
        return quote_plus(key, safe="/") if self.quirks.encoding == "aws" else quote(key, safe="")


def _encoded(last: str, page: int) -> str:
    return base64.b64encode(f"{page}:{last}".encode(errors="surrogateescape")).decode()


def _decoded(token: str) -> tuple[str, int]:
    if token == "same":
        return "", 1
    page, _, last = base64.b64decode(token).decode(errors="surrogateescape").partition(":")
    return last, int(page)


@asynccontextmanager
async def serving(store: FakeStore) -> AsyncIterator[FakeStore]:
    """The store on a port of loopback."""
    app = web.Application()
    app.router.add_get("/{path:.*}", store.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        store._server = runner.server
        store.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield store
    finally:
        for _ in range(5):
            await asyncio.sleep(0)
        await runner.cleanup()
