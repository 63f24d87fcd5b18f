"""Looks on demand: asked at once and again, told when something changed, and nothing when nobody looks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from harbortui.collect import looks as paces
from harbortui.collect.looks import LOOK_PACE, LookPace
from harbortui.engine import looks as engine_looks
from harbortui.engine.frames import console_reader, encode_frame
from harbortui.engine.messages import EngineNote, Look, Looked, LookedAgain, Refresh, facet_of, looked, touched
from harbortui.model.asked import ANSWERS, LogText, Query, RawObject, Topic
from harbortui.model.audit import AuditEntry, AuditPage
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Execution, ExecutionTask, GcRun
from harbortui.model.jobservice import JobQueue, JobService, ScheduledJob, Worker, WorkerPool
from harbortui.model.projects import Project, ProjectList, ScanBacklog
from harbortui.sources.answer import Ok
from tests.collect.fakes import empty, failure, fleet, lookup, until
from tests.engine.test_engine import Console

JOBS = Query(topic=Topic.JOB_SERVICE, instance="a")
RAW = Query(topic=Topic.RAW, instance="a", sub="job")
LOG = Query(topic=Topic.TASK_LOG, instance="a", id="7", sub="1")
GC = Query(topic=Topic.GC_LOG, instance="a", id="3")


class Backend:
    """Answers looks as a test says, and counts them."""

    def __init__(self, answer: Callable[[Query], Any]) -> None:
        self.asked: Counter[Query] = Counter()
        self.cancelled = 0
        self._answer = answer

    async def __call__(self, query: Query) -> Any:
        self.asked[query] += 1
        try:
            answer = self._answer(query)
            return await answer if asyncio.iscoroutine(answer) or isinstance(answer, asyncio.Future) else answer
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def queues(count: int) -> Ok[JobService]:
    return Ok(JobService(queues=(JobQueue(job_type="REPLICATION", count=count),)))


def console(backend: Backend, *lookups: Any) -> Console:
    return Console(fleet(empty("a"), *lookups, askers={"a": backend}))


def told(it: Console, query: Query) -> list[Facet[Any]]:
    return [facet_of(each) for each in it.got if isinstance(each, Looked) and each.query == query]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything as often as a test can wait for, and an allowance that is no limit."""
    for topic, pace in LOOK_PACE.items():
        every = None if pace.every is None else 0.02
        running = None if pace.while_running is None else 0.02
        monkeypatch.setitem(LOOK_PACE, topic, LookPace(every, pace.requests, running))
    monkeypatch.setattr(paces, "BURST", 100_000)
    monkeypatch.setattr(engine_looks, "Allowance", lambda clock: paces.Allowance(clock, per_minute=1e9, burst=100_000))


async def test_what_is_looked_at_is_asked_at_once_and_told() -> None:
    backend = Backend(lambda _: queues(3))
    async with console(backend) as it:
        it.tell(Look(queries=(JOBS, JOBS)))
        await until(lambda: bool(told(it, JOBS)))
    (facet,) = told(it, JOBS)
    assert facet.value == queues(3).value and facet.at and facet.failure is None
    assert (facet.source, facet.every) == ("Harbor /jobservice", 10.0)


async def test_equal_answers_are_not_sent_again_and_changed_ones_are(quick: None) -> None:
    count = 1
    backend = Backend(lambda _: queues(count))
    async with console(backend) as it:
        it.tell(Look(queries=(JOBS,)))
        await until(lambda: backend.asked[JOBS] > 10)
        assert len(told(it, JOBS)) == 1
        count = 2
        await until(lambda: len(told(it, JOBS)) == 2)
        assert told(it, JOBS)[-1].value.queues[0].count == 2


async def test_an_equal_answer_moves_the_times_once_in_a_while(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_looks, "TOUCH_EVERY", 0.05)
    backend = Backend(lambda _: queues(1))
    async with console(backend) as it:
        it.tell(Look(queries=(JOBS,)))
        await until(lambda: any(isinstance(each, LookedAgain) for each in it.got))
    again = next(each for each in it.got if isinstance(each, LookedAgain))
    (first,) = told(it, JOBS)
    later = touched(first, again)
    assert later.value is first.value and later.at is not None and first.at is not None and later.at > first.at


