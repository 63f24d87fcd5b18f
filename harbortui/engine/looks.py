"""Looks on demand: asks what is in view, again every so often, and tells the console what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Any

from harbortui.collect.backoff import after_failure, after_success
from harbortui.collect.collector import CALL_LIMIT, Clocks
from harbortui.collect.facets import Moved, failed, learned
from harbortui.collect.looks import LOOK_PACE, Allowance, Asker
from harbortui.engine.link import Sink
from harbortui.engine.messages import Look, LookedAgain, looked
from harbortui.model.asked import Query, Topic
from harbortui.model.facet import Facet
from harbortui.model.failure import UNREACHABLE, Failure, FailureKind
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.sources.answer import Ok

MOST = 16
"""Queries in view at once; a page has one or two, and more are a fault of the console."""
AT_ONCE = 2
"""Looks in flight for one instance, so that a backend that hangs keeps room for what is collected."""
KEPT_SECONDS = 30.0
"""How long an answer is kept after nobody looks: who comes back soon sees it at once, and asks nothing anew."""
KEPT_MOST = 32
TOUCH_EVERY = 8.0
ROWS_PER_REQUEST = 100
TOPIC_SOURCE = {
    Topic.EXECUTION_TASKS: "Harbor tasks of an execution",
    Topic.TASK_LOG: "Harbor task log",
    Topic.GC_LOG: "Harbor GC log",
    Topic.JOB_SERVICE: "Harbor /jobservice",
    Topic.PROJECTS: "Harbor /projects",
    Topic.AUDIT: "Harbor audit log",
    Topic.RAW: "",
}
_NO_INSTANCE = Failure(kind=FailureKind.NOT_FOUND, detail="no such instance in this fleet")
_TRANSIENT = UNREACHABLE | {FailureKind.SERVER, FailureKind.RATE_LIMITED, FailureKind.CANCELLED}
"""Failures that pass by themselves: what is asked once is asked again after them."""


class _Looking:
    """One query in view."""

    def __init__(self, facet: Facet[Any], due: float) -> None:
        self.facet = facet
        self.due = due
        """When to ask next, on the steady clock."""
        self.failures = 0
        self.touched = 0.0
        self.left = 0.0
        """When it left the view."""
        self.woken = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Looks:
    """Obeys Look; costs nothing while nothing is in view."""

    def __init__(
        self,
        askers: Mapping[str, Asker],
        instance: Callable[[str], InstanceSnapshot],
        clocks: Clocks,
        random: Random,
        *,
        on_bug: Callable[[BaseException], None],
    ) -> None:
        """``instance`` is what is known of an instance otherwise: it tells whether a thing still runs."""
        self._askers = askers
        self._instance = instance
        self._clocks = clocks
        self._random = random
        self._on_bug = on_bug
        self._viewed: dict[Query, _Looking] = {}
        self._kept: dict[Query, _Looking] = {}
        self._allowances: dict[str, tuple[Allowance, asyncio.Semaphore]] = {}

    async def obey(self, command: Look, sink: Sink) -> None:
        """Look at these from now on, and at nothing else; returns at once."""
        wanted = dict.fromkeys(command.queries[:MOST])
        now = self._clocks.steady()
        for query in [query for query in self._viewed if query not in wanted]:
            self._leave(query, now)
        self._forget(now)
        for query in wanted:
            if query not in self._viewed:
                self._begin(query, now, sink)

    def refresh(self, instance: str) -> None:
        """A person asks for it: what is in view of an instance (empty: of all) is asked now."""
        for query, looking in self._viewed.items():
            if not instance or query.instance == instance:
                looking.due = self._clocks.steady()
                looking.woken.set()

    async def close(self) -> None:
        """Stop, and wait until every call has let go."""
        tasks = [each.task for each in self._viewed.values() if each.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, query: Query, now: float, sink: Sink) -> None:
        looking = self._kept.pop(query, None)
        if looking is None:
            pace = LOOK_PACE[query.topic]
            facet = Facet[Any](source=TOPIC_SOURCE[query.topic], every=pace.every or 0.0)
            looking = _Looking(facet, now)
        self._viewed[query] = looking
        looking.task = asyncio.create_task(self._guarded(query, looking, sink))

    def _leave(self, query: Query, now: float) -> None:
        looking = self._viewed.pop(query)
        if looking.task is not None:
            looking.task.cancel()
        looking.left = now
        if looking.facet.at is not None:
            self._kept[query] = looking

    def _forget(self, now: float) -> None:
        fresh = [(query, each) for query, each in self._kept.items() if now - each.left < KEPT_SECONDS]
        self._kept = dict(fresh[-KEPT_MOST:])

    async def _guarded(self, query: Query, looking: _Looking, sink: Sink) -> None:
        with suppress(ConnectionError):  # The console is gone, and the engine ends with it.
            try:
                await self._look(query, looking, sink)
            except (ConnectionError, asyncio.CancelledError):
                raise
            except Exception as error:  # noqa: BLE001 - a fault of ours ends this look and is told
                self._on_bug(error)
                detail = f"a fault in the console: {type(error).__name__}"
                looking.facet, _ = failed(looking.facet, _local(detail), self._clocks.wall())
                await sink.send(looked(query, looking.facet))

    async def _look(self, query: Query, looking: _Looking, sink: Sink) -> None:
        """Ask for ever, or until nothing more can come."""
        if looking.facet.tried_at is not None:
            await sink.send(looked(query, looking.facet))
        while True:
            await self._until_due(looking)
            # Asked before the answer: what ends meanwhile is asked once more.
            running = self._is_running(query)
            answer = await self._ask(query)
            moved = self._learn(looking, answer)
            looking.due = self._clocks.steady() + self._delay(query, looking, answer, running)
            await self._tell(query, looking, moved, sink)

    async def _until_due(self, looking: _Looking) -> None:
        while (left := looking.due - self._clocks.steady()) > 0:
            looking.woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if left == float("inf") else left):
                    await looking.woken.wait()

    async def _ask(self, query: Query) -> Ok[Any] | Failure:
        asker = self._askers.get(query.instance)
        if asker is None:
            return _NO_INSTANCE
        allowance, slots = self._allowance(query.instance)
        requests = LOOK_PACE[query.topic].requests
        await allowance.take(requests)
        try:
            async with slots, asyncio.timeout(CALL_LIMIT):
                answer = await asker(query)
        except TimeoutError:
            return Failure(kind=FailureKind.TIMEOUT, detail=f"no answer within {CALL_LIMIT:.0f} s")
        if isinstance(answer, Ok):
            allowance.charge(_pages(answer.value) - 1)
        return answer

    def _allowance(self, instance: str) -> tuple[Allowance, asyncio.Semaphore]:
        found = self._allowances.get(instance)
        if found is None:
            found = self._allowances[instance] = (Allowance(self._clocks.steady), asyncio.Semaphore(AT_ONCE))
        return found

    def _learn(self, looking: _Looking, answer: Ok[Any] | Failure) -> Moved:
        now = self._clocks.wall()
        if isinstance(answer, Failure):
            looking.failures += 1
            looking.facet, moved = failed(looking.facet, answer, now)
        else:
            looking.failures = 0
            looking.facet, moved = learned(looking.facet, answer, now)
        return moved

    def _delay(self, query: Query, looking: _Looking, answer: Ok[Any] | Failure, running: bool) -> float:
        """Seconds to the next look; infinite when there is nothing more to come."""
        pace = LOOK_PACE[query.topic]
        every = pace.while_running if running and pace.while_running is not None else pace.every
        if isinstance(answer, Failure):
            if running and answer.kind is FailureKind.NOT_FOUND:
                return after_success(every or 0.0, self._random)  # A job that waits has no log yet.
            if every is None and answer.kind not in _TRANSIENT:
                return float("inf")
            return after_failure(answer, looking.failures, every or 0.0, self._random)
        return float("inf") if every is None else after_success(every, self._random)

    async def _tell(self, query: Query, looking: _Looking, moved: Moved, sink: Sink) -> None:
        now = self._clocks.steady()
        if moved is Moved.CONTENT:
            looking.touched = now
            await sink.send(looked(query, looking.facet))
        elif now - looking.touched >= TOUCH_EVERY:
            looking.touched = now
            await sink.send(LookedAgain(query=query, at=looking.facet.at, tried_at=looking.facet.tried_at))

    def _is_running(self, query: Query) -> bool:
        """True while the thing may still change; also when nobody knows yet."""
        if LOOK_PACE[query.topic].while_running is None or query.instance not in self._askers:
            return False
        instance = self._instance(query.instance)
        if query.topic is Topic.GC_LOG:
            runs = instance.gc_runs
            return (runs.at is None and runs.failure is None) or _is(runs.value, query.id, "Running")
        executions = instance.executions
        return (executions.at is None and executions.failure is None) or _is(executions.value, query.id, "InProgress")


def _is(rows: tuple[Any, ...] | None, number: str, status: str) -> bool:
    return any(str(row.id) == number and row.status == status for row in rows or ())


def _pages(value: object) -> int:
    """How many requests a list took, at least."""
    return max(1, -(-len(value) // ROWS_PER_REQUEST)) if isinstance(value, tuple) else 1


def _local(detail: str) -> Failure:
    return Failure(kind=FailureKind.LOCAL, detail=detail)
