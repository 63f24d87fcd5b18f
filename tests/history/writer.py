"""A process that records as fast as it can: ``python -m tests.history.writer DIRECTORY WRITER FIRST_MINUTE PAUSE``.

Every look is a minute later; all its numbers are the minute's own, so that half a look would show. Each minute that was
written is said on stdout after it was.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from harbortui.collect.history.place import HistoryPlace
from harbortui.collect.history.recorder import Recorder
from harbortui.model.failure import Failure
from harbortui.model.nomad import AllocationUsage, TaskUsage
from tests.history.looks import ALLOCATION, MINUTE, NOW, Clock, bucket, execution, health, look

TASKS = 40


def main(directory: str, writer: str, first: str, pause: str) -> None:
    """Record until killed."""
    clock = Clock()
    recorder = Recorder(HistoryPlace(Path(directory), writer), clock)
    minute = int(first)
    while True:
        clock.now = NOW + minute * MINUTE
        tasks = tuple(TaskUsage(name=f"task-{each}", memory_bytes=minute) for each in range(TASKS))
        snapshot = look(
            clock.now,
            usage=AllocationUsage(allocation_id=ALLOCATION, tasks=tasks),
            bucket=bucket(minute, minute),
            health=health(core="unhealthy" if minute % 2 else "healthy"),
            executions=(execution(minute),),
        )
        failure = recorder.record(snapshot)
        print(failure.detail if isinstance(failure, Failure) else minute, flush=True)
        minute += 1
        time.sleep(float(pause))


if __name__ == "__main__":
    main(*sys.argv[1:])
