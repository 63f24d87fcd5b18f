"""One process that collects a fleet round after round.

``python -m tests.benchmarks.round_ours CONFIG ROUNDS [REQUESTS]``
prints one JSON line: seconds of wall clock and of CPU for every round, and PSS.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from harbortui.collect.once import collect_once
from harbortui.collect.store import SnapshotStore
from harbortui.collect.wiring import wire
from harbortui.config.load import Places, load
from tests.benchmarks.proc import pss_megabytes
from tests.benchmarks.recorder import Request, recording


def _bug(error: BaseException) -> None:
    raise SystemExit(f"a fault while measuring: {error!r}")


async def _run(config: Path, rounds: int, seen: list[Request] | None) -> dict[str, object]:
    settings = load(config=config, environ={}, places=Places.nowhere())
    fleet = wire(settings, vault_password=None, wall=time.time)
    store = SnapshotStore(fleet.snapshot)
    walls, cpus = [], []

    async def one() -> None:
        await collect_once(fleet.lookups, store, deadline=90.0, wall=time.time, on_bug=_bug)

    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        await one()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    if seen is not None:
        with recording(seen):
            await one()
    failed = sum(
        getattr(each, name).failure is not None
        for each in store.snapshot(time.time()).instances
        for name in each.__struct_fields__
        if name != "target"
    )
    pss = pss_megabytes(os.getpid())
    await fleet.close()
    return {"wall": walls, "cpu": cpus, "pss": pss, "failed": failed}


def main(config: str, rounds: str, requests: str = "") -> None:
    """Measure, and write the requests of one more round to a file when one is named."""
    seen: list[Request] | None = [] if requests else None
    print(json.dumps(asyncio.run(_run(Path(config), int(rounds), seen))))
    if seen is not None:
        rows = [{**asdict(each), "body": each.body.decode("latin-1")} for each in seen]
        Path(requests).write_text(json.dumps(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
