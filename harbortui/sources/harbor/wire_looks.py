"""Harbor's JSON of what is read on demand; the rules of :mod:`harbortui.sources.harbor.wire` hold here too."""

from __future__ import annotations

import msgspec

from harbortui.sources.rows import Int64, UtcTime


class PoolRow(msgspec.Struct):
    """One row of ``GET /jobservice/pools``; ``host`` is in the description and never filled."""

    worker_pool_id: str
    pid: Int64 = 0
    concurrency: Int64 = 0
    start_at: UtcTime | None = None
    heartbeat_at: UtcTime | None = None


class WorkerRow(msgspec.Struct):
    """One row of ``GET /jobservice/pools/{id}/workers``; an idle worker has only its ids."""

    id: str
    pool_id: str = ""
    job_name: str = ""
    job_id: str = ""
    start_at: UtcTime | None = None
    check_in: str = ""
    checkin_at: UtcTime | None = None


class QueueRow(msgspec.Struct):
    """One row of ``GET /jobservice/queues``; ``latency`` in seconds."""

    job_type: str
    count: Int64 = 0
    latency: Int64 = 0
    paused: bool = False


class ScheduleRow(msgspec.Struct):
    """One row of ``GET /schedules``."""

    id: Int64
    vendor_type: str = ""
    vendor_id: Int64 = 0
    cron: str = ""
    update_time: UtcTime | None = None


class ProjectMetadata(msgspec.Struct):
    """Settings of a project; every value is a string."""

    public: str | None = None
    auto_scan: str | None = None
    retention_id: str | None = None
    proxy_speed_kb: str | None = None


class ProjectRow(msgspec.Struct):
    """One row of ``GET /projects``."""

    project_id: Int64
    name: str
    owner_name: str = ""
    registry_id: Int64 = 0
    repo_count: Int64 = 0
    metadata: ProjectMetadata | None = None
    creation_time: UtcTime | None = None


class ScanStats(msgspec.Struct):
    """``GET /scans/all/metrics``."""

    total: Int64 = 0
    completed: Int64 = 0
    ongoing: bool = False
    trigger: str = ""
    metrics: dict[str, Int64] | None = None


class AuditRow(msgspec.Struct):
    """One row of either audit log; the last two are told from 2.13 on."""

    id: Int64
    op_time: UtcTime | None = None
    username: str = ""
    operation: str = ""
    resource_type: str = ""
    resource: str = ""
    operation_result: bool | None = None
    operation_description: str = ""
