"""What the pages of single things are made of: facts, rows that lead on, sentences, the states of their sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from harbortui.model.facet import Facet, FacetState
from harbortui.model.finding import State
from harbortui.model.nomad import Node
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.facets import badge_instead, notes
from harbortui.ui.fit import wrap
from harbortui.ui.symbols import UNICODE, state_glyph, state_name
from harbortui.ui.things import Thing, key_of

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.model.past import PastDetail
    from harbortui.ui.view import View

LEADS = "›"
"""Marks a row that opens something else than itself."""
FACTS = (Column("", 1), Column("", 1), Column("What", 14, most=22), Column("Value", 40, most=240))
NOT_KNOWN = Cell(f"{UNICODE.unknown} not known", "unknown")
"""The state of a page whose thing nobody tells of."""
Pairs = tuple[tuple[str, str], ...]


def fact(key: str, name: str, text: str, style: str = "text", state: State | None = None, more: Pairs = ()) -> Row:
    """One fact; enter shows it in full."""
    return Row(key, (_glyph(state), Cell(""), Cell(name, "muted"), Cell(text, style)), more=more)


def link(thing: Thing, name: str, text: str, style: str = "text", state: State | None = None, part: str = "") -> Row:
    """A fact that enter leads on from, to ``thing``."""
    return Row(key_of(thing, part), (_glyph(state), Cell(LEADS, "accent"), Cell(name, "muted"), Cell(text, style)))


def facts(*pairs: tuple[str, str, str]) -> tuple[Row, ...]:
    """Plain facts as key, name and text; those without a text are left out."""
    return tuple(fact(key, name, text) for key, name, text in pairs if text)


def said(key: str, text: str, width: int, style: str = "text", indent: int = 0) -> tuple[Row, ...]:
    """A sentence over as many lines as it takes; only the first carries the style, so that it counts as one."""
    margin = " " * min(indent, max(0, width - 1))
    lines = wrap(text, width - len(margin))
    return tuple(note(f"{key}/{part}", margin + line, style if not part else "text") for part, line in enumerate(lines))


def told(facets: Iterable[Facet[Any]], now: float, width: int) -> tuple[Row, ...]:
    """How the sources of a page are, in full; nothing while they are fresh."""
    return tuple(
        line for row in notes(facets, now) for line in said(row.key, row.cells[0].text, width, row.cells[0].style)
    )


def _glyph(state: State | None) -> Cell:
    return Cell("", "muted") if state is None else Cell(state_glyph(state), state_name(state))


def badge(state: State, text: str) -> Cell:
    """A page's state in a few words."""
    return Cell(f"{state_glyph(state)} {text}", state_name(state))


def joined(*parts: str) -> str:
    """What there is of the parts, in one line."""
    return f" {UNICODE.dot} ".join(part for part in parts if part)


def moment_ago(at: float | None, now: float) -> str:
    """A moment and how long ago it was; empty for None."""
    return f"{words.moment(at)}, {words.since(at, now)} ago" if at is not None else ""


# What a page is about


def instance_of(view: View, thing: Thing) -> InstanceSnapshot | None:
    """The instance a thing belongs to; None before the first data, and when the fleet has it no more."""
    return view.snapshot.instance(thing.instance) if view.snapshot is not None else None


def past_of(view: View, name: str) -> PastDetail | None:
    """What the history tells of an instance, when it was asked about that one."""
    return view.detail if view.detail is not None and view.detail.instance == name else None


def empty_page(view: View, title: str, thing: Thing) -> Pane:
    """A page whose instance is not there."""
    if view.snapshot is None:
        text = f"{UNICODE.unknown} loading: no answer yet"
    else:
        text = f"{UNICODE.unknown} {thing.instance or 'it'} is not in this fleet any more"
    return Pane(title, (Block(FACTS, (note("none", text),)),), Cell(text[:1], "unknown"))


def not_there(facet: Facet[Any], now: float, what: str, width: int) -> tuple[Row, ...]:
    """Why a thing cannot be shown: its source does not answer, or does not tell of it any more."""
    rows = told((facet,), now, width)
    if facet.value is None:
        return rows
    text = f"{UNICODE.unknown} {what} is not among what {facet.source or 'its source'} tells now"
    return (*rows, *said("gone", text, width, "unknown"))


def looked(view: View, query: Query, source: str) -> Facet[Any]:
    """What was asked for with a page: loading until it is answered, and never answered for a snapshot."""
    known = view.looks.get(query)
    if known is None:
        return Facet(source=source, configured=not view.is_snapshot)
    return known if known.source else msgspec.structs.replace(known, source=source)


def look_badge(view: View, facet: Facet[Any]) -> Cell:
    """How that is, in a word, while there is no value."""
    if view.is_snapshot:
        return Cell(f"{UNICODE.unknown} not in a snapshot", "muted")
    return badge_instead(facet, view.now)


def look_notes(view: View, facet: Facet[Any], width: int) -> tuple[Row, ...]:
    """How that is, in full."""
    if view.is_snapshot and facet.state(view.now) is FacetState.ABSENT:
        return said("snapshot", f"{UNICODE.unknown} a snapshot does not hold this: {facet.source}", width, "muted")
    return told((facet,), view.now, width)


# Nodes


def nodes_of(snapshot: Snapshot | None, instance: InstanceSnapshot) -> Facet[tuple[Node, ...]]:
    """The nodes of the instance's Nomad."""
    unknown = Facet[tuple[Node, ...]](source="Nomad nodes", configured=bool(instance.target.nomad_address))
    return unknown if snapshot is None else snapshot.nodes.get(instance.target.nomad_address, unknown)


def node_of(nodes: Iterable[Node], node_id: str, name: str) -> Node | None:
    """The node an allocation is on."""
    return next((each for each in nodes if each.id == node_id or (not node_id and each.name == name)), None)


def node_trouble(node: Node) -> str:
    """Why Nomad places nothing there, in a word; empty while it does."""
    if node.status != "ready":
        return node.status or "unknown"
    return "draining" if node.draining else "" if node.eligible else "ineligible"


def node_state(node: Node) -> State:
    """How a node is."""
    if node.status in ("down", "disconnected"):
        return State.CRITICAL
    return State.WARNING if node_trouble(node) else State.OK
