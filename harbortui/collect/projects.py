"""Summing the repositories of one project when a person asks: the port that console and command line use."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.project_usage import ProjectPlan, ProjectProgress, ProjectUsage
from harbortui.sources.answer import Answer

if TYPE_CHECKING:
    from harbortui.sources.harbor.projects import ProjectReader

SumEvent = ProjectProgress | ProjectUsage | Failure


class Summer(Protocol):
    """What sums one Harbor's projects. Nothing is asked until a method is called; none raises for what it does."""

    async def plan(self, project: str) -> Answer[ProjectPlan]:
        """What it takes."""

    def sums(self, project: str) -> AsyncGenerator[SumEvent, None]:
        """Progress, then the sums or why there are none; closing it cancels."""


class RepositorySums:
    """Sums through an instance's source; ``refused`` is called when Harbor does not take the credentials."""

    def __init__(self, reader: ProjectReader, refused: Callable[[], None]) -> None:
        self._reader = reader
        self._refused = refused

    async def plan(self, project: str) -> Answer[ProjectPlan]:
        """Two calls."""
        plan = await self._reader.plan(project)
        return self._noted(plan) if isinstance(plan, Failure) else plan

    async def sums(self, project: str) -> AsyncGenerator[SumEvent, None]:
        """A call for each hundred artifacts."""
        async with aclosing(self._reader.sums(project)) as events:
            async for event in events:
                yield self._noted(event) if isinstance(event, Failure) else event

    def _noted(self, failure: Failure) -> Failure:
        if failure.kind is FailureKind.AUTH:
            self._refused()
        return failure
