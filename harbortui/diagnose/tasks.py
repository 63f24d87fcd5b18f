"""Rules about the Nomad job, its allocation and its tasks."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.diagnose.components import VITAL
from harbortui.diagnose.task_events import KEPT_EVENTS, blamed, memory_kills, told, unasked_restarts, waiting
from harbortui.diagnose.view import View, utc
from harbortui.model.failure import FailureKind
from harbortui.model.finding import Finding, State
from harbortui.model.nomad import Allocation, Node, TaskState, granted_specs

HOUR = 3600.0
DAY = 86_400.0
LOOP_RECENT = 600.0
"""Seconds since the last restart within which repeated restarts count as a loop that goes on."""
SETTLED = 5.0
"""Seconds after which Nomad has made the evaluation that a failed allocation brings about."""
MAX_NODES = 3
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
        yield _nothing_runs(view, allocations)
    elif current.status == "pending" and _older(view, current.create_time, view.limits.pending):
        title = f"allocation {current.short_id} is still pending"
        evidence, since = waiting(current), current.create_time
        yield view.finding(
            "allocation-pending", State.CRITICAL, current.short_id, title, evidence=evidence, since=since
        )
    elif current.status == "unknown":
        title = f"allocation {current.short_id} is unknown: its node has lost contact with Nomad's servers"
        yield view.finding("allocation-unknown", State.UNKNOWN, current.short_id, title, since=current.modify_time)
    yield from _ended_badly(view, allocations)


def _nothing_runs(view: View, allocations: tuple[Allocation, ...]) -> Finding:
    job, failure = view.instance.target.job, view.instance.job.failure
    if not allocations and failure is not None and failure.kind is FailureKind.NOT_FOUND:
        title = f"Nomad has no job {job} in namespace {view.instance.target.namespace}"
        return view.finding("job-missing", State.CRITICAL, job, title)
    ended = f"; the newest one is {allocations[0].status}" if allocations else ""
    evidence = (*_end(allocations[0]), *_next_try(view, allocations[0])) if allocations else ()
    return view.finding(
        "no-allocation", State.CRITICAL, job, f"the job has no current allocation{ended}", evidence=evidence
    )


def _end(allocation: Allocation) -> tuple[str, ...]:
    """Why an allocation ended: its own description is "Failed tasks", or "Tasks are running" when it is lost."""
    if allocation.status == "lost":
        return (allocation.desired_description or allocation.description,)
    return blamed(allocation) or (allocation.description,)


def _next_try(view: View, newest: Allocation) -> tuple[str, ...]:
    """Whether Nomad will place another by itself, once its evaluations have been read after the end."""
    placement = view.known(view.instance.placement)
    if placement is None or newest.status != "failed":
        return ()
    if placement.next_try is not None:
        return (f"Nomad places another one at {utc(placement.next_try)}",)
    read_after = (view.instance.placement.at or 0.0) - (newest.modify_time or 0.0) > SETTLED
    if read_after and placement.status not in ("blocked", "pending") and newest.desired == "run":
        return ("no evaluation is waiting: Nomad will not place another one by itself",)
    return ()


def _placement(view: View) -> Iterator[Finding]:
    placement = view.known(view.instance.placement)
    if placement is not None and placement.status == "blocked":
        state = State.WARNING if view.current_allocation() is not None else State.CRITICAL
        reasons = tuple(f"{failure.group}: {reason}" for failure in placement.failures for reason in failure.reasons)
        title = "Nomad finds no node for the job"
        subject = view.instance.target.job
        evidence = (*reasons, *_unusable_nodes(view))
        yield view.finding("placement-blocked", state, subject, title, evidence=evidence, since=placement.at)
    deployment = view.known(view.instance.deployment)
    if deployment is not None and deployment.latest is not None and deployment.latest.status == "failed":
        latest = deployment.latest
        title = f"the deployment of version {latest.job_version} failed"
        evidence = (latest.description,)
        yield view.finding("deployment-failed", State.WARNING, latest.id[:8], title, evidence=evidence)


def _unusable_nodes(view: View) -> tuple[str, ...]:
    """The nodes that get nothing placed, when they are few enough to name."""
    unusable = [(node.name, why) for node in view.known(view.nodes) or () if (why := _why_unusable(node))]
    return tuple(f"node {name} is {why}" for name, why in unusable) if len(unusable) <= MAX_NODES else ()


def _why_unusable(node: Node) -> str:
    if node.status != "ready":
        return node.status
    return "draining" if node.draining else "" if node.eligible else "ineligible"


def _ended_badly(view: View, allocations: tuple[Allocation, ...]) -> Iterator[Finding]:
    for each in allocations:
        ended = each.status in ("failed", "lost") and each.modify_time is not None
        if ended and not each.is_current and not _older(view, each.modify_time, HOUR):
            title = f"allocation {each.short_id} was {each.status} within the last hour"
            evidence, since = _end(each), each.modify_time
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
            state = State.CRITICAL if task.name in VITAL else State.WARNING
            yield view.finding("task-pending", state, task.name, title, evidence=told(task))
        yield from _restarts(view, task)
        yield from _killed_for_memory(view, task)
    yield from _memory(view)


def _dead(view: View, task: TaskState) -> Finding:
    state = State.CRITICAL if task.name in VITAL or task.failed else State.WARNING
    title = f"task {task.name} is dead"
    return view.finding("task-dead", state, task.name, title, evidence=told(task), since=task.finished_at)


def _restarts(view: View, task: TaskState) -> Iterator[Finding]:
    """Nomad keeps ten events of a task, in which four restarts fit: a count of them is a least count."""
    times = [at for at in unasked_restarts(task) if not _older(view, at, HOUR)]
    limit = view.limits.restarts_per_hour
    counted = len(times) >= limit
    if not times or not (counted or _pace(view, task, times) >= limit):
        return
    goes_on = task.state != "running" or not _older(view, max(times), LOOP_RECENT)
    state = State.CRITICAL if goes_on and task.name in VITAL else State.WARNING
    least = f"at least {len(times)} times" if counted else f"{limit} times or more, by the pace of its last restarts,"
    title = f"task {task.name} restarted {least} within an hour"
    evidence = (f"{task.restarts} restarts in all, the last at {utc(max(times))}", *told(task))
    yield view.finding("task-restarting", state, task.name, title, evidence=evidence, since=min(times))


def _pace(view: View, task: TaskState, times: list[float]) -> int:
    """Restarts of the last hour when those that Nomad has forgotten came as quickly as those that it still knows."""
    if len(task.events) < KEPT_EVENTS or len(times) < 2:
        return 0
    between = (times[-1] - times[0]) / (len(times) - 1)
    return min(task.restarts, int((times[-1] - view.now + HOUR) / between) + 1) if between > 0 else 0


def _killed_for_memory(view: View, task: TaskState) -> Iterator[Finding]:
    kills = [(event.at, sure) for event, sure in memory_kills(task) if not _older(view, event.at, DAY)]
    if not kills:
        return
    newest = max(at for at, _ in kills)
    if any(sure for _, sure in kills):
        title, evidence = f"task {task.name} was killed for memory within the last day", ""
    else:
        title = f"task {task.name} was killed (SIGKILL) within the last day, and not by Nomad"
        evidence = "exit code 137: the kernel does that when memory runs out, and not every driver says so"
    yield view.finding("task-oom", State.WARNING, task.name, title, evidence=(evidence,), since=newest)


def _memory(view: View) -> Iterator[Finding]:
    usage, job = view.known(view.instance.usage), view.known(view.instance.job)
    if usage is None or job is None:
        return
    limits = {name: spec.memory_limit_mb for name, spec in granted_specs(job, usage).items()}
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
