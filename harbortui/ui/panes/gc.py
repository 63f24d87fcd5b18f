"""A garbage collection's page: what it was asked, what it freed, what the bucket held around it, its log."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.model.facet import Facet
from harbortui.model.finding import State
from harbortui.model.harbor import GcRun, GcSchedule
from harbortui.model.past import PastDetail
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Pane, Row
from harbortui.ui.facets import instead, is_old
from harbortui.ui.panes.older import bucket_around, collections_of
from harbortui.ui.panes.parts import (
    FACTS,
    NOT_KNOWN,
    badge,
    empty_page,
    fact,
    facts,
    instance_of,
    joined,
    link,
    moment_ago,
    not_there,
    past_of,
    told,
)
from harbortui.ui.panes.related import findings_block
from harbortui.ui.panes.storage import GC_STATES
from harbortui.ui.things import Thing
from harbortui.ui.view import View


def page(view: View, thing: Thing, width: int) -> Pane:
    """One garbage collection."""
    instance = instance_of(view, thing)
    if instance is None:
        return empty_page(view, "Garbage collection", thing)
    facet, now, title = instance.gc_runs, view.now, f"Garbage collection {thing.id}"
    run = next((each for each in facet.value or () if str(each.id) == thing.id), None)
    log = link(Thing("gc-log", thing.instance, thing.id), "Log", "what it wrote")
    if run is None:
        rows = (*not_there(facet, now, f"garbage collection {thing.id}", width), log)
        return Pane(title, (Block(FACTS, rows),), NOT_KNOWN)
    storage = link(Thing("bucket", thing.instance), "Storage", "the bucket and all collections")
    past = past_of(view, thing.instance)
    rows = (*told((facet,), now, width), *_facts(run, past, now), log, _next(instance.gc_schedule, now), storage)
    state = State.UNKNOWN if is_old(facet, now) else GC_STATES.get(run.status, State.UNKNOWN)
    blocks = (Block(FACTS, rows), *findings_block(view, thing.instance, "garbage collection"))
    return Pane(title, blocks, badge(state, run.status.lower() + (", dry run" if run.dry_run else "")))


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return f"gc {thing.id}"


def _next(schedule: Facet[GcSchedule], now: float) -> Row:
    if schedule.value is None:
        cell = instead(schedule, now)
    elif schedule.value.scheduled:
        when = f"{schedule.value.type} {schedule.value.cron}".strip()
        cell = Cell(joined(when, words.until(schedule.value.next_time, now)))
    else:
        cell = Cell("not scheduled", "warning")
    return fact("next", "Next", cell.text, cell.style)


def _facts(run: GcRun, past: PastDetail | None, now: float) -> Iterator[Row]:
    style = {"Error": "critical", "Stopped": "warning"}.get(run.status, "text")
    waits = " (Harbor says so while it waits in the queue, too)" if run.status == "Running" else ""
    yield fact("status", "Status", f"{run.status.lower()}{waits}", style)
    asked = (
        "dry run: nothing is deleted" if run.dry_run else "",
        "untagged artifacts too" if run.delete_untagged else "untagged artifacts stay",
        words.plural(run.workers, "worker") if run.workers else "",
    )
    took = (
        words.duration(run.end_time - run.start_time) if run.end_time is not None and run.start_time is not None else ""
    )
    would = "would free" if run.dry_run else "freed"
    freed = f"{would} {words.size(run.freed_bytes)}" if run.freed_bytes is not None else ""
    blobs = f"{run.purged_blobs} blobs" if run.purged_blobs is not None else ""
    manifests = f"{run.purged_manifests} manifests" if run.purged_manifests is not None else ""
    yield from facts(
        ("freed", "Result", joined(freed, blobs, manifests)),
        ("bucket", "Bucket", bucket_around(collections_of(past).get(run.id)).removeprefix("bucket ")),
        ("asked", "Asked for", joined(*asked)),
        (
            "kind",
            "Begun by",
            {"SCHEDULE": "its schedule", "MANUAL": "a person or a token"}.get(run.kind, run.kind.lower()),
        ),
        ("start", "Started", moment_ago(run.start_time, now)),
        ("took", "Took", "" if run.status == "Running" else took),
    )
