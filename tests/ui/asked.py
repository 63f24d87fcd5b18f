"""Answers to what pages ask for, for the tests of the list screens."""

from __future__ import annotations

from typing import Any

from harbortui.model.asked import Query, Topic
from harbortui.model.audit import AUDIT_PAGE_SIZE, AuditEntry, AuditPage
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.jobservice import JobQueue, JobService, ScheduledJob, Worker, WorkerPool
from harbortui.model.projects import Project, ProjectList, ScanBacklog
from harbortui.ui.cell import Pane
from harbortui.ui.view import Start, View
from tests.ui import samples
from tests.ui.samples import DAY, GIB, NAMES, NOW

HOUR = 3600.0
EVERY = {Topic.JOB_SERVICE: 10.0, Topic.PROJECTS: 60.0, Topic.AUDIT: 30.0}
SOURCES = {
    Topic.JOB_SERVICE: "Harbor /jobservice",
    Topic.PROJECTS: "Harbor /projects",
    Topic.AUDIT: "Harbor audit log",
}
NEEDS = {
    Topic.JOB_SERVICE: "jobservice-monitor:list",
    Topic.PROJECTS: "project:list",
    Topic.AUDIT: "audit-log:list",
}
POOL = "5e83a3bd1f5d4a0d8b1d3f20"


def query(topic: Topic, instance: str = NAMES[0], **more: Any) -> Query:
    return Query(topic=topic, instance=instance, **more)


def known(topic: Topic, value: Any, *, age: float = 2.0, failure: Failure | None = None, **more: Any) -> Facet[Any]:
    """An answer that was learned ``age`` seconds ago."""
    at = NOW - age
    return Facet(source=SOURCES[topic], every=EVERY[topic], value=value, at=at, tried_at=NOW, failure=failure, **more)


def refused(topic: Topic, kind: FailureKind = FailureKind.FORBIDDEN, detail: str = "", **more: Any) -> Facet[Any]:
    """An answer that never came."""
    needs = NEEDS[topic] if kind is FailureKind.FORBIDDEN else ""
    failure = Failure(kind=kind, detail=detail, at=NOW, needs=needs, **more)
    return Facet(source=SOURCES[topic], every=EVERY[topic], tried_at=NOW, failure=failure)


def view(looks: dict[Query, Facet[Any]] | None = None, instance: str = NAMES[0], **start: Any) -> View:
    """A view of one instance with these answers."""
    snapshot, verdict = samples.hurt()
    shown = View(Start("ackermann", NAMES, **start), now=NOW, snapshot=snapshot, verdict=verdict)
    shown.instance = instance
    shown.looks = looks or {}
    return shown


def texts(pane: Pane) -> list[str]:
    """The rows as lines, without the gaps."""
    return [" | ".join(cell.text for cell in row.cells) for block in pane.blocks for row in block.rows]


def all_text(pane: Pane) -> str:
    more = (value for block in pane.blocks for row in block.rows for pair in row.more for value in pair)
    return "\n".join((pane.badge.text, *texts(pane), *more))


def job_service(**changes: Any) -> JobService:
    """Well: three of ten workers busy, two kinds of jobs wait, three schedules."""
    busy = (
        Worker(id="w1", pool_id=POOL, job_name="REPLICATION", job_id="a1", started_at=NOW - 40),
        Worker(id="w2", pool_id=POOL, job_name="REPLICATION", job_id="a2", started_at=NOW - 15),
        Worker(
            id="w3",
            pool_id=POOL,
            job_name="GARBAGE_COLLECTION",
            job_id="b1",
            started_at=NOW - 2 * HOUR,
            check_in="1200 of 4000 blobs",
            checked_in_at=NOW - 60,
        ),
    )
    idle = tuple(Worker(id=f"i{number}", pool_id=POOL) for number in range(7))
    values: dict[str, Any] = {
        "pools": (WorkerPool(id=POOL, pid=1, concurrency=10, started_at=NOW - 12 * DAY),),
        "workers": (*busy, *idle),
        "queues": (
            JobQueue(job_type="EXECUTION_SWEEP"),
            JobQueue(job_type="GARBAGE_COLLECTION"),
            JobQueue(job_type="REPLICATION", count=12, latency=42),
            JobQueue(job_type="SCHEDULER"),
        ),
        "schedules": (
            ScheduledJob(id=1, vendor_type="GARBAGE_COLLECTION", vendor_id=-1, cron="0 0 3 * * 0"),
            ScheduledJob(id=2, vendor_type="REPLICATION", vendor_id=2, cron="0 0 3 * * *"),
            ScheduledJob(id=3, vendor_type="EXECUTION_SWEEP", vendor_id=-1, cron="0 0 0 * * *"),
        ),
    }
    return JobService(**{**values, **changes})


