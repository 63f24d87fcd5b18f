"""The simulated fleet as a process of its own, for as long as a measurement takes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 120


@dataclass(frozen=True)
class Simulator:
    """A running simulator."""

    config: Path
    pid: int
    endpoints: dict[str, str]


@contextmanager
def simulator(instances: int, *arguments: str) -> Iterator[Simulator]:
    """Serve a fleet of that many instances; ends with the block."""
    with tempfile.TemporaryDirectory(prefix="harbortui-bench-") as folder:
        config = Path(folder) / "fleet.toml"
        command = [sys.executable, "-m", "harbortui.sim", "--instances", str(instances), "--exit-with-stdin"]
        command += ["--write-config", str(config), *arguments]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None and process.stdout is not None
            try:
                ready = json.loads(process.stdout.readline())
                yield Simulator(config, process.pid, ready["endpoints"])
            finally:
                process.stdin.close()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
