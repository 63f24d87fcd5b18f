"""The artifacts of one project, page by page, added up per repository.

One listing of the whole project (goharbor/harbor src/server/v2.0/handler/project.go) takes a call for a hundred
artifacts, where asking repository by repository takes at least one for each. Ordered by id, so that what is pushed
meanwhile comes last and shifts nothing. Artifacts that an index or an artifact refers to are not listed: an index's
size holds its images' (src/controller/artifact/abstractor.go), accessories come with their artifact.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from math import ceil
from typing import Protocol

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.project_usage import ProjectPlan, ProjectProgress, ProjectUsage
from harbortui.model.redact import Clean
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.harbor import wire
from harbortui.sources.harbor.policy import MAX_PAGE_SIZE, PROJECT
from harbortui.sources.harbor.tally import Tally
from harbortui.sources.http import Query, Reply
from harbortui.sources.rows import Rows, Unreadable, read_rows

MAX_CALLS = 500
MAX_ARTIFACTS = MAX_CALLS * MAX_PAGE_SIZE
PAGE_CAP = 16_000_000
"""Bytes of one page: each artifact comes with its image's whole configuration."""
PAGE_SECONDS = 30.0
TRIES = 2
LONGEST_PAUSE = 10.0
BY_NAME = {"X-Is-Resource-Name": "true"}
"""Without it Harbor takes a project named ``2024`` for the one with that id."""

_PASSING = frozenset({FailureKind.TIMEOUT, FailureKind.RESET, FailureKind.RATE_LIMITED, FailureKind.SERVER})
_ARTIFACTS: Query = (("sort", "id"), ("with_accessory", "true"), ("with_tag", "false"))

SumEvent = ProjectProgress | ProjectUsage | Failure


class AskPage(Protocol):
    """Asks one Harbor with its credentials."""

    def __call__(
        self, path: str, *, query: Query, headers: dict[str, str], cap: int, deadline: float
    ) -> Awaitable[Reply | Failure]:
        """One answer of status 200, or why there is none."""


class ProjectReader:
    """Plans and makes the sums of one Harbor's projects. No method raises for what Harbor does."""

    def __init__(
        self,
        ask: AskPage,
        *,
        clean: Clean,
        now: Callable[[], float],
    ) -> None:
        self._ask = ask
        self._clean = clean
        self._now = now

    async def plan(self, project: str) -> Answer[ProjectPlan]:
        """Two calls: how many repositories and artifacts there are, and how long a page takes."""
        if re.fullmatch(PROJECT, project) is None:
            return self._no_project()
        listed = await self._page(f"/projects/{project}/repositories", 1, 1, ())
        if isinstance(listed, Failure) and listed.kind is not FailureKind.FORBIDDEN:
            return listed
        clock = asyncio.get_running_loop().time
        began = clock()
        first = await self._artifacts(project, 1)
        if isinstance(first, Failure):
            return first
        total = _total(first)
        if total is None:
            return self._failure(FailureKind.PROTOCOL, "Harbor does not say how many artifacts there are")
        calls = min(MAX_CALLS, max(1, ceil(total / MAX_PAGE_SIZE)))
        plan = ProjectPlan(
            project=project,
            artifacts=total,
            repositories=None if isinstance(listed, Failure) else _total(listed),
            calls=calls,
            seconds=calls * (clock() - began),
            left_out=max(0, total - MAX_ARTIFACTS),
        )
        return Ok(plan, server_time=first.server_time)

    async def sums(self, project: str) -> AsyncGenerator[SumEvent, None]:
        """Progress after each page, then the sums or why there are none; closing it cancels."""
        if re.fullmatch(PROJECT, project) is None:
            yield self._no_project()
            return
        tally = Tally(project, self._clean)
        total = 0
        for page in range(1, MAX_CALLS + 1):
            reply = await self._patiently(project, page)
            if isinstance(reply, Failure):
                yield reply
                return
            try:
                rows = read_rows(reply.body, wire.ArtifactRow, name="artifact")
            except Unreadable as error:
                yield self._failure(FailureKind.PROTOCOL, str(error))
                return
            total = max(total, _total(reply) or 0)
            new = tally.take(rows)
            if _is_last(rows) or not new or tally.artifacts >= MAX_ARTIFACTS:
                if not _is_last(rows) and not new:
                    tally.miss(f"page {page} brings no new artifacts: paging ends here")
                break
            yield ProjectProgress(artifacts=tally.artifacts, calls=page, total=max(total, tally.artifacts))
        yield tally.usage(total, calls=page, at=self._now())

    async def _patiently(self, project: str, page: int) -> Reply | Failure:
        """A page, asked once more after a pause when what went wrong may pass."""
        for left in reversed(range(TRIES)):
            reply = await self._artifacts(project, page)
            if not isinstance(reply, Failure) or reply.kind not in _PASSING or not left:
                break
            await asyncio.sleep(min(LONGEST_PAUSE, 1.0 if reply.retry_after is None else reply.retry_after))
        return reply

    async def _artifacts(self, project: str, page: int) -> Reply | Failure:
        return await self._page(f"/projects/{project}/artifacts", page, MAX_PAGE_SIZE, _ARTIFACTS)

    async def _page(self, path: str, page: int, size: int, query: Query) -> Reply | Failure:
        return await self._ask(
            path,
            query=[("page", str(page)), ("page_size", str(size)), *query],
            headers=BY_NAME,
            cap=PAGE_CAP,
            deadline=PAGE_SECONDS,
        )

    def _no_project(self) -> Failure:
        return self._failure(FailureKind.LOCAL, "not a project's name")

    def _failure(self, kind: FailureKind, words: str) -> Failure:
        return Failure(kind=kind, detail=self._clean(words), at=self._now())


def _is_last(rows: Rows[wire.ArtifactRow]) -> bool:
    return len(rows.rows) + len(rows.lost) < MAX_PAGE_SIZE


def _total(reply: Reply) -> int | None:
    told = reply.headers.get("x-total-count", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
