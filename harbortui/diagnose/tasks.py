"""Rules about the Nomad job, its allocation and its tasks."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.diagnose.components import VITAL
from harbortui.diagnose.view import View, utc
from harbortui.model.finding import Finding, State
from harbortui.model.nomad import Allocation, TaskState

HOUR = 3600.0
DAY = 86_400.0
LOOP_RECENT = 600.0
"""Seconds since the last restart within which repeated restarts count as a loop that goes on."""
ONE_SHOT = frozenset({"prestart", "poststart", "poststop"})
"""Lifecycle hooks of tasks that are meant to end."""


def job_rules(view: View) -> Iterator[Finding]:
    """The job as a whole: stopped, without an allocation, or not placed."""
    job = view.known(view.instance.job)
    if job is not None and job.stop:
        yield view.finding("job-stopped", State.CRITICAL, job.id, f"the Nomad job {job.id} is stopped")
        return
    yield from _placement(view)
    allocations = view.known(view.instance.allocations)
    if allocations is None:
        return
    current = view.current_allocation()
    if current is None:
        subject = view.instance.target.job
        ended = f"; the newest one is {allocations[0].status}" if allocations else ""
        yield view.finding("no-allocation", State.CRITICAL, subject, f"the job has no current allocation{ended}")
    elif current.status == "pending" and _older(view, current.create_time, view.limits.pending):
        title = f"allocation {current.short_id} is still pending"
        yield view.finding("allocation-pending", State.CRITICAL, current.short_id, title, since=current.create_time)
    elif current.status == "unknown":
        title = f"allocation {current.short_id} is unknown: its node has lost contact with Nomad's servers"
        yield view.finding("allocation-unknown", State.UNKNOWN, current.short_id, title, since=current.modify_time)
    yield from _ended_badly(view, allocations)


def _placement(view: View) -> Iterator[Finding]:
    placement = view.known(view.instance.placement)
    if placement is not None and placement.status == "blocked":
        state = State.WARNING if view.current_allocation() is not None else State.CRITICAL
        reasons = tuple(f"{failure.group}: {reason}" for failure in placement.failures for reason in failure.reasons)
        title = "Nomad finds no node for the job"
        subject = view.instance.target.job
        yield view.finding("placement-blocked", state, subject, title, evidence=reasons, since=placement.at)
    deployment = view.known(view.instance.deployment)
    if deployment is not None and deployment.latest is not None and deployment.latest.status == "failed":
        latest = deployment.latest
        title = f"the deployment of version {latest.job_version} failed"
        evidence = (latest.description,)
        yield view.finding("deployment-failed", State.WARNING, latest.id[:8], title, evidence=evidence)


def _ended_badly(view: View, allocations: tuple[Allocation, ...]) -> Iterator[Finding]:
    for each in allocations:
        ended = each.status in ("failed", "lost") and each.modify_time is not None
        if ended and not each.is_current and not _older(view, each.modify_time, HOUR):
            title = f"allocation {each.short_id} was {each.status} within the last hour"
            evidence = (each.description,)
            since = each.modify_time
            yield view.finding("allocation-ended", State.WARNING, each.short_id, title, evidence=evidence, since=since)


def task_rules(view: View) -> Iterator[Finding]:
    """The tasks of the current allocation: dead, restarting, killed for memory, near their memory limit."""
    current = view.current_allocation()
    if current is None or current.status == "unknown":
        return
    job = view.known(view.instance.job)
    one_shot = {spec.name for spec in job.tasks if spec.lifecycle in ONE_SHOT} if job is not None else set()
    for task in current.tasks:
        if task.state == "dead" and (task.failed or task.name not in one_shot):
            yield _dead(view, task)
        elif task.state == "pending" and current.status == "running" and _waits(view, current, task):
            title = f"task {task.name} is pending"
            yield view.finding("task-pending", State.WARNING, task.name, title, evidence=_last_event(task))
        yield from _restarts(view, task)
        yield from _killed_for_memory(view, task)
    yield from _memory(view)


def _dead(view: View, task: TaskState) -> Finding:
    state = State.CRITICAL if task.name in VITAL or task.failed else State.WARNING
    title = f"task {task.name} is dead"
    return view.finding("task-dead", state, task.name, title, evidence=_last_event(task), since=task.finished_at)


def _restarts(view: View, task: TaskState) -> Iterator[Finding]:
    """Nomad keeps ten events of a task, so that a count of them is a least count."""
    times = [event.at for event in task.events if event.type == "Restarting" and not _older(view, event.at, HOUR)]
    if len(times) < view.limits.restarts_per_hour:
        return
    goes_on = task.state != "running" or not _older(view, max(times), LOOP_RECENT)
    state = State.CRITICAL if goes_on and task.name in VITAL else State.WARNING
    title = f"task {task.name} restarted at least {len(times)} times within an hour"
    evidence = (f"{task.restarts} restarts in all, the last at {utc(max(times))}", *_last_event(task))
    yield view.finding("task-restarting", state, task.name, title, evidence=evidence, since=min(times))


def _killed_for_memory(view: View, task: TaskState) -> Iterator[Finding]:
    kills = [event for event in task.events if event.oom_killed and not _older(view, event.at, DAY)]
    if kills:
        title = f"task {task.name} was killed for memory within the last day"
        newest = max(event.at for event in kills)
        yield view.finding("task-oom", State.WARNING, task.name, title, since=newest)


def _memory(view: View) -> Iterator[Finding]:
    usage, job = view.known(view.instance.usage), view.known(view.instance.job)
    if usage is None or job is None:
        return
    limits = {spec.name: spec.memory_limit_mb for spec in job.tasks}
    for task in usage.tasks:
        limit = limits.get(task.name)
        if not limit or task.memory_bytes is None:
            continue
        if task.memory_bytes * 100 >= view.limits.memory_percent * limit * 1024 * 1024:
            title = f"task {task.name} uses {view.limits.memory_percent:g} % or more of its {limit} MiB of memory"
            yield view.finding("task-memory", State.WARNING, task.name, title)


def _waits(view: View, allocation: Allocation, task: TaskState) -> bool:
    newest = max((event.at for event in task.events), default=allocation.create_time or view.now)
    return _older(view, newest, view.limits.pending)


def _last_event(task: TaskState) -> tuple[str, ...]:
    if not task.events:
        return ()
    newest = max(task.events, key=lambda event: event.at)
    code = f" (exit code {newest.exit_code})" if newest.exit_code is not None else ""
    return (f"Nomad, {utc(newest.at)}: {newest.type}{code}{': ' + newest.message if newest.message else ''}",)


def _older(view: View, moment: float | None, than: float) -> bool:
    return moment is not None and view.now - moment > than


def node_rules(view: View) -> Iterator[Finding]:
    """The node under the current allocation."""
    current, nodes = view.current_allocation(), view.known(view.nodes)
    if current is None or nodes is None:
        return
    node = next((each for each in nodes if each.id == current.node_id), None)
    if node is None:
        return
    if node.status in ("down", "disconnected"):
        title = f"its node {node.name} is {node.status}"
        yield view.finding("node-down", State.CRITICAL, node.name, title)
    elif node.draining:
        title = f"its node {node.name} is draining: the allocation has to move"
        yield view.finding("node-draining", State.WARNING, node.name, title)
