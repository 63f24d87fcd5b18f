"""What `init` may know of a job's specification: names, images, ports and an allow-list of settings."""

from __future__ import annotations

import msgspec

from harbortui.model.record import Record


class JobStub(Record, frozen=True, kw_only=True):
    """A row of Nomad's list of jobs."""

    id: str
    namespace: str = "default"
    type: str = ""
    status: str = ""
    stop: bool = False
    parent: str = ""
    meta: dict[str, str] = msgspec.field(default_factory=dict)
    """Known keys only, in lower case."""


class PortFact(Record, frozen=True, kw_only=True):
    """A port of a group; ``value`` is 0 for one that Nomad chooses, ``to`` the port inside the container."""

    label: str
    value: int = 0
    to: int = 0


class ServiceFact(Record, frozen=True, kw_only=True):
    """A service registration; ``hosts`` are names that a router's rule among its tags lists."""

    name: str
    port: str = ""
    hosts: tuple[str, ...] = ()


class TaskFact(Record, frozen=True, kw_only=True):
    """A task's name and image."""

    name: str
    image: str = ""


class VaultFact(Record, frozen=True, kw_only=True):
    """A Vault path that templates read, with the names of the fields they take."""

    path: str
    fields: tuple[str, ...] = ()


class JobFacts(Record, frozen=True, kw_only=True):
    """One job, as far as it may be looked at."""

    id: str
    namespace: str = "default"
    region: str = ""
    type: str = ""
    status: str = ""
    stop: bool = False
    meta: dict[str, str] = msgspec.field(default_factory=dict)
    tasks: tuple[TaskFact, ...] = ()
    ports: tuple[PortFact, ...] = ()
    services: tuple[ServiceFact, ...] = ()
    settings: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Distinct values by known name (``bucket``), in the order they were met: more than one is a contradiction."""
    vault: tuple[VaultFact, ...] = ()


class HostPort(Record, frozen=True, kw_only=True):
    """Where an allocation's port is on its node."""

    label: str
    host: str
    port: int


class TokenFacts(Record, frozen=True, kw_only=True):
    """Our own Nomad token without its secret; ``type`` is ``client`` or ``management``."""

    name: str = ""
    type: str = ""
    accessor: str = ""
    policies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    expires_at: float | None = None


class PolicyText(Record, frozen=True, kw_only=True):
    """One of our own policies: its name and its rules as written."""

    name: str
    rules: str = ""
