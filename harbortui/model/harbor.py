"""What Harbor tells: the fields of its API v2.0 that the console may keep."""

from __future__ import annotations

from enum import Enum

from harbortui.model.record import Record

COMPONENTS = ("database", "redis", "registry", "registryctl", "core", "portal", "jobservice", "nginx")
"""The eight containers of an instance, in the order they are shown. Harbor's /health never covers nginx."""

NGINX = "nginx"


class ComponentHealth(Record, frozen=True, kw_only=True):
    """One row of ``GET /health``; ``error`` is sanitised and redacted."""

    name: str
    status: str
    error: str = ""

    @property
    def healthy(self) -> bool:
        """True when Harbor says ``healthy``."""
        return self.status == "healthy"


class Health(Record, frozen=True, kw_only=True):
    """``GET /health``: core's cached view, at most 10 s old (70 s while a probe hangs); 200 also when unhealthy."""

    status: str
    components: tuple[ComponentHealth, ...] = ()


class SystemInfo(Record, frozen=True, kw_only=True):
    """``GET /systeminfo``; everything but ``auth_mode`` (and ``version`` until 2.12) needs credentials."""

    auth_mode: str = ""
    version: str = ""
    """As Harbor says it, e.g. ``v2.11.2-6e5ccb15``; empty for anonymous callers since 2.13."""
    external_url: str = ""
    read_only: bool | None = None
    storage_provider: str = ""
    clock_skew: float | None = None
    """Server time minus ours in seconds, when the server told its time."""


class AccountKind(Enum):
    """Who Harbor takes us for."""

    ANONYMOUS = "anonymous"
    USER = "user"
    ADMIN = "admin"
    ROBOT = "robot"


class Account(Record, frozen=True, kw_only=True):
    """The credential probe: ``GET /users/current`` is 200 for users, 412 for robots, 401 for bad credentials."""

    kind: AccountKind
    name: str = ""


class Quota(Record, frozen=True, kw_only=True):
    """One project's quota from ``GET /quotas``; ``hard`` is -1 when unlimited. Blobs shared by projects count twice."""

    project: str
    used: int
    hard: int = -1


class RegistryEndpoint(Record, frozen=True, kw_only=True):
    """A replication endpoint or proxy upstream from ``GET /registries``.

    ``status`` may be five minutes old, and for type ``harbor`` an unreachable peer keeps its old ``healthy``
    (goharbor/harbor issue #21673).
    """

    id: int
    name: str
    type: str = ""
    url: str = ""
    status: str = ""
    insecure: bool = False


class Policy(Record, frozen=True, kw_only=True):
    """A replication policy; one of source and destination names another registry, the other side is this Harbor."""

    id: int
    name: str
    enabled: bool = False
    trigger: str = "manual"
    cron: str = ""
    source_registry: str = ""
    destination_registry: str = ""
    destination_url: str = ""
    source_url: str = ""
    filters: tuple[str, ...] = ()
    override: bool = False
    replicate_deletion: bool = False
    updated: float | None = None
    """When somebody last changed it, unix seconds."""

    @property
    def peer(self) -> str:
        """The name of the registry on the other side."""
        return self.destination_registry or self.source_registry

    @property
    def direction(self) -> str:
        """``push`` or ``pull``."""
        return "push" if self.destination_registry else "pull"


class Execution(Record, frozen=True, kw_only=True):
    """A replication execution; Harbor derives ``status`` from its tasks and lags by up to 30 s."""

    id: int
    policy_id: int
    status: str
    """InProgress, Succeed, Failed or Stopped."""
    status_text: str = ""
    trigger: str = ""
    start_time: float | None = None
    end_time: float | None = None
    total: int = 0
    failed: int = 0
    succeed: int = 0
    in_progress: int = 0
    stopped: int = 0

    @property
    def skipped(self) -> bool:
        """Harbor 2.14 stores an execution it skipped, because one was running, as Failed."""
        return self.status_text.startswith("Execution skipped")


class ExecutionTask(Record, frozen=True, kw_only=True):
    """One task of a replication execution."""

    id: int
    execution_id: int
    status: str
    operation: str = ""
    resource_type: str = ""
    source: str = ""
    destination: str = ""
    job_id: str = ""
    start_time: float | None = None
    end_time: float | None = None


class GcRun(Record, frozen=True, kw_only=True):
    """One garbage collection. "Running" also covers a run that only waits in the queue."""

    id: int
    status: str
    """Running, Success, Error or Stopped."""
    kind: str = ""
    """MANUAL or SCHEDULE."""
    start_time: float | None = None
    end_time: float | None = None
    dry_run: bool = False
    delete_untagged: bool = False
    workers: int = 0
    freed_bytes: int | None = None
    purged_blobs: int | None = None
    purged_manifests: int | None = None


class GcSchedule(Record, frozen=True, kw_only=True):
    """``GET /system/gc/schedule``; ``type`` is ``None`` (the word) or empty when nothing is scheduled."""

    type: str = ""
    cron: str = ""
    """Six fields, the first is seconds and always 0."""
    next_time: float | None = None
    workers: int = 0

    @property
    def scheduled(self) -> bool:
        """True when Harbor runs it by itself."""
        return self.type not in ("", "None", "Manual")
