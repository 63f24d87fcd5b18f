"""Event streams: what changed is looked at at once; without a stream, polling alone is slower but as true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from harbortui.collect.backoff import full_jitter
from harbortui.collect.fleet import EventFeed
from harbortui.collect.lookup import FacetKey
from harbortui.model.failure import DENIED, Failure, FailureKind

HOPELESS = DENIED | {FailureKind.NOT_FOUND, FailureKind.BLOCKED}
HOPELESS_EVERY = 60.0
"""Seconds between two attempts at a stream that we may not read or that does not exist."""


async def watch(
    feed: EventFeed,
    on_event: Callable[[FacetKey], None],
    random: Random,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Follow one feed for ever, opening it again with back-off; ends only by cancellation."""
    failures = 0
    while True:
        hopeless = False
        async for item in feed.open():
            if isinstance(item, Failure):
                hopeless = item.kind in HOPELESS
                break
            failures = 0
            for key in item:
                on_event(key)
        failures += 1
        await sleep(HOPELESS_EVERY if hopeless else full_jitter(failures, random))
