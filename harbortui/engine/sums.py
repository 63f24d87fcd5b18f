"""Sums the repositories of a project for a person who asked: plan, progress, result, cancel; one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress

from harbortui.collect.lookup import FacetKey
from harbortui.collect.projects import Summer
from harbortui.collect.store import INSTANCE, SnapshotStore
from harbortui.engine.link import Sink
from harbortui.engine.messages import CancelSums, CountStage, PlanSums, StartSums, SumState
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.project_usage import ProjectProgress, ProjectUsage
from harbortui.sources.answer import Ok

FACET = "project_usage"
KEPT_PROJECTS = 8
"""Projects of an instance whose sums are kept, the newest first."""
NO_HARBOR = "no Harbor is configured for this instance"
BUSY = "another project of this Harbor is being summed"

_Work = Callable[[PlanSums | StartSums, Summer, Sink], Awaitable[None]]


class Sums:
    """Obeys PlanSums, StartSums and CancelSums; results go into the store."""

    def __init__(
        self,
        summers: Mapping[str, Summer],
        store: SnapshotStore,
        *,
        wall: Callable[[], float],
        on_learned: Callable[[], None],
        on_bug: Callable[[BaseException], None],
    ) -> None:
        """``on_learned`` is called when something new is in the store."""
        self._summers = summers
        self._store = store
        self._wall = wall
        self._on_learned = on_learned
        self._on_bug = on_bug
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        """Project and work, by instance."""

    async def obey(self, command: PlanSums | StartSums | CancelSums, sink: Sink) -> None:
        """Begin or end what was asked for; returns at once."""
        busy = self._running.get(command.instance)
        if isinstance(command, CancelSums):
            if busy is not None and busy[0] == command.project:
                await self._cancel(busy[1], command, sink)
            return
        summer = self._summers.get(command.instance)
        if summer is None:
            await self._fail(sink, command, Failure(kind=FailureKind.NOT_FOUND, detail=NO_HARBOR, at=self._wall()))
        elif busy is None:
            work = self._plan if isinstance(command, PlanSums) else self._sum
            task = asyncio.create_task(self._guarded(work, command, summer, sink))
            self._running[command.instance] = (command.project, task)
            task.add_done_callback(lambda _: self._running.pop(command.instance, None))
        elif busy[0] != command.project:
            await self._fail(sink, command, Failure(kind=FailureKind.CONFLICT, detail=BUSY, at=self._wall()))

    async def close(self) -> None:
        """Cancel what runs and wait for its end."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _cancel(self, task: asyncio.Task[None], command: CancelSums, sink: Sink) -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if task.cancelled():
            state = SumState(instance=command.instance, project=command.project, stage=CountStage.CANCELLED)
            await sink.send(state)

    async def _guarded(self, work: _Work, command: PlanSums | StartSums, summer: Summer, sink: Sink) -> None:
        """A fault of ours ends the work and is told, and ends nothing else."""
        try:
            await work(command, summer, sink)
        except ConnectionError:
            return  # The console is gone, and the engine ends with it.
        except Exception as error:  # noqa: BLE001 - see above
            self._on_bug(error)
            detail = f"a fault in the console: {type(error).__name__}"
            with suppress(ConnectionError):
                await self._fail(sink, command, Failure(kind=FailureKind.LOCAL, detail=detail, at=self._wall()))

    async def _plan(self, command: PlanSums | StartSums, summer: Summer, sink: Sink) -> None:
        name, project = command.instance, command.project
        await sink.send(SumState(instance=name, project=project, stage=CountStage.PLANNING))
        answer = await summer.plan(project)
        if isinstance(answer, Failure):
            await self._fail(sink, command, answer)
        else:
            await sink.send(SumState(instance=name, project=project, stage=CountStage.PLANNED, plan=answer.value))

    async def _sum(self, command: PlanSums | StartSums, summer: Summer, sink: Sink) -> None:
        name, project = command.instance, command.project
        await sink.send(SumState(instance=name, project=project, stage=CountStage.COUNTING))
        progress: ProjectProgress | None = None
        async with aclosing(summer.sums(project)) as events:
            async for event in events:
                if isinstance(event, Failure):
                    await self._fail(sink, command, event, progress)
                    return
                if isinstance(event, ProjectUsage):
                    self._learn(name, event)
                    await sink.send(SumState(instance=name, project=project, stage=CountStage.DONE))
                    return
                progress = event
                state = SumState(instance=name, project=project, stage=CountStage.COUNTING, progress=progress)
                await sink.send(state)

    def _learn(self, name: str, found: ProjectUsage) -> None:
        before = self._store.instance(name).project_usage.value or ()
        kept = (found, *(each for each in before if each.project != found.project))[:KEPT_PROJECTS]
        self._store.learn(FacetKey(INSTANCE, name, FACET), Ok(kept), self._wall())
        self._on_learned()

    async def _fail(
        self, sink: Sink, command: PlanSums | StartSums, failure: Failure, progress: ProjectProgress | None = None
    ) -> None:
        await sink.send(
            SumState(
                instance=command.instance,
                project=command.project,
                stage=CountStage.FAILED,
                failure=failure,
                progress=progress,
            )
        )
