"""Jobs, evaluations, placements and deployments of the simulated cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harbortui.sim.world.jobspec import make_tasks
from harbortui.sim.world.nomad_errors import NomadError
from harbortui.sim.world.nomad_place import Placement
from harbortui.sim.world.nomad_types import (
    Allocation,
    Evaluation,
    Job,
    JobVersion,
    Node,
    TaskDef,
    TaskEvent,
)

if TYPE_CHECKING:
    from harbortui.sim.world.nomad import NomadState

RESCHEDULE_DELAY = 30.0
KEPT_VERSIONS = 12


class Scheduler:
    """Operations on jobs, allocations and nodes; each makes evaluations that Placement carries out."""

    def __init__(self, state: NomadState) -> None:
        self._nomad = state
        self._world = state.world
        self.placement = Placement(state)
        self.node_of_job = self.placement.node_of_job

    # Jobs

    def register(self, job_id: str, harbor_version: str, memory: dict[str, tuple[int, int]]) -> Evaluation:
        """Register a version of a job: images of `harbor_version`, `memory` overriding (MB, MB limit) by task."""
        tasks = make_tasks(self._world, job_id, harbor_version, memory)
        return self._add_version(job_id, harbor_version, replace_tasks=tasks)

    def start_job(self, job_id: str) -> Evaluation:
        """Register the current version again with stop=False."""
        job = self._job(job_id)
        return self._add_version(job_id, job.current.harbor_version, replace_tasks=job.current.tasks)

    def revert(self, job_id: str, version: int, enforce_prior: int | None) -> Evaluation:
        """Make an earlier version the newest."""
        job = self._job(job_id)
        wanted = self._nomad.job_version(job_id, version)
        if wanted is None:
            raise NomadError(500, f'job "{job_id}" in namespace "default" at version {version} not found')
        if version == job.current.version:
            raise NomadError(500, f"can't revert to current version: {version}")
        if enforce_prior is not None and enforce_prior != job.current.version:
            text = f"Current job has version {job.current.version}; enforcing version {enforce_prior}"
            raise NomadError(500, text)
        return self._add_version(job_id, wanted.harbor_version, replace_tasks=wanted.tasks)

    def stop_job(self, job_id: str, purge: bool) -> Evaluation:
        """Stop a job: a new version with stop=True, its allocation is killed."""
        job = self._job(job_id)
        current = job.current
        number = current.version + 1
        job.modify_index = self._nomad.bump("Job", "JobDeregistered", job_id, (), job)
        job.job_modify_index = job.modify_index
        job.versions.append(
            replace(current, version=number, stop=True, submit_time=self._world.now, create_index=job.modify_index)
        )
        job.status = "dead"
        evaluation = self.placement.new_eval(job_id, "job-deregister")
        for alloc in self.placement.live(job_id):
            self._stop(alloc, "alloc not needed due to job update")
        if purge:
            del self._nomad.jobs[job_id]
        return evaluation

    def scale(self, job_id: str, count: int) -> Evaluation:
        """Set the count: 0 stops the allocation, 1 places one."""
        job = self._job(job_id)
        job.current.count = count
        job.modify_index = self._nomad.bump("Job", "JobRegistered", job_id, (), job)
        if count == 0:
            for alloc in self.placement.live(job_id):
                self._stop(alloc, "alloc not needed due to job update")
        return self.evaluate(job_id, "job-scaling")

    def evaluate(self, job_id: str, trigger: str, previous: str = "") -> Evaluation:
        """Make an evaluation and place what is missing."""
        job = self._job(job_id)
        evaluation = self.placement.new_eval(job_id, trigger)
        if job.status != "dead" and job.current.count > 0 and not self.placement.live(job_id):
            self.placement.place(job, evaluation, previous)
        return evaluation

    # Allocations

    def stop_alloc(self, alloc_id: str) -> Evaluation:
        """Stop an allocation and place its replacement."""
        alloc = self._nomad.allocs.get(alloc_id)
        if alloc is None:
            raise NomadError(404, "alloc not found")
        if not alloc.terminal:
            self._stop(alloc, "alloc was rescheduled because it was stopped by user")
        return self.evaluate(alloc.job_id, "alloc-stop", alloc.id)

    def fail_alloc(self, alloc_id: str, name: str, exit_code: int) -> None:
        """A task fails for good: siblings are killed, a follow-up evaluation reschedules after 30 s."""
        alloc = self._nomad.tasks.running_alloc(alloc_id)
        task = self._nomad.tasks.task_of(alloc, name)
        now = self._world.now
        details = {"exit_code": str(exit_code), "signal": "0", "oom_killed": "false"}
        task.add(TaskEvent("Terminated", now, f"Exit Code: {exit_code}", details, exit_code=exit_code))
        text = 'Exceeded allowed attempts 3 in interval 30m0s and mode is "fail"'
        details = {"restart_reason": text, "fails_task": "true"}
        task.add(TaskEvent("Not Restarting", now, text, details, fails_task=True))
        task.state, task.failed, task.finished_at = "dead", True, now
        self._world.logs.task_ended(alloc, name, exit_code, False)
        self._nomad.tasks.kill_all(alloc, fail=name)
        alloc.client_status, alloc.client_description = "failed", "Failed tasks"
        follow_up = self.placement.new_eval(alloc.job_id, "alloc-failure")
        alloc.followup_eval = follow_up.id
        self._nomad.alloc_changed(alloc)
        self._world.at(now + RESCHEDULE_DELAY, self._reschedule, alloc.job_id, alloc.id)

    # Nodes

    def drain(self, node_id: str, on: bool) -> None:
        """Drain or give back a node."""
        node = self._node(node_id)
        node.draining, node.eligible = on, not on
        node.modify_index = self._nomad.bump("Node", "NodeDrain", node.id, (), node)
        if not on:
            self.placement.unblock()
            return
        for alloc in [a for a in self._nomad.allocs.values() if a.node_id == node_id and not a.terminal]:
            self._stop(alloc, "alloc is being migrated")
            self.evaluate(alloc.job_id, "node-drain", alloc.id)

    def node_down(self, node_id: str, down: bool) -> None:
        """A node stops answering or comes back; allocations of a lost node are lost."""
        node = self._node(node_id)
        node.status = "down" if down else "ready"
        node.modify_index = self._nomad.bump("Node", "NodeRegistration", node.id, (), node)
        if not down:
            self.placement.unblock()
            return
        for alloc in [a for a in self._nomad.allocs.values() if a.node_id == node_id and not a.terminal]:
            self._nomad.tasks.lose(alloc)
            alloc.client_status, alloc.desired_status = "lost", "stop"
            alloc.client_description = alloc.desired_description = "alloc is lost since its node is down"
            self._nomad.alloc_changed(alloc)
            self.evaluate(alloc.job_id, "node-update", alloc.id)

    # Inside

    def _add_version(self, job_id: str, harbor_version: str, replace_tasks: tuple[TaskDef, ...]) -> Evaluation:
        nomad, now = self._nomad, self._world.now
        job = nomad.jobs.get(job_id)
        if job is None:
            job = Job(job_id, 0, 0, 0)
            nomad.jobs[job_id] = job
        index = nomad.bump("Job", "JobRegistered", job_id, (), job)
        job.create_index = job.create_index or index
        job.modify_index = job.job_modify_index = index
        number = job.versions[-1].version + 1 if job.versions else 0
        job.versions.append(JobVersion(number, now, harbor_version, replace_tasks, job.create_index, index))
        job.versions[-1].stable = False
        del job.versions[:-KEPT_VERSIONS]
        job.status = "running"
        evaluation = self.placement.new_eval(job_id, "job-register")
        previous = ""
        for alloc in self.placement.live(job_id):
            self._stop(alloc, "alloc is being updated due to job update")
            previous = alloc.id
        self.placement.deploy(job, evaluation)
        self.placement.place(job, evaluation, previous)
        return evaluation

    def _stop(self, alloc: Allocation, why: str) -> None:
        alloc.desired_status, alloc.desired_description = "stop", why
        self._nomad.tasks.kill_all(alloc)
        self._nomad.alloc_changed(alloc, "AllocationUpdateDesiredStatus")

    def _reschedule(self, job_id: str, previous: str) -> None:
        if job_id in self._nomad.jobs:
            self.evaluate(job_id, "alloc-failure", previous)

    def _job(self, job_id: str) -> Job:
        job = self._nomad.jobs.get(job_id)
        if job is None:
            raise NomadError(404, "job not found")
        return job

    def _node(self, node_id: str) -> Node:
        node = self._nomad.nodes.get(node_id)
        if node is None:
            raise NomadError(404, "node not found")
        return node
