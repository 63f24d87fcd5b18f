"""Walking Harbor's pages without trusting them: counts that lie and pages that repeat come to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from harbortui.model.failure import Failure
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.http import Query, Reply
from harbortui.sources.rows import Rows, read_rows

W = TypeVar("W")

MAX_PAGES = 20
LISTING_SECONDS = 15.0
"""Time for all pages of one listing."""

Ask = Callable[[Query, float], Awaitable[Reply | Failure]]
"""Asks for one page with these parameters within that many seconds."""


async def read_pages(
    ask: Ask,
    kind: type[W],
    *,
    key: Callable[[W], object],
    size: int,
    name: str,
    limit: int | None = None,
    query: Query = (),
) -> Answer[tuple[W, ...]]:
    """All rows (or the first ``limit``) of a listing; a row that shows up on two pages is kept once.

    ``Link`` headers are not followed: Harbor leaves the query part unescaped, and they could lead in circles.

    Raises:
        Unreadable: a page is not an array.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + LISTING_SECONDS
    found: dict[object, W] = {}
    lost: list[str] = []
    server_time: float | None = None
    for page in range(1, MAX_PAGES + 1):
        reply = await ask([("page", str(page)), ("page_size", str(size)), *query], max(0.001, until - loop.time()))
        if isinstance(reply, Failure):
            return reply
        server_time = reply.server_time
        rows = read_rows(reply.body, kind, name=name)
        lost += rows.lost
        before = len(found)
        for row in rows.rows:
            found.setdefault(key(row), row)
        if limit is not None and len(found) >= limit:
            break
        if _is_last(rows, size):
            lost += _missing(reply, len(found) + len(lost), name)
            break
        if len(found) == before and not rows.lost:
            lost.append(f"page {page} brings no new {name}s: paging ends here")
            break
    else:
        lost.append(f"more than {MAX_PAGES} pages: paging ends here")
    return Ok(tuple(found.values())[:limit], lost_rows=tuple(lost), server_time=server_time)


def _is_last(rows: Rows[W], size: int) -> bool:
    return len(rows.rows) + len(rows.lost) < size


def _missing(reply: Reply, count: int, name: str) -> list[str]:
    total = reply.headers.get("x-total-count", "")
    if not (total.isascii() and total.isdigit() and len(total) < 10) or int(total) <= count:
        return []
    return [f"Harbor counts {int(total)} {name}s but sent {count}"]
