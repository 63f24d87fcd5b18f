"""The configured fleet as a snapshot in which nothing has been learned yet."""

from __future__ import annotations

import msgspec

from harbortui.config.settings import InstanceSettings, Settings
from harbortui.model.facet import Facet
from harbortui.model.nomad import Node
from harbortui.model.snapshot import NOMAD_FACETS, InstanceSnapshot, Origin, Snapshot, Target
from harbortui.model.storage import StoreHealth


def empty_snapshot(settings: Settings) -> Snapshot:
    """Names and addresses of the fleet, all facets loading."""
    targets = tuple(target_of(instance, settings) for instance in settings.instances)
    addresses = dict.fromkeys(each.nomad_address for each in targets if each.nomad_address)
    endpoints = dict.fromkeys(each.store_endpoint for each in targets if each.store_endpoint)
    return Snapshot(
        fleet=settings.fleet.name,
        origin=Origin.SIMULATED if settings.fleet.simulated else Origin.LIVE,
        nodes={address: Facet[tuple[Node, ...]](source="Nomad nodes") for address in addresses},
        stores={endpoint: Facet[StoreHealth](source="object store health") for endpoint in endpoints},
        instances=tuple(_empty_instance(target) for target in targets),
    )


def _empty_instance(target: Target) -> InstanceSnapshot:
    """One instance of which nothing is known yet; what it has no backend for is marked so."""
    unasked: tuple[str, ...] = () if target.nomad_address else NOMAD_FACETS
    unasked += () if target.store_endpoint and target.bucket else ("bucket",)
    empty = InstanceSnapshot(target=target)
    changes = {name: msgspec.structs.replace(getattr(empty, name), configured=False) for name in unasked}
    return msgspec.structs.replace(empty, **changes)


def target_of(instance: InstanceSettings, settings: Settings) -> Target:
    """What the snapshot says of one configured instance."""
    nomad, storage = instance.nomad, instance.storage
    return Target(
        name=instance.name,
        url=instance.url,
        external_url=instance.external_url,
        production=instance.production or settings.fleet.production,
        nomad_address=nomad.address if nomad is not None else "",
        region=nomad.region if nomad is not None else "",
        namespace=nomad.namespace if nomad is not None else "",
        job=instance.job,
        store_endpoint=storage.endpoint if storage is not None else "",
        bucket=instance.bucket,
        prefix=instance.prefix,
    )
