"""Any object as its API tells it, masked."""

from __future__ import annotations

from functools import lru_cache

from harbortui.model.asked import Query, RawObject, Topic
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.fit import wrap
from harbortui.ui.panes.parts import look_badge, look_notes, looked, said
from harbortui.ui.symbols import UNICODE
from harbortui.ui.things import Thing
from harbortui.ui.view import View

DEEPER = 4
"""Cells that the rest of a long line stands right of its beginning."""

_NOMAD = ("job", "allocation", "deployment", "node", "evaluation")
_API = {**dict.fromkeys(_NOMAD, "Nomad"), "bucket": "S3"}
"""Who tells of the kinds of which it is not Harbor."""


def query(thing: Thing) -> Query:
    """What brings the object; ``sub`` is its kind."""
    return Query(topic=Topic.RAW, instance=thing.instance, sub=thing.sub, id=thing.id)


def looks(thing: Thing) -> tuple[Query, ...]:
    """What is asked for while the page is open."""
    return (query(thing),)


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"raw {thing.sub}"


def page(view: View, thing: Thing, width: int) -> Pane:
    """One object; secrets are masked before they reach this process."""
    facet = looked(view, query(thing), f"{_API.get(thing.sub, 'Harbor')} {thing.sub}")
    rows = [*look_notes(view, facet, width)]
    raw: RawObject | None = facet.value
    columns = (Column("", max(1, width)),)
    if raw is None:
        title = " ".join(each for each in (thing.sub, thing.id) if each)
        return Pane(title, (Block(columns, tuple(rows)),), look_badge(view, facet), prose=True)
    masked = f"{words.plural(raw.masked, 'value')} masked" if raw.masked else "nothing masked by its name"
    rows += said("source", f"{raw.source} {UNICODE.dot} {masked}", width, "muted")
    if raw.cut:
        rows += said(
            "cut", f"{UNICODE.warning} it is longer: only the first {len(raw.lines)} lines are here", width, "warning"
        )
    block = Block(columns, (*rows, *raw_rows(raw.lines, width)))
    return Pane(raw.title, (block,), Cell(words.plural(len(raw.lines), "line"), "muted"), prose=True)


@lru_cache(maxsize=4)
def raw_rows(lines: tuple[str, ...], width: int) -> tuple[Row, ...]:
    """The lines wrapped; what is wrapped stands deeper than the line it belongs to."""
    rows = []
    for number, line in enumerate(lines):
        body = line.lstrip(" ")
        indent = min(len(line) - len(body), width // 2)
        parts = wrap(body, max(1, width - indent - DEEPER)) if len(line) > width else [body]
        for part, text in enumerate(parts):
            margin = " " * (indent + (DEEPER if part else 0))
            rows.append(Row(f"{number}/{part}", (Cell(margin + text),)))
    return tuple(rows)
