"""Our count in a process of its own: ``python -m … URL [slices]`` prints what it took as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
import time

from harbortui.model.listing import BucketCount
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sources.credentials import Credentials
from harbortui.sources.storage.listing.lister import BucketLister

KEY = Credentials("bench", Secret("a-secret-key-for-the-benchmark"))


async def slices(found: list[float]) -> None:
    """CPU seconds of each turn of the event loop."""
    while True:
        began = time.thread_time()
        await asyncio.sleep(0)
        found.append(time.thread_time() - began)


async def main(url: str, watch: bool) -> None:
    """Count once."""
    lister = BucketLister(endpoint=url, clean=Cleaner(Redactor()), now=time.time)
    turns: list[float] = []
    watcher = asyncio.ensure_future(slices(turns)) if watch else None
    began, cpu = time.perf_counter(), time.process_time()
    async with contextlib.aclosing(lister.count("harbor", KEY)) as events:
        found = [event async for event in events][-1]
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert isinstance(found, BucketCount), found
    if watcher is not None:
        watcher.cancel()
        turns.sort()
    await lister.aclose()
    said = {
        "objects": found.objects,
        "bytes": found.bytes,
        "calls": found.calls,
        "wall": wall,
        "cpu": cpu,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "slice": turns[int(len(turns) * 0.999)] * 1000 if turns else None,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], "slices" in sys.argv[2:]))
