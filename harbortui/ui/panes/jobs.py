"""Screen 6: the job service of one instance: pools, workers, queues, and what runs by schedule."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harbortui.diagnose.cron import next_time
from harbortui.model.asked import Query, Topic
from harbortui.model.facet import FacetState
from harbortui.model.finding import State
from harbortui.model.jobservice import JobQueue, JobService, ScheduledJob, Worker, WorkerPool
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Ranked, Row
from harbortui.ui.cron_words import cron_words
from harbortui.ui.job_words import job_words
from harbortui.ui.modes import ListPage
from harbortui.ui.panes.asked_for import answer, beside, nothing_yet, sentences
from harbortui.ui.panes.job_troubles import Trouble, is_slow, sign_of_life, troubles, worker_state
from harbortui.ui.symbols import UNICODE, state_glyph, state_name

if TYPE_CHECKING:
    from harbortui.ui.view import View

TITLE = "Jobs"
POOLS = (
    Column("", 1),
    Column("Pool", 20, most=40),
    Column("State", 8, most=40),
    Column("Workers", 13, 1, most=18),
    Column("Up", 5, 2, right=True),
    Column("Process", 8, 4, right=True),
)
WORKERS = (
    Column("", 1),
    Column("Job", 20, most=36),
    Column("Runs", 8, right=True),
    Column("Silent", 6, 1, right=True),
    Column("Check-in", 16, 3, most=80),
    Column("Id", 12, 4, most=26),
    Column("Pool", 10, 5, most=26),
)
QUEUES = (
    Column("", 1),
    Column("Queue", 20, most=36),
    Column("State", 8),
    Column("Wait", 6, right=True),
    Column("Oldest", 8, right=True),
    Column("Type", 18, 3, most=28),
)
SCHEDULES = (
    Column("", 1),
    Column("Scheduled", 20, most=60),
    Column("When", 24, most=44),
    Column("Next", 7, right=True),
    Column("At", 20, 3, most=26),
    Column("Cron", 14, 4, most=24),
)


def _query(view: View) -> Query:
    return Query(topic=Topic.JOB_SERVICE, instance=view.instance)


def looks(view: View) -> tuple[Query, ...]:
    """The job service of the instance looked at."""
    return (_query(view),) if view.instance else ()


def page(view: View, width: int) -> Pane:
    """Troubles in words, then what there is."""
    facet = answer(view, _query(view))
    service: JobService | None = facet.value if facet is not None else None
    if facet is None or service is None:
        return nothing_yet(view, facet, TITLE, "the job service", width)
    found = troubles(service, view.now)
    stale = facet.state(view.now) is FacetState.STALE
    told = ((f"{state_glyph(each.state)} {each.text}", state_name(each.state)) for each in found)
    above = (*beside(view, facet, width), *sentences("trouble", told, width))
    hurt = {each.key: each.state for each in found}
    blocks = (
        _pools(service, hurt, view.now, above),
        _workers(service, view.now),
        _queues(service),
        _schedules(view, service),
    )
    return Pane(TITLE, tuple(each for each in blocks if each.rows), _badge(service, found, stale=stale))


def raw_of(view: View, row: Row) -> Query | None:
    """The policy behind a scheduled replication; Harbor's dashboard has no object of its own for the rest."""
    facet = answer(view, _query(view))
    if facet is None or facet.value is None:
        return None
    for each in facet.value.schedules:
        if row.key == f"schedule/{each.id}" and each.vendor_type == "REPLICATION" and each.vendor_id > 0:
            return Query(topic=Topic.RAW, instance=view.instance, sub="policy", id=str(each.vendor_id))
    return None


def _badge(service: JobService, found: tuple[Trouble, ...], *, stale: bool) -> Cell:
    if stale:
        return Cell(f"{UNICODE.unknown} stale", "unknown")
    if found:
        worst = found[0]
        more = f" {UNICODE.dot} {len(found) - 1} more" if len(found) > 1 else ""
        return Cell(f"{state_glyph(worst.state)} {worst.brief}{more}", state_name(worst.state))
    busy = sum(each.is_busy for each in service.workers)
    waiting = sum(each.count for each in service.queues)
    return Cell(f"{UNICODE.ok} {busy} of {len(service.workers)} busy {UNICODE.dot} {waiting} waiting", "ok")


def _glyph(state: State) -> Cell:
    return Cell(state_glyph(state), state_name(state))


def _more(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in pairs if pair[1])


def _pools(service: JobService, hurt: dict[str, State], now: float, above: tuple[Row, ...]) -> Block:
    busy = Counter(each.pool_id for each in service.workers if each.is_busy)
    pools = sorted(service.pools, key=lambda each: (each.alive, each.id))
    rows = (_pool(each, hurt.get(f"pool/{each.id}", State.OK), busy[each.id], now) for each in pools)
    return Block(POOLS, (*above, *rows), f"Pools ({len(pools)})")


