"""Why Nomad finds no node: each group's reasons with their counts, and how every node is."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.model.finding import State
from harbortui.model.nomad import Node, Placement
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.facets import is_old
from harbortui.ui.panes.parts import (
    FACTS,
    NOT_KNOWN,
    badge,
    empty_page,
    fact,
    facts,
    instance_of,
    moment_ago,
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

NODES = (
    Column("", 1),
    Column("Node", 12, most=32),
    Column("State", 10, most=14),
    Column("Takes work", 10, 1, most=12),
    Column("Datacenter", 10, 2, most=20),
    Column("Nomad", 7, 3, most=12),
)

ABOUT = ("placement", "job", "no-allocation")
"""How the names of rules about a job begin."""


def page(view: View, thing: Thing, width: int) -> Pane:
    """What the newest evaluation says of the job's groups."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, "Placement", thing)
    facet, now = instance.placement, view.now
    if facet.value is None:
        rows = not_there(facet, now, "placement", width)
        return Pane("Placement", (Block(FACTS, rows),), NOT_KNOWN)
    placement, nodes = facet.value, nodes_of(view.snapshot, instance)
    top = told((facet, nodes), now, width)
    blocks = [Block(FACTS, (*top, *_facts(placement, nodes.value, now)))]
    blocks += findings_block(view, thing.instance, instance.target.job, rules=ABOUT)
    if nodes.value:
        title = f"Nodes ({len(nodes.value)})"
        blocks.append(Block(NODES, tuple(_node(thing.instance, each) for each in ranked(nodes.value)), title))
    state = State.CRITICAL if placement.failures else State.OK
    state = State.UNKNOWN if is_old(facet, now) else state
    text = f"{words.plural(len(placement.failures), 'group')} not placed" if placement.failures else "nothing waits"
    return Pane("Placement", tuple(blocks), badge(state, text))


def crumb(_thing: Thing) -> str:
    """What the header calls it."""
    return "placement"


def ranked(nodes: tuple[Node, ...]) -> list[Node]:
    """Nodes that get nothing placed come first."""
    return sorted(nodes, key=lambda each: (-node_state(each), each.name))


def _facts(placement: Placement, nodes: tuple[Node, ...] | None, now: float) -> Iterator[Row]:
    for each in placement.failures:
        looked_at = words.plural(each.nodes_evaluated, "node")
        text = f"{looked_at} looked at, {each.nodes_exhausted} without room"
        yield fact(f"group/{each.group}", each.group or "group", text, "critical", State.CRITICAL)
        for number, reason in enumerate(each.reasons):
            yield fact(f"reason/{each.group}/{number}", "because", reason, "warning")
    if not placement.failures:
        yield fact("none", "Groups", "every group has its allocations, as far as the newest evaluation tells")
    if placement.next_try is not None:
        text = f"{words.moment(placement.next_try)} ({words.until(placement.next_try, now)})"
        yield fact("next", "Next try", text)
    closed = [each for each in nodes or () if node_trouble(each)]
    if closed:
        yield fact("closed", "Closed nodes", f"{len(closed)} of {len(nodes or ())} take nothing", "warning")
    yield from facts(
        ("status", "Evaluation", placement.status),
        ("trigger", "Begun by", placement.triggered_by),
        ("at", "At", moment_ago(placement.at, now)),
        ("id", "Id", placement.evaluation_id),
    )


def _node(instance: str, node: Node) -> Row:
    state = node_state(node)
    cells = (
        Cell(state_glyph(state), state_name(state)),
        Cell(node.name, "strong"),
        Cell(node_trouble(node) or "ready", state_name(state) if state else "text"),
        Cell("yes" if not node_trouble(node) else "no"),
        Cell(node.datacenter, "muted"),
        Cell(node.version, "muted"),
    )
    return Row(key_of(Thing("node", instance, node.id)), cells)
