"""Rules about replication executions, policy by policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from harbortui.diagnose.causes import meaning
from harbortui.diagnose.cron import missed_firing
from harbortui.diagnose.view import View, utc
from harbortui.model.facet import Facet
from harbortui.model.finding import Finding, State
from harbortui.model.harbor import Execution, Policy

SHOWN = 30
"""The newest executions that are collected; beyond them nothing is known."""
OVERDUE_FACTOR = 2.0
"""Intervals of a schedule that may pass: a job may wait for a free worker."""


def replication_rules(view: View) -> Iterator[Finding]:
    """Policies whose newest finished execution failed, and executions that never got a task."""
    executions = view.known(view.instance.executions)
    if executions is None:
        return
    policies = {each.id: each for each in view.known(view.instance.policies) or ()}
    by_policy: dict[int, list[Execution]] = defaultdict(list)
    for execution in executions:
        by_policy[execution.policy_id].append(execution)
    for policy_id in sorted(by_policy):
        policy = policies.get(policy_id)
        if policy is not None and not policy.enabled:
            continue
        name = policy.name if policy is not None else f"policy {policy_id}"
        newest_first = sorted(by_policy[policy_id], key=lambda each: (each.start_time or 0.0, each.id), reverse=True)
        yield from _failing(view, name, policy, newest_first)
        yield from _stuck(view, name, newest_first)


def _failing(view: View, name: str, policy: Policy | None, newest_first: list[Execution]) -> Iterator[Finding]:
    finished = [each for each in newest_first if each.status in ("Succeed", "Failed") and not each.skipped]
    in_a_row: list[Execution] = []
    for execution in finished:
        if execution.status != "Failed":
            break
        in_a_row.append(execution)
    if not in_a_row:
        return
    newest = in_a_row[0]
    state = State.CRITICAL if len(in_a_row) >= view.limits.failed_executions else State.WARNING
    peer = f" ({policy.direction} {policy.peer})" if policy is not None and policy.peer else ""
    count = "execution" if len(in_a_row) == 1 else f"{len(in_a_row)} executions"
    title = f"replication {name}{peer}: the newest {count} failed"
    direction, name_of_peer = (policy.direction, policy.peer) if policy is not None else ("", "")
    words = meaning(newest.status_text, direction, name_of_peer)
    title += f": {words}" if words else ""
    again = f", {newest.in_progress} tried again" if newest.in_progress else ""
    tasks = f"{newest.failed} of {newest.total} tasks failed{again}" if newest.total else "ended before its first task"
    evidence = (
        f"execution {newest.id}: {tasks}",
        f"execution {newest.id}: {newest.status_text}" if newest.status_text else "",
        "" if len(in_a_row) < len(finished) else "no success among the executions seen",
    )
    since = in_a_row[-1].start_time
    yield view.finding("replication-failing", state, name, title, evidence=evidence, since=since)


def _stuck(view: View, name: str, newest_first: list[Execution]) -> Iterator[Finding]:
    """Core restarted between creating an execution and its tasks leaves it in progress, empty, for days."""
    for execution in newest_first:
        empty = execution.status == "InProgress" and execution.total == 0 and execution.start_time is not None
        if empty and view.now - (execution.start_time or view.now) > view.limits.stuck_execution:
            title = f"execution {execution.id} of replication {name} is in progress without any task"
            evidence = (f"started {utc(execution.start_time or 0.0)}",)
            subject, since = f"{name}/{execution.id}", execution.start_time
            yield view.finding("replication-stuck", State.WARNING, subject, title, evidence=evidence, since=since)


def schedule_rules(view: View) -> Iterator[Finding]:
    """Scheduled policies that no longer start: Harbor's job service keeps its timers in Redis and nowhere else.

    When Redis loses its data all schedules stop, with every component healthy, until the job service is restarted.
    """
    executions = view.known(view.instance.executions)
    if executions is None:
        return
    started = [each.start_time for each in executions if each.start_time is not None]
    seen_from = min(started, default=0.0) if _is_cut(view.instance.executions) else 0.0
    asked_at = view.instance.executions.at or view.now  # What began since then cannot be among them.
    for policy in view.known(view.instance.policies) or ():
        if not policy.enabled or policy.trigger != "scheduled" or policy.updated is None:
            continue
        mine = [e.start_time or 0.0 for e in executions if e.policy_id == policy.id and e.trigger == "scheduled"]
        last = max(mine, default=0.0)
        missed = missed_firing(policy.cron, max(last, policy.updated, seen_from), asked_at, OVERDUE_FACTOR)
        if missed is None:
            continue
        title = f"replication {policy.name} ({policy.direction} {policy.peer}) does not start as scheduled"
        ran = f"last scheduled run {utc(last)}" if last else "no scheduled run among the executions seen"
        evidence = (
            f"{ran}, scheduled for {utc(missed.due)}",
            f"schedule {policy.cron}",
            "possibly Redis lost its data, after which the job service knows no schedules until it is restarted",
        )
        yield view.finding("replication-overdue", State.WARNING, policy.name, title, evidence=evidence)


def _is_cut(executions: Facet[tuple[Execution, ...]]) -> bool:
    """True when there may be more executions than were asked for; a row that could not be read took a place too."""
    return len(executions.value or ()) + len(executions.lost_rows) >= SHOWN


def endpoint_rules(view: View) -> Iterator[Finding]:
    """Endpoints of enabled policies that Harbor's own check, every five minutes, calls unhealthy.

    For type ``harbor`` that is one which answers and refuses the credentials: one that cannot be reached keeps its old
    ``healthy`` (goharbor/harbor issue #21673).
    """
    used = {each.peer for each in view.known(view.instance.policies) or () if each.enabled}
    for endpoint in view.known(view.instance.registries) or ():
        if endpoint.status == "unhealthy" and endpoint.name in used:
            said = "it answers, but refuses the credentials" if endpoint.type == "harbor" else "as Harbor last saw it"
            evidence = (f"{endpoint.type} {endpoint.url}: {said}",)
            title = f"the replication endpoint {endpoint.name} is unhealthy"
            yield view.finding("endpoint-unhealthy", State.WARNING, endpoint.name, title, evidence=evidence)
