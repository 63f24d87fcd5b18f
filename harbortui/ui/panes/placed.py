"""How an instance is placed, in the fleet table: its node, a deployment under way, why it has no place."""

from __future__ import annotations

from collections.abc import Sequence

from harbortui.model.nomad import Node
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui.cell import Cell
from harbortui.ui.facets import brief, is_old
from harbortui.ui.panes.deployment import UNDER_WAY, deployment_words
from harbortui.ui.panes.join import current_allocation
from harbortui.ui.panes.parts import node_of, node_state, node_trouble
from harbortui.ui.symbols import state_name


def node_cell(instance: InstanceSnapshot, nodes: Sequence[Node], now: float) -> Cell:
    """Where it runs, after what is wrong with that place; or that Nomad finds none."""
    allocation = current_allocation(instance)
    if allocation is None:
        if instance.allocations.value is None or is_old(instance.placement, now) or not placement_told(instance):
            return brief(instance.allocations, now)
        return Cell("no node fits", "critical")
    node = node_of(nodes, allocation.node_id, allocation.node_name)
    trouble = node_trouble(node) if node is not None else ""
    if node is None or not trouble:
        return Cell(allocation.node_name)
    return Cell(f"{trouble}: {node.name}", state_name(node_state(node)))


def placement_told(instance: InstanceSnapshot) -> str:
    """Why groups of the job have no node; empty while all have."""
    placement = instance.placement.value
    reasons = [reason for each in placement.failures for reason in each.reasons] if placement is not None else []
    return "; ".join(reasons)


def deployment_told(instance: InstanceSnapshot) -> str:
    """A deployment that is under way, in a line; empty while there is none."""
    latest = instance.deployment.value.latest if instance.deployment.value is not None else None
    if latest is None or latest.status not in UNDER_WAY:
        return ""
    return f"version {latest.job_version} {latest.status}: {deployment_words(latest)}"
