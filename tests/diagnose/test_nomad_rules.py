"""Rules about tasks and allocations, with events as a real Nomad 1.10.5 told them."""

from __future__ import annotations

from typing import Any

import pytest

from harbortui.diagnose import Limits
from harbortui.diagnose.task_events import told
from harbortui.model.failure import FailureKind as K
from harbortui.model.finding import Finding, State
from harbortui.model.nomad import Node, Placement, PlacementFailure, TaskEvent, TaskState
from tests.diagnose.worlds import HOUR, NOW, allocation, but, judged, lost, seen, task

DAY_OLD = NOW - 86_400


def event(kind: str, message: str = "", ago: float = 60.0, **more: Any) -> TaskEvent:
    return TaskEvent(type=kind, at=NOW - ago, message=message, **more)


def one(rule: str, **facets: Any) -> Finding:
    """The only finding of a rule."""
    limits = facets.pop("limits", None)
    nodes = facets.pop("nodes", None)
    shared = {"nodes": {"http://n": seen(nodes)}} if nodes is not None else {}
    (found,) = [each for each in judged(but(**facets), limits=limits, **shared).findings if each.rule == rule]
    return found


def rules(**facets: Any) -> set[str]:
    limits = facets.pop("limits", None)
    return {each.rule for each in judged(but(**facets), limits=limits).findings}


def failed(*events: TaskEvent, name: str = "core") -> TaskState:
    return task(name, state="dead", failed=True, events=events)


GAVE_UP = (
    event("Terminated", "Exit Code: 1", 62, exit_code=1),
    event("Not Restarting", 'Exceeded allowed attempts 2 in interval 1m0s and mode is "fail"', 61, fails_task=True),
    event("Alloc Unhealthy", "Unhealthy because of failed task", 60),
)
WENT_DOWN_WITH_IT = (
    event("Sibling Task Failed", 'Task\'s sibling "core" failed', 61),
    event("Killing", "Sent interrupt. Waiting 5s before force killing", 60),
    event("Terminated", "Exit Code: 0", 60, exit_code=0),
)


def ended(*tasks: TaskState, **more: Any) -> Any:
    given = {"status": "failed", "description": "Failed tasks", "modify_time": NOW - 60, "create_time": NOW - HOUR}
    return seen((allocation(*tasks, **{**given, **more}),))


def test_a_failed_allocation_names_the_task_and_its_reason() -> None:
    allocations = ended(failed(*GAVE_UP), task("redis", state="dead", events=WENT_DOWN_WITH_IT))
    for rule in ("no-allocation", "allocation-ended"):
        evidence = "\n".join(one(rule, allocations=allocations).evidence)
        assert "core: Nomad" in evidence and "(exit code 1)" in evidence and "Exceeded allowed attempts 2" in evidence
        assert "redis" not in evidence and "Alloc Unhealthy" not in evidence


def test_of_tasks_that_all_failed_the_first_is_blamed() -> None:
    setup = event("Setup Failure", 'pre-run hook "group_services" failed', 70, fails_task=True)
    after = event("Terminated", "Exit Code: -1", 50, exit_code=-1)
    allocations = ended(failed(setup, name="registryctl"), failed(setup, *WENT_DOWN_WITH_IT, after, name="core"))
    (first, *_) = one("no-allocation", allocations=allocations).evidence
    assert first.startswith("registryctl: ") and "group_services" in first


def test_a_lost_allocation_is_not_said_to_run() -> None:
    allocations = ended(
        status="lost", description="Tasks are running", desired="stop", desired_description="node is down"
    )
    assert one("allocation-ended", allocations=allocations).evidence == ("node is down",)


@pytest.mark.parametrize(
    ("placement", "words"),
    [
        (Placement(status="complete"), "will not place another one by itself"),
        (Placement(status="pending", next_try=NOW + 300), "Nomad places another one at 2026-01-14 14:05 UTC"),
    ],
)
def test_whether_nomad_will_try_again_is_said(placement: Placement, words: str) -> None:
    found = one("no-allocation", allocations=ended(failed(*GAVE_UP)), placement=seen(placement))
    assert any(words in line for line in found.evidence)


@pytest.mark.parametrize("placement", [Placement(status="blocked"), Placement(status="pending")])
def test_nothing_is_said_about_the_next_try_while_an_evaluation_waits(placement: Placement) -> None:
    found = one("no-allocation", allocations=ended(failed(*GAVE_UP)), placement=seen(placement))
    assert not any("another one" in line for line in found.evidence)


def test_evaluations_read_before_the_end_say_nothing_about_the_next_try() -> None:
    old = seen(Placement(status="complete"), at=NOW - 61)
    found = one("no-allocation", allocations=ended(failed(*GAVE_UP)), placement=old)
    assert not any("another one" in line for line in found.evidence)


def test_a_job_that_nomad_does_not_have() -> None:
    found = one("job-missing", job=lost(K.NOT_FOUND), allocations=seen(()))
    assert found.state is State.CRITICAL and "no job a in namespace default" in found.title
    assert "no-allocation" not in rules(job=lost(K.NOT_FOUND), allocations=seen(()))
    assert "job-missing" not in rules(job=lost(K.FORBIDDEN), allocations=seen(()))


