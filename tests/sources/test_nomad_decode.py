"""Nomad's answers become records: by allow-list, row by row, and whatever bytes a server sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.model.redact import Cleaner, Redactor
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.allocations import MAX_PAST, decode_allocations, decode_usage
from harbortui.sources.nomad.jobs import decode_deployment, decode_job, decode_nodes
from harbortui.sources.nomad.placement import decode_placement
from harbortui.sources.rows import Unreadable
from tests.sources import nomad_fixtures as given_

CLEAN = Cleaner(Redactor())
ESC = "\x1b]52;c;x\x07"


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def test_a_job_keeps_what_is_declared_and_no_secret() -> None:
    found = decode_job(body(given_.job()), CLEAN).value
    assert (found.id, found.version, found.group, found.count, found.stable) == ("harbor-vm-06", 3, "harbor", 1, True)
    assert found.submit_time == pytest.approx(1_768_399_200.123456789)
    core, redis = found.tasks
    assert (core.image, core.cpu_mhz, core.memory_limit_mb) == ("goharbor/harbor-core:v2.11.2", 300, 1024)
    assert core.kill_timeout == 30.0
    assert core.lifecycle == ""
    assert (redis.memory_limit_mb, redis.lifecycle) == (None, "prestart sidecar")
    assert given_.SECRET.encode() not in msgspec.json.encode(found)


def test_a_wrong_task_costs_that_task_only() -> None:
    job = given_.job()
    job["TaskGroups"][0]["Tasks"][0]["Resources"]["CPU"] = "300"
    found = decode_job(body(job), CLEAN)
    assert [each.name for each in found.value.tasks] == ["redis"]
    assert len(found.lost_rows) == 1
    assert "task 1" in found.lost_rows[0]
    assert "Resources.CPU" in found.lost_rows[0]


@pytest.mark.parametrize("groups", [None, [], "x", 7, {"a": 1}])
def test_groups_of_any_shape_leave_the_job_readable(groups: object) -> None:
    found = decode_job(body({**given_.job(), "TaskGroups": groups}), CLEAN)
    assert found.value.tasks == ()
    assert bool(found.lost_rows) == (groups not in (None, []))


def test_allocations_come_newest_first_with_their_tasks() -> None:
    old = given_.allocation(ID="0", CreateTime=5, ClientStatus="complete", DesiredStatus="stop", DeploymentStatus=None)
    found = decode_allocations(body([old, given_.allocation()]), CLEAN).value
    assert [each.id for each in found] == [given_.ALLOC, "0"]
    newest = found[0]
    assert (newest.is_current, newest.healthy, newest.node_name) == (True, True, "vm-nomad-client-06")
    assert found[1].healthy is None
    core = newest.tasks[0]
    assert (core.name, core.restarts, core.finished_at) == ("core", 2, None)
    assert core.last_restart == pytest.approx(1_768_399_200.123456)
    started, ended = core.events
    assert (started.exit_code, started.oom_killed) == (None, False)
    assert (ended.exit_code, ended.oom_killed, ended.at) == (137, True, 1_768_399_300.0)
    assert (started.signal, ended.signal) == (None, 9)


def test_ten_past_allocations_are_kept_and_every_running_one() -> None:
    past = [given_.allocation(ID=f"p{n}", CreateTime=1000 - n, ClientStatus="failed") for n in range(40)]
    live = [given_.allocation(ID=f"l{n}", CreateTime=n + 1) for n in range(15)]
    found = decode_allocations(body([*live, *past]), CLEAN).value
    assert [each.id for each in found if each.status == "failed"] == [f"p{n}" for n in range(MAX_PAST)]
    assert sum(each.status == "running" for each in found) == 15


def test_a_wrong_task_state_costs_neither_the_allocation_nor_its_other_tasks() -> None:
    states = {"core": given_.task_state(Restarts="many"), f"db{ESC}": given_.task_state(), "gone": None}
    found = decode_allocations(body([given_.allocation(TaskStates=states)]), CLEAN)
    (allocation,) = found.value
    assert [each.name for each in allocation.tasks] == ["db␛]52;c;x␇"]
    assert len(found.lost_rows) == 1
    assert "task core" in found.lost_rows[0]
    assert "Restarts" in found.lost_rows[0]


def test_absent_null_and_zero_values_mean_unset() -> None:
    bare = {"ID": given_.ALLOC, "TaskStates": None}
    zero = given_.task_state(StartedAt="0001-01-01T00:00:00Z", LastRestart=None)
    first, second = decode_allocations(body([bare, given_.allocation(TaskStates={"core": zero})]), CLEAN).value[::-1]
    assert (first.tasks, first.create_time) == ((), None)
    assert second.tasks[0].started_at is None


def test_the_exit_code_falls_back_to_the_number_beside_the_details() -> None:
    event = {"Type": "Terminated", "Time": 1, "ExitCode": 3, "Details": {"exit_code": "0x1"}}
    (found,) = decode_allocations(
        body([given_.allocation(TaskStates={"core": given_.task_state(Events=[event])})]), CLEAN
    ).value
    assert found.tasks[0].events[0].exit_code == 3


MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ({"RSS": 5 * MIB, "Usage": 9 * MIB, "Measured": ["RSS", "Usage"]}, 5 * MIB),
        ({"RSS": 0, "Usage": 9 * MIB, "Measured": ["Usage"]}, 9 * MIB),
        ({"RSS": 0, "Usage": 9 * MIB, "Measured": ["RSS", "Usage"]}, 0),
        ({"RSS": 0, "Usage": 0, "Measured": ["Usage"]}, 0),
        ({"RSS": 0, "Usage": 0, "Measured": None}, None),
        ({"RSS": 2**64 - 4096, "Usage": 9 * MIB, "Measured": ["RSS", "Usage"]}, None),
        (None, None),
    ],
)
def test_memory_is_rss_unless_the_driver_does_not_measure_it(memory: Any, expected: int | None) -> None:
    sample = given_.sample(memory=memory, cpu=None)
    found = decode_usage(body(given_.stats(core=sample)), given_.ALLOC, CLEAN).value
    assert found.tasks[0].memory_bytes == expected


@pytest.mark.parametrize(
    ("cpu", "expected"),
    [
        ({"TotalTicks": 12.5, "Measured": ["Percent"]}, 12.5),
        ({"TotalTicks": 0, "Measured": ["Percent"]}, 0.0),
        ({"TotalTicks": 0, "Measured": None}, None),
        (None, None),
    ],
)
def test_cpu_is_unknown_when_nothing_was_measured(cpu: Any, expected: float | None) -> None:
    found = decode_usage(body(given_.stats(core=given_.sample(memory=None, cpu=cpu))), given_.ALLOC, CLEAN).value
    assert found.tasks[0].cpu_mhz == expected


def test_the_last_sample_of_a_dead_task_is_not_its_use() -> None:
    memory = {"RSS": MIB, "Measured": ["RSS"]}
    live = given_.sample(memory=memory, cpu=None)
    dead = given_.sample(memory=memory, cpu=None, at=1_768_399_000.0)
    found = decode_usage(body(given_.stats(core=live, redis=dead, never=None)), given_.ALLOC, CLEAN).value
    by_name = {each.name: each for each in found.tasks}
    assert set(by_name) == {"core", "redis"}
    assert by_name["core"].memory_bytes == MIB
    assert by_name["redis"].memory_bytes is None
    assert by_name["redis"].sampled_at == 1_768_399_000.0


def test_no_deployment_is_a_state_and_not_an_error() -> None:
    assert decode_deployment(b"null", CLEAN).value.latest is None


def test_a_deployment_is_summed_over_its_groups() -> None:
    group = {"DesiredTotal": 2, "PlacedAllocs": 2, "HealthyAllocs": 1, "UnhealthyAllocs": 1, "DesiredCanaries": 1}
    wire = {"ID": "d", "Status": "running", "JobVersion": 4, "TaskGroups": {"a": group, "b": group, "c": None}}
    found = decode_deployment(body(wire), CLEAN).value.latest
    assert found is not None
    assert (found.desired, found.placed, found.healthy, found.unhealthy) == (4, 4, 2, 2)
    assert found.requires_promotion
    done = decode_deployment(body({**wire, "Status": "successful"}), CLEAN).value.latest
    assert done is not None
    assert not done.requires_promotion


def test_delayed_rescheduling_is_a_pending_evaluation_with_a_time() -> None:
    row = {**evaluation(3, "pending"), "WaitUntil": "2026-01-14T14:30:00.5Z"}
    assert decode_placement(body([row]), CLEAN).value.next_try == 1_768_401_000.5
    assert decode_placement(body([{**row, "Status": "complete"}]), CLEAN).value.next_try is None
    assert decode_placement(body([{**row, "WaitUntil": "0001-01-01T00:00:00Z"}]), CLEAN).value.next_try is None


def test_a_group_without_any_node_to_look_at_says_so() -> None:
    metric = {"NodesEvaluated": 0, "NodesInPool": 0, "NodesAvailable": {}, "ConstraintFiltered": None}
    (failure,) = decode_placement(body([evaluation(1, "blocked", {"harbor": metric})]), CLEAN).value.failures
    assert failure.reasons == ("no node is ready and eligible in the job's datacenters and node pool",)


def test_a_node_that_samples_nothing_answers_with_no_tasks_at_the_time_zero() -> None:
    empty = {"ResourceUsage": {"MemoryStats": {"RSS": 0, "Measured": None}}, "Tasks": {}, "Timestamp": 0}
    assert not decode_usage(body(empty), "a", CLEAN).value.collected
    assert decode_usage(body({**empty, "Timestamp": 1_768_399_500_000_000_000}), "a", CLEAN).value.collected


def evaluation(index: int, status: str, failed: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"ID": f"e{index}", "Status": status, "CreateIndex": index, "FailedTGAllocs": failed, "TriggeredBy": "job"}


METRIC = {
    "NodesEvaluated": 3,
    "NodesExhausted": 1,
    "ConstraintFiltered": {"${node.unique.name} = vm": 2},
    "DimensionExhausted": {"memory": 1},
}


@pytest.mark.parametrize(
    ("evaluations", "told", "fails"),
    [
        ([], "", False),
        ([evaluation(1, "complete")], "e1", False),
        ([evaluation(1, "complete", {"harbor": METRIC}), evaluation(2, "blocked")], "e1", True),
        ([evaluation(1, "complete", {"harbor": METRIC}), evaluation(2, "complete")], "e2", False),
        ([evaluation(2, "blocked", {"harbor": METRIC}), evaluation(3, "complete")], "e2", True),
        ([evaluation(1, "complete", {"harbor": METRIC}), evaluation(2, "canceled")], "e1", True),
    ],
)
def test_placement_is_told_by_the_newest_evaluation_that_still_holds(
    evaluations: list[dict[str, Any]], told: str, fails: bool
) -> None:
    found = decode_placement(body(evaluations), CLEAN).value
    assert found.evaluation_id == told
    assert bool(found.failures) == fails
    if fails:
        assert found.failures[0].reasons == (
            "constraint ${node.unique.name} = vm (2 nodes)",
            "exhausted memory (1 node)",
        )


def test_nodes_come_by_name() -> None:
    wire = [
        {"ID": "2", "Name": "b", "Status": "down", "SchedulingEligibility": "ineligible", "Drain": True},
        {"ID": "1", "Name": "a", "Status": "ready", "SchedulingEligibility": "eligible", "Version": "1.10.5"},
        {"Name": "without an id"},
    ]
    found = decode_nodes(body(wire), CLEAN)
    assert [(each.name, each.eligible, each.draining) for each in found.value] == [
        ("a", True, False),
        ("b", False, True),
    ]
    assert len(found.lost_rows) == 1


DECODERS: list[Callable[[bytes], Ok[Any]]] = [
    lambda data: decode_job(data, CLEAN),
    lambda data: decode_allocations(data, CLEAN),
    lambda data: decode_usage(data, given_.ALLOC, CLEAN),
    lambda data: decode_deployment(data, CLEAN),
    lambda data: decode_placement(data, CLEAN),
    lambda data: decode_nodes(data, CLEAN),
]
SEEDS = [
    given_.job(),
    [given_.allocation()],
    given_.stats(core=given_.sample(memory={"RSS": 1}, cpu={"TotalTicks": 1})),
    {"ID": "d", "TaskGroups": {"a": {"DesiredTotal": 1}}},
    [evaluation(1, "blocked", {"g": METRIC})],
    [{"ID": "1", "Name": "a"}],
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, each in inner for path in paths(each, (*at, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = put(copied[path[0]], path[1:], new)
    return copied


@given(which=st.integers(0, 5), data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_value_anywhere_is_a_record_or_unreadable(which: int, data: st.DataObject) -> None:
    seed = SEEDS[which]
    mutated = put(seed, data.draw(st.sampled_from(paths(seed))), data.draw(JSON))
    try:
        found = DECODERS[which](body(mutated))
    except Unreadable:
        return
    msgspec.json.encode(found.value)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nul",
        b"[" * 200_000,
        b'{"ID":NaN}',
        b'{"ID":"\xff","Tasks":{"\xff":1}}',
        b"[" + b"9" * 5000 + b"]",
        b"<html>",
    ],
)
def test_bytes_that_are_no_answer_are_unreadable(decode: Callable[[bytes], Ok[Any]], data: bytes) -> None:
    try:
        found = decode(data)
    except Unreadable:
        return
    assert found.lost_rows  # an array whose rows are all wrong
