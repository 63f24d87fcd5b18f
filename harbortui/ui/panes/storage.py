"""Pane 3: the bucket, its store, what is in it, what Harbor refers to, garbage collection; each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harbortui.model.facet import Facet, FacetState
from harbortui.model.finding import State
from harbortui.model.harbor import GcRun
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.model.storage import StoreHealth
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Pane, Row
from harbortui.ui.cron_words import cron_words
from harbortui.ui.facets import failure_words, instead, notes
from harbortui.ui.panes.fact import COLUMNS, fact
from harbortui.ui.panes.older import bucket_around, collections_of, growth_rows
from harbortui.ui.panes.project_usage import projects_block
from harbortui.ui.panes.usage import bucket_words, usage_rows
from harbortui.ui.symbols import UNICODE, state_glyph, state_name

if TYPE_CHECKING:
    from harbortui.engine.messages import CountState, SumState
    from harbortui.model.history import PastGc
    from harbortui.model.past import PastDetail

GC_STATES = {"Success": State.OK, "Error": State.CRITICAL, "Running": State.OK, "Stopped": State.WARNING}
_GC_WORDS = {"Success": "ok"}
MAX_GC_ROWS = 10


def storage_pane(
    snapshot: Snapshot,
    instance: InstanceSnapshot,
    now: float,
    counting: CountState | None = None,
    past: PastDetail | None = None,
    sums: Mapping[tuple[str, str], SumState] | None = None,
) -> Pane:
    """One fact per row; ``counting`` is how a count of the bucket is, ``past`` what the history tells.

    With ``sums``, how sums of projects' repositories are, the projects stand below.
    """
    rows = [*notes((instance.quotas, instance.gc_runs, instance.gc_schedule), now)]
    rows += [_bucket(instance, now)]
    rows += [_store(snapshot, instance, now)] if instance.target.store_endpoint else []
    rows += usage_rows(instance, now, counting)
    rows += [*growth_rows(past, now), *_collections(instance, now, collections_of(past))]
    state = State.OK if instance.bucket.state(now) is FacetState.FRESH else State.UNKNOWN
    badge = (
        instead(instance.bucket, now) if instance.bucket.value is None else Cell(bucket_words(instance, now), "muted")
    )
    if instance.bucket.state(now) is FacetState.FAILED:
        state = State.CRITICAL
    style = state_name(state) if badge.style == "muted" and instance.bucket.value is not None else badge.style
    blocks = [Block(COLUMNS, tuple(rows)), *([] if sums is None else projects_block(instance, now, sums))]
    return Pane("Storage", tuple(blocks), Cell(f"{state_glyph(state)} {badge.text}", style))


def _bucket(instance: InstanceSnapshot, now: float) -> Row:
    facet, target = instance.bucket, instance.target
    name = target.bucket
    source, age = facet.source, words.age(facet.age(now))
    where = {"endpoint": target.store_endpoint, "prefix": target.prefix}
    if facet.failure is not None:
        state = State.UNKNOWN if facet.state(now) in (FacetState.DENIED, FacetState.STALE) else State.CRITICAL
        text = f"{name} {UNICODE.dot} {failure_words(facet.failure)}"
        return fact("bucket", state, "Bucket", Cell(text, state_name(state)), source, age, **where)
    if facet.state(now) is FacetState.ABSENT:
        return fact("bucket", None, "Bucket", Cell("not configured", "muted"))
    if facet.value is None:
        return fact("bucket", State.UNKNOWN, "Bucket", Cell(f"{name} {UNICODE.dot} loading", "muted"), source)
    stale = facet.state(now) is FacetState.STALE
    provider = f" {UNICODE.dot} {facet.value.provider}" if facet.value.provider else ""
    value = Cell(f"{name} {UNICODE.dot} reachable{provider}", "muted" if stale else "text")
    return fact("bucket", State.UNKNOWN if stale else State.OK, "Bucket", value, source, age, **where)


def _store(snapshot: Snapshot, instance: InstanceSnapshot, now: float) -> Row:
    endpoint = instance.target.store_endpoint
    facet = snapshot.stores.get(endpoint, Facet[StoreHealth](source="object store health"))
    if facet.value is None:
        if facet.failure is None:
            return fact("store", State.UNKNOWN, "Object store", Cell("loading", "muted"), facet.source)
        state = State.UNKNOWN if facet.state(now) is FacetState.DENIED else State.CRITICAL
        value = Cell(failure_words(facet.failure), state_name(state))
        return fact("store", state, "Object store", value, facet.source, endpoint=endpoint)
    health = facet.value
    state = State.CRITICAL if health.live is False or health.ready is False else State.OK
    facts = [_yes(health.live, "live"), _yes(health.ready, "ready"), health.detail]
    if facet.state(now) is FacetState.STALE:
        state = State.UNKNOWN
        was = [fact for fact in facts if fact]
        why = failure_words(facet.failure) if facet.failure is not None else "overdue"
        facts = [why, f"was {', '.join(was)}" if was else ""]
    if health.live is None and health.ready is None:
        state = max(state, State.UNKNOWN)
        facts.insert(0, "does not tell")
    text = f" {UNICODE.dot} ".join(fact for fact in (health.provider, *facts) if fact)
    style = "text" if state is State.OK else state_name(state)
    return fact(
        "store", state, "Object store", Cell(text, style), facet.source, words.age(facet.age(now)), endpoint=endpoint
    )


def _yes(value: bool | None, word: str) -> str:
    return "" if value is None else word if value else f"not {word}"


def _collections(instance: InstanceSnapshot, now: float, past: dict[int, PastGc]) -> list[Row]:
    rows = []
    runs, schedule = instance.gc_runs, instance.gc_schedule
    if runs.value is None:
        rows.append(fact("gc", None, "Last GC", instead(runs, now), runs.source))
    elif not runs.value:
        rows.append(fact("gc", None, "Last GC", Cell("never", "muted"), runs.source, words.age(runs.age(now))))
    else:
        newest = sorted(runs.value, key=lambda run: -(run.start_time or 0.0))[:MAX_GC_ROWS]
        last = next((run.id for run in newest if not run.dry_run), None)
        rows += [_gc_row(run, _gc_name(run, last), runs.source, now, past.get(run.id)) for run in newest]
    if schedule.value is None:
        following = fact("gc-next", None, "Next GC", instead(schedule, now), schedule.source)
    elif not schedule.value.scheduled:
        following = fact("gc-next", State.WARNING, "Next GC", Cell("not scheduled", "warning"), schedule.source)
    else:
        soon = words.until(schedule.value.next_time, now)
        said = cron_words(schedule.value.cron) or schedule.value.type.lower()
        text = said + (f" {UNICODE.dot} {soon}" if soon else "")
        age = words.age(schedule.age(now))
        at = words.moment(schedule.value.next_time)
        following = fact("gc-next", None, "Next GC", Cell(text), schedule.source, age, at=at, cron=schedule.value.cron)
    return [following, *rows]


def _gc_name(run: GcRun, last: int | None) -> str:
    if run.dry_run:
        return "GC dry run"
    return "Last GC" if run.id == last else "Earlier GC"


def _gc_row(run: GcRun, name: str, source: str, now: float, past: PastGc | None = None) -> Row:
    state = GC_STATES.get(run.status, State.UNKNOWN)
    facts = [_GC_WORDS.get(run.status, run.status.lower())]
    took = ""
    if run.start_time is not None and run.end_time is not None:
        took = words.roughly(run.end_time - run.start_time)
    if run.freed_bytes is not None:
        would = "would free " if run.dry_run else "freed "
        facts.append(f"{would}{words.size(run.freed_bytes)}" + (f" in {took}" if took else ""))
    elif took:
        facts.append(f"took {took}")
    facts.append(bucket_around(past))
    text = f" {UNICODE.dot} ".join(fact for fact in facts if fact)
    style = "text" if state is State.OK else state_name(state)
    blobs = "" if run.purged_blobs is None else str(run.purged_blobs)
    return fact(
        f"gc/{run.id}",
        state,
        name,
        Cell(text, style),
        source,
        words.since(run.start_time, now),
        run=str(run.id),
        started=words.moment(run.start_time),
        kind=run.kind.lower(),
        purged_blobs=blobs,
    )
