"""Placements, evaluations and deployments of the simulated cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.world.nomad_types import (
    Allocation,
    Deployment,
    Evaluation,
    Job,
    Node,
    PlacementFailure,
    TaskState,
)
from harbortui.sim.world.options import DATACENTER, GROUP, TASK_NAMES

if TYPE_CHECKING:
    from harbortui.sim.world.nomad import NomadState

HEALTHY_AFTER = 10.0
PROGRESS_DEADLINE = 600.0
KEPT_ALLOCS = 8


class Placement:
    """Places one allocation per job on the node that the job is bound to, and watches it become healthy."""

    def __init__(self, state: NomadState) -> None:
        self._nomad = state
        self._world = state.world
        self._blocked: dict[str, str] = {}
        self.node_of_job: dict[str, str] = {}

    def deploy(self, job: Job, evaluation: Evaluation) -> None:
        """Start the deployment of a job's newest version; a running older one is cancelled."""
        now = self._world.now
        old = self._nomad.latest_deployment(job.id)
        if old is not None and old.status == "running":
            old.status, old.description = "cancelled", "Cancelled due to newer version of job"
            old.modify_time = now
            old.modify_index = self._nomad.bump("Deployment", "DeploymentStatusUpdate", old.id, (job.id,), old)
        number = self._world.uuid("nomad:deployment")
        deployment = Deployment(
            number, job.id, job.current.version, job.job_modify_index, job.create_index, 0, 0, now, now
        )
        deployment.require_progress_by = now + PROGRESS_DEADLINE
        self._nomad.add_deployment(deployment)
        index = self._nomad.bump("Deployment", "DeploymentStatusUpdate", number, (job.id,), deployment)
        deployment.create_index = deployment.modify_index = index
        evaluation.deployment_id = number

    def place(self, job: Job, evaluation: Evaluation, previous: str) -> None:
        """Place the allocation of a job, or block the evaluation."""
        nomad, now = self._nomad, self._world.now
        node = nomad.nodes[self.node_of_job[job.id]]
        failure = self._failure(node)
        if failure is not None:
            self._block(job, evaluation, failure)
            return
        deployment = nomad.latest_deployment(job.id)
        active = deployment if deployment and deployment.status == "running" else None
        alloc = Allocation(
            self._world.uuid("nomad:alloc"), evaluation.id, f"{job.id}.{GROUP}[0]", job.id, job.current.version,
            node.id, node.name, now, now, 0, 0, 0, {name: TaskState(name) for name in TASK_NAMES},
        )  # fmt: skip
        alloc.deployment_id = active.id if active else ""
        alloc.previous = previous
        if previous in nomad.allocs:
            nomad.allocs[previous].next = alloc.id
        nomad.add_alloc(alloc)
        nomad.alloc_changed(alloc, "AllocationCreated")
        alloc.create_index = alloc.modify_index
        evaluation.queued = {GROUP: 0}
        if active:
            active.placed += 1
        nomad.tasks.start_all(alloc)
        self._collect(job.id)

    def unblock(self) -> None:
        """Try blocked evaluations again."""
        for job_id, eval_id in list(self._blocked.items()):
            blocked = self._nomad.evals[eval_id]
            del self._blocked[job_id]
            blocked.status = "complete"
            blocked.modify_index = self._nomad.bump("Evaluation", "EvaluationUpdated", eval_id, (job_id,), blocked)
            job = self._nomad.jobs.get(job_id)
            if job and job.status != "dead" and not self.live(job_id):
                self.place(job, blocked, "")

    def alloc_running(self, alloc: Allocation) -> None:
        """All tasks run: the deployment calls it healthy after the minimum healthy time."""
        self._world.at(self._world.now + HEALTHY_AFTER, self._healthy, alloc)

    def new_eval(self, job_id: str, trigger: str) -> Evaluation:
        """A new evaluation, complete unless the caller says else."""
        number, now = self._world.uuid("nomad:eval"), self._world.now
        evaluation = Evaluation(number, job_id, trigger, 0, 0, now, now)
        self._nomad.evals[number] = evaluation
        index = self._nomad.bump("Evaluation", "EvaluationUpdated", number, (job_id,), evaluation)
        evaluation.create_index = evaluation.modify_index = index
        return evaluation

    def live(self, job_id: str) -> list[Allocation]:
        """Allocations of a job that run or will."""
        return [a for a in self._nomad.job_allocs(job_id) if not a.terminal and a.desired_status == "run"]

    def _failure(self, node: Node) -> PlacementFailure | None:
        if self._nomad.scheduler_failing is not None:
            return self._nomad.scheduler_failing
        if node.status == "ready" and node.eligible:
            return None
        total = len(self._nomad.nodes)
        ready = sum(n.status == "ready" and n.eligible for n in self._nomad.nodes.values())
        constraint = f"${{node.unique.name}} = {node.name}"
        return PlacementFailure(ready, ready, 0, total, {constraint: ready}, {}, {DATACENTER: ready})

    def _block(self, job: Job, evaluation: Evaluation, failure: PlacementFailure) -> None:
        evaluation.failed_groups = {GROUP: failure}
        evaluation.queued = {GROUP: 1}
        blocked = self.new_eval(job.id, "queued-allocs")
        blocked.status, blocked.previous = "blocked", evaluation.id
        blocked.description = "created to place remaining allocations"
        blocked.failed_groups, blocked.queued = {GROUP: failure}, {GROUP: 1}
        evaluation.blocked_eval = blocked.id
        self._blocked[job.id] = blocked.id
        job.status = "pending"
        job.modify_index = self._nomad.bump("Job", "JobRegistered", job.id, (), job)

    def _healthy(self, alloc: Allocation) -> None:
        if alloc.client_status != "running" or alloc.healthy is not None:
            return
        nomad, now = self._nomad, self._world.now
        alloc.healthy, alloc.healthy_at = True, now
        nomad.alloc_changed(alloc)
        job = nomad.jobs.get(alloc.job_id)
        if job and job.status == "pending":
            job.status = "running"
        deployment = nomad.deployments.get(alloc.deployment_id)
        if deployment is None or deployment.status != "running":
            return
        deployment.healthy += 1
        deployment.status, deployment.description = "successful", "Deployment completed successfully"
        deployment.modify_time = now
        key = deployment.id
        deployment.modify_index = nomad.bump("Deployment", "DeploymentStatusUpdate", key, (alloc.job_id,), deployment)
        version = nomad.job_version(alloc.job_id, alloc.job_version)
        if version is not None:
            version.stable = True

    def _collect(self, job_id: str) -> None:
        """Nomad's garbage collection, simplified: only the newest allocations of a job are kept."""
        allocs = self._nomad.job_allocs(job_id)
        while len(allocs) > KEPT_ALLOCS and allocs[0].terminal:
            self._nomad.allocs.pop(allocs.pop(0).id)
