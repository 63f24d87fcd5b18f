"""Which of a backend's objects stands behind a thing; kinds are those of :data:`harbortui.model.asked.RAW_KINDS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.model.asked import RAW_KINDS
from harbortui.ui.panes.join import current_allocation
from harbortui.ui.panes.leads import leads
from harbortui.ui.things import Thing, thing_of

if TYPE_CHECKING:
    from harbortui.ui.view import View

_SAME = {
    "policy": "policy",
    "endpoint": "registry",
    "gc": "gc-run",
    "gc-log": "gc-run",
    "execution": "execution",
    "task-log": "execution",
    "allocation": "allocation",
    "deployment": "deployment",
    "node": "node",
    "bucket": "bucket",
}
"""Things whose id is the object's."""


def kind_and_id(view: View, thing: Thing) -> tuple[str, str] | None:
    """The kind and id to ask for; None for what no API has."""
    instance = view.snapshot.instance(thing.instance) if view.snapshot is not None else None
    if instance is None:
        return None
    if thing.kind == "raw":
        return (thing.sub, thing.id) if thing.sub in RAW_KINDS else None
    if thing.kind in _SAME:
        return _SAME[thing.kind], "" if thing.kind == "bucket" else thing.id
    if thing.kind == "component":
        current = current_allocation(instance)
        return ("allocation", current.id) if current is not None else ("health", "")
    if thing.kind == "placement":
        placement = instance.placement.value
        return ("evaluation", placement.evaluation_id) if placement is not None and placement.evaluation_id else None
    if thing.kind == "instance":
        return ("job", "") if instance.target.job and instance.target.nomad_address else ("system", "")
    return _behind_finding(view, thing) if thing.kind == "finding" else None


def _behind_finding(view: View, thing: Thing) -> tuple[str, str] | None:
    """The object of the first place to look at."""
    from harbortui.ui.panes.finding import findings_at

    for finding in findings_at(view, thing)[:1]:
        for row in leads(view, finding):
            about = thing_of(row.key)
            if about is not None and (found := kind_and_id(view, about)) is not None:
                return found
    return None