async def test_nothing_is_asked_after_it_left_the_view(quick: None) -> None:
    backend = Backend(lambda _: queues(1))
    async with console(backend) as it:
        it.tell(Look(queries=(JOBS, RAW)))
        await until(lambda: backend.asked[JOBS] > 3)
        it.tell(Look(queries=(RAW,)))
        other = Query(topic=Topic.PROJECTS, instance="a")
        it.tell(Look(queries=(other,)))
        await until(lambda: backend.asked[other] > 3)
        asked = backend.asked[JOBS]
        before = backend.asked[other]
        await until(lambda: backend.asked[other] > before + 10)
        assert backend.asked[JOBS] == asked and backend.asked[RAW] == 1


async def test_no_look_costs_nothing(quick: None) -> None:
    backend = Backend(lambda _: queues(1))
    async with console(backend) as it:
        await until(lambda: bool(it.got))
        tasks = asyncio.all_tasks()
        it.tell(Look(queries=(JOBS,)))
        await until(lambda: backend.asked[JOBS] > 1)
        it.tell(Look())
        await until(lambda: len(asyncio.all_tasks()) <= len(tasks))


async def test_a_call_in_flight_is_cancelled_when_nobody_looks_any_more() -> None:
    never = asyncio.Event()
    backend = Backend(lambda _: never.wait())
    async with console(backend) as it:
        it.tell(Look(queries=(JOBS,)))
        await until(lambda: backend.asked[JOBS] == 1)
        it.tell(Look())
        await until(lambda: backend.cancelled == 1)


async def test_who_comes_back_soon_sees_it_at_once_and_asks_nothing_anew() -> None:
    backend = Backend(lambda _: queues(1))
    async with console(backend) as it:
        for _ in range(3):
            before = len(told(it, JOBS))
            it.tell(Look(queries=(JOBS,)))
            await until(lambda: len(told(it, JOBS)) > before)  # noqa: B023 - awaited in the same round
            it.tell(Look())
        assert backend.asked[JOBS] == 1


async def test_a_failure_is_told_beside_the_last_value_and_passes(quick: None) -> None:
    answers: list[Any] = [queues(1), failure(FailureKind.RATE_LIMITED, retry_after=0.01), queues(1)]
    backend = Backend(lambda _: answers.pop(0) if len(answers) > 1 else answers[0])
    async with console(backend) as it:
        it.tell(Look(queries=(JOBS,)))
        await until(lambda: len(told(it, JOBS)) == 3, 5.0)
    good, bad, again = told(it, JOBS)
    assert bad.value == good.value and bad.failure is not None and again.failure is None


async def test_a_missing_right_travels_with_its_name() -> None:
    backend = Backend(lambda _: failure(FailureKind.FORBIDDEN, needs="jobservice-monitor:list", status=403))
    async with console(backend) as it:
        it.tell(Look(queries=(JOBS,)))
        await until(lambda: bool(told(it, JOBS)))
    (facet,) = told(it, JOBS)
    assert facet.value is None and facet.failure is not None and facet.failure.needs == "jobservice-monitor:list"


async def test_what_is_asked_once_is_asked_again_only_by_a_person_or_after_what_passes(quick: None) -> None:
    answers: list[Any] = [failure(FailureKind.RATE_LIMITED, retry_after=0.0), Ok(RawObject(title="t", source="s"))]
    backend = Backend(lambda _: answers.pop(0) if len(answers) > 1 else answers[0])
    async with console(backend) as it:
        it.tell(Look(queries=(RAW, JOBS)))
        await until(lambda: backend.asked[RAW] == 2, 5.0)
        jobs = backend.asked[JOBS]
        await until(lambda: backend.asked[JOBS] > jobs + 10)
        assert backend.asked[RAW] == 2
        it.tell(Refresh(instance="b"))
        it.tell(Refresh(instance="a"))
        await until(lambda: backend.asked[RAW] == 3)


def executions(status: str) -> Ok[Any]:
    return Ok((Execution(id=7, policy_id=1, status=status),))


async def test_a_log_is_read_while_its_job_runs_and_once_more_after_its_end(quick: None) -> None:
    status, text = "InProgress", "one"

    def answer(query: Query) -> Any:
        return Ok(LogText(lines=(text,))) if query == LOG else queues(1)

    backend = Backend(answer)
    async with console(backend, lookup("executions", lambda: executions(status), every=0.02)) as it:
        it.tell(Look(queries=(LOG, JOBS)))
        await until(lambda: backend.asked[LOG] > 5)
        text, status = "two", "Succeed"
        await until(lambda: told(it, LOG)[-1].value.lines == ("two",))
        await until(lambda: settled(backend, it))


