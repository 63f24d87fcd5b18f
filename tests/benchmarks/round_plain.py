"""The yardstick: the same requests by plain httpx, one client per host, bodies read and dropped.

``python -m tests.benchmarks.round_plain REQUESTS ROUNDS`` prints one JSON line like ``round_ours``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import httpx

from tests.benchmarks.proc import pss_megabytes

AT_ONCE = 64


async def _run(rows: list[dict[str, str]], rounds: int) -> dict[str, object]:
    hosts = {httpx.URL(row["url"]).netloc for row in rows}
    context = httpx.create_ssl_context()
    limits = httpx.Limits(max_connections=4)
    clients = {host: httpx.AsyncClient(verify=context, trust_env=False, timeout=60.0, limits=limits) for host in hosts}
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: dict[str, str]) -> None:
        client = clients[httpx.URL(row["url"]).netloc]
        async with gate:
            await client.request(
                row["method"], row["url"], headers=row["headers"], content=row["body"].encode("latin-1")
            )

    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one(row) for row in rows))
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    pss = pss_megabytes(os.getpid())
    for client in clients.values():
        await client.aclose()
    return {"wall": walls, "cpu": cpus, "pss": pss, "requests": len(rows)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])))))