def test_a_placement_without_reasons_names_the_nodes_that_take_nothing() -> None:
    nodes = (
        Node(id="n1", name="vm-1", status="disconnected"),
        Node(id="n2", name="vm-2", status="ready", eligible=False),
        Node(id="n3", name="vm-3", status="ready"),
    )
    blocked = seen(Placement(status="blocked", failures=(PlacementFailure(group="harbor"),)))
    found = one("placement-blocked", placement=blocked, nodes=nodes)
    assert found.evidence == ("node vm-1 is disconnected", "node vm-2 is ineligible")


CRASH = (
    event("Terminated", "Exit Code: 1", exit_code=1),
    event("Restarting", "Task restarting in 2.3s"),
    event("Started", "Task started by client"),
)
ASKED = (event("Restart Signaled", "User requested running tasks to restart"), *CRASH)


def at(ago: float, *events: TaskEvent) -> list[TaskEvent]:
    return [
        TaskEvent(**{**{f: getattr(each, f) for f in each.__struct_fields__}, "at": NOW - ago + i})
        for i, each in enumerate(events)
    ]


def test_restarts_that_a_person_asked_for_are_no_crashes() -> None:
    asked = [each for ago in (900, 600, 300) for each in at(ago, *ASKED)][-10:]
    assert "task-restarting" not in rules(allocations=seen((allocation(task(restarts=3, events=tuple(asked))),)))
    crashed = [each for ago in (900, 600, 300) for each in at(ago, *CRASH)]
    assert "task-restarting" in rules(allocations=seen((allocation(task(restarts=3, events=tuple(crashed))),)))


def test_a_loop_tells_the_exit_code_and_not_that_it_started() -> None:
    crashed = tuple(each for ago in (90, 60, 30) for each in at(ago, *CRASH))
    found = one("task-restarting", allocations=seen((allocation(task(restarts=3, events=crashed)),)))
    assert any("Terminated (exit code 1)" in line for line in found.evidence)
    assert not any("Started" in line for line in found.evidence)


@pytest.mark.parametrize(("restarts", "says"), [(40, True), (9, False), (3, False)])
def test_more_restarts_than_ten_events_can_hold_are_told_by_their_pace(restarts: int, says: bool) -> None:
    events = tuple([each for ago in (240, 180, 120, 60) for each in at(ago, *CRASH)][-10:])
    found = rules(
        allocations=seen((allocation(task(restarts=restarts, events=events)),)), limits=Limits(restarts_per_hour=10)
    )
    assert ("task-restarting" in found) == says


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            (event("Terminated", 'Exit Code: 137, Exit Message: "OOM Killed"', exit_code=137, oom_killed=True),),
            "for memory",
        ),
        ((event("Terminated", "Exit Code: 137, Signal: 9", exit_code=137),), "not by Nomad"),
        ((event("Killing", "Sent interrupt.", 61), event("Terminated", "Exit Code: 137", exit_code=137)), ""),
        ((event("Restart Signaled", "User", 61), event("Terminated", "Exit Code: 137", exit_code=137)), ""),
        (
            (
                event("Killing", "Sent interrupt.", 90),
                event("Started", "", 80),
                event("Terminated", "Exit Code: 137", exit_code=137),
            ),
            "not by Nomad",
        ),
        ((event("Terminated", "Exit Code: 143", exit_code=143),), ""),
        (
            (  # Ten are kept: the kill that Nomad sent before the first one is forgotten.
                event("Terminated", "Exit Code: 137", 100, exit_code=137),
                event("Started", "", 99),
                *(event("Signaling", "", 90 - n) for n in range(8)),
            ),
            "",
        ),
        (
            (
                event("Started", "", 100),
                *(event("Signaling", "", 90 - n) for n in range(8)),
                event("Terminated", "Exit Code: 137", exit_code=137),
            ),
            "not by Nomad",
        ),
    ],
)
def test_a_kill_that_nomad_did_not_send_is_probably_for_memory(events: tuple[TaskEvent, ...], words: str) -> None:
    allocations = seen((allocation(task(events=events)),))
    if not words:
        assert "task-oom" not in rules(allocations=allocations)
    else:
        assert words in one("task-oom", allocations=allocations).title


@pytest.mark.parametrize(("name", "state"), [("core", State.CRITICAL), ("portal", State.WARNING)])
def test_a_task_that_waits_for_its_template_says_for_what(name: str, state: State) -> None:
    waits = task(name, state="pending", events=(event("Template", "Missing: nomad.var.block(nomad/jobs/x)", 400),))
    found = one("task-pending", allocations=seen((allocation(waits),)))
    assert found.state is state and "Missing: nomad.var.block" in found.evidence[0]


def test_a_pending_allocation_says_what_its_tasks_are_at() -> None:
    waits = task(state="pending", events=(event("Driver", "Downloading image", 400),))
    found = one("allocation-pending", allocations=seen((allocation(waits, status="pending", create_time=NOW - HOUR),)))
    assert found.evidence == ("core: Nomad, 2026-01-14 13:53 UTC: Driver: Downloading image",)


def test_a_task_without_events_says_nothing() -> None:
    assert told(task()) == ()
