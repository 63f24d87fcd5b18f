"""The bucket's page: pane 3 over the whole screen, with the findings about it."""

from __future__ import annotations

from harbortui.ui.cell import Pane, Row
from harbortui.ui.panes.parts import empty_page, instance_of, past_of
from harbortui.ui.panes.related import findings_block
from harbortui.ui.panes.storage import storage_pane
from harbortui.ui.things import Thing, key_of
from harbortui.ui.view import View

ABOUT = ("bucket", "store", "gc")
"""How the names of rules about storage begin."""


def page(view: View, thing: Thing, _width: int) -> Pane:
    """All that is known of an instance's storage."""
    instance = instance_of(view, thing)
    if instance is None or view.snapshot is None:
        return empty_page(view, "Storage", thing)
    counting = view.counts.get(thing.instance)
    pane = storage_pane(view.snapshot, instance, view.now, counting, past_of(view, thing.instance))
    facts = pane.blocks[0]
    rows = tuple(_leading(row, thing.instance) for row in facts.rows)
    target = instance.target
    subjects = (target.bucket, target.store_endpoint, "garbage collection")
    found = findings_block(view, thing.instance, *subjects, rules=ABOUT)
    return Pane(f"Storage of {thing.instance}", (facts._replace(rows=rows), *found, *pane.blocks[1:]), pane.badge)


def crumb(_thing: Thing) -> str:
    """What the header calls it."""
    return "storage"


def _leading(row: Row, instance: str) -> Row:
    """A row of a garbage collection leads to its page."""
    kind, _, number = row.key.partition("/")
    return row._replace(key=key_of(Thing("gc", instance, number))) if kind == "gc" and number else row
