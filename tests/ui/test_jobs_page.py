"""Screen 6 as a pure function: what is wrong comes first, in words."""

from __future__ import annotations

import pytest

from harbortui.model.asked import Query, Topic
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import State
from harbortui.model.jobservice import JobQueue, JobService, Worker, WorkerPool
from harbortui.ui import words
from harbortui.ui.cron_words import cron_words
from harbortui.ui.panes import jobs
from harbortui.ui.panes.job_troubles import troubles
from harbortui.ui.sorting import row_state
from tests.ui.asked import HOUR, POOL, all_text, hurt_job_service, job_service, known, query, texts, view
from tests.ui.samples import NAMES, NOW

JOBS = query(Topic.JOB_SERVICE)


def shown(service: JobService, **more: object) -> str:
    return all_text(jobs.page(view({JOBS: known(Topic.JOB_SERVICE, service, **more)}), 100))  # type: ignore[arg-type]


def test_the_page_asks_for_the_job_service_of_the_instance() -> None:
    assert jobs.looks(view()) == (JOBS,)
    assert jobs.looks(view(instance="")) == ()


def test_a_job_service_that_is_well() -> None:
    pane = jobs.page(view({JOBS: known(Topic.JOB_SERVICE, job_service())}), 100)
    assert pane.badge == ("● 3 of 10 busy · 12 waiting", "ok")
    assert [block.title for block in pane.blocks] == ["Pools (1)", "Workers (10)", "Queues (4)", "Schedules (3)"]
    assert not [row for block in pane.blocks for row in block.rows if row_state(row) not in ("●", "")]
    pools, workers, queues, schedules = ([row.key for row in block.rows] for block in pane.blocks)
    assert pools == [f"pool/{POOL}"]
    assert workers == ["worker/w3", "worker/w1", "worker/w2", f"idle/{POOL}"], "the most silent first"
    assert queues[0] == "queue/REPLICATION" and len(queues) == 4
    assert schedules == ["schedule/3", "schedule/2", "schedule/1"], "the next one comes first"
    text = all_text(pane)
    assert "7 workers idle" in text and "1200 of 4000 blobs" in text
    assert "replication nightly-full" in text, "a policy has a name"
    assert "daily at 03:00 UTC" in text and "in 12 h" in text and "Sundays at 03:00 UTC" in text


def test_what_is_wrong_is_told_in_words_the_worst_first() -> None:
    pane = jobs.page(view({JOBS: known(Topic.JOB_SERVICE, hurt_job_service())}), 200)
    told = [row.cells[0].text for row in pane.blocks[0].rows if row.wide]
    assert told[0].startswith("✖ a worker runs garbage collection and has said nothing for 26 h: stuck")
    assert "2 jobs of its kind wait behind it" in told[0]
    assert all(text.startswith("▲") for text in told[1:]) and len(told) == 5
    rest = "\n".join(told[1:])
    assert "pool 0000dead is dead: last heartbeat 3 m ago" in rest
    assert "the queue SCHEDULER is paused: nothing starts by its schedule; 3 jobs wait" in rest
    assert "tag retention and has said nothing for 7 h: it may be stuck" in rest
    assert "340 jobs of REPLICATION wait, the oldest 30 m" in rest
    assert pane.badge == ("✖ stuck worker · 4 more", "critical")
    rows = {row.key: row for block in pane.blocks for row in block.rows}
    assert row_state(rows["worker/w9"]) == "✖" and row_state(rows["worker/w8"]) == "▲"
    assert row_state(rows["queue/SCHEDULER"]) == "▲" and row_state(rows["schedule/1"]) == "▲"
    assert pane.blocks[3].title == "Schedules (3), paused"
    assert pane.blocks[2].rows[0].key == "queue/SCHEDULER", "what is paused comes first"


def found(**changes: object) -> list[tuple[State, str]]:
    return [(each.state, each.brief) for each in troubles(job_service(**changes), NOW)]


def test_dead_pools() -> None:
    dead = WorkerPool(id="p", alive=False)
    assert found(pools=(dead,), workers=()) == [(State.CRITICAL, "dead pool")]
    assert found(pools=(), workers=()) == [(State.CRITICAL, "no pool")]
    assert found(pools=(dead, WorkerPool(id="q"))) == [(State.WARNING, "dead pool")]
    assert "no heartbeat known" in shown(job_service(pools=(dead,)))


def test_all_workers_busy_matters_only_while_something_waits() -> None:
    busy = tuple(
        Worker(id=f"{n}", pool_id=POOL, job_name="REPLICATION", job_id=f"{n}", started_at=NOW) for n in range(2)
    )
    assert found(workers=busy) == [(State.WARNING, "no free worker")]
    assert found(workers=busy, queues=()) == []
    assert found(workers=busy, queues=(JobQueue(job_type="REPLICATION", count=3, paused=True),)) == [
        (State.WARNING, "paused queue")
    ]


