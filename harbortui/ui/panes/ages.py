"""Sources and ages of everything: one row per facet, the fleet's first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from harbortui.model.facet import Facet, FacetState
from harbortui.model.finding import Verdict
from harbortui.model.snapshot import INSTANCE_FACETS, ON_DEMAND, Snapshot
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.facets import failure_words
from harbortui.ui.header import NOT_VISIBLE
from harbortui.ui.panes.pages import detail_columns, wrapped
from harbortui.ui.symbols import UNICODE

COLUMNS = (
    Column("State", 9),
    Column("Source", 30, most=36),
    Column("Of", 12, 1, most=28),
    Column("Age", 5, right=True),
    Column("Every", 5, 3, right=True),
    Column("What went wrong", 15, 2, most=200),
)
_LOOKS = {
    FacetState.LOADING: (UNICODE.unknown, "muted"),
    FacetState.FRESH: (UNICODE.ok, "ok"),
    FacetState.STALE: (UNICODE.warning, "warning"),
    FacetState.FAILED: (UNICODE.critical, "critical"),
    FacetState.DENIED: (UNICODE.unknown, "unknown"),
    FacetState.ABSENT: (" ", "muted"),
}
_ORDER = (
    FacetState.FAILED,
    FacetState.DENIED,
    FacetState.STALE,
    FacetState.LOADING,
    FacetState.FRESH,
    FacetState.ABSENT,
)


def ages_pane(snapshot: Snapshot, verdict: Verdict | None, now: float, width: int, only: str = "") -> Pane:
    """The verdict in full, then every source, those that give trouble first; ``only`` names an instance."""
    shared: list[tuple[str, str, Facet[Any]]] = [("vault", "fleet", snapshot.vault)]
    shared += [(f"nodes/{address}", address, facet) for address, facet in snapshot.nodes.items()]
    shared += [(f"store/{endpoint}", endpoint, facet) for endpoint, facet in snapshot.stores.items()]
    instances = [each for each in snapshot.instances if only in ("", each.name)]
    own = [(f"{each.name}/{key}", each.name, getattr(each, key)) for each in instances for key in INSTANCE_FACETS]
    asked_for = [(f"{each.name}/{key}", each.name, getattr(each, key)) for each in instances for key in ON_DEMAND]
    own += [each for each in asked_for if each[2].at is not None]
    found = sorted([*shared, *own], key=lambda each: _ORDER.index(each[2].state(now)))
    rows = tuple(_row(*each, now) for each in found)
    counts = Counter(each[2].state(now) for each in found)
    text = f" {UNICODE.dot} ".join(f"{counts[state]} {state.value}" for state in _ORDER if counts[state])
    title = f"Sources and ages of {only}" if only else "Sources and ages"
    blocks = [Block(COLUMNS, rows)]
    if verdict is not None:
        told = wrapped((each for each in _told(snapshot, verdict, only) if each[1]), width)
        blocks.insert(0, Block(detail_columns(width), told, "Verdict"))
    return Pane(title, tuple(blocks), Cell(text, _LOOKS[found[0][2].state(now)][1]))


def _told(snapshot: Snapshot, verdict: Verdict, only: str) -> Iterator[tuple[str, str]]:
    if not only:
        yield "verdict", verdict.sentence
    for each in verdict.instances:
        if only in ("", each.name) and (only or each.state):
            yield each.name, f"{each.state.word}: {each.sentence}"
            if NOT_VISIBLE not in each.sentence:
                yield from (("  not visible", text) for text in each.not_visible)
    for finding in verdict.findings if only else ():
        if finding.instance == only:
            yield finding.state.word if finding.state else "note", finding.title
            yield from (("", line) for line in finding.evidence)
    instance = snapshot.instance(only)
    if instance is not None:
        target = instance.target
        yield "url", target.url
        yield "job", f"{target.job} in {target.namespace}, {target.nomad_address}" if target.job else ""
        yield "bucket", f"{target.bucket}, {target.store_endpoint}" if target.bucket else ""


def _row(key: str, owner: str, facet: Facet[Any], now: float) -> Row:
    state = facet.state(now)
    glyph, style = _LOOKS[state]
    wrong = failure_words(facet.failure) if facet.failure is not None else "; ".join(facet.lost_rows)
    cells = (
        Cell(f"{glyph} {state.value}", style),
        Cell(facet.source or key, "strong"),
        Cell(owner),
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
