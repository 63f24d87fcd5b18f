"""The lookups of one instance and of the things instances share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from harbortui.collect.intervals import INSTANCE_PACE, NODES_PACE, STORE_PACE, VAULT_PACE, Pace
from harbortui.collect.lookup import NOT_YET, Ask, FacetKey, Known, Lookup, NotYet
from harbortui.collect.store import INSTANCE, NODES, STORE, VAULT
from harbortui.model.failure import Failure
from harbortui.model.nomad import Allocation, AllocationUsage
from harbortui.model.snapshot import Target
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.nomad.source import NomadSource

Call = Callable[[], Awaitable[Answer[Any]]]


def harbor_lookups(name: str, harbor: HarborSource, scale: float) -> list[Lookup]:
    """Everything asked of one Harbor."""
    calls: dict[str, Call] = {
        "health": harbor.health,
        "system": harbor.system,
        "account": harbor.account,
        "quotas": harbor.quotas,
        "registries": harbor.registries,
        "policies": harbor.policies,
        "executions": harbor.executions,
        "gc_runs": harbor.gc_runs,
        "gc_schedule": harbor.gc_schedule,
    }
    return [_of_instance(name, facet, f"harbor:{name}", simply(call), scale) for facet, call in calls.items()]


def nomad_lookups(target: Target, nomad: NomadSource, scale: float) -> list[Lookup]:
    """Everything asked of Nomad about one instance's job."""
    job, namespace = target.job, target.namespace
    backend = f"nomad:{target.nomad_address}"
    allocations = FacetKey(INSTANCE, target.name, "allocations")

    async def usage(known: Known) -> Answer[Any] | NotYet:
        facet = known(allocations)
        if facet.at is None:
            return facet.failure if facet.failure is not None else NOT_YET
        current = current_allocation(facet.value or ())
        return Ok(AllocationUsage(allocation_id="")) if current is None else await nomad.usage(current.id, namespace)

    calls: dict[str, Call] = {
        "job": lambda: nomad.job(job, namespace),
        "allocations": lambda: nomad.allocations(job, namespace),
        "deployment": lambda: nomad.deployment(job, namespace),
        "placement": lambda: nomad.placement(job, namespace),
    }
    lookups = [_of_instance(target.name, facet, backend, simply(call), scale) for facet, call in calls.items()]
    return [*lookups, _of_instance(target.name, "usage", backend, usage, scale, needs=allocations)]


def bucket_lookup(target: Target, call: Call, scale: float) -> Lookup:
    """The instance's bucket."""
    return _of_instance(target.name, "bucket", f"store:{target.store_endpoint}", simply(call), scale)


def nodes_lookup(address: str, nomad: NomadSource, scale: float) -> Lookup:
    """The nodes behind one Nomad address."""
    return _shared(FacetKey(NODES, address, "nodes"), f"nomad:{address}", simply(nomad.nodes), NODES_PACE, scale)


def store_lookup(endpoint: str, call: Call, scale: float) -> Lookup:
    """One object store's own health."""
    return _shared(FacetKey(STORE, endpoint, "health"), f"store:{endpoint}", simply(call), STORE_PACE, scale)


def vault_lookup(call: Call, scale: float) -> Lookup:
    """Vault's state and our token's."""
    return _shared(FacetKey(VAULT, "", "vault"), "vault", simply(call), VAULT_PACE, scale)


def current_allocation(allocations: tuple[Allocation, ...]) -> Allocation | None:
    """The newest allocation that Nomad wants to run."""
    current = [each for each in allocations if each.is_current]
    return max(current, key=lambda each: each.create_time or 0.0, default=None)


def simply(call: Call) -> Ask:
    """A call that needs no other facet as a lookup's ask."""

    async def ask(_: Known) -> Answer[Any] | NotYet:
        answer: Ok[Any] | Failure = await call()
        return answer

    return ask


def _of_instance(name: str, facet: str, backend: str, ask: Ask, scale: float, needs: FacetKey | None = None) -> Lookup:
    pace = INSTANCE_PACE[facet]
    return Lookup(
        key=FacetKey(INSTANCE, name, facet),
        every=pace.every * scale,
        unwatched_every=None if pace.unwatched is None else pace.unwatched * scale,
        backend=backend,
        ask=ask,
        priority=pace.priority,
        needs=needs,
    )


def _shared(key: FacetKey, backend: str, ask: Ask, pace: Pace, scale: float) -> Lookup:
    return Lookup(key=key, every=pace.every * scale, backend=backend, ask=ask, priority=pace.priority)
