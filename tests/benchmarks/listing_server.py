"""A store whose one bucket has any number of blobs, made on the fly: ``python -m … COUNT LATENCY``.

Prints its address and ends when its standard input does. Pages are as cheap as pages can be, so that what is measured
is the client; signatures are not looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from bisect import bisect_left, bisect_right

from aiohttp import web

BLOBS = "docker/registry/v2/blobs/sha256/"
SPREAD = 1 << 32
TAIL = "0123456789abcdef" * 3 + "01234567"
PAGE = 1000
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'


class Blobs:
    """Numbers as keys, in the order of both."""

    def __init__(self, count: int) -> None:
        self.count = count

    def key(self, number: int) -> str:
        head = f"{number * SPREAD // self.count:08x}"
        return f"{BLOBS}{head[:2]}/{head}{TAIL}/data"

    def page(self, prefix: str, after: str) -> str:
        """The rows behind a name, and how it goes on."""
        numbers = range(self.count)
        begin = max(bisect_right(numbers, after, key=self.key), bisect_left(numbers, prefix, key=self.key))
        end = bisect_left(numbers, prefix + "\x7f", key=self.key)
        stop = min(begin + PAGE, end)
        rows = "".join(
            f"<Contents><Key>{self.key(n)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&#34;{n:032x}&#34;</ETag><Size>{n % 1_000_003}</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for n in range(begin, stop)
        )
        more = stop < end
        token = f"<NextContinuationToken>{self.key(stop - 1)}</NextContinuationToken>" if more else ""
        return f"<KeyCount>{max(0, stop - begin)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}"

    def level(self, prefix: str) -> str:
        """The directory below a prefix of the way to the blobs."""
        names = [BLOBS[: BLOBS.index("/", len(prefix)) + 1]] if BLOBS.startswith(prefix) and prefix != BLOBS else []
        rows = "".join(f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>" for name in names)
        return f"<KeyCount>{len(names)}</KeyCount><IsTruncated>false</IsTruncated>{rows}"


async def main(count: int, latency: float) -> None:
    """Serve until standard input ends."""
    blobs = Blobs(count)

    async def answer(request: web.Request) -> web.Response:
        query = request.query
        prefix = query.get("prefix", "")
        if query.get("delimiter"):
            inner = blobs.level(prefix)
        else:
            inner = blobs.page(prefix, query.get("continuation-token") or query.get("start-after", ""))
        await asyncio.sleep(latency)
        body = f"{HEAD}<Name>harbor</Name><EncodingType>url</EncodingType>{inner}</ListBucketResult>"
        return web.Response(body=body.encode(), content_type="application/xml")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    await runner.cleanup()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
