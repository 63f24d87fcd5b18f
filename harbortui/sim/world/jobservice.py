"""The job service of one instance: queues, workers and their heartbeats, pause and stop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from harbortui.sim.world.harbor_types import PoolView, QueueView, WorkerView

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance

WORKERS = 10
HEARTBEAT = 5.0
RETRY = 10.0

JOB_TYPES: tuple[str, ...] = (
    "AUDIT_LOGS_GDPR_COMPLIANT",
    "EXECUTION_SWEEP",
    "GARBAGE_COLLECTION",
    "IMAGE_SCAN",
    "P2P_PREHEAT",
    "PURGE_AUDIT_LOG",
    "REPLICATION",
    "RETENTION",
    "SCAN_DATA_EXPORT",
    "SCHEDULER",
    "SLACK",
    "SYSTEM_ARTIFACT_CLEANUP",
    "WEBHOOK",
)
SINGLE = frozenset({"GARBAGE_COLLECTION", "PURGE_AUDIT_LOG", "EXECUTION_SWEEP", "SYSTEM_ARTIFACT_CLEANUP"})


@dataclass(slots=True)
class QueuedJob:
    """A job in a queue or on a worker.

    `on_start` returns how many seconds it will run; `on_end` is called with True when it was stopped. `slot` is the
    worker's number while it runs.
    """

    id: str
    job_type: str
    enqueued: float
    on_start: Callable[[], float]
    on_end: Callable[[bool], None]
    slot: int = -1
    started: float = 0.0


class JobService:
    """Ten workers that take jobs from queues by age. It works only while its Nomad task and Redis run."""

    def __init__(self, instance: Instance) -> None:
        self._in = instance
        self.waiting: dict[str, deque[QueuedJob]] = {}
        self.running: dict[str, QueuedJob] = {}
        self.paused: set[str] = set()
        self._last_beat = 0.0
        self._retry_at = 0.0

    @property
    def up(self) -> bool:
        """True when jobs can be taken: jobservice and redis run."""
        return self._in.component_up("jobservice") and self._in.component_up("redis")

    def enqueue(self, job: QueuedJob, delay: float) -> None:
        """Put a job in its queue; a worker takes it `delay` seconds later at the earliest."""
        self.waiting.setdefault(job.job_type, deque()).append(job)
        self._in.world.at(job.enqueued + delay, self._dispatch)

    def queues(self) -> list[QueueView]:
        """All queues sorted by type; latency is the age of the oldest waiting job in whole seconds."""
        now = self._in.world.now
        rows = []
        for job_type in JOB_TYPES:
            jobs = self.waiting.get(job_type) or ()
            latency = int(now - jobs[0].enqueued) if jobs else 0
            rows.append(QueueView(job_type, len(jobs), latency, job_type in self.paused))
        return rows

    def pools(self) -> list[PoolView]:
        """The one pool of the running job service, or the last one with the heartbeat it ended with."""
        alloc = self._in.world.nomad.current_alloc(self._in.job_id)
        if alloc is None:
            return []
        state = alloc.tasks["jobservice"]
        if state.started_at is None:
            return []
        now = self._in.world.now
        beat = now if self.up else (state.finished_at or state.started_at)
        beat = state.started_at + (beat - state.started_at) // HEARTBEAT * HEARTBEAT
        pool = sha256(f"{alloc.id}:{state.started_at:.3f}".encode()).hexdigest()[:24]
        return [PoolView(pool, 1, state.started_at + 1.5, max(beat, state.started_at + 1.5), WORKERS)]

    def workers(self, pool_id: str = "all") -> list[WorkerView]:
        """Ten workers; those with a job carry its name and id."""
        rows = []
        for pool in self.pools():
            if pool_id not in ("all", pool.pool_id):
                continue
            busy = {job.slot: job for job in self.running.values()}
            for slot in range(pool.concurrency):
                worker = sha256(f"{pool.pool_id}:{slot}".encode()).hexdigest()[:24]
                job = busy.get(slot)
                if job is None:
                    rows.append(WorkerView(worker, pool.pool_id, "", "", 0.0, 0.0))
                else:
                    rows.append(WorkerView(worker, pool.pool_id, job.job_type, job.id, job.started, job.started))
        return rows

    def act(self, job_type: str, action: str) -> None:
        """pause, resume or stop (empty) one queue or "all"; ValueError for unknown words."""
        if job_type != "all" and job_type not in JOB_TYPES:
            raise ValueError(f"the job type {job_type} is not supported")
        types = JOB_TYPES if job_type == "all" else (job_type,)
        if action == "pause":
            self.paused.update(types)
        elif action == "resume":
            self.paused.difference_update(types)
            self._in.world.at(self._in.world.now, self._dispatch)
        elif action == "stop":
            for name in types:
                for job in list(self.waiting.get(name) or ()):
                    self.stop(job.id)
        else:
            raise ValueError(f"the action {action} is not supported")

    def stop(self, job_id: str) -> None:
        """Take a waiting job out of its queue, or end a running one; unknown ids are ignored."""
        for jobs in self.waiting.values():
            for job in jobs:
                if job.id == job_id:
                    jobs.remove(job)
                    job.on_end(True)
                    return
        running = self.running.pop(job_id, None)
        if running is not None:
            running.on_end(True)
            self._dispatch()

    def restarted(self) -> None:
        """The job service came back: jobs of the dead pool are queued again, five seconds later."""
        for job in list(self.running.values()):
            self.running.pop(job.id)
            job.slot = -1
            self.waiting.setdefault(job.job_type, deque()).appendleft(job)
        self._in.world.at(self._in.world.now + 5.0, self._dispatch)

    def _dispatch(self) -> None:
        if not any(self.waiting.values()):
            return
        if not self.up:
            self._retry()
            return
        free = set(range(WORKERS)) - {job.slot for job in self.running.values()}
        busy_types = {job.job_type for job in self.running.values()}
        for job_type, jobs in self.waiting.items():
            if job_type in self.paused:
                continue
            while jobs and free and not (job_type in SINGLE and job_type in busy_types):
                job = jobs.popleft()
                job.slot = min(free)
                free.discard(job.slot)
                busy_types.add(job_type)
                self._start(job)

    def _start(self, job: QueuedJob) -> None:
        now = self._in.world.now
        job.started = now
        self.running[job.id] = job
        self._in.world.at(now + job.on_start(), self._finish, job, now)

    def _finish(self, job: QueuedJob, started: float) -> None:
        if self.running.get(job.id) is not job or job.started != started:
            return
        if not self.up:
            # Without Redis nothing can be reported: the job ends when it is back, or runs again after a restart.
            self._in.world.at(self._in.world.now + RETRY, self._finish, job, started)
            return
        del self.running[job.id]
        job.on_end(False)
        self._dispatch()

    def _retry(self) -> None:
        now = self._in.world.now
        if self._retry_at <= now:
            self._retry_at = now + RETRY
            self._in.world.at(self._retry_at, self._dispatch)