def settled(backend: Backend, it: Console) -> bool:
    """True when the log is not asked any more while the other query goes on."""
    asked, jobs = backend.asked[LOG], backend.asked[JOBS]
    it.history = [*getattr(it, "history", []), (asked, jobs)]  # type: ignore[attr-defined]
    return any(then == asked and jobs - old > 20 for then, old in it.history)  # type: ignore[attr-defined]


async def test_a_job_that_waits_has_no_log_yet(quick: None) -> None:
    answers: list[Any] = [failure(FailureKind.NOT_FOUND)] * 3 + [Ok(LogText(lines=("begun",)))]
    backend = Backend(lambda _: answers.pop(0) if len(answers) > 1 else answers[0])
    running = Ok((GcRun(id=3, status="Running"),))
    async with console(backend, lookup("gc_runs", running)) as it:
        it.tell(Look(queries=(GC,)))
        await until(lambda: bool(told(it, GC)) and told(it, GC)[-1].value is not None, 5.0)


async def test_an_unknown_instance_is_a_failure_and_a_fault_of_ours_is_told() -> None:
    def broken(_: Query) -> Any:
        raise RuntimeError("bug")

    unknown = Query(topic=Topic.GC_LOG, instance="nobody", id="1")
    async with console(Backend(broken)) as it:
        it.tell(Look(queries=(unknown, JOBS)))
        await until(lambda: bool(told(it, unknown)) and bool(told(it, JOBS)))
        await until(lambda: any(isinstance(each, EngineNote) for each in it.got))
    assert told(it, unknown)[0].failure.kind is FailureKind.NOT_FOUND  # type: ignore[union-attr]
    assert told(it, JOBS)[0].failure.kind is FailureKind.LOCAL  # type: ignore[union-attr]


async def test_a_page_that_asks_for_too_much_gets_so_many() -> None:
    backend = Backend(lambda _: Ok(RawObject(title="t", source="s")))
    many = tuple(Query(topic=Topic.RAW, instance="a", sub="policy", id=str(number)) for number in range(100))
    async with console(backend) as it:
        it.tell(Look(queries=many))
        await until(lambda: len(backend.asked) == engine_looks.MOST)
        it.tell(Look(queries=(JOBS,)))
        await until(lambda: backend.asked[JOBS] == 1)
        assert len(backend.asked) == engine_looks.MOST + 1


SAMPLES: dict[Topic, Any] = {
    Topic.EXECUTION_TASKS: (ExecutionTask(id=1, execution_id=2, status="Failed"),),
    Topic.TASK_LOG: LogText(lines=("a", "b"), cut=True),
    Topic.GC_LOG: LogText(),
    Topic.JOB_SERVICE: JobService(
        pools=(WorkerPool(id="p", alive=False, last_beat=1.0),),
        workers=(Worker(id="w", pool_id="p", job_id="j"),),
        queues=(JobQueue(job_type="SCHEDULER", paused=True),),
        schedules=(ScheduledJob(id=1, vendor_type="RETENTION"),),
    ),
    Topic.PROJECTS: ProjectList(
        projects=(Project(id=1, name="library", used=1, hard=-1),),
        quota_failure=Failure(kind=FailureKind.FORBIDDEN, detail="no", needs="quota:list"),
        scan=ScanBacklog(total=3, by_status={"Running": 3}),
    ),
    Topic.AUDIT: AuditPage(entries=(AuditEntry(id=1, ok=False),), total=9, generation="audit-logs"),
    Topic.RAW: RawObject(title="t", source="s", lines=("{", "}"), masked=2),
}


@pytest.mark.parametrize("topic", Topic)
def test_every_topics_answer_survives_the_wire(topic: Topic) -> None:
    assert set(ANSWERS) == set(Topic) == set(LOOK_PACE) == set(engine_looks.TOPIC_SOURCE)
    query = Query(topic=topic, instance="ä", id="1", sub="x", page=3, find="user:a")
    facet = Facet[Any](source="s", every=5.0, value=SAMPLES[topic], at=1.0, tried_at=2.0, lost_rows=("row",))
    (message,) = console_reader().feed(encode_frame(looked(query, facet)))
    assert isinstance(message, Looked) and message.query == query and hash(message.query) == hash(query)
    assert facet_of(message) == facet
    failed = Facet[Any](failure=failure(FailureKind.TIMEOUT))
    (message,) = console_reader().feed(encode_frame(looked(query, failed)))
    assert isinstance(message, Looked) and facet_of(message) == failed
