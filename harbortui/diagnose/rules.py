"""The rules of an instance and of the fleet, gathered; adding one is a function and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harbortui.diagnose import fleetwide
from harbortui.diagnose.clocks import clock_rules
from harbortui.diagnose.components import component_rules, database_rules, system_rules
from harbortui.diagnose.gc import gc_rules
from harbortui.diagnose.judged import Judged
from harbortui.diagnose.limits import Limits
from harbortui.diagnose.replication import endpoint_rules, replication_rules, schedule_rules
from harbortui.diagnose.storage import storage_rules
from harbortui.diagnose.tasks import job_rules, node_rules, task_rules
from harbortui.diagnose.verdict import instance_verdict, worst_first
from harbortui.diagnose.view import View
from harbortui.diagnose.visibility import is_waiting, not_visible
from harbortui.model.finding import Finding
from harbortui.model.past import NOTHING, Past
from harbortui.model.snapshot import InstanceSnapshot, Snapshot

Rule = Callable[[View], Iterable[Finding]]
FleetRule = Callable[[Snapshot, Limits, float], Iterable[Finding]]

INSTANCE_RULES: tuple[Rule, ...] = (
    component_rules,
    database_rules,
    system_rules,
    job_rules,
    task_rules,
    node_rules,
    storage_rules,
    replication_rules,
    schedule_rules,
    endpoint_rules,
    gc_rules,
    clock_rules,
)
FLEET_RULES: tuple[FleetRule, ...] = (
    fleetwide.vault_rules,
    fleetwide.secret_rules,
    fleetwide.node_rules,
    fleetwide.clock_rules,
)


def judge_instance(
    instance: InstanceSnapshot, snapshot: Snapshot, limits: Limits, now: float, past: Past | None = None
) -> Judged:
    """Findings and verdict of one instance; depends only on it, its node list, its object store and its past."""
    target = instance.target
    view = View(
        instance,
        snapshot.stores.get(target.store_endpoint),
        snapshot.nodes.get(target.nomad_address),
        limits,
        now,
        past if past is not None else NOTHING,
    )
    findings = worst_first(finding for rule in INSTANCE_RULES for finding in rule(view))
    return Judged(instance_verdict(instance.name, findings, not_visible(view), waiting=is_waiting(view)), findings)


def judge_fleet(snapshot: Snapshot, limits: Limits, now: float) -> tuple[Finding, ...]:
    """Findings about what all instances stand on."""
    return worst_first(finding for rule in FLEET_RULES for finding in rule(snapshot, limits, now))
