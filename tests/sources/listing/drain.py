"""A lister for tests: no pauses, and the events of a count in a list."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from harbortui.model.failure import Failure
from harbortui.model.listing import BucketCount
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.listing.lister import BucketLister

KEY = Credentials("harbor-5dd6a6b7", Secret("a-long-secret-key-for-tests"))
BUCKET = "harbor"


async def no_pause(_: float) -> None:
    """Goes on at once."""
    await asyncio.sleep(0)


@asynccontextmanager
async def lister(url: str, **more: Any) -> AsyncIterator[BucketLister]:
    """Closed when the block is left."""
    settings: dict[str, Any] = {"sleep": no_pause, "chance": random.Random(1).random, "now": time.time, **more}
    made = BucketLister(endpoint=url, clean=Cleaner(Redactor()), **settings)
    try:
        yield made
    finally:
        await made.aclose()


async def events(made: BucketLister, bucket: str = BUCKET, key: Credentials = KEY, **more: Any) -> list[Any]:
    """Everything a count says."""
    async with contextlib.aclosing(made.count(bucket, key, **more)) as counting:
        return [event async for event in counting]


async def outcome(url: str, root: str = "", **more: Any) -> BucketCount | Failure:
    """How a count ends."""
    async with lister(url, **more) as made:
        last = (await events(made, root=root))[-1]
    assert isinstance(last, BucketCount | Failure)
    return last