@pytest.mark.parametrize(
    ("started", "checked_in", "state"),
    [
        (5 * HOUR, None, None),
        (7 * HOUR, None, State.WARNING),
        (7 * HOUR, HOUR, None),
        (30 * HOUR, 7 * HOUR, State.WARNING),
        (30 * HOUR, None, State.CRITICAL),
        (-60.0, None, None),
    ],
)
def test_a_worker_is_stuck_by_its_last_sign_of_life(
    started: float, checked_in: float | None, state: State | None
) -> None:
    at = None if checked_in is None else NOW - checked_in
    worker = Worker(
        id="w", pool_id=POOL, job_name="REPLICATION", job_id="j", started_at=NOW - started, checked_in_at=at
    )
    assert [each for each, _ in found(workers=(worker,), queues=())] == ([] if state is None else [state])


def test_a_busy_worker_without_times_is_no_trouble() -> None:
    assert found(workers=(Worker(id="w", pool_id=POOL, job_name="X", job_id="j"),), queues=()) == []
    assert "X" in shown(job_service(workers=(Worker(id="w", pool_id=POOL, job_name="X", job_id="j"),)))


def test_jobs_of_which_one_runs_at_a_time_may_wait() -> None:
    assert found(queues=(JobQueue(job_type="GARBAGE_COLLECTION", count=1, latency=7000),)) == []
    assert found(queues=(JobQueue(job_type="REPLICATION", count=1, latency=899),)) == []
    assert found(queues=(JobQueue(job_type="REPLICATION", count=0, latency=7000),)) == []
    assert found(queues=(JobQueue(job_type="REPLICATION", count=1, latency=900),)) == [(State.WARNING, "slow queue")]


def test_a_stale_answer_is_told_with_its_age_and_reason_and_is_not_calm() -> None:
    failure = Failure(kind=FailureKind.TIMEOUT, detail="no answer within 10 s", at=NOW)
    text = shown(job_service(), age=300.0, failure=failure)
    assert "▲ stale, 5 m old: no answer in time: no answer within 10 s (Harbor /jobservice)" in text
    assert text.startswith("◌ stale")


def test_rows_that_could_not_be_read_are_counted() -> None:
    text = shown(job_service(), lost_rows=("queue 3: count is no number",))
    assert "▲ 1 row unreadable: queue 3: count is no number" in text


def test_times_are_in_the_chosen_zone_and_cron_stays_in_its_own() -> None:
    try:
        words.use_zone("Europe/Berlin")
        text = shown(job_service())
        assert "2025-11-22 04:00 CET" in text and "daily at 03:00 UTC" in text
    finally:
        words.use_zone("UTC")


def test_only_a_scheduled_replication_has_an_object_to_show_raw() -> None:
    it = view({JOBS: known(Topic.JOB_SERVICE, job_service())})
    rows = {row.key: row for block in jobs.page(it, 100).blocks for row in block.rows}
    assert jobs.raw_of(it, rows["schedule/2"]) == Query(topic=Topic.RAW, instance=NAMES[0], sub="policy", id="2")
    assert jobs.raw_of(it, rows["schedule/1"]) is None and jobs.raw_of(it, rows[f"pool/{POOL}"]) is None
    assert jobs.raw_of(view(), rows["schedule/2"]) is None


def test_an_empty_job_service_is_no_calm_one() -> None:
    pane = jobs.page(view({JOBS: known(Topic.JOB_SERVICE, JobService())}), 80)
    assert pane.badge.text.startswith("✖ no pool") and len(texts(pane)) == 1


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 0 3 * * *", "daily at 03:00 UTC"),
        ("0 30 1,13 * * *", "daily at 01:30, 13:30 UTC"),
        ("0 0 0 * * 0", "Sundays at 00:00 UTC"),
        ("0 0 0 * * 7", "Sundays at 00:00 UTC"),
        ("0 5 4 * * mon,FRI", "Mon, Fri at 04:05 UTC"),
        ("0 0 2 1 * ?", "on day 1 of the month at 02:00 UTC"),
        ("0 15 * * * *", "hourly at :15"),
        ("0 15 */6 * * *", "every 6 hours at :15"),
        ("0 */20 * * * *", "every 20 minutes"),
        ("0 0 * * * 1", "hourly at :00, Mondays"),
        ("0 0 3 1 * 1", "0 0 3 1 * 1"),
        ("0 0 3 * 2 *", "0 0 3 * 2 *"),
        ("0 */7 * * * *", "0 */7 * * * *"),
        ("0 */0 * * * *", "0 */0 * * * *"),
        ("0 61 3 * * *", "0 61 3 * * *"),
        ("0 0 24 * * *", "0 0 24 * * *"),
        ("5 0 3 * * *", "5 0 3 * * *"),
        ("0 0 3 * * 9", "0 0 3 * * 9"),
        ("", ""),
        ("[@click=x] 0 0 * * *", "[@click=x] 0 0 * * *"),
    ],
)
def test_cron_in_words(cron: str, said: str) -> None:
    assert cron_words(cron) == said
