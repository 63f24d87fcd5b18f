"""Pane 3: the bucket, its store, what is in it, what Harbor refers to, garbage collection; each with its source."""

from __future__ import annotations

from harbortui.model.facet import Facet, FacetState
from harbortui.model.finding import State
from harbortui.model.harbor import GcRun
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.model.storage import BucketState, StoreHealth
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.facets import failure_words, instead, notes
from harbortui.ui.symbols import UNICODE, state_glyph, state_name

COLUMNS = (
    Column("", 1),
    Column("What", 13),
    Column("Value", 24, most=90),
    Column("Source", 14, 2, most=28),
    Column("Age", 5, 1, right=True),
)
GC_STATES = {"Success": State.OK, "Error": State.CRITICAL, "Running": State.OK, "Stopped": State.WARNING}
_GC_WORDS = {"Success": "ok"}
MAX_GC_ROWS = 10


def storage_pane(snapshot: Snapshot, instance: InstanceSnapshot, now: float) -> Pane:
    """One fact per row."""
    rows = [*notes((instance.quotas, instance.gc_runs, instance.gc_schedule), now)]
    rows += [_bucket(instance, now)]
    rows += [_store(snapshot, instance, now)] if instance.target.store_endpoint else []
    rows += _usage(instance, now)
    rows += [_referenced(instance, now), *_collections(instance, now)]
    state = State.OK if instance.bucket.state(now) is FacetState.FRESH else State.UNKNOWN
    badge = (
        instead(instance.bucket, now) if instance.bucket.value is None else Cell(_size(instance.bucket.value), "muted")
    )
    if instance.bucket.state(now) is FacetState.FAILED:
        state = State.CRITICAL
    style = state_name(state) if badge.style == "muted" and instance.bucket.value is not None else badge.style
    return Pane("Storage", (Block(COLUMNS, tuple(rows)),), Cell(f"{state_glyph(state)} {badge.text}", style))


def _size(bucket: BucketState) -> str:
    return words.size(bucket.usage.bytes) if bucket.usage is not None else "reachable"


def _row(key: str, state: State | None, name: str, value: Cell, source: str = "", age: str = "", **more: str) -> Row:
    glyph = Cell("", "muted") if state is None else Cell(state_glyph(state), state_name(state))
    cells = (glyph, Cell(name, "strong"), value, Cell(source, "muted"), Cell(age, "muted"))
    return Row(key, cells, more=tuple((name.replace("_", " "), text) for name, text in more.items() if text))


def _bucket(instance: InstanceSnapshot, now: float) -> Row:
    facet, target = instance.bucket, instance.target
    name = target.bucket
    source, age = facet.source, words.age(facet.age(now))
    where = {"endpoint": target.store_endpoint, "prefix": target.prefix}
    if facet.failure is not None:
        state = State.UNKNOWN if facet.state(now) in (FacetState.DENIED, FacetState.STALE) else State.CRITICAL
        text = f"{name} {UNICODE.dot} {failure_words(facet.failure)}"
        return _row("bucket", state, "Bucket", Cell(text, state_name(state)), source, age, **where)
    if facet.state(now) is FacetState.ABSENT:
        return _row("bucket", None, "Bucket", Cell("not configured", "muted"))
    if facet.value is None:
        return _row("bucket", State.UNKNOWN, "Bucket", Cell(f"{name} {UNICODE.dot} loading", "muted"), source)
    stale = facet.state(now) is FacetState.STALE
    provider = f" {UNICODE.dot} {facet.value.provider}" if facet.value.provider else ""
    value = Cell(f"{name} {UNICODE.dot} reachable{provider}", "muted" if stale else "text")
    return _row("bucket", State.UNKNOWN if stale else State.OK, "Bucket", value, source, age, **where)


def _store(snapshot: Snapshot, instance: InstanceSnapshot, now: float) -> Row:
    endpoint = instance.target.store_endpoint
    facet = snapshot.stores.get(endpoint, Facet[StoreHealth](source="object store health"))
    if facet.value is None:
        if facet.failure is None:
            return _row("store", State.UNKNOWN, "Object store", Cell("loading", "muted"), facet.source)
        state = State.UNKNOWN if facet.state(now) is FacetState.DENIED else State.CRITICAL
        value = Cell(failure_words(facet.failure), state_name(state))
        return _row("store", state, "Object store", value, facet.source, endpoint=endpoint)
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
    return _row(
        "store", state, "Object store", Cell(text, style), facet.source, words.age(facet.age(now)), endpoint=endpoint
    )


