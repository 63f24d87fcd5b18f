"""Asking Nomad for Harbor jobs, and each Harbor found whether it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from harbortui.collect.lookups import current_allocation
from harbortui.collect.secrets import Credentialing
from harbortui.collect.tls import tls_of
from harbortui.collect.vault import login_of
from harbortui.config.load import Ways
from harbortui.config.settings import NomadSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.jobfacts import HostPort, JobStub
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.setup.discover import MAX_SPECS, why_harbor, worth_reading
from harbortui.setup.draft import Draft, draft_of, fits, settle, tidy
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.harbor.inquiry import HarborInquiry
from harbortui.sources.nomad.inquiry import NomadInquiry
from harbortui.sources.nomad.source import NomadSource
from harbortui.sources.vault.source import VaultSource

AT_ONCE = 4
PING_SECONDS = 3.0


@dataclass(slots=True)
class Search:
    """What came of it."""

    drafts: list[Draft] = field(default_factory=list)
    jobs: int = 0
    """Jobs that were listed."""
    read: int = 0
    """Specifications that were read."""
    notes: list[str] = field(default_factory=list)
    failure: Failure | None = None
    """Why nothing could be asked at all."""


async def find(
    ways: Ways,
    *,
    namespace: str,
    prefix: str,
    password: Secret | None,
    wall: Callable[[], float],
) -> Search:
    """The Harbors among Nomad's jobs; ``ways.nomad`` must be there. Raises ValueError for an unusable address."""
    assert ways.nomad is not None
    async with AsyncExitStack() as closing:
        finding = _Finding(ways, ways.nomad, password, wall, closing)
        return await finding.search(namespace, prefix)


class _Finding:
    """One search with its connections."""

    def __init__(
        self,
        ways: Ways,
        nomad: NomadSettings,
        password: Secret | None,
        wall: Callable[[], float],
        closing: AsyncExitStack,
    ) -> None:
        redactor = Redactor()
        self._clean = Cleaner(redactor)
        self._wall = wall
        credentials = Credentialing(
            _vault(ways, nomad, password, wall, self._clean, redactor, closing), learn=redactor.learn, wall=wall
        )

        async def token() -> Secret | Failure | None:
            return await credentials.secret(nomad.token)

        shared: dict[str, Any] = {
            "address": nomad.address, "region": nomad.region, "token": token, "tls": tls_of(nomad.tls),
            "proxy": nomad.proxy, "clean": self._clean, "now": wall,
        }  # fmt: skip
        self._inquiry, self._source = NomadInquiry(**shared), NomadSource(**shared)
        closing.push_async_callback(self._inquiry.aclose)
        closing.push_async_callback(self._source.aclose)
        self._width = asyncio.Semaphore(AT_ONCE)
        self._unread: dict[str, list[str]] = {}

    async def search(self, namespace: str, prefix: str) -> Search:
        listed = await self._inquiry.jobs(namespace, prefix)
        if isinstance(listed, Failure):
            return Search(failure=listed)
        candidates = worth_reading(listed.value)
        search = Search(jobs=len(listed.value), notes=list(listed.lost_rows))
        if len(candidates) > MAX_SPECS:
            search.notes.append(f"only the first {MAX_SPECS} of {len(candidates)} jobs were read: narrow with --prefix")
        found = await asyncio.gather(*(self._look(stub, search) for stub in candidates[:MAX_SPECS]))
        search.notes += [_of_many(jobs, why) for why, jobs in self._unread.items()]
        search.drafts = settle([each for each in found if each is not None])
        await asyncio.gather(*(self._choose_url(each) for each in search.drafts))
        return search

    async def _look(self, stub: JobStub, search: Search) -> Draft | None:
        async with self._width:
            answer = await self._inquiry.facts(stub.id, stub.namespace)
            search.read += 1
            if isinstance(answer, Failure):
                why = answer.words + (f", needs {answer.needs}" if answer.needs else "")
                self._unread.setdefault(why, []).append(f"{stub.namespace}/{self._clean(stub.id, 80)}")
                return None
            why = why_harbor(answer.value)
            if not why:
                return None
            ports = await self._ports(stub)
        draft = draft_of(answer.value, why, ports)
        for what, name in (("name", draft.job), ("namespace", draft.namespace)):
            if self._clean(name, 200) != name or not fits(name):
                job = self._clean(draft.job, 80)
                search.notes.append(f"job {job}: its {what} cannot be written into a configuration")
                return None
        tidy(draft)
        return draft

    async def _ports(self, stub: JobStub) -> tuple[HostPort, ...]:
        """Where the job's current allocation listens; nothing when it has none."""
        allocations = await self._source.allocations(stub.id, stub.namespace)
        current = current_allocation(allocations.value) if isinstance(allocations, Ok) else None
        if current is None:
            return ()
        ports = await self._inquiry.ports(current.id, stub.namespace)
        return ports.value if isinstance(ports, Ok) else ()

    async def _choose_url(self, draft: Draft) -> None:
        """The first address that answers as a Harbor; TLS before plain HTTP. Nothing but ``/ping`` is asked."""
        order = sorted(draft.urls, key=lambda url: not url.startswith("https://"))
        answers = dict(zip(order, await asyncio.gather(*map(self._pings, order)), strict=True))
        alive = [url for url, answer in answers.items() if isinstance(answer, Ok)]
        if alive:
            draft.url = alive[0]
            draft.notes += [f"also answers at {url}" for url in alive[1:]]
        elif order:
            draft.notes.append(f"no Harbor answered at {' or '.join(order)} when this was written")
        for url, answer in answers.items():
            if isinstance(answer, Failure) and answer.kind is FailureKind.TLS:
                # Plain HTTP must not win in silence because an authority of the house is not known here.
                draft.notes.append(f"{url}: {answer.detail}; give [instance.harbor] tls.ca_file and prefer it")

    async def _pings(self, url: str) -> Answer[None]:
        async with self._width:
            try:
                harbor = HarborInquiry(url=url, clean=self._clean, now=self._wall)
            except ValueError:
                return Failure(kind=FailureKind.LOCAL, detail="not a URL", at=self._wall())
            try:
                return await harbor.ping(PING_SECONDS)
            finally:
                await harbor.aclose()


def _of_many(jobs: list[str], why: str) -> str:
    """One line for a reason, however many jobs it keeps from being read."""
    more = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
    return f"job {jobs[0]}{more} could not be read: {why}"


def _vault(
    ways: Ways,
    nomad: NomadSettings,
    password: Secret | None,
    wall: Callable[[], float],
    clean: Cleaner,
    redactor: Redactor,
    closing: AsyncExitStack,
) -> VaultSource | Failure:
    """Vault, when Nomad's token is in there."""
    settings = ways.vault
    if settings is None or nomad.token is None or not nomad.token.vault:
        return Failure(kind=FailureKind.NO_CREDENTIALS, detail="no Vault address is configured", at=wall())
    login = login_of(settings, password, wall())
    source = VaultSource(
        url=settings.address,
        login=None if isinstance(login, Failure) else login,
        paths=(nomad.token.vault,),
        clean=clean,
        now=wall,
        learn=redactor.learn,
        tls=tls_of(settings.tls),
        proxy=settings.proxy,
        namespace=settings.namespace,
    )
    closing.push_async_callback(source.aclose)
    return login if isinstance(login, Failure) else source
