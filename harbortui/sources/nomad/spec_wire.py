"""The parts of a job's specification and of our own token that `init` and `doctor` read (nomad/structs of Nomad)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from harbortui.sources.nomad.wire import ABSENT, ConfigWire, Wire
from harbortui.sources.rows import Int64


class StubWire(Wire, frozen=True, rename="pascal"):
    """A row of ``GET /v1/jobs?meta=true``."""

    id: str = msgspec.field(name="ID")
    namespace: str = "default"
    parent_id: str = msgspec.field(default="", name="ParentID")
    type: str = ""
    status: str = ""
    stop: bool = False
    meta: msgspec.Raw = ABSENT


class TemplateWire(Wire, frozen=True, rename="pascal"):
    """A template; its text is scanned and dropped."""

    embedded_tmpl: str = ""


class PortWire(Wire, frozen=True, rename="pascal"):
    """A port of a group's network."""

    label: str = ""
    value: Int64 = 0
    to: Int64 = 0


class NetworkWire(Wire, frozen=True, rename="pascal"):
    """A group's network."""

    reserved_ports: msgspec.Raw = ABSENT
    dynamic_ports: msgspec.Raw = ABSENT


class ServiceWire(Wire, frozen=True, rename="pascal"):
    """A service of a group or task."""

    name: str = ""
    port_label: str = ""
    tags: list[str] | None = None


class SpecTaskWire(Wire, frozen=True, rename="pascal"):
    """A task; ``env`` stays raw, so that only known variables are ever decoded."""

    name: str
    config: ConfigWire | None = None
    env: dict[str, msgspec.Raw] | None = None
    templates: msgspec.Raw = ABSENT
    services: msgspec.Raw = ABSENT


class SpecGroupWire(Wire, frozen=True, rename="pascal"):
    """A task group."""

    tasks: msgspec.Raw = ABSENT
    networks: msgspec.Raw = ABSENT
    services: msgspec.Raw = ABSENT


class SpecWire(Wire, frozen=True, rename="pascal"):
    """``GET /v1/job/:id``."""

    id: str = msgspec.field(name="ID")
    namespace: str = "default"
    region: str = ""
    type: str = ""
    status: str = ""
    stop: bool = False
    meta: msgspec.Raw = ABSENT
    task_groups: msgspec.Raw = ABSENT


class HostPortWire(Wire, frozen=True, rename="pascal"):
    """A port of an allocation."""

    label: str = ""
    value: Int64 = 0
    host_ip: str = msgspec.field(default="", name="HostIP")


class SharedWire(Wire, frozen=True, rename="pascal"):
    """What the tasks of an allocation share."""

    ports: msgspec.Raw = ABSENT


class AllocatedWire(Wire, frozen=True, rename="pascal"):
    """An allocation's resources."""

    shared: SharedWire | None = None


class PlacedWire(Wire, frozen=True, rename="pascal"):
    """``GET /v1/allocation/:id``."""

    allocated_resources: AllocatedWire | None = None


class RoleLinkWire(Wire, frozen=True, rename="pascal"):
    """A role of a token."""

    name: str = ""


class TokenWire(Wire, frozen=True, rename="pascal"):
    """``GET /v1/acl/token/self``; the secret in it is not declared, so never kept."""

    accessor_id: str = msgspec.field(default="", name="AccessorID")
    name: str = ""
    type: str = ""
    policies: list[str] | None = None
    roles: list[RoleLinkWire] | None = None
    expiration_time: datetime | None = None


class PolicyStubWire(Wire, frozen=True, rename="pascal"):
    """A row of ``GET /v1/acl/policies``: with a client token, its own policies, those of its roles included."""

    name: str


class PolicyWire(Wire, frozen=True, rename="pascal"):
    """``GET /v1/acl/policy/:name``."""

    name: str = ""
    rules: str = ""