def _yes(value: bool | None, word: str) -> str:
    return "" if value is None else word if value else f"not {word}"


def _usage(instance: InstanceSnapshot, now: float) -> list[Row]:
    bucket = instance.bucket.value
    if bucket is None:
        return []
    usage = bucket.usage
    if usage is None:
        text = bucket.usage_note or "not told by the server; counting takes a listing"
        return [_row("usage", None, "In the bucket", Cell(text, "muted"), instance.bucket.source)]
    objects = f" {UNICODE.dot} {words.number(usage.objects)} objects" if usage.objects is not None else ""
    age = words.since(usage.measured_at if usage.measured_at is not None else instance.bucket.at, now)
    value = Cell(f"{words.size(usage.bytes)}{objects}", "text")
    rows = [_row("usage", None, "In the bucket", value, usage.source, age, includes=usage.includes)]
    if usage.quota_bytes:
        share = usage.bytes / usage.quota_bytes
        style = "critical" if share >= 0.95 else "warning" if share >= 0.8 else "text"
        text = f"{words.size(usage.quota_bytes)} {UNICODE.dot} {words.percent(usage.bytes, usage.quota_bytes)} used"
        rows.append(_row("quota", None, "Bucket quota", Cell(text, style), usage.source, age))
    return rows


def _referenced(instance: InstanceSnapshot, now: float) -> Row:
    facet = instance.quotas
    if facet.value is None:
        return _row("referenced", None, "Harbor refers", instead(facet, now), facet.source)
    total = sum(quota.used for quota in facet.value)
    text = f"{words.size(total)} {UNICODE.dot} {words.plural(len(facet.value), 'project')}"
    meaning = "sum over projects; a blob that several projects share counts in each of them"
    projects = ", ".join(f"{each.project} {words.size(each.used)}" for each in facet.value)
    return _row(
        "referenced",
        None,
        "Harbor refers",
        Cell(text),
        facet.source,
        words.age(facet.age(now)),
        meaning=meaning,
        projects=projects,
    )


def _collections(instance: InstanceSnapshot, now: float) -> list[Row]:
    rows = []
    runs, schedule = instance.gc_runs, instance.gc_schedule
    if runs.value is None:
        rows.append(_row("gc", None, "Last GC", instead(runs, now), runs.source))
    elif not runs.value:
        rows.append(_row("gc", None, "Last GC", Cell("never", "muted"), runs.source, words.age(runs.age(now))))
    else:
        newest = sorted(runs.value, key=lambda run: -(run.start_time or 0.0))[:MAX_GC_ROWS]
        last = next((run.id for run in newest if not run.dry_run), None)
        rows += [_gc_row(run, _gc_name(run, last), runs.source, now) for run in newest]
    if schedule.value is None:
        following = _row("gc-next", None, "Next GC", instead(schedule, now), schedule.source)
    elif not schedule.value.scheduled:
        following = _row("gc-next", State.WARNING, "Next GC", Cell("not scheduled", "warning"), schedule.source)
    else:
        soon = words.until(schedule.value.next_time, now)
        text = f"{schedule.value.type} {schedule.value.cron}" + (f" {UNICODE.dot} {soon}" if soon else "")
        age = words.age(schedule.age(now))
        at = words.moment(schedule.value.next_time)
        following = _row("gc-next", None, "Next GC", Cell(text), schedule.source, age, at=at)
    return [following, *rows]


def _gc_name(run: GcRun, last: int | None) -> str:
    if run.dry_run:
        return "GC dry run"
    return "Last GC" if run.id == last else "Earlier GC"


def _gc_row(run: GcRun, name: str, source: str, now: float) -> Row:
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
    text = f" {UNICODE.dot} ".join(fact for fact in facts if fact)
    style = "text" if state is State.OK else state_name(state)
    blobs = "" if run.purged_blobs is None else str(run.purged_blobs)
    return _row(
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
