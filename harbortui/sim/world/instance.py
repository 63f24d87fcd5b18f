"""One Harbor instance: its place in the fleet, its tables, and the operations on them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.content import Content
from harbortui.sim.world.harbor_types import (
    Artifact,
    AuditRow,
    Execution,
    JobRun,
    Policy,
    PoolView,
    Project,
    QueueView,
    RegistryEndpoint,
    Repository,
    Schedule,
    WorkerView,
)
from harbortui.sim.world.jobservice import JobService
from harbortui.sim.world.replication import Replication
from harbortui.sim.world.systemjobs import SystemJobs

if TYPE_CHECKING:
    from harbortui.sim.world.world import World

AUDIT_ROWS = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance lives: names and addresses."""

    number: int
    name: str
    site: int
    node_name: str
    host: str
    external_url: str
    bucket: str
    port: int = 8880


@dataclass(slots=True)
class Robot:
    """A system robot account as /robots shows it; `name` with its prefix."""

    id: int
    name: str
    created: float
    description: str
    disabled: bool = False
    expires_at: int = -1


class Instance:
    """A Harbor instance. Tables are dicts by id; ids are only ever counted up."""

    def __init__(self, world: World, place: Place) -> None:
        self.world = world
        self.place = place
        self.number = place.number
        self.name = place.name
        self.site = place.site
        self.node_name = place.node_name
        self.host = place.host
        self.port = place.port
        self.external_url = place.external_url
        self.bucket_name = place.bucket
        self.job_id = place.name
        self.primary = place.number == 0
        self.version = world.options.harbor_version
        self.url = ""
        self.read_only = False
        self.registries: dict[int, RegistryEndpoint] = {}
        self.projects: dict[int, Project] = {}
        self.repositories: dict[int, Repository] = {}
        self.policies: dict[int, Policy] = {}
        self.executions: dict[int, Execution] = {}
        self.jobs: dict[str, list[JobRun]] = {}
        self.schedules: dict[int, Schedule] = {}
        self.audit: deque[AuditRow] = deque(maxlen=AUDIT_ROWS)
        self.robots: list[Robot] = []
        self.bucket = Bucket(self)
        self.content = Content(self)
        self.jobservice = JobService(self)
        self.replication = Replication(self)
        self.system = SystemJobs(self)
        self._ids: dict[str, int] = {}
        self._audit_id = 0

    def next_id(self, table: str) -> int:
        """The next id of a table, from 1."""
        value = self._ids.get(table, 0) + 1
        self._ids[table] = value
        return value

    def record(
        self, operation: str, resource: str, kind: str, project_id: int, user: str = "admin", success: bool = True
    ) -> None:
        """Write an audit row at the world's now."""
        self._audit_id += 1
        row = AuditRow(self._audit_id, self.world.now, user, operation, resource, kind, project_id, success)
        self.audit.append(row)

    # Look-ups

    @property
    def started_at(self) -> float:
        """When core last started, unix seconds; 0.0 when it is not running."""
        alloc = self.world.nomad.current_alloc(self.job_id)
        state = alloc.tasks["core"] if alloc else None
        return (state.started_at or 0.0) if state and state.state == "running" else 0.0

    def component_up(self, task: str) -> bool:
        """True when the Nomad task of that name is running."""
        alloc = self.world.nomad.current_alloc(self.job_id)
        return alloc is not None and alloc.tasks[task].state == "running"

    def project(self, name_or_id: str | int) -> Project | None:
        """A project by id or by name."""
        if isinstance(name_or_id, int):
            return self.projects.get(name_or_id)
        return next((p for p in self.projects.values() if p.name == name_or_id), None)

    def repository(self, name: str) -> Repository | None:
        """A repository by its full name, e.g. "library/shop-api"."""
        return self.content.by_name.get(name)

    def find_artifact(self, repository: str, reference: str) -> Artifact | None:
        """An artifact by tag or by "sha256:..." digest."""
        return self.content.find(repository, reference)

    def project_usage(self, project_id: int) -> int:
        """Bytes of the distinct blobs of a project's artifacts: the quota's `used`."""
        return self.content.usage(project_id)

    def total_usage(self) -> int:
        """Bytes of the distinct blobs of all artifacts: what /statistics calls total_storage_consumption."""
        return self.content.usage(None)

    def blob_size(self, hex_digest: str) -> int | None:
        """Size of a stored blob, None when the store does not hold it."""
        return self.bucket.blobs().get(hex_digest)

    # Content

    def push(self, repository: str, tag: str, user: str = "admin") -> Artifact:
        """Push a new build under `tag`; raises ValueError when Harbor would refuse it."""
        artifact = self.content.push(repository, (tag,), user)
        self.world.touch()
        return artifact

    def pull(self, repository: str, tag: str) -> Artifact:
        """Pull a tag; raises KeyError when it is not there."""
        artifact = self.content.pull(repository, tag)
        self.world.touch()
        return artifact

    def delete_artifact(self, repository: str, reference: str) -> None:
        """Delete an artifact (its blobs stay stored until garbage collection); KeyError when it is not there."""
        self.content.delete(repository, reference)
        self.world.touch()

    def set_quota(self, project_id: int, hard: int) -> None:
        """Set a project's limit in bytes, -1 for none."""
        self.projects[project_id].quota_hard = hard
        self.world.touch()

    def set_read_only(self, value: bool) -> None:
        """Switch Harbor's read-only mode."""
        self.read_only = value
        self.world.touch()

    # Replication

    def start_replication(self, policy_id: int) -> Execution:
        """Start a policy; KeyError when unknown, ValueError when it is disabled."""
        return self.replication.start(policy_id)

    def stop_execution(self, execution_id: int) -> Execution:
        """Stop an execution; KeyError when unknown."""
        return self.replication.stop(execution_id)

    def set_policy(self, policy_id: int, *, enabled: bool | None = None) -> Policy:
        """Enable or disable a policy; KeyError when unknown."""
        policy = self.policies[policy_id]
        policy.enabled = policy.enabled if enabled is None else enabled
        policy.updated = self.world.now
        self.world.touch()
        return policy

    def ping_registry(self, registry_id: int) -> str:
        """ "ok" or "unreachable", looking now; KeyError when unknown."""
        endpoint = self.registries[registry_id]
        return "ok" if not endpoint.peer or self.replication.reachable(endpoint.peer) else "unreachable"

    # Job service and system jobs

    def job_log(self, job_id: str) -> str | None:
        """A job's log; None while pending, when unknown, and one day after its end."""
        return self.replication.log(job_id) or self.system.log(job_id)

    def queues(self) -> list[QueueView]:
        """All job queues, sorted by type."""
        return self.jobservice.queues()

    def pools(self) -> list[PoolView]:
        """The worker pools; a dead one stays, with an old heartbeat."""
        return self.jobservice.pools()

    def workers(self, pool_id: str = "all") -> list[WorkerView]:
        """The workers of one pool or of all."""
        return self.jobservice.workers(pool_id)

    def queue_action(self, job_type: str, action: str) -> None:
        """stop, pause or resume a queue ("all" for every one); ValueError for anything else."""
        self.jobservice.act(job_type, action)
        self.world.touch()

    def start_gc(self, dry_run: bool = False, delete_untagged: bool = False, workers: int = 1) -> JobRun:
        """Queue a manual garbage collection."""
        return self.system.start_gc("MANUAL", dry_run, delete_untagged, workers)

    def start_purge(self, parameters: dict[str, object]) -> JobRun:
        """Queue a manual purge of the audit log."""
        return self.system.start("PURGE_AUDIT_LOG", "MANUAL", parameters)

    def stop_job(self, job_id: str) -> None:
        """Stop a waiting or running job; unknown jobs are ignored, as Harbor does."""
        self.jobservice.stop(job_id)
        self.world.touch()

    def set_schedule(self, vendor: str, kind: str, cron: str, parameters: dict[str, object]) -> Schedule | None:
        """Set or (kind "None") delete the schedule of a vendor type."""
        return self.system.set_schedule(vendor, kind, cron, parameters)
