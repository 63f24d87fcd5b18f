"""A real Nomad's recorded answers given to the console's source, and what the rules say about them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from harbortui.diagnose import diagnose
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure
from harbortui.model.finding import Finding
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.model.snapshot import InstanceSnapshot, Snapshot, Target
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.headers import http_date
from harbortui.sources.nomad.source import NomadSource
from tests.recorded.exchange import Exchange, scenario
from tests.recorded.replay import replaying

VERSION = "nomad-1.10.5"
ADDRESS = "http://nomad"
_JOB = re.compile(r"/v1/job/([^/]+)(?:/allocations)?")
_STATS = re.compile(r"/v1/client/allocation/([^/]+)/stats")


@dataclass(frozen=True)
class Replayed:
    """What the source made of one scenario; ``now`` is a moment after it was recorded."""

    job_id: str
    now: float
    answers: dict[str, Answer[Any]]

    def value(self, name: str) -> Any:
        answer = self.answers[name]
        assert isinstance(answer, Ok), answer
        assert answer.lost_rows == ()
        return answer.value

    def failure(self, name: str) -> Failure:
        answer = self.answers[name]
        assert isinstance(answer, Failure), answer
        return answer

    def findings(self) -> dict[str, Finding]:
        """Those about Nomad, by rule; of several the first."""
        facets = {name: self._facet(name) for name in self.answers if name != "nodes"}
        target = Target(name="a", url="http://a", nomad_address=ADDRESS, job=self.job_id)
        nodes = {ADDRESS: self._facet("nodes")} if "nodes" in self.answers else {}
        snapshot = Snapshot(instances=(InstanceSnapshot(target=target, **facets),), nodes=nodes)
        found: dict[str, Finding] = {}
        for each in diagnose(snapshot, now=self.now).findings:
            found.setdefault(each.rule, each)
        return found

    def _facet(self, name: str) -> Facet[Any]:
        answer = self.answers[name]
        if isinstance(answer, Failure):
            return Facet(source=name, every=60.0, failure=answer, tried_at=self.now)
        return Facet(source=name, every=60.0, value=answer.value, at=self.now, tried_at=self.now)


@asynccontextmanager
async def source_of(
    folder: str, *, token: str = "a token", moment: str = ""
) -> AsyncIterator[tuple[NomadSource, dict[str, Exchange]]]:
    """A source before the recordings of one scenario; those whose names end with ``moment`` go before others."""
    exchanges = scenario(f"{VERSION}/{folder}")
    preferred = sorted(exchanges.values(), key=lambda each: (not each.name.endswith(f"-{moment}"), len(each.name)))
    async with replaying(preferred) as replay:

        async def tokens() -> Secret | Failure | None:
            return Secret(token) if token else None

        source = NomadSource(
            address=replay.url, token=tokens, clean=Cleaner(Redactor()), now=lambda: 1.0, deadline=20.0
        )
        try:
            yield source, exchanges
        finally:
            await source.aclose()


async def replayed(folder: str, *, token: str = "a token", moment: str = "", job: str = "") -> Replayed:
    """Everything of the scenario that the console asks for, of ``job`` or of the job that was recorded."""
    async with source_of(folder, token=token, moment=moment) as (source, exchanges):
        jobs = (found[1] for each in exchanges.values() if (found := _JOB.fullmatch(each.path)))
        job = job or next(jobs, "harbor-a")
        paths = {each.path for each in exchanges.values()}
        answers: dict[str, Answer[Any]] = {}
        if f"/v1/job/{job}" in paths:
            answers["job"] = await source.job(job, "default")
        if f"/v1/job/{job}/allocations" in paths:
            answers["allocations"] = await source.allocations(job, "default")
        if f"/v1/job/{job}/deployment" in paths:
            answers["deployment"] = await source.deployment(job, "default")
        if f"/v1/job/{job}/evaluations" in paths:
            answers["placement"] = await source.placement(job, "default")
        if "/v1/nodes" in paths:
            answers["nodes"] = await source.nodes()
        stats = next((found[1] for path in sorted(paths) if (found := _STATS.fullmatch(path))), "")
        if stats:
            answers["usage"] = await source.usage(stats, "default")
    dates = [http_date(each.headers.get("date", "")) for each in exchanges.values()]
    return Replayed(job, max((each for each in dates if each is not None), default=0.0) + 6.0, answers)
