"""Harbor's job service as its dashboard shows it: pools, workers, queues and what runs by schedule."""

from __future__ import annotations

from harbortui.model.record import Record


class WorkerPool(Record, frozen=True, kw_only=True):
    """One job service process from ``GET /jobservice/pools``."""

    id: str
    pid: int = 0
    concurrency: int = 0
    """How many workers it has."""
    started_at: float | None = None
    alive: bool = True
    """False when its last heartbeat, due every 5 s, is older than 10 s by the server's clock; the row of a dead pool
    lingers until Harbor reaps it."""
    last_beat: float | None = None
    """Only of a pool that is not alive, so that a healthy one answers the same each time."""


class Worker(Record, frozen=True, kw_only=True):
    """One worker; idle without a ``job_id``."""

    id: str
    pool_id: str
    job_name: str = ""
    """The type of its job, such as ``REPLICATION``."""
    job_id: str = ""
    started_at: float | None = None
    check_in: str = ""
    """What the job last said of its progress: text that a job wrote, sanitised and redacted."""
    checked_in_at: float | None = None

    @property
    def is_busy(self) -> bool:
        """True while it runs a job."""
        return bool(self.job_id)


class JobQueue(Record, frozen=True, kw_only=True):
    """One queue; Harbor leaves out what is zero."""

    job_type: str
    count: int = 0
    """Jobs that wait."""
    latency: int = 0
    """Seconds the oldest of them has waited."""
    paused: bool = False


class ScheduledJob(Record, frozen=True, kw_only=True):
    """Something that Harbor starts by itself, from ``GET /schedules``."""

    id: int
    vendor_type: str
    """``GARBAGE_COLLECTION``, ``REPLICATION``, ``RETENTION`` and the like."""
    vendor_id: int = 0
    """The policy's id for those that have one; -1 or 0 for the others."""
    cron: str = ""
    """Six fields, the first is seconds."""
    updated: float | None = None


class JobService(Record, frozen=True, kw_only=True):
    """Everything of one instance's job service."""

    pools: tuple[WorkerPool, ...] = ()
    workers: tuple[Worker, ...] = ()
    queues: tuple[JobQueue, ...] = ()
    schedules: tuple[ScheduledJob, ...] = ()

    @property
    def schedules_paused(self) -> bool:
        """True when nothing starts by its schedule, because the queue that starts them is paused."""
        return any(each.paused for each in self.queues if each.job_type == "SCHEDULER")
