"""Reads the history for rules and screen, in a thread of its own: a disk that hangs holds nothing else up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from harbortui.engine.link import Sink
from harbortui.engine.messages import AskHistory, FleetPast, InstancePast
from harbortui.model.past import Past, PastDetail, Trends
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.sources.lane import Lane, LaneFull

if TYPE_CHECKING:
    from harbortui.collect.history.read import History

T = TypeVar("T")

DESK_FIRST = 3.0
"""Seconds until the history is first looked at: it must not compete with the first data."""
LOOK_EVERY = 60.0
TREND_EVERY = 600.0
"""Seconds that a line through sixty days is as good as new."""
TREND_EACH = 20.0
"""Seconds that each instance adds to that beyond thirty: a line takes some 30 ms of a processor."""
BREATH = 0.03
"""Seconds between two instances, so that a large fleet's first look leaves the processor to others."""
READ_WITHIN = 20.0
NONE_KEPT = "no history is kept of this fleet"
SILENT = f"the history did not answer within {READ_WITHIN:.0f} s"
KEPT = 16
"""Answers of this minute that are kept."""

OpenHistory: TypeAlias = "Callable[[], History | None]"
"""Opens it, in the thread, so that its imports delay nothing; None where none is kept."""


class HistoryDesk:
    """Keeps what the rules and the fleet table take from the history, and answers what a person looks at."""

    def __init__(
        self, open_history: OpenHistory | None, snapshot: Callable[[], Snapshot], wall: Callable[[], float]
    ) -> None:
        self.pasts: dict[str, Past] = {}
        """By instance; a value that did not change stays the same object."""
        self._open_history = open_history
        self._snapshot = snapshot
        self._wall = wall
        self._lane = Lane("history-read", 1)
        self._history: History | None = None
        self._trend_at: dict[str, tuple[float, int | None]] = {}
        self._asked: dict[str, AskHistory] = {}
        self._woken = asyncio.Event()
        self._answers: dict[tuple[str, bool], tuple[int, PastDetail]] = {}
        self._fleet_asked = False
        self._why_not = ""
        """Why there is nothing to read."""

    def ask(self, question: AskHistory) -> None:
        """Answer this as soon as possible; a question about the same thing that waits is replaced."""
        self._asked[question.instance] = question
        self._fleet_asked = self._fleet_asked or not question.instance
        self._woken.set()

    async def run(self, sink: Sink) -> None:
        """Look and answer for ever. Raises ConnectionError when the console is gone."""
        try:
            await asyncio.sleep(DESK_FIRST)
            while True:
                if self._why_not != NONE_KEPT and (self._history is not None or await self._open()):
                    await self._look(sink)
                clock = asyncio.get_running_loop().time
                due = clock() + LOOK_EVERY
                while (left := due - clock()) > 0:
                    await self._wait(left)
                    await self._answer_instances(sink)
                    await self._answer_fleet(sink)
        finally:
            self._lane.close()

    async def look_once(self, deadline: float) -> None:
        """What the rules need, as far as it is there within ``deadline`` seconds, for a command without a screen."""
        try:
            async with asyncio.timeout(deadline):
                if await self._open():
                    for instance in self._snapshot().instances:
                        await self._learn(instance)
        except TimeoutError:
            return
        finally:
            self._lane.close()

    async def _open(self) -> bool:
        """False where none is kept, or where its disk does not answer."""
        self._why_not = NONE_KEPT
        if self._open_history is not None:
            try:
                self._history = await self._lane.run(self._open_history, deadline=READ_WITHIN)
            except (TimeoutError, LaneFull):
                self._why_not = SILENT
        if self._history is None and self._why_not == NONE_KEPT:
            self._lane.close()
        return self._history is not None

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    async def _look(self, sink: Sink) -> None:
        for instance in self._snapshot().instances:
            await self._learn(instance)
            await self._answer_instances(sink)
        await self._answer_fleet(sink)

    async def _learn(self, instance: InstanceSnapshot) -> None:
        """Bring what is kept of one instance up to date."""
        history, now = self._history, self._wall()
        name, limit, target = instance.name, quota_of(instance), instance.target
        known = self.pasts.get(name, Past(instance=name))
        last, limit_then = self._trend_at.get(name, (0.0, None))
        wants_trend = bool(limit) or self._fleet_asked
        # A clock that was set back has not read it lately either.
        fresh = 0 <= now - last < self._trend_every(known) and limit == limit_then
        anew = wants_trend and not fresh
        troubled = is_troubled(instance)
        if history is None or not (anew or troubled or known.standings):
            return

        def read() -> Past:
            from harbortui.collect.history.remember import Remembering

            remembering = Remembering(history, now)
            bucket = remembering.bucket(target, limit) if anew else known.bucket
            standings = remembering.standings(target) if troubled else ()
            return Past(instance=name, bucket=bucket, standings=standings)

        found = await self._read(read)
        if found is None:
            return
        await asyncio.sleep(BREATH)
        if anew:
            self._trend_at[name] = (now, limit)
        if found != known:
            self.pasts[name] = found

    def _trend_every(self, known: Past) -> float:
        every = max(TREND_EVERY, TREND_EACH * len(self._snapshot().instances))
        return every if known.bucket is not None else every / 10

    async def _answer_instances(self, sink: Sink) -> None:
        while question := next((each for name, each in self._asked.items() if name), None):
            del self._asked[question.instance]
            detail = await self._detail(question)
            if detail is not None:
                await sink.send(InstancePast(detail=detail))

    async def _answer_fleet(self, sink: Sink) -> None:
        if self._asked.pop("", None) is not None:
            if self._history is not None and any(
                each.target.bucket and each.name not in self._trend_at for each in self._snapshot().instances
            ):
                for instance in self._snapshot().instances:
                    await self._learn(instance)
            why = self._why_not if self._history is None else ""
            await sink.send(FleetPast(instances=tuple(self.pasts.values()), why_not=why))

    async def _detail(self, question: AskHistory) -> PastDetail | None:
        history, now = self._history, self._wall()
        instance = self._snapshot().instance(question.instance)
        if instance is None:
            return None
        if history is None:
            return _empty(instance.name, self._why_not)
        key, minute = (question.instance, question.trends), int(now // LOOK_EVERY)
        if key in self._answers and self._answers[key][0] == minute:
            return self._answers[key][1]
        limit, target = quota_of(instance), instance.target
        known = self.pasts.get(instance.name, Past(instance=instance.name))

        def read() -> PastDetail:
            from harbortui.collect.history.remember import Remembering

            remembering = Remembering(history, now)
            bucket = known.bucket if known.bucket is not None else remembering.bucket(target, limit)
            past = Past(instance=instance.name, bucket=bucket, standings=remembering.standings(target))
            return remembering.detail(target, past, trends=question.trends)

        detail = await self._read(read)
        if detail is None:
            return _empty(instance.name, SILENT)
        self._answers = {it: each for it, each in list(self._answers.items())[-KEPT:] if each[0] == minute}
        self._answers[key] = (minute, detail)
        return detail

    async def _read(self, call: Callable[[], T]) -> T | None:
        """None when the disk does not answer in time."""
        try:
            return await self._lane.run(call, deadline=READ_WITHIN)
        except (TimeoutError, LaneFull):
            return None


def _empty(name: str, why: str) -> PastDetail:
    return PastDetail(instance=name, past=Past(instance=name), trends=Trends(), lost=(why,))


def quota_of(instance: InstanceSnapshot) -> int | None:
    """The bucket's limit in bytes, where its store tells one."""
    bucket = instance.bucket.value
    return None if bucket is None or bucket.usage is None else bucket.usage.quota_bytes


def is_troubled(instance: InstanceSnapshot) -> bool:
    """True when a rule would like to know since when."""
    health = instance.health.value
    ill = health is not None and any(not each.healthy for each in health.components)
    return ill or instance.health.failure is not None or instance.bucket.failure is not None