def _pool(pool: WorkerPool, state: State, busy: int, now: float) -> Row:
    said = "beats" if pool.alive else "dead"
    if pool.last_beat is not None:
        said = f"dead, beat {words.since(pool.last_beat, now)} ago"
    style = state_name(state)
    cells = (
        _glyph(state),
        Cell(pool.id, "strong"),
        Cell(said, "text" if pool.alive else style),
        Ranked(f"{busy} of {pool.concurrency} busy", rank=busy),
        Cell(words.since(pool.started_at, now), "muted"),
        Cell(str(pool.pid or ""), "muted"),
    )
    more = _more(("started", words.moment(pool.started_at)), ("last heartbeat", words.moment(pool.last_beat)))
    return Row(f"pool/{pool.id}", cells, more=more)


def _workers(service: JobService, now: float) -> Block:
    """Busy ones, the most silent first; those without a job are one row for each pool."""
    busy = sorted((each for each in service.workers if each.is_busy), key=lambda each: (_began(each), each.id))
    idle = Counter(each.pool_id for each in service.workers if not each.is_busy)
    rows = [_worker(each, now) for each in busy]
    for pool, count in sorted(idle.items()):
        text = f"{words.plural(count, 'worker')} idle"
        cells = (Cell(UNICODE.dot, "muted"), Cell(text, "muted"), *(Cell(""),) * 4, Cell(pool, "muted"))
        rows.append(Row(f"idle/{pool}", cells))
    return Block(WORKERS, tuple(rows), f"Workers ({len(service.workers)})")


def _began(worker: Worker) -> float:
    return sign_of_life(worker) or 0.0


def _worker(worker: Worker, now: float) -> Row:
    state, sign = worker_state(worker, now), sign_of_life(worker)
    style = "text" if state is State.OK else state_name(state)
    cells = (
        _glyph(state),
        Cell(job_words(worker.job_name), "strong"),
        _ago(worker.started_at, now, "text"),
        _ago(sign, now, style),
        Cell(worker.check_in, "muted"),
        Cell(worker.job_id, "muted"),
        Cell(worker.pool_id, "muted"),
    )
    more = _more(
        ("type", worker.job_name),
        ("started", words.moment(worker.started_at)),
        ("checked in", words.moment(worker.checked_in_at)),
        ("worker", worker.id),
    )
    return Row(f"worker/{worker.id}", cells, more=more)


def _ago(at: float | None, now: float, style: str) -> Cell:
    return Ranked(words.since(at, now), style, rank=0.0 if at is None else now - at)


def _queues(service: JobService) -> Block:
    """Paused ones first, then those with jobs that wait, the longest wait first."""
    ordered = sorted(service.queues, key=lambda each: (not each.paused, -each.latency, -each.count, each.job_type))
    return Block(QUEUES, tuple(map(_queue, ordered)), f"Queues ({len(ordered)})")


def _queue(queue: JobQueue) -> Row:
    troubled = queue.paused or is_slow(queue)
    glyph = _glyph(State.WARNING) if troubled else Cell(UNICODE.ok, "ok") if queue.count else Cell(UNICODE.dot, "muted")
    oldest = words.roughly(queue.latency) if queue.count else ""
    cells = (
        glyph,
        Cell(job_words(queue.job_type), "strong" if queue.count or queue.paused else "muted"),
        Cell("paused", "warning") if queue.paused else Cell("open", "muted"),
        Ranked(words.number(queue.count) if queue.count else "", rank=queue.count),
        Ranked(oldest, "warning" if is_slow(queue) else "text", rank=queue.latency),
        Cell(queue.job_type, "muted"),
    )
    exact = _more(("jobs that wait", str(queue.count)), ("oldest waits", words.duration(queue.latency)))
    return Row(f"queue/{queue.job_type}", cells, more=exact if queue.count else ())


def _schedules(view: View, service: JobService) -> Block:
    looked_at = view.looked_at
    policies = {each.id: each.name for each in (looked_at.policies.value or ())} if looked_at is not None else {}
    timed = [(next_time(each.cron, view.now), each) for each in service.schedules]
    timed.sort(key=lambda pair: (pair[0] is None, pair[0] or 0.0, pair[1].id))
    paused = service.schedules_paused
    rows = tuple(_schedule(each, soon, policies, view.now, paused=paused) for soon, each in timed)
    return Block(SCHEDULES, rows, f"Schedules ({len(rows)})" + (", paused" if paused else ""))


def _schedule(job: ScheduledJob, soon: float | None, policies: dict[int, str], now: float, *, paused: bool) -> Row:
    name = job_words(job.vendor_type)
    if job.vendor_type == "REPLICATION" and job.vendor_id > 0:
        name = f"{name} {policies.get(job.vendor_id, f'policy {job.vendor_id}')}"
    elif job.vendor_id > 0:
        name = f"{name} {job.vendor_id}"
    after = Cell("paused", "warning") if paused else Ranked(words.until(soon, now), rank=soon or 0.0)
    cells = (
        _glyph(State.WARNING) if paused else Cell(UNICODE.ok, "ok"),
        Cell(name, "strong"),
        Cell(cron_words(job.cron)),
        after,
        Cell("" if soon is None or paused else words.minute(soon), "muted"),
        Cell(job.cron, "muted"),
    )
    more = _more(("type", job.vendor_type), ("changed", words.moment(job.updated)))
    return Row(f"schedule/{job.id}", cells, more=more)


LIST = ListPage(page, looks, raw_of=raw_of)
