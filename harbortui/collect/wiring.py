"""From settings to a Fleet: the sources, one per backend, and what is asked of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from harbortui.collect.asking import InstanceAsker, RawBucket
from harbortui.collect.counting import BucketCounter
from harbortui.collect.fleet import EventFeed, Fleet, TailTarget
from harbortui.collect.lookup import FacetKey, Lookup
from harbortui.collect.lookups import (
    Call,
    bucket_lookup,
    harbor_lookups,
    nodes_lookup,
    nomad_lookups,
    store_lookup,
    vault_lookup,
)
from harbortui.collect.secrets import Credentialing
from harbortui.collect.store import INSTANCE
from harbortui.collect.targets import empty_snapshot
from harbortui.collect.tls import tls_of
from harbortui.collect.vault import vault_of
from harbortui.config.settings import BASE_REFRESH, InstanceSettings, NomadSettings, Settings, StorageSettings, Tls
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.model.snapshot import Snapshot, Target
from harbortui.sources.answer import Answer
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.nomad.source import NomadSource
from harbortui.sources.storage.source import StoreSource

if TYPE_CHECKING:
    from harbortui.sources.storage.listing.lister import BucketLister

StoreKey = tuple[str, str, Tls, str]
"""Endpoint, region, TLS and proxy: what makes it another connection."""

AskBucket = Callable[[str, Credentials | None], Awaitable[Answer[Any]]]

TOPIC_FACETS = {"Allocation": "allocations", "Deployment": "deployment", "Evaluation": "placement", "Job": "job"}
"""What a Nomad event about a job makes worth another look."""


def wire(settings: Settings, *, vault_password: Secret | None, wall: Callable[[], float]) -> Fleet:
    """Build every source that the settings name. Opens no connection; raises ValueError for an unusable URL."""
    return _Wiring(settings, vault_password, wall).fleet()


class _Wiring:
    """The sources of one fleet while it is being put together."""

    def __init__(self, settings: Settings, vault_password: Secret | None, wall: Callable[[], float]) -> None:
        self._settings = settings
        self._wall = wall
        self._redactor = Redactor()
        self._clean = Cleaner(self._redactor)
        self._scale = settings.fleet.refresh / BASE_REFRESH
        self._vault = vault_of(
            settings.vault, settings, vault_password, clean=self._clean, learn=self._redactor.learn, wall=wall
        )
        self._credentials = Credentialing(self._vault.secrets, learn=self._redactor.learn, wall=wall)
        self._snapshot: Snapshot = empty_snapshot(settings)
        self._nomads: dict[NomadSettings, NomadSource] = {}
        self._stores: dict[StoreKey, StoreSource] = {}
        self._listers: dict[StoreKey, BucketLister] = {}
        self._counters: dict[str, BucketCounter] = {}
        self._harbors: dict[str, HarborSource] = {}
        self._raw_buckets: dict[str, RawBucket] = {}
        self._closing: list[Callable[[], Awaitable[None]]] = []
        self._lookups: dict[FacetKey, Lookup] = {}
        self._nomad_of: dict[str, NomadSource] = {}
        self._jobs: dict[tuple[NomadSettings, str], dict[str, list[str]]] = {}

    def fleet(self) -> Fleet:
        """Everything together."""
        for instance, snapshot in zip(self._settings.instances, self._snapshot.instances, strict=True):
            self._add_harbor(instance)
            if instance.nomad is not None:
                self._add_nomad(snapshot.target, instance.nomad)
            if instance.storage is not None and instance.bucket:
                self._add_storage(snapshot.target, instance.storage)
        if self._vault.source is not None:
            self._add(vault_lookup(self._vault.source.state, self._scale))
            self._closing.append(self._vault.source.aclose)
        return Fleet(
            snapshot=self._snapshot,
            lookups=tuple(self._lookups.values()),
            open_tail=self._open_tail,
            clean=self._clean,
            feeds=tuple(self._feed(nomad, namespace, jobs) for (nomad, namespace), jobs in self._jobs.items()),
            background=() if self._vault.source is None else (self._vault.source.run,),
            counters=self._counters,
            askers={each.name: self._asker(each.target) for each in self._snapshot.instances},
            close=self._close,
        )

    def _add(self, *lookups: Lookup) -> None:
        for lookup in lookups:
            self._lookups.setdefault(lookup.key, lookup)

    def _add_harbor(self, instance: InstanceSettings) -> None:
        harbor = instance.harbor

        async def credentials() -> Credentials | Failure | None:
            return await self._credentials.pair(harbor.username, harbor.password)

        source = HarborSource.open(
            url=instance.url,
            credentials=credentials,
            clean=self._clean,
            now=self._wall,
            tls=tls_of(harbor.tls),
            proxy=harbor.proxy,
        )
        self._harbors[instance.name] = source
        self._closing.append(source.aclose)
        self._add(*map(self._rereading, harbor_lookups(instance.name, source, self._scale)))

    def _asker(self, target: Target) -> InstanceAsker:
        nomad, bucket = self._nomad_of.get(target.name), self._raw_buckets.get(target.name)
        return InstanceAsker(target, self._harbors[target.name], nomad, bucket, self._credentials.refused)

    def _add_nomad(self, target: Target, nomad: NomadSettings) -> None:
        # The namespace is part of each call, so that instances in several of them share one source.
        shared = NomadSettings(
            address=nomad.address, region=nomad.region, token=nomad.token, tls=nomad.tls, proxy=nomad.proxy
        )
        source = self._nomads.get(shared)
        if source is None:
            source = NomadSource(
                address=nomad.address,
                region=nomad.region,
                token=lambda: self._credentials.secret(nomad.token),
                tls=tls_of(nomad.tls),
                proxy=nomad.proxy,
                clean=self._clean,
                now=self._wall,
            )
            self._nomads[shared] = source
            self._closing.append(source.aclose)
        self._nomad_of[target.name] = source
        self._jobs.setdefault((shared, target.namespace), {}).setdefault(target.job, []).append(target.name)
        self._add(*map(self._rereading, nomad_lookups(target, source, self._scale)))
        self._add(nodes_lookup(nomad.address, source, self._scale))

    def _add_storage(self, target: Target, storage: StorageSettings) -> None:
        key = (storage.endpoint, storage.region, storage.tls, storage.proxy)
        source = self._stores.get(key)
        if source is None:
            source = StoreSource(
                endpoint=storage.endpoint,
                region=storage.region,
                metrics_token=lambda: self._credentials.secret(storage.metrics_token),
                tls=tls_of(storage.tls),
                proxy=storage.proxy,
                clean=self._clean,
                now=self._wall,
            )
            self._stores[key] = source
            self._closing.append(source.aclose)
        self._add(
            self._rereading(bucket_lookup(target, self._bucket_call(source.bucket, target, storage), self._scale))
        )
        self._add(store_lookup(storage.endpoint, source.health, self._scale))
        self._raw_buckets[target.name] = self._bucket_call(source.raw, target, storage)
        self._counters[target.name] = self._counter(target, storage)

    def _bucket_call(self, ask: AskBucket, target: Target, storage: StorageSettings) -> Call:
        async def bucket() -> Answer[Any]:
            credentials = await self._credentials.pair(storage.access_key, storage.secret_key)
            if isinstance(credentials, Failure):
                return credentials
            return await ask(target.bucket, credentials)

        return bucket

    def _counter(self, target: Target, storage: StorageSettings) -> BucketCounter:
        return BucketCounter(
            target,
            lambda: self._lister(storage),
            lambda: self._credentials.pair(storage.access_key, storage.secret_key),
            self._credentials.refused,
        )

    def _lister(self, storage: StorageSettings) -> BucketLister:
        """The lister of an endpoint; most sessions never need one, so it is made when first asked for."""
        from harbortui.sources.storage.listing.lister import BucketLister

        key = (storage.endpoint, storage.region, storage.tls, storage.proxy)
        lister = self._listers.get(key)
        if lister is None:
            lister = self._listers[key] = BucketLister(
                endpoint=storage.endpoint,
                region=storage.region,
                tls=tls_of(storage.tls),
                proxy=storage.proxy,
                clean=self._clean,
                now=self._wall,
            )
            self._closing.append(lister.aclose)
        return lister

    def _rereading(self, lookup: Lookup) -> Lookup:
        """The lookup, with Vault read again after its credentials were refused."""

        async def ask(known: Any) -> Any:
            answer = await lookup.ask(known)
            if isinstance(answer, Failure) and answer.kind is FailureKind.AUTH:
                self._credentials.refused()
            return answer

        return Lookup(
            key=lookup.key,
            every=lookup.every,
            backend=lookup.backend,
            ask=ask,
            unwatched_every=lookup.unwatched_every,
            priority=lookup.priority,
            needs=lookup.needs,
        )

    async def _open_tail(self, target: TailTarget) -> AsyncGenerator[bytes | Failure, None]:
        source = self._nomad_of.get(target.instance)
        if source is None:
            detail = "no Nomad address is configured for this instance"
            yield Failure(kind=FailureKind.NOT_FOUND, detail=detail, at=self._wall())
            return
        namespace = next(each.target.namespace for each in self._snapshot.instances if each.name == target.instance)
        pieces = source.tail(target.allocation_id, target.task, target.stream, namespace)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    def _feed(self, nomad: NomadSettings, namespace: str, jobs: dict[str, list[str]]) -> EventFeed:
        source = self._nomads[nomad]
        subscribed = False

        async def events() -> AsyncGenerator[tuple[FacetKey, ...] | Failure, None]:
            nonlocal subscribed
            stream = source.events(namespace)
            async with aclosing(stream):
                async for event in stream:
                    if isinstance(event, Failure):
                        yield event
                    elif event.job_id:
                        facet = TOPIC_FACETS.get(event.topic, "allocations")
                        yield tuple(FacetKey(INSTANCE, name, facet) for name in jobs.get(event.job_id, ()))
                    elif subscribed:
                        # What happened while the stream was away is known to nobody.
                        names = (name for group in jobs.values() for name in group)
                        yield tuple(FacetKey(INSTANCE, name, "allocations") for name in names)
                    else:
                        subscribed = True
                        yield ()

        return EventFeed(name=f"{nomad.address} {namespace}", open=events)

    async def _close(self) -> None:
        for close in self._closing:
            await close()
