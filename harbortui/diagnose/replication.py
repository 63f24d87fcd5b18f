"""Rules about replication executions, policy by policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from harbortui.diagnose.view import View, utc
from harbortui.model.finding import Finding, State
from harbortui.model.harbor import Execution, Policy


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
    evidence = (
        f"execution {newest.id}: {newest.failed} of {newest.total} tasks failed",
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
