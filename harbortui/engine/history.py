"""Keeps the local history while a console runs: once a minute, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeAlias

from harbortui.model.failure import Failure
from harbortui.model.snapshot import Snapshot
from harbortui.sources.lane import Lane, LaneFull

RECORD_FIRST = 20.0
"""Seconds until the first round is in; it must not wait for a disk."""
RECORD_EVERY = 60.0
RECORD_WITHIN = 30.0
"""Seconds a write may take before we no longer wait for it; the next one is not begun while it lasts."""
SILENT = f"history: nothing could be written within {RECORD_WITHIN:.0f} s"


class Records(Protocol):
    """What keeps snapshots: :class:`harbortui.collect.history.recorder.Recorder`."""

    def record(self, snapshot: Snapshot) -> Failure | None:
        """Keep one; a failure says why it was not."""


OpenRecords: TypeAlias = "Callable[[], Records | None]"
"""Makes it, in the thread, so that its imports delay nothing; None where nothing is to be kept."""


class HistoryKeeper:
    """Records until cancelled, and says once what keeps it from recording."""

    def __init__(self, open_records: OpenRecords, snapshot: Callable[[], Snapshot], say: Callable[[str], None]) -> None:
        self._open_records = open_records
        self._snapshot = snapshot
        self._say = say
        self._said = ""

    async def run(self) -> None:
        """Record for ever; raises whatever a fault of ours raises."""
        lane = Lane("history", 1)
        try:
            await asyncio.sleep(RECORD_FIRST)
            records = await self._open(lane)
            while records is not None:
                self._tell(await self._record(lane, records))
                await asyncio.sleep(RECORD_EVERY)
        finally:
            lane.close()

    async def _open(self, lane: Lane) -> Records | None:
        """What keeps them, tried again for as long as the disk it is on does not answer."""
        while True:
            try:
                return await lane.run(self._open_records, deadline=RECORD_WITHIN)
            except (TimeoutError, LaneFull):
                self._tell(SILENT)
            await asyncio.sleep(RECORD_EVERY)

    async def _record(self, lane: Lane, records: Records) -> str:
        """Why it was not recorded; empty when it was."""
        snapshot = self._snapshot()
        try:
            failure = await lane.run(lambda: records.record(snapshot), deadline=RECORD_WITHIN)
        except (TimeoutError, LaneFull):
            return SILENT
        return "" if failure is None else failure.detail

    def _tell(self, problem: str) -> None:
        if problem and problem != self._said:
            self._say(problem)
        self._said = problem
