"""What is wrong with a job service, in words; pure: an answer and the time in, troubles out, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from harbortui.model.finding import State
from harbortui.model.jobservice import JobQueue, JobService, Worker
from harbortui.ui import words
from harbortui.ui.job_words import ONE_AT_A_TIME, job_words

LONG_SECONDS = 6 * 3600.0
"""A job that has said nothing for so long may be stuck; large collections and first replications do take hours."""
GIVEN_UP_SECONDS = 24 * 3600.0
"""Harbor's reaper takes a job without a sign for so long for failed, and its worker stays taken all the same
(goharbor/harbor src/jobservice, ``max_update_hours``)."""
SLOW_SECONDS = 900
"""Jobs of a kind that may run side by side should not wait so long."""


class Trouble(NamedTuple):
    """One thing that is wrong."""

    key: str
    """The key of the row that it is about."""
    state: State
    brief: str
    """A few words for the badge."""
    text: str


def troubles(service: JobService, now: float) -> tuple[Trouble, ...]:
    """All of them, the worst first."""
    found = (*_pools(service, now), *_workers(service, now), *_queues(service))
    return tuple(sorted(found, key=lambda each: -each.state))


def sign_of_life(worker: Worker) -> float | None:
    """When its job last said something, or began."""
    known = [at for at in (worker.started_at, worker.checked_in_at) if at is not None]
    return max(known) if known else None


def worker_state(worker: Worker, now: float) -> State:
    """Whether its job may be stuck."""
    sign = sign_of_life(worker)
    silent = now - sign if sign is not None and worker.is_busy else 0.0
    if silent >= GIVEN_UP_SECONDS:
        return State.CRITICAL
    return State.WARNING if silent >= LONG_SECONDS else State.OK


def is_slow(queue: JobQueue) -> bool:
    """True when jobs wait longer than they should."""
    return queue.count > 0 and queue.latency >= SLOW_SECONDS and queue.job_type not in ONE_AT_A_TIME


def _pools(service: JobService, now: float) -> Iterator[Trouble]:
    alive = [each for each in service.pools if each.alive]
    if not service.pools:
        text = "no pool: no job service is connected to Redis, so nothing queued is run"
        yield Trouble("", State.CRITICAL, "no pool", text)
    for pool in service.pools:
        if not pool.alive:
            beat = f"last heartbeat {words.since(pool.last_beat, now)} ago" if pool.last_beat else "no heartbeat known"
            rest = "others go on" if alive else "none is left, so nothing queued is run"
            text = f"pool {pool.id} is dead: {beat}, due every 5 s; {rest}"
            state = State.WARNING if alive else State.CRITICAL
            yield Trouble(f"pool/{pool.id}", state, "dead pool", text)
    busy = sum(each.is_busy for each in service.workers)
    waiting = sum(each.count for each in service.queues if not each.paused)
    if alive and service.workers and busy == len(service.workers) and waiting:
        text = f"all {words.plural(busy, 'worker')} are busy and {words.plural(waiting, 'job')} wait"
        yield Trouble("", State.WARNING, "no free worker", text)


def _workers(service: JobService, now: float) -> Iterator[Trouble]:
    waiting = {each.job_type: each.count for each in service.queues}
    for worker in service.workers:
        state, sign = worker_state(worker, now), sign_of_life(worker)
        if state is State.OK or sign is None:
            continue
        behind = waiting.get(worker.job_name, 0)
        held = (
            f"; {words.plural(behind, 'job')} of its kind wait behind it"
            if behind and worker.job_name in ONE_AT_A_TIME
            else ""
        )
        silent = f"a worker runs {job_words(worker.job_name)} and has said nothing for {words.since(sign, now)}"
        if state is State.CRITICAL:
            text = f"{silent}: stuck by Harbor's own limit, 24 h; its worker stays taken{held}"
            yield Trouble(f"worker/{worker.id}", state, "stuck worker", text)
        else:
            yield Trouble(f"worker/{worker.id}", state, "silent worker", f"{silent}: it may be stuck{held}")


def _queues(service: JobService) -> Iterator[Trouble]:
    for queue in service.queues:
        key = f"queue/{queue.job_type}"
        if queue.paused:
            waits = f"; {words.plural(queue.count, 'job')} wait" if queue.count else ""
            what = "nothing starts by its schedule" if queue.job_type == "SCHEDULER" else "no such job is started"
            text = f"the queue {queue.job_type} is paused: {what}{waits}"
            yield Trouble(key, State.WARNING, "paused queue", text)
        elif is_slow(queue):
            text = f"{words.plural(queue.count, 'job')} of {queue.job_type} wait, the oldest {words.age(queue.latency)}"
            yield Trouble(key, State.WARNING, "slow queue", text)
