"""The life of tasks: start, restart, crash, kill, signal, with the event sequence Nomad's client records.

Event types and texts: hashicorp/nomad nomad/structs/structs.go (TaskEvent, PopulateEventDisplayMessage).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.sim.world.nomad_errors import NomadError
from harbortui.sim.world.nomad_types import Allocation, TaskDef, TaskEvent, TaskState

if TYPE_CHECKING:
    from harbortui.sim.world.nomad import NomadState

RESTART_DELAY = 15.0
START_ORDER: dict[str, float] = {
    "database": 2.5,
    "redis": 1.2,
    "registry": 2.0,
    "registryctl": 1.6,
    "core": 6.0,
    "portal": 1.4,
    "jobservice": 9.0,
    "nginx": 3.0,
}


def stop_seconds(definition: TaskDef) -> float:
    """How long the process takes to end after SIGTERM: a part of its kill timeout."""
    return 0.3 + 0.08 * definition.kill_timeout


class TaskLife:
    """Moves task states; every change of a running process invalidates what was planned for the one before."""

    def __init__(self, state: NomadState) -> None:
        self._nomad = state
        self._world = state.world
        self._rng = state.world.rng("nomad:tasks")
        self._loops: dict[tuple[str, str], tuple[float, float | None]] = {}

    def start_all(self, alloc: Allocation) -> None:
        """The client received an allocation: tasks are set up, pulled and started."""
        now = self._world.now
        for task in alloc.tasks.values():
            task.add(TaskEvent("Received", now, "Task received by client"))
            task.add(TaskEvent("Task Setup", now + 0.1, "Building Task Directory", message="Building Task Directory"))
            image = self.definition(alloc, task.name).image
            details = {"driver_message": "Downloading image", "image": image}
            task.add(TaskEvent("Driver", now + 0.3, "Downloading image", details))
            self._plan_start(alloc, task, START_ORDER[task.name] + self._rng.random())
        self._nomad.alloc_changed(alloc)

    def restart(self, alloc_id: str, name: str) -> float:
        """Restart one running task; NomadError 500 "Task not running" else."""
        alloc = self.running_alloc(alloc_id)
        task = self.task_of(alloc, name)
        if task.state != "running":
            raise NomadError(500, "Task not running")
        reason = "User requested task to restart"
        done = self._restart_one(alloc, task, reason)
        self._nomad.alloc_changed(alloc)
        return done

    def restart_all(self, alloc_id: str, dead_too: bool) -> float:
        """Restart every running task (and dead ones if asked)."""
        alloc = self.running_alloc(alloc_id)
        reason = "User requested all tasks to restart" if dead_too else "User requested running tasks to restart"
        done = self._world.now
        for task in alloc.tasks.values():
            if task.state == "running":
                done = max(done, self._restart_one(alloc, task, reason))
            elif dead_too and task.state == "dead":
                task.generation += 1
                self._plan_start(alloc, task, START_ORDER[task.name])
        self._nomad.alloc_changed(alloc)
        return done

    def signal(self, alloc_id: str, signal: str, name: str) -> None:
        """Send a signal; the process goes on (SIGKILL and SIGTERM end it)."""
        alloc = self.running_alloc(alloc_id)
        tasks = [self.task_of(alloc, name)] if name else list(alloc.tasks.values())
        for task in tasks:
            if task.state != "running":
                raise NomadError(500, "Task not running")
            text = f"Task being sent signal {signal}"
            details = {"signal": signal, "task_signal_reason": "User sent signal"}
            task.add(TaskEvent("Signaling", self._world.now, text, {**details, "task_signal": signal}))
            if signal in ("SIGKILL", "SIGTERM"):
                self.crash(alloc_id, task.name, 137 if signal == "SIGKILL" else 143, oom=False)
        self._nomad.alloc_changed(alloc)

    def crash(self, alloc_id: str, name: str, exit_code: int, oom: bool) -> None:
        """The process ended by itself; the restart policy waits and starts it again."""
        alloc = self.running_alloc(alloc_id)
        task = self.task_of(alloc, name)
        if task.state != "running":
            return
        now = self._world.now
        self._terminated(task, exit_code, oom)
        delay = RESTART_DELAY + round(self._rng.random() * 3, 3)
        text = f"Task restarting in {delay:g}s"
        details = {"restart_reason": "Restart within policy", "start_delay": str(int(delay * 1e9))}
        task.add(TaskEvent("Restarting", now, text, details))
        self._restarted(task)
        self._plan_start(alloc, task, delay)
        self._world.logs.task_ended(alloc, name, exit_code, oom)
        self._nomad.alloc_changed(alloc)

    def kill_all(self, alloc: Allocation, fail: str = "") -> float:
        """Stop every task of an allocation in order; returns when the last has ended. `fail` names a failed task."""
        now = self._world.now
        last = now
        for task in alloc.tasks.values():
            definition = self.definition(alloc, task.name)
            task.generation += 1
            if task.state == "dead":
                continue
            if fail:
                sibling = f'Task\'s sibling "{fail}" failed'
                task.add(TaskEvent("Sibling Task Failed", now, sibling, {"failed_sibling": fail}))
            text = f"Sent interrupt. Waiting {definition.kill_timeout:g}s before force killing"
            details = {"kill_timeout": f"{definition.kill_timeout:g}s"}
            task.add(TaskEvent("Killing", now, text, details))
            done = now + stop_seconds(definition)
            self._world.at(done, self._killed, alloc, task, task.generation)
            last = max(last, done)
        return last

    def lose(self, alloc: Allocation) -> None:
        """Nothing is known of the tasks any more: plans are dropped, states stay as last reported."""
        for task in alloc.tasks.values():
            task.generation += 1
        self._world.logs.cut(alloc)

    def loop(self, alloc_id: str, name: str, every: float, until: float | None) -> None:
        """Crash now and `every` seconds after each start."""
        self._loops[alloc_id, name] = (every, until)
        self.crash(alloc_id, name, 1, oom=False)

    def stop_loop(self, alloc_id: str, name: str) -> None:
        """End a loop."""
        self._loops.pop((alloc_id, name), None)

    def definition(self, alloc: Allocation, name: str) -> TaskDef:
        """The definition of a task in the allocation's job version."""
        version = self._nomad.job_version(alloc.job_id, alloc.job_version)
        if version is None:
            raise NomadError(404, "job not found")
        return next(task for task in version.tasks if task.name == name)

    def running_alloc(self, alloc_id: str) -> Allocation:
        """A non-terminal allocation; NomadError as the client endpoints answer else."""
        alloc = self._nomad.allocs.get(alloc_id)
        if alloc is None:
            raise NomadError(404, f'Unknown allocation "{alloc_id}"')
        node = self._nomad.nodes.get(alloc.node_id)
        if node is None or node.status != "ready":
            raise NomadError(404, "No path to node")
        if alloc.terminal or alloc.desired_status != "run":
            raise NomadError(500, "restart of an alloc that should not run")
        return alloc

    def task_of(self, alloc: Allocation, name: str) -> TaskState:
        """A task of the allocation, or NomadError."""
        task = alloc.tasks.get(name)
        if task is None:
            raise NomadError(500, f"Could not find task runner for task: {name}")
        return task

    # Transitions

    def _restart_one(self, alloc: Allocation, task: TaskState, reason: str) -> float:
        now = self._world.now
        task.add(TaskEvent("Restart Signaled", now, reason, {"restart_reason": reason}))
        task.generation += 1
        done = now + stop_seconds(self.definition(alloc, task.name))
        self._world.at(done, self._restart_exit, alloc, task, task.generation)
        return done

    def _restart_exit(self, alloc: Allocation, task: TaskState, generation: int) -> None:
        if task.generation != generation:
            return
        self._terminated(task, 0, oom=False)
        details = {"restart_reason": "", "start_delay": "0"}
        task.add(TaskEvent("Restarting", self._world.now, "Task restarting in 0s", details))
        self._restarted(task)
        self._plan_start(alloc, task, START_ORDER[task.name] / 2)
        self._world.logs.task_ended(alloc, task.name, 0, False)
        self._nomad.alloc_changed(alloc)

    def _terminated(self, task: TaskState, exit_code: int, oom: bool) -> None:
        details = {"exit_code": str(exit_code), "signal": "0", "oom_killed": str(oom).lower()}
        text = f"Exit Code: {exit_code}"
        if oom:
            details["exit_message"] = "OOM Killed"
            text += ', Exit Message: "OOM Killed"'
        elif exit_code:
            details["exit_message"] = f"Docker container exited with non-zero exit code: {exit_code}"
            text += f', Exit Message: "{details["exit_message"]}"'
        now = self._world.now
        task.add(TaskEvent("Terminated", now, text, details, exit_code=exit_code))
        task.finished_at = now

    def _restarted(self, task: TaskState) -> None:
        task.state = "pending"
        task.restarts += 1
        task.last_restart = self._world.now
        task.generation += 1

    def _plan_start(self, alloc: Allocation, task: TaskState, delay: float) -> None:
        self._world.at(self._world.now + delay, self._started, alloc, task, task.generation)

    def _started(self, alloc: Allocation, task: TaskState, generation: int) -> None:
        if task.generation != generation:
            return
        now = self._world.now
        task.add(TaskEvent("Started", now, "Task started by client"))
        task.state, task.started_at, task.finished_at, task.failed = "running", now, None, False
        self._world.logs.task_started(alloc, task.name)
        if task.name == "jobservice":
            self._world.job_service_started(alloc.job_id)
        loop = self._loops.get((alloc.id, task.name))
        if loop and (loop[1] is None or now < loop[1]):
            self._world.at(now + loop[0], self._loop_crash, alloc, task, task.generation)
        if all(t.state == "running" for t in alloc.tasks.values()) and alloc.client_status == "pending":
            alloc.client_status, alloc.client_description = "running", "Tasks are running"
            self._nomad.scheduler.placement.alloc_running(alloc)
        self._nomad.alloc_changed(alloc)

    def _loop_crash(self, alloc: Allocation, task: TaskState, generation: int) -> None:
        if task.generation == generation and (alloc.id, task.name) in self._loops:
            self.crash(alloc.id, task.name, 1, oom=False)

    def _killed(self, alloc: Allocation, task: TaskState, generation: int) -> None:
        if task.generation != generation:
            return
        now = self._world.now
        if task.state == "running":
            self._terminated(task, 0, oom=False)
        task.add(TaskEvent("Killed", now, "Task successfully killed"))
        task.state, task.finished_at = "dead", now
        self._world.logs.task_ended(alloc, task.name, 0, False)
        if all(t.state == "dead" for t in alloc.tasks.values()) and not alloc.terminal:
            failed = any(t.failed for t in alloc.tasks.values())
            alloc.client_status = "failed" if failed else "complete"
            alloc.client_description = "Failed tasks" if failed else "All tasks have completed"
        self._nomad.alloc_changed(alloc)
