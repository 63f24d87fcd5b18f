"""Harbor's projects with their quotas, proxy caches and the scan backlog."""

from __future__ import annotations

import msgspec

from harbortui.model.failure import Failure
from harbortui.model.record import Record


class Project(Record, frozen=True, kw_only=True):
    """One project from ``GET /projects``, with its quota from ``GET /quotas`` where that may be read."""

    id: int
    name: str
    owner: str = ""
    public: bool = False
    repositories: int = 0
    used: int | None = None
    """Bytes that count against the quota; None when not known. A blob two projects share counts in both."""
    hard: int | None = None
    """The quota in bytes, -1 without a limit; None when not known."""
    registry_id: int = 0
    """The upstream of a proxy cache; 0 for an ordinary project."""
    registry: str = ""
    """Its name, when the registries may be read."""
    registry_status: str = ""
    """As in ``GET /registries``: a proxy cache serves only what it has while this is not ``healthy``."""
    auto_scan: bool = False
    retention_id: int = 0
    proxy_speed_kb: int | None = None
    """The upstream's limit in kilobits per second, as Harbor counts it; -1 is none, None where Harbor tells none."""
    created: float | None = None

    @property
    def is_proxy_cache(self) -> bool:
        """True for a project that fetches what it lacks from another registry."""
        return self.registry_id > 0

    @property
    def used_share(self) -> float | None:
        """How much of the quota is used, 1.0 being all; None without a limit."""
        return self.used / self.hard if self.used is not None and self.hard is not None and self.hard > 0 else None


class ScanBacklog(Record, frozen=True, kw_only=True):
    """How the scan of all artifacts is, from ``GET /scans/all/metrics``."""

    total: int = 0
    completed: int = 0
    ongoing: bool = False
    trigger: str = ""
    by_status: dict[str, int] = msgspec.field(default_factory=dict)
    """Pending, Running, Success, Error, Stopped."""

    @property
    def waiting(self) -> int:
        """Artifacts that are not scanned yet."""
        return max(0, self.total - self.completed)


class ProjectList(Record, frozen=True, kw_only=True):
    """The projects our account sees, and what could not be learned beside them."""

    projects: tuple[Project, ...] = ()
    quota_failure: Failure | None = None
    """Why no quotas are known."""
    registry_failure: Failure | None = None
    """Why the upstreams of proxy caches have no names."""
    has_scanner: bool | None = None
    """False when this Harbor scans nothing; None when that could not be learned."""
    scan: ScanBacklog | None = None
    scan_failure: Failure | None = None
    unseen: int = 0
    """Projects that have a quota but are not in the list: our account may not list them (``project:list``)."""