def hurt_job_service() -> JobService:
    """A pool that died, a worker that says nothing for more than a day, paused schedules, a queue that waits long."""
    stuck = Worker(id="w9", pool_id=POOL, job_name="GARBAGE_COLLECTION", job_id="c1", started_at=NOW - 26 * HOUR)
    long = Worker(id="w8", pool_id=POOL, job_name="RETENTION", job_id="c2", started_at=NOW - 7 * HOUR)
    dead = WorkerPool(id="0000dead", pid=1, concurrency=10, alive=False, last_beat=NOW - 180)
    well = job_service()
    return job_service(
        pools=(*well.pools, dead),
        workers=(stuck, long, *well.workers),
        queues=(
            JobQueue(job_type="GARBAGE_COLLECTION", count=2, latency=7200),
            JobQueue(job_type="REPLICATION", count=340, latency=1800),
            JobQueue(job_type="SCHEDULER", count=3, latency=60, paused=True),
        ),
    )


def project_list(**changes: Any) -> ProjectList:
    """Four projects: an ordinary one, a full one, a proxy cache that is well and one whose upstream is not."""
    values: dict[str, Any] = {
        "projects": (
            Project(id=1, name="library", owner="admin", public=True, repositories=41, used=341 * GIB, hard=-1),
            Project(id=2, name="team-blue", repositories=12, used=97 * GIB, hard=100 * GIB, retention_id=4),
            Project(
                id=3,
                name="dockerhub",
                public=True,
                repositories=210,
                used=52 * GIB,
                hard=200 * GIB,
                registry_id=7,
                registry="docker.io",
                registry_status="healthy",
                proxy_speed_kb=-1,
            ),
            Project(id=4, name="quay", registry_id=8, registry="quay", registry_status="unhealthy", used=GIB, hard=-1),
        ),
        "has_scanner": False,
    }
    return ProjectList(**{**values, **changes})


SCAN = ScanBacklog(total=400, completed=120, ongoing=True, trigger="Manual", by_status={"Success": 115, "Error": 5})


def entry(number: int, **changes: Any) -> AuditEntry:
    """An entry; larger numbers are newer."""
    values: dict[str, Any] = {
        "id": number,
        "at": NOW - 100_000 + 60 * number,
        "user": "alice",
        "operation": "pull",
        "resource_type": "artifact",
        "resource": f"library/app-{number}:1.4",
        "ok": True,
    }
    return AuditEntry(**{**values, **changes})


def audit_page(page: int = 1, *, total: int = 130, newest: int = 1000, **changes: Any) -> AuditPage:
    """One page of a log of ``total`` rows, the newest numbered ``newest``."""
    first = newest - (page - 1) * AUDIT_PAGE_SIZE
    count = max(0, min(AUDIT_PAGE_SIZE, total - (page - 1) * AUDIT_PAGE_SIZE))
    values: dict[str, Any] = {
        "entries": tuple(entry(first - number) for number in range(count)),
        "page": page,
        "total": total,
        "generation": "auditlog-exts",
        "since": NOW - 7 * DAY,
    }
    return AuditPage(**{**values, **changes})


def troubled_entries() -> tuple[AuditEntry, ...]:
    """A page of which one entry failed and one names something long."""
    failed = entry(997, ok=False, operation="login", resource_type="user", resource="mallory", user="mallory")
    long = entry(996, operation="delete", resource=f"library/{'deeply/' * 20}nested", user="robot$library+ci")
    rows = [entry(number) for number in range(1000, 950, -1)]
    return tuple(failed if row.id == 997 else long if row.id == 996 else row for row in rows)
