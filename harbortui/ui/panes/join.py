"""Joining what Nomad and Harbor say about the same instance; used by several panes."""

from __future__ import annotations

from typing import NamedTuple

from harbortui.model.finding import State
from harbortui.model.harbor import Execution
from harbortui.model.nomad import Allocation, TaskSpec, TaskState, TaskUsage, granted_specs
from harbortui.model.snapshot import InstanceSnapshot

MIB = 1024 * 1024
LATELY = 3600.0


def current_allocation(instance: InstanceSnapshot) -> Allocation | None:
    """The newest allocation that Nomad wants to run; None when there is none, or it is not known."""
    current = [each for each in instance.allocations.value or () if each.is_current]
    return max(current, key=lambda each: each.create_time or 0.0, default=None)


def task_states(instance: InstanceSnapshot) -> tuple[TaskState, ...]:
    """The tasks of the current allocation."""
    allocation = current_allocation(instance)
    return () if allocation is None else allocation.tasks


def task_specs(instance: InstanceSnapshot) -> dict[str, TaskSpec]:
    """The job's tasks by name, with what the current allocation was granted."""
    allocation, usage = current_allocation(instance), instance.usage.value
    if usage is not None and allocation is not None and usage.allocation_id != allocation.id:
        usage = None
    return granted_specs(instance.job.value, usage)


def task_usage(instance: InstanceSnapshot) -> dict[str, TaskUsage]:
    """The last samples by task, when they are of the current allocation."""
    allocation, usage = current_allocation(instance), instance.usage.value
    if usage is None or (allocation is not None and usage.allocation_id != allocation.id):
        return {}
    return {each.name: each for each in usage.tasks}


def replication_state(executions: tuple[Execution, ...]) -> State:
    """How replication is, by the newest finished execution of each policy: all failed, some failed, or none.

    Older failures that a later success followed are history, not state.
    """
    newest: dict[int, Execution] = {}
    for each in sorted(executions, key=lambda run: (run.start_time or 0.0, run.id)):
        if not each.skipped and each.status != "InProgress":
            newest[each.policy_id] = each
    failed = sum(each.status == "Failed" for each in newest.values())
    if not failed:
        return State.OK
    return State.CRITICAL if failed == len(newest) else State.WARNING


class Outcomes(NamedTuple):
    """How many executions ended how; those that Harbor skipped are no executions."""

    failed: int
    done: int
    running: int
    stopped: int


def outcomes(executions: tuple[Execution, ...]) -> Outcomes:
    """The executions counted by how they ended."""
    statuses = [each.status for each in executions if not each.skipped]
    return Outcomes(*(statuses.count(status) for status in ("Failed", "Succeed", "InProgress", "Stopped")))


def restarts_of(instance: InstanceSnapshot) -> int:
    """Restarts of all tasks of the current allocation."""
    return sum(task.restarts for task in task_states(instance))


def restarted_lately(task: TaskState, now: float) -> bool:
    """True when the task's newest restart is less than an hour old; older ones are history, not state."""
    return bool(task.restarts) and task.last_restart is not None and now - task.last_restart < LATELY


def memory_of(instance: InstanceSnapshot) -> tuple[int | None, int]:
    """Bytes used by all tasks, and the sum of their hard limits; None without a sample, 0 when a limit is unknown."""
    usage, specs = task_usage(instance), task_specs(instance)
    used = [each.memory_bytes for each in usage.values() if each.memory_bytes is not None]
    if not used:
        return None, 0
    limits = [specs[name].memory_limit_mb if name in specs else None for name in usage]
    known = [limit * MIB for limit in limits if limit is not None]
    return sum(used), sum(known) if len(known) == len(limits) else 0
