"""`python -m harbortui.sim`: the simulated fleet as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

from harbortui.sim.fleet import SimFleet
from harbortui.sim.world import SimOptions


def _moment(text: str) -> float:
    """Unix seconds of a number or of an RFC 3339 time (UTC when it names no zone)."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else datetime.fromisoformat(text + "+00:00")).timestamp()


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m harbortui.sim", description="A simulated Harbor fleet on loopback.")
    parser.add_argument("--instances", type=int, default=3, help="how many Harbor instances (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0, help="world seconds per real second, 0 holds the clock")
    parser.add_argument("--harbor-version", default="v2.11.2")
    parser.add_argument("--provider", choices=("minio", "rgw"), default="minio")
    parser.add_argument("--start-time", type=_moment, default=None, help="unix seconds or RFC 3339 (default: now)")
    parser.add_argument("--acl", action=argparse.BooleanOptionalAction, default=True, help="Nomad ACLs on")
    parser.add_argument("--bulk-blobs", type=int, default=0, help="synthetic blobs in the primary's bucket")
    parser.add_argument("--versioning", action="store_true", help="buckets are versioned")
    parser.add_argument("--base-port", type=int, default=0, help="fixed ports counting up from here (0: any free)")
    parser.add_argument("--write-config", type=Path, default=None, metavar="FILE")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args(argv)
    if arguments.instances < 1:
        parser.error("--instances must be at least 1")
    return arguments


async def _serve(arguments: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, end.set)
    options = SimOptions(
        start=time.time() if arguments.start_time is None else arguments.start_time,
        instances=arguments.instances,
        seed=arguments.seed,
        speed=arguments.speed,
        harbor_version=arguments.harbor_version,
        provider=arguments.provider,
        acl=arguments.acl,
        bulk_blobs=arguments.bulk_blobs,
        versioning=arguments.versioning,
    )
    async with SimFleet(options, base_port=arguments.base_port) as fleet:
        ready: dict[str, object] = {"ready": True, "endpoints": fleet.endpoints}
        if arguments.write_config is not None:
            ready["config"] = str(fleet.write_config(arguments.write_config))
        print(json.dumps(ready), flush=True)
        if arguments.exit_with_stdin:
            await _watch_stdin(end)
        await end.wait()


async def _watch_stdin(end: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    class Watcher(asyncio.Protocol):
        """Ends the fleet when standard input ends."""

        def eof_received(self) -> bool | None:
            end.set()
            return None

        def connection_lost(self, exc: Exception | None) -> None:
            end.set()

    try:
        await loop.connect_read_pipe(Watcher, sys.stdin)
    except ValueError:
        # Standard input is a regular file or /dev/null: it has no end to wait for.
        end.set()


def main(argv: list[str] | None = None) -> int:
    """Run until a signal (or the end of standard input) asks to stop."""
    asyncio.run(_serve(_arguments(argv)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
