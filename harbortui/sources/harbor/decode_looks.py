"""From the wire structs of what is read on demand to the model; every outside text is cleaned here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harbortui.model.audit import AuditEntry
from harbortui.model.harbor import RegistryEndpoint
from harbortui.model.jobservice import JobQueue, ScheduledJob, Worker, WorkerPool
from harbortui.model.projects import Project, ScanBacklog
from harbortui.model.redact import Clean
from harbortui.sources.harbor import wire, wire_looks
from harbortui.sources.rows import unix

DEAD_SECONDS = 10.0
"""A pool beats every 5 s, and Harbor itself takes one for dead after twice that."""
_MOST_STATUSES = 16


def pool(row: wire_looks.PoolRow, now: float, clean: Clean) -> WorkerPool:
    """One pool; ``now`` is the server's time, since ours may differ by more than a heartbeat."""
    beat = unix(row.heartbeat_at)
    alive = beat is not None and now - beat <= DEAD_SECONDS
    return WorkerPool(
        id=clean(row.worker_pool_id),
        pid=row.pid,
        concurrency=row.concurrency,
        started_at=unix(row.start_at),
        alive=alive,
        last_beat=None if alive else beat,
    )


def worker(row: wire_looks.WorkerRow, clean: Clean) -> Worker:
    """One worker."""
    return Worker(
        id=clean(row.id),
        pool_id=clean(row.pool_id),
        job_name=clean(row.job_name),
        job_id=clean(row.job_id),
        started_at=unix(row.start_at),
        check_in=clean(row.check_in),
        checked_in_at=unix(row.checkin_at),
    )


def queue(row: wire_looks.QueueRow, clean: Clean) -> JobQueue:
    """One queue."""
    return JobQueue(job_type=clean(row.job_type), count=row.count, latency=row.latency, paused=row.paused)


def schedule(row: wire_looks.ScheduleRow, clean: Clean) -> ScheduledJob:
    """One schedule."""
    return ScheduledJob(
        id=row.id,
        vendor_type=clean(row.vendor_type),
        vendor_id=row.vendor_id,
        cron=clean(row.cron),
        updated=unix(row.update_time),
    )


def projects(
    rows: Iterable[wire_looks.ProjectRow],
    quotas: Mapping[str, wire.QuotaRow],
    upstreams: Mapping[int, RegistryEndpoint],
    clean: Clean,
) -> tuple[Project, ...]:
    """Projects with their quotas (by name) and the upstreams of proxy caches (by id)."""
    return tuple(_project(row, quotas.get(row.name), upstreams.get(row.registry_id), clean) for row in rows)


def _project(
    row: wire_looks.ProjectRow, quota: wire.QuotaRow | None, upstream: RegistryEndpoint | None, clean: Clean
) -> Project:
    metadata = row.metadata or wire_looks.ProjectMetadata()
    return Project(
        id=row.project_id,
        name=clean(row.name),
        owner=clean(row.owner_name),
        public=metadata.public == "true",
        repositories=row.repo_count,
        used=None if quota is None else quota.used.storage,
        hard=None if quota is None else quota.hard.storage,
        registry_id=max(0, row.registry_id),
        registry=upstream.name if upstream is not None else "",
        registry_status=upstream.status if upstream is not None else "",
        auto_scan=metadata.auto_scan == "true",
        retention_id=_number(metadata.retention_id) or 0,
        proxy_speed_kb=_number(metadata.proxy_speed_kb),
        created=unix(row.creation_time),
    )


def _number(text: str | None) -> int | None:
    """Harbor stores numbers of a project's metadata as strings."""
    digits = (text or "").removeprefix("-")
    return int(text or "") if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def scan_backlog(row: wire_looks.ScanStats, clean: Clean) -> ScanBacklog:
    """How far the scan of everything is."""
    return ScanBacklog(
        total=row.total,
        completed=row.completed,
        ongoing=row.ongoing,
        trigger=clean(row.trigger),
        by_status={clean(name): count for name, count in list((row.metrics or {}).items())[:_MOST_STATUSES]},
    )


def audit_entry(row: wire_looks.AuditRow, clean: Clean) -> AuditEntry:
    """One row of the audit log."""
    return AuditEntry(
        id=row.id,
        at=unix(row.op_time),
        user=clean(row.username),
        operation=clean(row.operation),
        resource_type=clean(row.resource_type),
        resource=clean(row.resource),
        ok=row.operation_result,
        description=clean(row.operation_description),
    )
