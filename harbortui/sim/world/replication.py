"""Replication of one instance: policies react to pushes, executions run tasks, peers receive and echo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from harbortui.sim.world import joblogs
from harbortui.sim.world.harbor_types import Artifact, Execution, Policy, ReplicationTask
from harbortui.sim.world.jobservice import QueuedJob
from harbortui.sim.world.options import DAY

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance

KEEP_EXECUTIONS = 50
REFRESH = 30.0
COPY_BYTES_PER_SECOND = 40_000_000
FAIL_RATE = 0.01
Trigger = Literal["manual", "scheduled", "event_based"]
FINAL = ("Succeed", "Failed", "Stopped")
REASONS: tuple[str, ...] = (
    'http status code: 500, body: {"errors":[{"code":"UNKNOWN","message":"unknown: unknown error"}]}',
    "read tcp 172.17.0.8:41224->{address}: read: connection reset by peer",
    "http status code: 502, body: <html><head><title>502 Bad Gateway</title></head></html>",
)
NOT_SUBMITTED = {
    "jobservice": 'Post "http://127.0.0.1:8083/api/v1/jobs": dial tcp 127.0.0.1:8083: connect: connection refused',
    "redis": 'http error: code 500, message {"code":10003,"message":"launch job failed with error","details":"dial tcp'
    ' 127.0.0.1:6379: connect: connection refused"}\n',
}
"""An execution's status text while a component is down: it fails at once, without a task."""


