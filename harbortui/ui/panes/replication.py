"""Pane 4: replication executions, newest first, and the policies behind them."""

from __future__ import annotations

from harbortui.model.finding import State
from harbortui.model.harbor import Execution, Policy
from harbortui.model.past import PastDetail
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.facets import badge_instead, is_old, notes
from harbortui.ui.panes.join import outcomes, replication_state
from harbortui.ui.panes.older import older_executions
from harbortui.ui.symbols import UNICODE, state_glyph, state_name

COLUMNS = (
    Column("", 1),
    Column("Start", 5, right=True),
    Column("Policy", 20, most=60),
    Column("Peer", 14, 5, most=28),
    Column("Trigger", 11, 6, most=12),
    Column("Done", 7, 1, most=11, right=True),
    Column("Fail", 4, 1, right=True),
    Column("Took", 8, 7, right=True),
    Column("Result", 8, most=120),
)
POLICIES = (
    Column("", 1),
    Column("", 5),
    Column("Policy", 12, most=60),
    Column("Peer", 10, 3, most=24),
    Column("Trigger", 7, 1, most=24),
    Column("State", 8, 2),
    Column("Filters", 10, 4, most=80),
)
EXECUTION_STATES = {"Succeed": State.OK, "Failed": State.CRITICAL, "InProgress": State.OK, "Stopped": State.WARNING}
EXECUTION_WORDS = {"Succeed": "ok", "Failed": "failed", "InProgress": "in progress", "Stopped": "stopped"}


def replication_pane(instance: InstanceSnapshot, now: float, past: PastDetail | None = None) -> Pane:
    """Executions, those that only the history knows behind them, then policies."""
    policies = {each.id: each for each in instance.policies.value or ()}
    executions = sorted(instance.executions.value or (), key=lambda each: (-(each.start_time or 0.0), -each.id))
    rows = [*notes((instance.executions, instance.policies), now)]
    rows += [execution_row(each, policies.get(each.policy_id), now) for each in executions]
    if instance.executions.value == ():
        rows.append(note("none", "no replication has run yet"))
    peers = {each.id: _peer(each) for each in policies.values()}
    rows += older_executions(past, instance.executions.value or (), policies, peers, now)
    blocks = [Block(COLUMNS, tuple(rows))]
    if policies:
        title = f"Policies ({len(policies)})"
        blocks.append(Block(POLICIES, tuple(policy_row(each) for each in policies.values()), title))
    return Pane("Replication", tuple(blocks), _badge(instance, now))


def _badge(instance: InstanceSnapshot, now: float) -> Cell:
    executions = instance.executions.value
    if executions is None:
        return badge_instead(instance.executions, now)
    counted = outcomes(executions)
    state = State.UNKNOWN if is_old(instance.executions, now) else replication_state(executions)
    text = f"{state_glyph(state)} {counted.done} ok {UNICODE.dot} {counted.failed} failed of the last {sum(counted)}"
    return Cell(text, state_name(state))


def execution_row(run: Execution, policy: Policy | None, now: float) -> Row:
    """One execution as pane 4 shows it."""
    state = State.OK if run.skipped else EXECUTION_STATES.get(run.status, State.UNKNOWN)
    word = "skipped" if run.skipped else EXECUTION_WORDS.get(run.status, run.status)
    reason = f"{word}: {run.status_text}" if run.status_text else word
    style = "muted" if run.skipped else "text" if state is State.OK else state_name(state)
    running = run.status == "InProgress"
    took = (
        ""
        if running or run.start_time is None or run.end_time is None
        else words.duration(run.end_time - run.start_time)
    )
    cells = (
        Cell(
            UNICODE.dot if run.skipped or running else state_glyph(state), "muted" if run.skipped else state_name(state)
        ),
        Cell(words.since(run.start_time, now), "muted"),
        Cell(policy.name if policy is not None else f"policy {run.policy_id}"),
        Cell(_peer(policy), "muted"),
        Cell(run.trigger, "muted"),
        Cell(f"{run.succeed}/{run.total}"),
        Cell(str(run.failed) if run.failed else "", "critical"),
        Cell(took, "muted"),
        Cell(reason, style),
    )
    more = (
        ("execution", str(run.id)),
        ("started", words.moment(run.start_time)),
        ("ended", words.moment(run.end_time)),
        ("in progress", str(run.in_progress or "")),
        ("stopped", str(run.stopped or "")),
    )
    return Row(f"execution/{run.id}", cells, more=tuple(pair for pair in more if pair[1]))


def _peer(policy: Policy | None) -> str:
    if policy is None:
        return ""
    return f"{UNICODE.right if policy.direction == 'push' else UNICODE.left} {policy.peer}"


def policy_row(policy: Policy) -> Row:
    """One policy as pane 4 shows it."""
    trigger = f"{policy.trigger} {policy.cron}".strip()
    cells = (
        Cell(UNICODE.ok if policy.enabled else UNICODE.dot, "ok" if policy.enabled else "muted"),
        Cell(""),
        Cell(policy.name, "strong"),
        Cell(_peer(policy), "muted"),
        Cell(trigger),
        Cell("enabled" if policy.enabled else "disabled", "text" if policy.enabled else "muted"),
        Cell(", ".join(policy.filters) or "everything", "muted"),
    )
    more = (
        ("direction", policy.direction),
        ("destination", policy.destination_url),
        ("source", policy.source_url),
        ("override", "yes" if policy.override else "no"),
        ("replicates deletion", "yes" if policy.replicate_deletion else "no"),
    )
    return Row(f"policy/{policy.id}", cells, more=tuple(pair for pair in more if pair[1]))
