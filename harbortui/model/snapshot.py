"""The snapshot: everything the console knows at one moment. Panes, rules, files and the wire all speak it."""

from __future__ import annotations

from enum import Enum

import msgspec

from harbortui.model.facet import Facet
from harbortui.model.failure import FailureKind
from harbortui.model.harbor import (
    Account,
    Execution,
    GcRun,
    GcSchedule,
    Health,
    Policy,
    Quota,
    RegistryEndpoint,
    SystemInfo,
)
from harbortui.model.nomad import Allocation, AllocationUsage, DeploymentState, Job, Node, Placement
from harbortui.model.project_usage import ProjectUsage
from harbortui.model.record import Record
from harbortui.model.storage import BucketState, StoreHealth
from harbortui.model.usage import CountedUsage
from harbortui.model.vault import VaultState

SCHEMA_VERSION = 1
"""Raised when a snapshot file of an older console could be misread."""


class Origin(Enum):
    """Where the data comes from; anything but LIVE is marked on every screen."""

    LIVE = "live"
    SIMULATED = "simulated"
    SNAPSHOT = "snapshot"


class Target(Record, frozen=True, kw_only=True):
    """What the configuration says of an instance; never a credential."""

    name: str
    url: str = ""
    external_url: str = ""
    production: bool = False
    nomad_address: str = ""
    region: str = ""
    namespace: str = "default"
    job: str = ""
    store_endpoint: str = ""
    bucket: str = ""
    prefix: str = ""


class InstanceSnapshot(Record, frozen=True, kw_only=True):
    """One Harbor instance, facet by facet."""

    target: Target
    # Harbor
    health: Facet[Health] = Facet[Health](source="Harbor /health")
    system: Facet[SystemInfo] = Facet[SystemInfo](source="Harbor /systeminfo")
    account: Facet[Account] = Facet[Account](source="Harbor /users/current")
    quotas: Facet[tuple[Quota, ...]] = Facet[tuple[Quota, ...]](source="Harbor /quotas")
    registries: Facet[tuple[RegistryEndpoint, ...]] = Facet[tuple[RegistryEndpoint, ...]](source="Harbor /registries")
    policies: Facet[tuple[Policy, ...]] = Facet[tuple[Policy, ...]](source="Harbor /replication/policies")
    executions: Facet[tuple[Execution, ...]] = Facet[tuple[Execution, ...]](source="Harbor /replication/executions")
    gc_runs: Facet[tuple[GcRun, ...]] = Facet[tuple[GcRun, ...]](source="Harbor /system/gc")
    gc_schedule: Facet[GcSchedule] = Facet[GcSchedule](source="Harbor /system/gc/schedule")
    # Nomad
    job: Facet[Job] = Facet[Job](source="Nomad job")
    allocations: Facet[tuple[Allocation, ...]] = Facet[tuple[Allocation, ...]](source="Nomad allocations")
    usage: Facet[AllocationUsage] = Facet[AllocationUsage](source="Nomad client stats")
    deployment: Facet[DeploymentState] = Facet[DeploymentState](source="Nomad deployment")
    placement: Facet[Placement] = Facet[Placement](source="Nomad evaluations")
    # Object store
    bucket: Facet[BucketState] = Facet[BucketState](source="S3 HEAD bucket")
    counted: Facet[CountedUsage] = Facet[CountedUsage](source="counted by us")
    """Learned when a person asks for it, never by itself."""
    project_usage: Facet[tuple[ProjectUsage, ...]] = Facet[tuple[ProjectUsage, ...]](source="Harbor artifacts")
    """The same; the project asked about last comes first."""

    @property
    def name(self) -> str:
        """The instance's name in the configuration."""
        return self.target.name

    @property
    def nginx_answers(self) -> bool | None:
        """Whether nginx answered the newest health request, which comes through it; Harbor's /health never names it.

        Any HTTP answer proves that it does, a refused connection that it does not; silence, a redirect and a login
        page prove nothing about it.
        """
        failure = self.health.failure
        if failure is None:
            return None if self.health.value is None else True
        if failure.kind is FailureKind.REFUSED:
            return False
        elsewhere = failure.kind in (FailureKind.REDIRECT, FailureKind.LOGIN_PAGE)
        return True if failure.status is not None and not elsewhere else None


class Snapshot(Record, frozen=True, kw_only=True):
    """The whole fleet; a facet that did not change is the same object as before, so ``is`` tells what changed."""

    schema: int = SCHEMA_VERSION
    fleet: str = ""
    origin: Origin = Origin.LIVE
    taken_at: float = 0.0
    vault: Facet[VaultState] = Facet[VaultState](source="Vault health and token")
    nodes: dict[str, Facet[tuple[Node, ...]]] = msgspec.field(default_factory=dict)
    """By Nomad address."""
    stores: dict[str, Facet[StoreHealth]] = msgspec.field(default_factory=dict)
    """By object store endpoint."""
    instances: tuple[InstanceSnapshot, ...] = ()

    def instance(self, name: str) -> InstanceSnapshot | None:
        """The instance of that name, or None."""
        return next((each for each in self.instances if each.name == name), None)


NOMAD_FACETS: tuple[str, ...] = ("job", "allocations", "usage", "deployment", "placement")
"""Those that come from Nomad."""

ON_DEMAND: tuple[str, ...] = ("counted", "project_usage")
"""Names of an instance's facets that nothing collects by itself."""

INSTANCE_FACETS: tuple[str, ...] = tuple(
    name for name in InstanceSnapshot.__struct_fields__ if name not in ("target", *ON_DEMAND)
)
"""Names of an instance's facets that are collected, in reading order."""
