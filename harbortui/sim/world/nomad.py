"""The Nomad cluster: tables with raft-like indexes, the event log, and the operations an API offers."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from harbortui.sim.world.nomad_jobs import Scheduler
from harbortui.sim.world.nomad_tasks import TaskLife
from harbortui.sim.world.nomad_types import (
    Allocation,
    ClusterEvent,
    Deployment,
    Evaluation,
    Job,
    JobVersion,
    Node,
    PlacementFailure,
)

if TYPE_CHECKING:
    from harbortui.sim.world.world import World

EVENT_BUFFER = 500
TABLES = ("jobs", "allocs", "deployments", "evals", "nodes")
TOPIC_TABLE = dict(zip(("Job", "Allocation", "Deployment", "Evaluation", "Node"), TABLES, strict=True))


class NomadState:
    """Tables by id (insertion order is age) and the global index; mutators raise NomadError with Nomad's words."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.index = 10
        self.nodes: dict[str, Node] = {}
        self.jobs: dict[str, Job] = {}
        self.allocs: dict[str, Allocation] = {}
        self.deployments: dict[str, Deployment] = {}
        self.evals: dict[str, Evaluation] = {}
        self.events: deque[ClusterEvent] = deque(maxlen=EVENT_BUFFER)
        self.oversubscription = True
        self.scheduler_failing: PlacementFailure | None = None
        self.leader = True
        self._tables = dict.fromkeys(TABLES, 10)
        self._latest_deployment: dict[str, Deployment] = {}
        self._by_job: dict[str, list[Allocation]] = {}
        self.tasks = TaskLife(self)
        self.scheduler = Scheduler(self)

    # Indexes and events

    def bump(self, topic: str, kind: str, key: str, filters: tuple[str, ...], obj: object) -> int:
        """Move the index on for one change, note the event and wake waiters; returns the new index."""
        self.index += 1
        self._tables[TOPIC_TABLE[topic]] = self.index
        self.events.append(ClusterEvent(self.index, self.world.now, topic, kind, key, filters, obj))
        self.world.touch()
        return self.index

    def table_index(self, name: str) -> int:
        """The index of the last change in a table."""
        return self._tables[name]

    def events_since(self, index: int) -> list[ClusterEvent]:
        """Events of the buffer with an index above `index`."""
        return [event for event in self.events if event.index > index]

    def alloc_changed(self, alloc: Allocation, kind: str = "AllocationUpdated") -> None:
        """Note a change of an allocation that its client reported."""
        alloc.modify_time = self.world.now
        alloc.modify_index = self.bump("Allocation", kind, alloc.id, (alloc.job_id, alloc.deployment_id), alloc)
        if kind != "AllocationUpdated":
            alloc.alloc_modify_index = alloc.modify_index

    # Look-ups

    def add_alloc(self, alloc: Allocation) -> None:
        """File a new allocation."""
        self.allocs[alloc.id] = alloc
        self._by_job.setdefault(alloc.job_id, []).append(alloc)

    def job_allocs(self, job_id: str) -> list[Allocation]:
        """Allocations of a job, oldest first."""
        return self._by_job.get(job_id, [])

    def current_alloc(self, job_id: str) -> Allocation | None:
        """The newest allocation that is not terminal and wanted, or None."""
        for alloc in reversed(self.job_allocs(job_id)):
            if not alloc.terminal and alloc.desired_status == "run":
                return alloc
        return None

    def add_deployment(self, deployment: Deployment) -> None:
        """File a new deployment."""
        self.deployments[deployment.id] = deployment
        self._latest_deployment[deployment.job_id] = deployment

    def latest_deployment(self, job_id: str) -> Deployment | None:
        """The newest deployment of a job, or None."""
        return self._latest_deployment.get(job_id)

    def job_version(self, job_id: str, number: int) -> JobVersion | None:
        """One version of a job, or None."""
        job = self.jobs.get(job_id)
        return next((v for v in job.versions if v.version == number), None) if job else None

    def node_by_name(self, name: str) -> Node | None:
        """A node by name."""
        return next((node for node in self.nodes.values() if node.name == name), None)

    def token_kind(self, secret: str) -> str | None:
        """ "management", "operator", "read", "anonymous" for an empty token, None for an unknown one."""
        s = self.world.secrets
        known = {s.nomad_token: "management", s.nomad_operator_token: "operator", s.nomad_read_token: "read"}
        return known.get(secret, None if secret else "anonymous")

    # Operations

    def restart_task(self, alloc_id: str, task: str) -> float:
        """Restart one running task in place; returns when the old process has exited (world time)."""
        return self.tasks.restart(alloc_id, task)

    def restart_all(self, alloc_id: str, dead_too: bool = False) -> float:
        """Restart all running tasks in place, dead ones too if asked; returns when the last old process has exited."""
        return self.tasks.restart_all(alloc_id, dead_too)

    def signal(self, alloc_id: str, signal: str, task: str = "") -> None:
        """Send a signal to one task or to all running ones."""
        self.tasks.signal(alloc_id, signal, task)

    def stop_alloc(self, alloc_id: str, reschedule: bool = False) -> Evaluation:
        """Stop an allocation; the scheduler places a replacement."""
        return self.scheduler.stop_alloc(alloc_id)

    def stop_job(self, job_id: str, purge: bool = False) -> Evaluation:
        """Stop a job; with `purge` it is forgotten."""
        return self.scheduler.stop_job(job_id, purge)

    def start_job(self, job_id: str) -> Evaluation:
        """Start a stopped job again (a new version)."""
        return self.scheduler.start_job(job_id)

    def revert(self, job_id: str, version: int, enforce_prior: int | None = None) -> Evaluation:
        """Register an earlier version of the job as its newest one."""
        return self.scheduler.revert(job_id, version, enforce_prior)

    def evaluate(self, job_id: str, force: bool = False) -> Evaluation:
        """Make an evaluation; places what is missing."""
        return self.scheduler.evaluate(job_id, "job-register")

    def scale(self, job_id: str, count: int) -> Evaluation:
        """Set the group's count (0 or 1)."""
        return self.scheduler.scale(job_id, count)

    # Faults for tests and scenarios

    def crash_task(self, alloc_id: str, task: str, exit_code: int = 1) -> None:
        """The task's process ends with `exit_code`; the restart policy starts it again."""
        self.tasks.crash(alloc_id, task, exit_code, oom=False)

    def oom_kill(self, alloc_id: str, task: str) -> None:
        """The kernel kills the task for memory: exit code 137, "OOM Killed"."""
        self.tasks.crash(alloc_id, task, 137, oom=True)

    def restart_loop(self, alloc_id: str, task: str, every: float = 20.0, until: float | None = None) -> None:
        """The task crashes again and again, `every` seconds after it has started."""
        self.tasks.loop(alloc_id, task, every, until)

    def stop_loop(self, alloc_id: str, task: str) -> None:
        """End a restart loop; the next start holds."""
        self.tasks.stop_loop(alloc_id, task)

    def fail_alloc(self, alloc_id: str, task: str, exit_code: int = 1) -> None:
        """The task fails for good; the allocation fails and is rescheduled after 30 s."""
        self.scheduler.fail_alloc(alloc_id, task, exit_code)

    def drain(self, node_id: str, on: bool = True) -> None:
        """Drain a node (its allocation stops, nothing is placed there), or end the drain."""
        self.scheduler.drain(node_id, on)

    def fail_placement(self, failure: PlacementFailure | None) -> None:
        """Let every placement fail with `failure` until None is given; blocked evaluations then go on."""
        self.scheduler_failing = failure
        if failure is None:
            self.scheduler.placement.unblock()

    def node_down(self, node_id: str, down: bool = True) -> None:
        """A node stops answering (its allocation is lost) or comes back."""
        self.scheduler.node_down(node_id, down)
