"""Sources and ages of everything: one row per facet, the fleet's first."""

from __future__ import annotations

from typing import TypeVar

from harbortui.model.facet import Facet, FacetState
from harbortui.model.snapshot import INSTANCE_FACETS, Snapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.facets import failure_words
from harbortui.ui.symbols import UNICODE

T = TypeVar("T")

COLUMNS = (
    Column("State", 9),
    Column("Of", 14, most=28),
    Column("Source", 20, most=36),
    Column("Age", 5, right=True),
    Column("Every", 5, 2, right=True),
    Column("What went wrong", 16, 1, most=200),
)
_LOOKS = {
    FacetState.LOADING: (UNICODE.unknown, "muted"),
    FacetState.FRESH: (UNICODE.ok, "ok"),
    FacetState.STALE: (UNICODE.warning, "warning"),
    FacetState.FAILED: (UNICODE.critical, "critical"),
    FacetState.DENIED: (UNICODE.unknown, "unknown"),
}


def ages_pane(snapshot: Snapshot, now: float, only: str = "") -> Pane:
    """The table; ``only`` names an instance, empty means everything."""
    rows = [_row("vault", "fleet", snapshot.vault, now)]
    rows += [_row(f"nodes/{address}", address, facet, now) for address, facet in snapshot.nodes.items()]
    rows += [_row(f"store/{endpoint}", endpoint, facet, now) for endpoint, facet in snapshot.stores.items()]
    for instance in snapshot.instances:
        if only in ("", instance.name):
            rows += [
                _row(f"{instance.name}/{name}", instance.name, getattr(instance, name), now) for name in INSTANCE_FACETS
            ]
    title = f"Sources and ages of {only}" if only else "Sources and ages"
    return Pane(title, (Block(COLUMNS, tuple(rows)),))


def _row(key: str, owner: str, facet: Facet[T], now: float) -> Row:
    state = facet.state(now)
    glyph, style = _LOOKS[state]
    wrong = failure_words(facet.failure) if facet.failure is not None else "; ".join(facet.lost_rows)
    cells = (
        Cell(f"{glyph} {state.value}", style),
        Cell(owner, "strong"),
        Cell(facet.source or key),
        Cell(words.age(facet.age(now))),
        Cell(_interval(facet.every), "muted"),
        Cell(wrong, "text" if facet.failure is None else style),
    )
    more = (("learned", words.moment(facet.at)), ("last tried", words.moment(facet.tried_at)))
    return Row(key, cells, more=tuple(pair for pair in more if pair[1]))


def _interval(seconds: float) -> str:
    if not seconds:
        return ""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} m"
