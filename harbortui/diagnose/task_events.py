"""What the events that Nomad keeps of a task, at most ten, tell a person."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.diagnose.view import utc
from harbortui.model.nomad import Allocation, TaskEvent, TaskState

MAX_BLAMED = 3
KEPT_EVENTS = 10
"""Of a task, by Nomad."""
KILLED = 137
"""128 + SIGKILL: what a task's exit code is when the kernel killed it for memory, among others."""

_CAUSES = frozenset(
    {
        "Disk Resources Exceeded",
        "Driver Failure",
        "Failed Artifact Download",
        "Failed Restoring Task",
        "Failed Validation",
        "Killing",
        "Leader Task Dead",
        "Setup Failure",
        "Sibling Task Failed",
        "Task hook failed",
        "Template",
        "Terminated",
    }
)
_CONSEQUENCES = frozenset({"Restarting", "Not Restarting"})
_ASKED = "User requested"
"""How Nomad's message of a restart that a person asked for begins (client/client.go)."""


def told(task: TaskState) -> tuple[str, ...]:
    """Why the task is where it is, and what Nomad does about it; the newest event when none says so."""
    events = sorted(task.events, key=lambda event: event.at)
    if not events:
        return ()
    ends = next((i for i in reversed(range(len(events))) if task.failed and events[i].fails_task), len(events) - 1)
    upto = events[: ends + 1]
    cause = next((event for event in reversed(upto) if _is_cause(event)), None)
    after = next((event for event in reversed(upto) if event.type in _CONSEQUENCES), None)
    lines = [cause] if cause is not None else []
    if after is not None and (cause is None or after.at >= cause.at):
        lines.append(after)
    return tuple(_line(event) for event in lines or [events[-1]])


def blamed(allocation: Allocation) -> tuple[str, ...]:
    """The tasks that failed the allocation, each with its reason; those that only went down with them are left out."""
    failed = [task for task in allocation.tasks if task.failed]
    first = [task for task in failed if not any(event.type == "Sibling Task Failed" for event in task.events)]
    return tuple(f"{task.name}: {line}" for task in (first or failed)[:MAX_BLAMED] for line in told(task))


def waiting(allocation: Allocation) -> tuple[str, ...]:
    """What the tasks that have not started are at."""
    pending = [task for task in allocation.tasks if task.state == "pending"][:MAX_BLAMED]
    return tuple(f"{task.name}: {line}" for task in pending for line in told(task))


def unasked_restarts(task: TaskState) -> tuple[float, ...]:
    """When Nomad restarted the task by itself: a restart that a person asked for is none."""
    asked = False
    times: list[float] = []
    for event in sorted(task.events, key=lambda event: event.at):
        if event.type == "Restart Signaled":
            asked = event.message.startswith(_ASKED)
        elif event.type == "Restarting":
            if not asked:
                times.append(event.at)
            asked = False
    return tuple(times)


def memory_kills(task: TaskState) -> Iterator[tuple[TaskEvent, bool]]:
    """Ends by the kernel for want of memory, and whether the driver said so itself.

    The docker driver does not see them on cgroups v2 (hashicorp/nomad drivers/docker/handle.go), raw_exec nowhere:
    there a signal that Nomad did not send is all that can be seen.
    """
    ours = len(task.events) >= KEPT_EVENTS  # Nomad's own kill may be among the events that are forgotten.
    for event in sorted(task.events, key=lambda event: event.at):
        if event.type in ("Killing", "Restart Signaled"):
            ours = True
        elif event.type == "Started":
            ours = False
        elif event.oom_killed:
            yield event, True
        elif event.type == "Terminated" and event.exit_code == KILLED and not ours:
            yield event, False


def _is_cause(event: TaskEvent) -> bool:
    if event.type == "Killing":
        return not event.message.startswith("Sent interrupt")  # Else it says why: `Template failed: …`.
    return event.type in _CAUSES


def _line(event: TaskEvent) -> str:
    code = f" (exit code {event.exit_code})" if event.exit_code is not None else ""
    message = event.message if event.message != f"Exit Code: {event.exit_code}" else ""
    return f"Nomad, {utc(event.at)}: {event.type}{code}{': ' + message if message else ''}"
