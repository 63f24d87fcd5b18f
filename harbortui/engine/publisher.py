"""Turns what moved in the store into messages: content at once and in batches, mere ages together every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from harbortui.collect.facets import Moved
from harbortui.collect.lookup import FacetKey
from harbortui.collect.store import Moves, SnapshotStore
from harbortui.engine.link import Sink
from harbortui.engine.messages import Change, Delta, FullSnapshot, Touch
from harbortui.engine.mirror import encode_change
from harbortui.engine.verdicts import VerdictKeeper

BATCH = 0.03
"""Seconds that content waits for company, so that one round is painted once or twice, not fifty times."""
TOUCH_EVERY = 8.0
"""Seconds that ages wait: less than what a facet's value may be late before it counts as overdue."""
TOUCHES_AT_ONCE = 64
"""Ages in one message: the console shows a few hundred in 25 ms, longer than a key may wait."""
TOUCHES_PAUSE = 0.15
"""Seconds between two such messages."""
VERDICT_EVERY = 60.0
"""Seconds between two looks at what only time changes, such as an overdue garbage collection."""


class Publisher:
    """Sends one FullSnapshot, then Deltas for ever."""

    def __init__(
        self, store: SnapshotStore, verdicts: VerdictKeeper, wall: Callable[[], float], steady: Callable[[], float]
    ) -> None:
        self._store = store
        self._verdicts = verdicts
        self._wall = wall
        self._steady = steady
        self._content = asyncio.Event()
        self._older: list[FacetKey] = []
        """Facets whose ages are still to be sent, in order: an instance's together."""

    def moved(self, moved: Moved) -> None:
        """Something moved in the store."""
        if moved is Moved.CONTENT:
            self._content.set()

    async def run(self, sink: Sink, *, cached: bool) -> None:
        """Publish until cancelled; raises ConnectionError when the console is gone."""
        now = self._wall()
        self._store.take_moves(times=True)
        snapshot = self._store.snapshot(now)
        await sink.send(FullSnapshot(snapshot=snapshot, verdict=self._verdicts.judge(snapshot, now), cached=cached))
        touch_at = self._steady() + TOUCH_EVERY
        verdict_at = self._steady() + VERDICT_EVERY
        while True:
            await self._wait_until(min(touch_at, verdict_at))
            with_times = self._steady() >= touch_at
            moves = self._store.take_moves(times=with_times and not self._older)
            touches: tuple[Touch, ...] = ()
            if with_times:
                touches = self._touches(moves.times)
                touch_at = self._steady() + (TOUCHES_PAUSE if self._older else TOUCH_EVERY)
            by_time = self._steady() >= verdict_at
            if by_time:
                verdict_at = self._steady() + VERDICT_EVERY
            delta = self._delta(moves, touches, by_time=by_time)
            if delta is not None:
                await sink.send(delta)

    async def _wait_until(self, moment: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, moment - self._steady())):
                await self._content.wait()
        except TimeoutError:
            return
        await asyncio.sleep(BATCH)
        self._content.clear()

    def _delta(self, moves: Moves, touches: tuple[Touch, ...], *, by_time: bool) -> Delta | None:
        verdict = None
        now = self._wall()
        if moves.content or by_time:
            before = self._verdicts.latest
            after = self._verdicts.judge(self._store.snapshot(now), now, all_anew=by_time)
            verdict = after if after != before else None
        if not (moves.content or touches or verdict):
            return None
        return Delta(taken_at=now, changes=self._changes(moves), touches=touches, verdict=verdict)

    def _changes(self, moves: Moves) -> tuple[Change, ...]:
        return tuple(encode_change(*key, self._store.facet(key)) for key in sorted(moves.content))

    def _touches(self, times: Iterable[FacetKey]) -> tuple[Touch, ...]:
        """The next ages to send, as they are now; ``times`` are those of facets that wait from now on."""
        self._older.extend(sorted(times))
        now, self._older = self._older[:TOUCHES_AT_ONCE], self._older[TOUCHES_AT_ONCE:]
        touches = []
        for key in now:
            facet = self._store.facet(key)
            touches.append(
                Touch(scope=key.scope, owner=key.owner, facet=key.facet, at=facet.at, tried_at=facet.tried_at)
            )
        return tuple(touches)
