"""Asking everything once, within one deadline: the console's own sources, and the doctor's few questions besides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from harbortui.collect.lookups import current_allocation
from harbortui.collect.secrets import Credentialing
from harbortui.collect.tls import tls_of
from harbortui.collect.vault import login_of
from harbortui.config.settings import InstanceSettings, NomadSettings, Settings, StorageSettings
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Account, AccountKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.probes import plan
from harbortui.probes.files import files_of
from harbortui.probes.first import first_bytes, first_event
from harbortui.probes.learned import VAULT, Asked, Door, Learned, of_bucket, of_instance, of_nomad
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.inquiry import HarborInquiry
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.nomad.inquiry import NomadInquiry
from harbortui.sources.nomad.source import NomadSource
from harbortui.sources.reach import Way, reach
from harbortui.sources.storage.inquiry import LISTING, QUERIES, BucketInquiry
from harbortui.sources.storage.source import StoreSource
from harbortui.sources.vault.source import VaultSource

WIDTH = 16
"""Backends asked at once."""
JOBS_AT_ONCE = 3
"""Jobs asked about at once at one Nomad; each may hold one log open."""


async def ask(settings: Settings, *, password: Secret | None, wall: Callable[[], float], timeout: float) -> Learned:
    """Everything that can be learned of this configuration within ``timeout`` seconds; raises nothing for a backend.

    Raises:
        ValueError: a URL or Vault path that no source takes.
    """
    learned = Learned(at=wall(), timeout=timeout, files=files_of(settings))
    async with AsyncExitStack() as closing:
        asking = _Asking(settings, learned, password, wall, closing)
        tasks = [asyncio.create_task(each) for each in asking.everything()]
        _, late = await asyncio.wait(tasks, timeout=timeout)
        for task in late:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
    return learned


class _Asking:
    """The questions to one fleet while they are being asked."""

    def __init__(
        self,
        settings: Settings,
        learned: Learned,
        password: Secret | None,
        wall: Callable[[], float],
        closing: AsyncExitStack,
    ) -> None:
        redactor = Redactor()
        self._settings = settings
        self._learned = learned
        self._wall = wall
        self._closing = closing
        self._clean = Cleaner(redactor)
        self._width = asyncio.Semaphore(WIDTH)
        self._vault = self._open_vault(password, redactor)
        self._credentials = Credentialing(self._vault, learn=redactor.learn, wall=wall)

    def everything(self) -> list[Coroutine[Any, Any, None]]:
        """One coroutine for each door, and one for each thing behind it."""
        found: list[Coroutine[Any, Any, None]] = [self._door(door) for door in plan.doors(self._settings)]
        if isinstance(self._vault, VaultSource):
            found.append(self._ask_vault(self._vault))
        found += [self._ask_nomad(nomad) for nomad in plan.nomads(self._settings)]
        found += [self._ask_harbor(each) for each in self._settings.instances]
        found += [self._ask_bucket(storage, bucket, prefix) for storage, bucket, prefix in plan.buckets(self._settings)]
        return found

    def _open_vault(self, password: Secret | None, redactor: Redactor) -> VaultSource | Failure:
        vault = self._settings.vault
        if vault is None:
            return Failure(kind=FailureKind.NO_CREDENTIALS, detail="no Vault address is configured", at=self._wall())
        login = login_of(vault, password, self._wall())
        source = VaultSource(
            url=vault.address,
            login=None if isinstance(login, Failure) else login,
            paths=plan.vault_paths(self._settings),
            inspected=plan.inspected(self._settings),
            clean=self._clean,
            now=self._wall,
            learn=redactor.learn,
            tls=tls_of(vault.tls),
            proxy=vault.proxy,
            namespace=vault.namespace,
        )
        self._closing.push_async_callback(source.aclose)
        self._learned.answers[Asked(VAULT, "login")] = login if isinstance(login, Failure) else Ok(login is not None)
        return source

    def _put(self, subject: str, what: str, answer: Answer[Any]) -> None:
        self._learned.answers[Asked(subject, what)] = answer

    async def _all(self, subject: str, calls: dict[str, Callable[[], Awaitable[Answer[Any]]]]) -> None:
        """Ask several things of one subject at once."""

        async def one(what: str, call: Callable[[], Awaitable[Answer[Any]]]) -> None:
            self._put(subject, what, await call())

        await asyncio.gather(*(one(what, call) for what, call in calls.items()))

    @asynccontextmanager
    async def _turn(self, *sources: Any) -> AsyncIterator[None]:
        """One of the few backends that are asked at once; its connections are closed at the end."""
        async with self._width:
            try:
                yield
            finally:
                for source in sources:
                    await source.aclose()

    async def _door(self, door: Door) -> None:
        async with self._width:
            way = Way(door.kind, door.url, tls_of(door.tls), door.proxy)
            self._learned.reached[door] = await reach(
                way, clean=self._clean, now=self._wall, deadline=min(10.0, self._learned.timeout)
            )

    async def _ask_vault(self, vault: VaultSource) -> None:
        self._put(VAULT, "state", await vault.state())
        paths = plan.inspected(self._settings)
        if self._learned.value(VAULT, "login"):
            self._put(VAULT, "capabilities", await vault.capabilities(paths))
        for path in plan.vault_paths(self._settings):
            answer = await vault.read(path)
            # Only the names of the fields leave this function.
            names = Ok(tuple(sorted(map(self._clean, answer.value)))) if isinstance(answer, Ok) else answer
            self._put(VAULT, f"secret {path}", names)

    async def _ask_nomad(self, nomad: NomadSettings) -> None:
        """One address with one token; one source for all its jobs, since a Nomad takes 100 connections of a host."""
        subject = of_nomad(nomad)

        async def token() -> Secret | Failure | None:
            return await self._credentials.secret(nomad.token)

        shared: dict[str, Any] = {
            "address": nomad.address, "region": nomad.region, "token": token, "tls": tls_of(nomad.tls),
            "proxy": nomad.proxy, "clean": self._clean, "now": self._wall,
        }  # fmt: skip
        given = await token()
        self._put(subject, "credentials", given if isinstance(given, Failure) else Ok(given is not None))
        inquiry, source = NomadInquiry(**shared), NomadSource(**shared)
        # One after the other: a good guest has at most twelve connections to a Nomad.
        async with self._turn(inquiry):
            await self._all(subject, {"token": inquiry.token, "policies": inquiry.policies})
        async with self._turn(source):
            self._put(subject, "nodes", await source.nodes())
            width = asyncio.Semaphore(JOBS_AT_ONCE)
            spaces: dict[str, asyncio.Task[Answer[None]]] = {}
            async with asyncio.TaskGroup() as group:
                for each, namespace in plan.jobs(self._settings, nomad):
                    if namespace not in spaces:
                        spaces[namespace] = group.create_task(first_event(source, namespace))
                    group.create_task(self._ask_job(each, namespace, source, width, spaces[namespace]))

    async def _ask_job(
        self,
        instance: InstanceSettings,
        namespace: str,
        source: NomadSource,
        width: asyncio.Semaphore,
        events: asyncio.Task[Answer[None]],
    ) -> None:
        subject, job = of_instance(instance.name), instance.job
        async with width:
            await self._all(
                subject,
                {
                    "job": lambda: source.job(job, namespace),
                    "allocations": lambda: source.allocations(job, namespace),
                    "deployment": lambda: source.deployment(job, namespace),
                    "placement": lambda: source.placement(job, namespace),
                },
            )
            allocations = self._learned.answer(subject, "allocations")
            current = current_allocation(allocations.value) if isinstance(allocations, Ok) else None
            if current is not None:
                self._put(subject, "usage", await source.usage(current.id, namespace))
                task = next(iter(sorted(each.name for each in current.tasks)), "")
                if task:
                    self._put(subject, "logs", await first_bytes(source, current.id, task, namespace))
        self._put(subject, "events", await events)

    async def _ask_harbor(self, instance: InstanceSettings) -> None:
        harbor, subject = instance.harbor, of_instance(instance.name)

        async def credentials() -> Credentials | Failure | None:
            return await self._credentials.pair(harbor.username, harbor.password)

        shared: dict[str, Any] = {
            "url": instance.url, "clean": self._clean, "now": self._wall, "tls": tls_of(harbor.tls),
            "proxy": harbor.proxy,
        }  # fmt: skip
        source = HarborSource.open(credentials=credentials, **shared)
        inquiry = HarborInquiry(**shared)
        async with self._turn(source, inquiry):
            await self._all(subject, {"health": source.health, "account": source.account})
            given = await credentials()
            self._put(subject, "credentials", given if isinstance(given, Failure) else Ok(given is not None))
            calls: dict[str, Callable[[], Awaitable[Answer[Any]]]] = {
                "system": source.system,
                "quotas": source.quotas,
                "registries": source.registries,
                "policies": source.policies,
                "executions": source.executions,
                "gc_runs": source.gc_runs,
                "gc_schedule": source.gc_schedule,
                "job_service": source.looks.job_service,
                "audit": lambda: source.looks.audit(1, ""),
            }
            await self._all(subject, calls)
            await self._ask_projects(subject, source)
            account = self._learned.value(subject, "account")
            if isinstance(given, Credentials) and isinstance(account, Account):
                await self._ask_robot(subject, inquiry, given, account)

    async def _ask_projects(self, subject: str, source: HarborSource) -> None:
        """Without ``project:list`` Harbor answers the public projects alone; quotas of others give that away."""
        found = await source.looks.projects()
        scans: Answer[Any] = found
        if not isinstance(found, Failure):
            failure = found.value.scan_failure
            scans = failure if failure is not None else Ok(found.value.scan)
            if found.value.unseen:
                words = f"{found.value.unseen} projects have a quota but are not listed"
                found = Failure(kind=FailureKind.FORBIDDEN, detail=words, at=self._wall(), needs="project:list")
        self._put(subject, "projects", found)
        self._put(subject, "scans", scans)

    async def _ask_robot(self, subject: str, inquiry: HarborInquiry, given: Credentials, account: Account) -> None:
        executions = self._learned.value(subject, "executions") or ()
        number = executions[0].id if executions else 1
        self._put(subject, "task_logs", await inquiry.task_logs(given, number))
        self._put(subject, "project_creation", await inquiry.project_creation(given))
        if account.kind is AccountKind.ROBOT:
            self._put(subject, "robot", await inquiry.own_robot(given))

    async def _ask_bucket(self, storage: StorageSettings, bucket: str, prefix: str) -> None:
        subject = of_bucket(storage, bucket)
        given = await self._credentials.pair(storage.access_key, storage.secret_key)
        self._put(subject, "credentials", given if isinstance(given, Failure) else Ok(given is not None))
        shared: dict[str, Any] = {
            "endpoint": storage.endpoint, "region": storage.region, "clean": self._clean, "now": self._wall,
            "tls": tls_of(storage.tls), "proxy": storage.proxy,
        }  # fmt: skip
        source = StoreSource(metrics_token=lambda: self._credentials.secret(storage.metrics_token), **shared)
        inquiry = BucketInquiry(**shared)
        async with self._turn(source, inquiry):
            keys = given if isinstance(given, Credentials) else None
            self._put(subject, "bucket", given if isinstance(given, Failure) else await source.bucket(bucket, keys))
            if keys is None:
                return
            for action in QUERIES:
                tried = await inquiry.tried(action, bucket, keys, f"{prefix}/" if prefix and action == LISTING else "")
                self._put(subject, action, tried)
            self._put(subject, "writes", Ok(await inquiry.may_write(bucket, keys)))