class Replication:
    """The replication side of one Harbor instance."""

    def __init__(self, instance: Instance) -> None:
        self._in = instance
        self._world = instance.world
        self._rng = instance.world.rng(f"replication:{instance.name}")
        self.tasks_by_job: dict[str, ReplicationTask] = {}
        self._of_policy: dict[int, list[int]] = {}

    def on_push(self, repository: str, artifact: Artifact, tag: str) -> None:
        """A push event: every enabled event-based policy whose source matches starts an execution."""
        for policy in self._in.policies.values():
            if not policy.enabled or policy.trigger != "event_based":
                continue
            if not repository.startswith(policy.source.removesuffix("**")):
                continue
            if self._world.now < self._world.detail_from:
                self._instantly(policy, repository, artifact, tag)
            else:
                execution = self._new_execution(policy, "event_based")
                if not self._fails_at_once(execution, policy):
                    self._add_task(execution, policy, repository, artifact, tag)

    def start(self, policy_id: int) -> Execution:
        """Run a policy by hand over all its artifacts; KeyError when unknown, ValueError when disabled."""
        policy = self._in.policies[policy_id]
        if not policy.enabled:
            raise ValueError(f"the policy {policy_id} is disabled")
        execution = self._new_execution(policy, "manual")
        if self._fails_at_once(execution, policy):
            self._world.touch()
            return execution
        prefix = policy.source.removesuffix("**")
        for repository in self._in.repositories.values():
            if repository.name.startswith(prefix):
                for artifact in repository.artifacts:
                    for tag in artifact.tags:
                        self._add_task(execution, policy, repository.name, artifact, tag)
        if not execution.tasks:
            execution.status, execution.ended = "Succeed", self._world.now
            execution.status_text = "no resources need to be replicated"
        self._world.touch()
        return execution

    def _fails_at_once(self, execution: Execution, policy: Policy) -> bool:
        """True for an execution that core cannot prepare: it asks the peer first, then hands jobs over."""
        words = next((words for task, words in NOT_SUBMITTED.items() if not self._in.component_up(task)), "")
        if policy.peer and not self.reachable(policy.peer):
            url = self._in.registries[policy.dest_registry_id].url
            dial = f"dial tcp {url.partition('://')[2]}: connect: connection refused"
            words = f'failed to create adapter for destination registry {url}: Get "{url}/api/version": {dial}'
        if words:
            execution.status, execution.ended, execution.status_text = "Failed", self._world.now, words
        return bool(words)

    def stop(self, execution_id: int) -> Execution:
        """Stop the tasks of an execution that are not final; KeyError when unknown."""
        execution = self._in.executions[execution_id]
        for task in execution.tasks:
            if task.status not in FINAL:
                self._in.jobservice.stop(task.job_id)
        if not execution.tasks and execution.status == "InProgress":
            execution.status, execution.ended = "Stopped", self._world.now
        self._refresh(execution)
        self._world.touch()
        return execution

    def reachable(self, peer: str) -> bool:
        """True when the peer's front answers: no fault on it, nginx and core running."""
        target = self._world.instance(peer)
        if f"harbor:{peer}" in self._world.unreachable:
            return False
        return target.component_up("nginx") and target.component_up("core")

    def log(self, job_id: str) -> str | None:
        """The log of a replication job; None while pending, when unknown, one day after its end."""
        task = self.tasks_by_job.get(job_id)
        if task is None or not task.started or (task.ended and self._world.now - task.ended > DAY):
            return None
        return joblogs.replication(self._in, task, self._world.now)

    def _instantly(self, policy: Policy, repository: str, artifact: Artifact, tag: str) -> None:
        """History too old to have rows: only the ids it used up and the artifact at the peer remain."""
        self._in.next_id("execution")
        self._in.next_id("replication_task")
        peer = self._world.instance(policy.peer)
        if peer.find_artifact(repository, artifact.image.digest) is None:
            peer.content.receive(repository, artifact.image, tag)

    def _new_execution(self, policy: Policy, trigger: Trigger) -> Execution:
        number = self._in.next_id("execution")
        execution = Execution(number, policy.id, trigger, self._world.now)
        self._in.executions[number] = execution
        kept = self._of_policy.setdefault(policy.id, [])
        kept.append(number)
        if len(kept) > KEEP_EXECUTIONS:
            self._forget(kept.pop(0))
        return execution

    def _forget(self, execution_id: int) -> None:
        old = self._in.executions.pop(execution_id)
        for task in old.tasks:
            self.tasks_by_job.pop(task.job_id, None)

    def _add_task(self, execution: Execution, policy: Policy, repository: str, artifact: Artifact, tag: str) -> None:
        now = self._world.now
        job_id = f"{self._rng.getrandbits(96):024x}"
        task = ReplicationTask(
            self._in.next_id("replication_task"), execution.id, job_id, repository, artifact.image, tag, now
        )
        task.peer = policy.peer
        execution.tasks.append(task)
        self.tasks_by_job[job_id] = task
        job = QueuedJob(
            job_id,
            "REPLICATION",
            now,
            lambda: self._task_started(task),
            lambda stopped: self._task_ended(execution, task, stopped),
        )
        self._in.jobservice.enqueue(job, 0.5 + 2.5 * self._rng.random())

    def _task_started(self, task: ReplicationTask) -> float:
        task.status, task.started = "InProgress", self._world.now
        task.note = ""
        if self._peer_has(task):
            return 0.6 + self._rng.random()
        return 1.5 + self._rng.random() + task.artifact.size / COPY_BYTES_PER_SECOND

    def _peer_has(self, task: ReplicationTask) -> bool:
        return self._world.instance(task.peer).find_artifact(task.repository, task.artifact.digest) is not None

    def _task_ended(self, execution: Execution, task: ReplicationTask, stopped: bool) -> None:
        now = self._world.now
        task.ended = now
        if stopped:
            task.status, task.note = "Stopped", "stopped"
            task.started = task.started or now
        else:
            task.note = self._outcome(task)
            task.status = "Succeed" if task.note in ("", "skip") else "Failed"
            if not task.note:
                self._world.instance(task.peer).content.receive(task.repository, task.artifact, task.tag)
        self._world.logs.replicated(self._in, task)
        if now < self._world.options.start:
            self._refresh(execution)
        else:
            self._world.at((now // REFRESH + 1) * REFRESH, self._refresh, execution)

    def _outcome(self, task: ReplicationTask) -> str:
        """ "" for a copy, "skip", or the text of the error."""
        address = f"{self._world.instance(task.peer).host}:8880"
        if not self.reachable(task.peer):
            return f"dial tcp {address}: connect: connection refused"
        if "s3" in self._world.unreachable:
            return REASONS[0]
        if self._world.instance(task.peer).read_only:
            return "http status code: 403, body: The system is in read only mode. Any modification is prohibited."
        if self._peer_has(task):
            return "skip"
        if self._rng.random() < FAIL_RATE:
            return self._rng.choice(REASONS).replace("{address}", address)
        return ""

    def _refresh(self, execution: Execution) -> None:
        """Harbor computes an execution's status from its tasks, up to 30 s late."""
        if not execution.tasks or execution.status in FINAL:
            return
        states = {task.status for task in execution.tasks}
        if states & {"Pending", "InProgress"}:
            return
        execution.status = "Failed" if "Failed" in states else "Stopped" if "Stopped" in states else "Succeed"
        execution.ended = max(task.ended for task in execution.tasks)
