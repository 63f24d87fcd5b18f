"""A full round over the fleet against plain httpx with the same requests, and the memory it takes."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.budget import Budget
from tests.benchmarks.simulator import simulator

INSTANCES = 300
ROUNDS = 4
RATIO_LIMIT = 1.25
MEMORY_LIMIT_MB = 250.0


def _child(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=900)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure(instances: int = INSTANCES, rounds: int = ROUNDS) -> list[Budget]:
    """Warm rounds (the first of each process is not counted), each client in a process of its own."""
    with simulator(instances) as sim, tempfile.TemporaryDirectory() as folder:
        requests = Path(folder) / "requests.json"
        _child("round_ours", str(sim.config), "1", str(requests))
        ours = _child("round_ours", str(sim.config), str(rounds))
        plain = _child("round_plain", str(requests), str(rounds))
    if ours["failed"]:
        raise SystemExit(f"{ours['failed']} facets failed while measuring")
    wall = [statistics.median(side["wall"][1:]) for side in (ours, plain)]
    cpu = [statistics.median(side["cpu"][1:]) for side in (ours, plain)]
    count = plain["requests"]
    return [
        Budget(
            f"a round over {instances} instances against plain httpx, wall",
            wall[0] / wall[1],
            RATIO_LIMIT,
            "x",
            f"{count} requests, {wall[0]:.2f} s against {wall[1]:.2f} s",
        ),
        Budget(
            f"a round over {instances} instances against plain httpx, CPU",
            cpu[0] / cpu[1],
            RATIO_LIMIT,
            "x",
            f"{cpu[0]:.2f} s against {cpu[1]:.2f} s; cold {ours['wall'][0]:.2f} s against {plain['wall'][0]:.2f} s",
        ),
        Budget(f"memory of the collecting process, {instances} instances", ours["pss"], MEMORY_LIMIT_MB, "MB"),
    ]
