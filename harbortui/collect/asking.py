"""Answers what a person looks at of one instance, each query through the source it belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from harbortui.model.asked import RAW_KINDS, Query, RawObject, Topic
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.snapshot import Target
from harbortui.sources.answer import Answer
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.nomad.raw import KINDS as NOMAD_KINDS
from harbortui.sources.nomad.source import NomadSource

RawBucket = Callable[[], Awaitable[Answer[RawObject]]]


class InstanceAsker:
    """One instance's sources; ``nomad`` and ``bucket`` are None where none is configured."""

    def __init__(
        self,
        target: Target,
        harbor: HarborSource,
        nomad: NomadSource | None,
        bucket: RawBucket | None,
        refused: Callable[[], None],
    ) -> None:
        """``refused`` is called when a backend does not take our credentials."""
        self._target = target
        self._harbor = harbor
        self._nomad = nomad
        self._bucket = bucket
        self._refused = refused

    async def __call__(self, query: Query) -> Answer[Any]:
        """The answer; raises nothing for what a backend does."""
        answer: Answer[Any] = await self._answer(query)
        if isinstance(answer, Failure) and answer.kind is FailureKind.AUTH:
            self._refused()
        return answer

    async def _answer(self, query: Query) -> Answer[Any]:
        looks = self._harbor.looks
        if query.topic is Topic.RAW:
            return await self._raw(query)
        if query.topic is Topic.JOB_SERVICE:
            return await looks.job_service()
        if query.topic is Topic.PROJECTS:
            return await looks.projects()
        if query.topic is Topic.AUDIT:
            return await looks.audit(query.page, query.find)
        if query.topic is Topic.GC_LOG:
            return await looks.gc_log(query.id)
        if query.topic is Topic.TASK_LOG:
            return await looks.task_log(query.id, query.sub)
        return await looks.tasks(query.id)

    async def _raw(self, query: Query) -> Answer[RawObject]:
        kind = query.sub
        if kind not in RAW_KINDS:
            return Failure(kind=FailureKind.LOCAL, detail="nothing that can be shown raw")
        if kind == "bucket":
            return _none("bucket") if self._bucket is None else await self._bucket()
        if kind not in NOMAD_KINDS:
            return await self._harbor.looks.raw(kind, query.id)
        if self._nomad is None:
            return _none("Nomad address")
        name = query.id or self._target.job if kind == "job" else query.id
        return await self._nomad.raw(kind, name, self._target.namespace)


def _none(what: str) -> Failure:
    return Failure(kind=FailureKind.NOT_FOUND, detail=f"no {what} is configured for this instance")
