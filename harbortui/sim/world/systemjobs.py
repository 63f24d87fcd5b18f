"""System jobs of one instance: garbage collection, audit purge, retention, sweeps, and their schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from harbortui.sim.world import joblogs
from harbortui.sim.world.harbor_types import Blob, JobRun, Schedule
from harbortui.sim.world.jobservice import QueuedJob
from harbortui.sim.world.options import DAY, GC_CRON, HOUR
from harbortui.sim.world.timefmt import next_daily, next_weekday

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance

KEEP_RUNS = {"GARBAGE_COLLECTION": 50, "PURGE_AUDIT_LOG": 10}
GC_WINDOW = 2 * HOUR
SCHEDULED: tuple[tuple[str, int, str, str], ...] = (
    ("GARBAGE_COLLECTION", -1, "Weekly", GC_CRON),
    ("PURGE_AUDIT_LOG", -1, "Weekly", "0 0 2 * * 6"),
    ("EXECUTION_SWEEP", -1, "Daily", "0 0 0 * * *"),
    ("SYSTEM_ARTIFACT_CLEANUP", -1, "Daily", "0 0 0 * * *"),
    ("RETENTION", 1, "Daily", "0 0 5 * * *"),
)
Kind = Literal["MANUAL", "SCHEDULE"]


class SystemJobs:
    """Runs and schedules; a run's effect happens when it ends."""

    def __init__(self, instance: Instance) -> None:
        self._in = instance
        self._world = instance.world
        self._rng = instance.world.rng(f"jobs:{instance.name}")
        self._by_job: dict[str, JobRun] = {}
        self._swept: dict[str, list[tuple[str, int]]] = {}

    def begin_history(self, at: float) -> None:
        """Make the schedules and let them fire from `at` on."""
        for vendor, vendor_id, kind, cron in SCHEDULED:
            parameters = self._gc_parameters(False, False, 1) if vendor == "GARBAGE_COLLECTION" else {}
            if vendor == "PURGE_AUDIT_LOG":
                parameters = self._purge_parameters()
            number = self._in.next_id("schedule")
            self._in.schedules[number] = Schedule(number, vendor, vendor_id, kind, cron, parameters, at, at)
            self._world.at(self._next_fire(cron, at), self._fire, number)

    def set_schedule(self, vendor: str, kind: str, cron: str, parameters: dict[str, object]) -> Schedule | None:
        """Replace the schedule of a vendor; kind "None" deletes it. Of a cron only hour and weekday count here."""
        for number in [n for n, row in self._in.schedules.items() if row.vendor == vendor]:
            del self._in.schedules[number]
        self._world.touch()
        if kind == "None":
            return None
        now = self._world.now
        if vendor == "GARBAGE_COLLECTION":
            merged = self._gc_parameters(False, bool(parameters.get("delete_untagged")), 1)
            parameters = {**merged, **parameters}
        number = self._in.next_id("schedule")
        row = Schedule(number, vendor, -1, kind, cron, parameters, now, now)
        self._in.schedules[number] = row
        self._world.at(self._next_fire(cron, now), self._fire, number)
        return row

    def start_gc(self, kind: Kind, dry_run: bool, delete_untagged: bool, workers: int) -> JobRun:
        """Queue a garbage collection."""
        return self.start("GARBAGE_COLLECTION", kind, self._gc_parameters(dry_run, delete_untagged, workers))

    def start(self, vendor: str, kind: Kind, parameters: dict[str, object]) -> JobRun:
        """Queue a run of a vendor's job."""
        now = self._world.now
        job_id = f"{self._rng.getrandbits(96):024x}"
        run = JobRun(self._in.next_id("job_run"), vendor, job_id, kind, parameters, now, now)
        runs = self._in.jobs.setdefault(vendor, [])
        runs.append(run)
        self._by_job[job_id] = run
        if len(runs) > KEEP_RUNS.get(vendor, 20):
            gone = runs.pop(0)
            self._by_job.pop(gone.job_id, None)
            self._swept.pop(gone.job_id, None)
        job = QueuedJob(job_id, vendor, now, lambda: self._started(run), lambda stopped: self._ended(run, stopped))
        self._in.jobservice.enqueue(job, 1.0 + 2.0 * self._rng.random())
        self._world.touch()
        return run

    def log(self, job_id: str) -> str | None:
        """The log of a run; None while pending, when unknown, one day after its end."""
        run = self._by_job.get(job_id)
        now = self._world.now
        if run is None or not run.started or (run.ended and now - run.ended > DAY):
            return None
        if run.vendor == "GARBAGE_COLLECTION":
            return joblogs.garbage_collection(run, self._swept.get(job_id, []), now)
        return joblogs.simple(run, self._in, now)

    def _gc_parameters(self, dry_run: bool, delete_untagged: bool, workers: int) -> dict[str, object]:
        password = self._world.secrets.redis_password
        return {
            "delete_untagged": delete_untagged,
            "dry_run": dry_run,
            "redis_url_reg": f"redis://:{password}@127.0.0.1:6379/1?idle_timeout_seconds=30",
            "time_window": 2,
            "workers": workers,
        }

    def _purge_parameters(self) -> dict[str, object]:
        """The parameter's name changed with the new audit log of 2.13."""
        if self._world.options.version_tuple >= (2, 13, 0):
            return {"audit_retention_hour": 720, "include_event_types": "create_artifact,delete_artifact,pull_artifact"}
        return {"audit_retention_hour": 720, "include_operations": "create,delete,pull"}

    def _next_fire(self, cron: str, after: float) -> float:
        fields = cron.split()
        hour = int(fields[2]) if len(fields) == 6 and fields[2].isdigit() else 3
        if len(fields) == 6 and fields[5].isdigit():
            return next_weekday(after, (int(fields[5]) - 1) % 7, hour)
        return next_daily(after, hour)

    def _fire(self, number: int) -> None:
        row = self._in.schedules.get(number)
        if row is None:
            return
        now = self._world.now
        self._world.at(self._next_fire(row.cron, now), self._fire, number)
        weekly = row.vendor in ("GARBAGE_COLLECTION", "PURGE_AUDIT_LOG")
        if "SCHEDULER" not in self._in.jobservice.paused and (weekly or now >= self._world.detail_from):
            self.start(row.vendor, "SCHEDULE", dict(row.parameters))

    def _started(self, run: JobRun) -> float:
        run.status, run.started, run.updated = "Running", self._world.now, self._world.now
        if run.vendor != "GARBAGE_COLLECTION":
            return 2.0 + 20.0 * self._rng.random()
        blobs = self.sweepable()
        self._swept[run.job_id] = [(blob.hex, blob.size) for blob in blobs]
        if run.parameters.get("dry_run"):
            return 12.0 + 8.0 * self._rng.random()
        return 40.0 + 0.4 * len(blobs) + 30.0 * self._rng.random()

    def sweepable(self) -> list[Blob]:
        """Stored blobs that no live artifact refers to and that have been garbage for two hours, sorted by digest."""
        limit = self._world.now - GC_WINDOW
        live = self._in.content.referenced()
        young: set[Blob] = set()
        old: set[Blob] = set()
        for _, artifact, deleted in self._in.content.garbage:
            (old if deleted <= limit else young).update(artifact.image.blobs)
        return sorted(old - live - young)

    def _ended(self, run: JobRun, stopped: bool) -> None:
        now = self._world.now
        run.ended, run.updated = now, now
        run.status = "Stopped" if stopped else "Success"
        run.started = run.started or now
        if run.vendor != "GARBAGE_COLLECTION" or stopped:
            return
        if not self._in.component_up("registryctl") or "s3" in self._world.unreachable:
            run.status = "Error"
            return
        blobs = self.sweepable()
        swept = set(blobs)
        manifests = sum(a.image.manifest in swept for _, a, _ in self._in.content.garbage)
        run.parameters["freed_space"] = sum(blob.size for blob in blobs)
        run.parameters["purged_blobs"] = len(blobs)
        run.parameters["purged_manifests"] = manifests
        if run.parameters.get("dry_run"):
            return
        if self._in.read_only:
            run.status = "Error"
            run.parameters["error"] = "failed to sweep: the system is in read only mode"
            return
        self._in.bucket.collect(swept)
        self._world.logs.collected(self._in, run)
