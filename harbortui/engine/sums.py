"""Sums the repositories of a project for a person who asked: plan, progress, result, cancel; one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial

from harbortui.collect.lookup import FacetKey
from harbortui.collect.projects import Summer
from harbortui.collect.store import INSTANCE, SnapshotStore
from harbortui.engine.errands import Errands
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
        self._errands = Errands(wall, on_bug)

    async def obey(self, command: PlanSums | StartSums | CancelSums, sink: Sink) -> None:
        """Begin or end what was asked for; returns without waiting for a Harbor."""
        name, project = command.instance, command.project
        busy = await self._errands.holder(name)
        if isinstance(command, CancelSums):
            if busy == project and await self._errands.cancel(name):
                await sink.send(SumState(instance=name, project=project, stage=CountStage.CANCELLED))
            return
        summer = self._summers.get(name)
        if summer is None:
            await self._fail(sink, command, Failure(kind=FailureKind.NOT_FOUND, detail=NO_HARBOR, at=self._wall()))
        elif busy is None:
            work = self._plan if isinstance(command, PlanSums) else self._sum
            self._errands.begin(name, project, partial(work, command, summer, sink), partial(self._fail, sink, command))
        elif busy != project:
            await self._fail(sink, command, Failure(kind=FailureKind.CONFLICT, detail=BUSY, at=self._wall()))

    async def close(self) -> None:
        """Cancel what runs and wait for its end."""
        await self._errands.close()

    async def _plan(self, command: PlanSums | StartSums, summer: Summer, sink: Sink) -> None:
        name, project = command.instance, command.project
        await sink.send(SumState(instance=name, project=project, stage=CountStage.PLANNING))
        answer = await summer.plan(project)
        self._errands.ending(name)
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
                    self._errands.ending(name)
                    await self._fail(sink, command, event, progress)
                    return
                if isinstance(event, ProjectUsage):
                    self._learn(name, event)
                    self._errands.ending(name)
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
