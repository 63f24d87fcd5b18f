"""A node's page: may anything be placed there, and which Harbor instances of the fleet run on it."""

from __future__ import annotations

from harbortui.model.finding import State
from harbortui.model.nomad import Node
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.panes.allocations import allocation_state
from harbortui.ui.panes.join import MIB, current_allocation, task_specs, task_usage
from harbortui.ui.panes.parts import (
    FACTS,
    NOT_KNOWN,
    badge,
    empty_page,
    fact,
    facts,
    instance_of,
    node_of,
    node_state,
    node_trouble,
    nodes_of,
    not_there,
    told,
)
from harbortui.ui.panes.related import findings_block
from harbortui.ui.symbols import state_glyph, state_name
from harbortui.ui.things import Thing, key_of
from harbortui.ui.view import View

HERE = (
    Column("", 1),
    Column("Instance", 12, most=28),
    Column("Alloc", 8),
    Column("Status", 8, 1, most=12),
    Column("CPU MHz", 8, 3, right=True, most=12),
    Column("Reserved MiB", 12, 2, right=True),
    Column("Used MiB", 8, 2, right=True),
)
MEANS = {
    "draining": "Nomad moves what runs there elsewhere and places nothing new",
    "ineligible": "what runs there goes on; nothing new is placed",
    "down": "Nomad does not hear from it; what ran there is taken for lost",
    "disconnected": "Nomad does not hear from it; what runs there may still run",
    "initializing": "it has just started and takes nothing yet",
}


def page(view: View, thing: Thing, width: int) -> Pane:
    """One client node."""
    instance = instance_of(view, thing)
    if instance is None or view.snapshot is None:
        return empty_page(view, "Node", thing)
    facet, now = nodes_of(view.snapshot, instance), view.now
    node = node_of(facet.value or (), thing.id, "")
    if node is None:
        rows = not_there(facet, now, f"node {thing.id[:8]}", width)
        return Pane("Node", (Block(FACTS, rows),), NOT_KNOWN)
    address = instance.target.nomad_address
    here = [each for each in view.snapshot.instances if each.target.nomad_address == address and _is_on(each, node)]
    state = node_state(node)
    blocks = [Block(FACTS, (*told((facet,), now, width), *_facts(node, here)))]
    blocks += findings_block(view, thing.instance, node.name)
    blocks += findings_block(view, "", node.name)
    if here:
        rows = tuple(_instance(each) for each in here)
        blocks.append(Block(HERE, rows, f"Harbor here ({len(rows)})"))
    return Pane(f"Node {node.name}", tuple(blocks), badge(state, node_trouble(node) or "ready"))


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"node {thing.id[:8]}"


def _is_on(instance: InstanceSnapshot, node: Node) -> bool:
    current = current_allocation(instance)
    return current is not None and node_of((node,), current.node_id, current.node_name) is not None


def _facts(node: Node, here: list[InstanceSnapshot]) -> tuple[Row, ...]:
    trouble = node_trouble(node)
    style = state_name(node_state(node)) if trouble else "text"
    status = fact("status", "Status", node.status or "unknown", "text" if node.status == "ready" else style)
    closed = "yes" if node.eligible else "no: ineligible"
    reserved, used, mhz = _sums(here)
    taken = f"{reserved} MiB and {mhz} MHz reserved" + (f", {used:.0f} MiB used" if used else "")
    return (
        status,
        fact("eligible", "Takes work", closed, "text" if node.eligible else "warning"),
        fact("drain", "Draining", "yes" if node.draining else "no", "warning" if node.draining else "text"),
        *facts(
            ("means", "That means", MEANS.get(trouble, "")),
            ("datacenter", "Datacenter", node.datacenter),
            ("nomad", "Nomad", node.version),
            ("harbor", "Harbor takes", taken if here else "nothing: no instance of this fleet runs here"),
            ("more", "Its resources", "as Nomad tells them: d"),
            ("id", "Id", node.id),
        ),
    )


def _sums(here: list[InstanceSnapshot]) -> tuple[int, float, int]:
    specs = [spec for each in here for spec in task_specs(each).values()]
    used = [it.memory_bytes or 0 for each in here for it in task_usage(each).values()]
    return sum(spec.memory_mb for spec in specs), sum(used) / MIB, sum(spec.cpu_mhz for spec in specs)


def _instance(instance: InstanceSnapshot) -> Row:
    current = current_allocation(instance)
    state = allocation_state(current) if current is not None else State.UNKNOWN
    reserved, used, mhz = _sums([instance])
    cells = (
        Cell(state_glyph(state), state_name(state)),
        Cell(instance.name, "strong"),
        Cell(current.short_id if current is not None else "", "muted"),
        Cell(current.status if current is not None else ""),
        Cell(str(mhz or ""), "muted"),
        Cell(str(reserved or ""), "muted"),
        Cell(f"{used:.0f}" if used else "", "muted"),
    )
    return Row(key_of(Thing("instance", instance.name)), cells, more=(("job", instance.target.job),))
