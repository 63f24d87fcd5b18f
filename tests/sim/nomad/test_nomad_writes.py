from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harbortui.sim.world import PlacementFailure

from .conftest import JOB, Api, eventually


def client_path(api: Api, action: str) -> str:
    return f"/v1/client/allocation/{api.alloc.id}/{action}"


async def restart(api: Api, method: str = "PUT", body: Any = None) -> asyncio.Task[Any]:
    """A restart under way: its request has arrived and its first event is there."""
    before = api.world.nomad.index
    task = asyncio.create_task(api.call(method, client_path(api, "restart"), json=body))
    await eventually(lambda: api.world.nomad.index > before or task.done())
    return task


def events(api: Api, task: str) -> list[str]:
    return [event.type for event in api.alloc.tasks[task].events]


async def test_a_restart_answers_when_the_old_process_has_ended(api: Api) -> None:
    alloc = api.alloc.id
    before = api.alloc.tasks["database"].restarts
    running = await restart(api, body={"TaskName": "database"})
    api.fleet.set_clock({"advance": 1.0})
    assert (await api.get("/v1/regions")).status == 200
    assert not running.done()
    assert events(api, "database")[-1] == "Restart Signaled"
    api.fleet.set_clock({"advance": 10.0})
    answer = await asyncio.wait_for(running, 10)
    assert answer.json() == {"Index": 0}
    api.fleet.set_clock({"advance": 20.0})
    assert events(api, "database")[-4:] == ["Restart Signaled", "Terminated", "Restarting", "Started"]
    assert api.alloc.id == alloc
    assert api.alloc.tasks["database"].restarts == before + 1
    assert api.alloc.tasks["core"].restarts == 0 or events(api, "core")[-1] != "Restart Signaled"


async def test_a_get_restarts_too(api: Api) -> None:
    running = await restart(api, "GET")
    api.fleet.set_clock({"advance": 30.0})
    assert (await asyncio.wait_for(running, 10)).status == 200
    assert all("Restart Signaled" in events(api, task) for task in api.alloc.tasks)


async def test_the_restart_goes_on_when_the_client_has_gone(api: Api) -> None:
    running = await restart(api, body={"TaskName": "core"})
    running.cancel()
    await asyncio.wait([running])
    api.fleet.set_clock({"advance": 30.0})
    assert events(api, "core")[-1] == "Started"


async def test_all_tasks_means_dead_ones_too(api: Api) -> None:
    api.world.nomad.crash_task(api.alloc.id, "core")
    refused = await api.put(client_path(api, "restart"), {"TaskName": "core"})
    assert (refused.status, refused.text) == (500, "Task not running")
    running = await restart(api, body={"AllTasks": True})
    api.fleet.set_clock({"advance": 60.0})
    assert (await asyncio.wait_for(running, 10)).status == 200
    assert {state.state for state in api.alloc.tasks.values()} == {"running"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"TaskName": "nope"}, "Could not find task runner for task: nope"),
        ({"TaskName": "core", "AllTasks": True}, "task name cannot be set when restarting all tasks"),
    ],
)
async def test_refused_restarts(api: Api, body: dict[str, Any], text: str) -> None:
    answer = await api.put(client_path(api, "restart"), body)
    assert (answer.status, answer.text) == (500, text)


async def test_a_stopped_allocation_is_not_restarted(api: Api) -> None:
    path = client_path(api, "restart")
    api.world.nomad.stop_job(JOB)
    answer = await api.put(path)
    assert (answer.status, answer.text) == (500, "restart of an alloc that should not run")
    unknown = "0" * 8 + "-0000-0000-0000-" + "0" * 12
    assert (await api.put(f"/v1/client/allocation/{unknown}/restart")).status == 404


async def test_signal(api: Api) -> None:
    path = client_path(api, "signal")
    assert (await api.put(path, {"Signal": "SIGHUP", "Task": "nginx"})).json() == {"Index": 0}
    assert events(api, "nginx")[-1] == "Signaling"
    assert (await api.put(path, {"Signal": "SIGNOPE", "Task": "nginx"})).status == 500
    assert (await api.put(path)).status == 400
    assert (await api.get(path)).status == 405


async def test_stopping_an_allocation_places_another(api: Api) -> None:
    old = api.alloc
    answer = (await api.put(f"/v1/allocation/{old.id}/stop")).json()
    api.fleet.set_clock({"advance": 90.0})
    assert api.alloc.id != old.id
    row = (await api.get(f"/v1/allocation/{old.id}")).json()
    assert (row["DesiredStatus"], row["ClientStatus"], row["NextAllocation"]) == ("stop", "complete", api.alloc.id)
    assert (await api.get(f"/v1/evaluation/{answer['EvalID']}")).json()["TriggeredBy"] == "alloc-stop"
    assert [r["ID"] for r in (await api.get(f"/v1/evaluation/{answer['EvalID']}/allocations")).json()] == [api.alloc.id]


async def test_stop_start_and_purge_of_a_job(api: Api) -> None:
    answer = (await api.call("DELETE", f"/v1/job/{JOB}")).json()
    assert answer["EvalID"]
    job = (await api.get(f"/v1/job/{JOB}")).json()
    assert (job["Stop"], job["Status"]) == (True, "dead")
    started = await api.put(f"/v1/job/{JOB}", {"Job": {**job, "Stop": False}})
    assert started.json()["EvalID"]
    api.fleet.set_clock({"advance": 60.0})
    assert (await api.get(f"/v1/job/{JOB}")).json()["Status"] == "running"
    assert (await api.get(f"/v1/job/{JOB}/deployment")).json()["Status"] == "successful"
    await api.call("DELETE", f"/v1/job/{JOB}", query={"purge": "true"})
    assert (await api.get(f"/v1/job/{JOB}")).status == 404
    assert JOB not in [row["ID"] for row in (await api.get("/v1/jobs")).json()]
    assert (await api.call("DELETE", f"/v1/job/{JOB}")).status == 200


async def test_revert_makes_a_new_version(api: Api) -> None:
    current = (await api.get(f"/v1/job/{JOB}")).json()["Version"]
    body = {"JobID": JOB, "JobVersion": 0}
    wrong = await api.put(f"/v1/job/{JOB}/revert", {**body, "EnforcePriorVersion": 99})
    assert wrong.status == 500
    assert "enforcing version 99" in wrong.text
    same = await api.put(f"/v1/job/{JOB}/revert", {"JobID": JOB, "JobVersion": current})
    assert (same.status, same.text) == (500, f"can't revert to current version: {current}")
    answer = (await api.put(f"/v1/job/{JOB}/revert", {**body, "EnforcePriorVersion": current})).json()
    job = (await api.get(f"/v1/job/{JOB}")).json()
    assert job["Version"] == current + 1
    assert answer["JobModifyIndex"] == job["JobModifyIndex"]
    assert (await api.put(f"/v1/job/{JOB}/revert", {"JobID": "other", "JobVersion": 0})).status == 400
    deployment = (await api.get(f"/v1/job/{JOB}/deployment")).json()
    assert (deployment["Status"], deployment["JobVersion"]) == ("running", current + 1)


async def test_plan_changes_nothing_and_tells_what_would(api: Api) -> None:
    job = (await api.get(f"/v1/job/{JOB}")).json()
    index = api.world.nomad.index
    path = f"/v1/job/{JOB}/plan"
    same = (await api.put(path, {"Job": job, "Diff": True})).json()
    assert same["Diff"]["Type"] == "None"
    assert same["Annotations"]["DesiredTGUpdates"]["harbor"]["Ignore"] == 1
    job["TaskGroups"][0]["Tasks"][0]["Resources"]["MemoryMB"] = 640
    planned = (await api.put(path, {"Job": job, "Diff": True})).json()
    assert planned["Annotations"]["DesiredTGUpdates"]["harbor"]["DestructiveUpdate"] == 1
    (task,) = planned["Diff"]["TaskGroups"][0]["Tasks"]
    assert task["Objects"][0]["Fields"][0]["New"] == "640"
    assert planned["FailedTGAllocs"] is None
    failure = PlacementFailure(3, nodes_exhausted=3, dimension_exhausted={"memory": 3})
    api.world.nomad.fail_placement(failure)
    failed = (await api.put(path, {"Job": job})).json()
    assert failed["FailedTGAllocs"]["harbor"]["DimensionExhausted"] == {"memory": 3}
    assert failed["Diff"] is None
    assert api.world.nomad.index == index
    assert (await api.put(path, {"Job": {"ID": "other"}})).status == 400


async def test_register_takes_memory_over_and_checks_the_index(api: Api) -> None:
    job = (await api.get(f"/v1/job/{JOB}")).json()
    version = job["Version"]
    job["TaskGroups"][0]["Tasks"][0]["Resources"] |= {"MemoryMB": 640, "MemoryMaxMB": 2_048}
    wrong = await api.put("/v1/jobs", {"Job": job, "EnforceIndex": True, "JobModifyIndex": 1})
    assert wrong.status == 500
    assert "conflicting job modify index" in wrong.text
    body = {"Job": job, "EnforceIndex": True, "JobModifyIndex": job["JobModifyIndex"]}
    assert (await api.put("/v1/jobs", body)).json()["EvalID"]
    after = (await api.get(f"/v1/job/{JOB}")).json()
    assert after["Version"] == version + 1
    assert after["TaskGroups"][0]["Tasks"][0]["Resources"]["MemoryMaxMB"] == 2_048
    assert (await api.put("/v1/jobs", {"Job": after})).json()["EvalID"]
    assert (await api.get(f"/v1/job/{JOB}")).json()["Version"] == version + 1


async def test_scale_evaluate_dispatch(api: Api) -> None:
    target = {"Target": {"Group": "harbor"}}
    assert (await api.put(f"/v1/job/{JOB}/scale", {**target, "Count": 0})).status == 200
    assert (await api.get(f"/v1/job/{JOB}/scale")).json()["TaskGroups"]["harbor"]["Desired"] == 0
    assert api.world.nomad.current_alloc(JOB) is None
    assert (await api.put(f"/v1/job/{JOB}/scale", {**target, "Count": 1})).status == 200
    assert api.alloc.client_status == "pending"
    assert (await api.put(f"/v1/job/{JOB}/scale", {"Count": 1})).status == 400
    assert (await api.put(f"/v1/job/{JOB}/evaluate", {"JobID": JOB})).json()["EvalID"]
    refused = await api.put(f"/v1/job/{JOB}/dispatch", {})
    assert (refused.status, refused.text) == (500, f'Specified job "{JOB}" is not a parameterized job')


async def test_deployments_can_be_paused_and_failed(api: Api) -> None:
    old = (await api.get(f"/v1/job/{JOB}/deployment")).json()["ID"]
    refused = await api.put(f"/v1/deployment/fail/{old}", {"DeploymentID": old})
    assert (refused.status, refused.text) == (500, "can't fail terminal deployment")
    api.world.nomad.revert(JOB, 0)
    fresh = (await api.get(f"/v1/job/{JOB}/deployment")).json()["ID"]
    assert (await api.put(f"/v1/deployment/pause/{fresh}", {"DeploymentID": fresh, "Pause": True})).status == 200
    assert (await api.get(f"/v1/deployment/{fresh}")).json()["Status"] == "paused"
    promote = await api.put(f"/v1/deployment/promote/{fresh}", {"DeploymentID": fresh, "All": True})
    assert (promote.status, promote.text) == (500, "no canaries to promote")
    assert (await api.put(f"/v1/deployment/promote/{fresh}", {"All": True})).text == "DeploymentID must be specified"
    assert (await api.put(f"/v1/deployment/fail/{fresh}", {"DeploymentID": fresh})).json()["DeploymentModifyIndex"]
    assert (await api.get(f"/v1/deployment/{fresh}")).json()["Status"] == "failed"
    allocs = (await api.get(f"/v1/deployment/allocations/{fresh}")).json()
    assert [row["ID"] for row in allocs] == [api.alloc.id]


async def test_collecting_garbage_works_on_get(api: Api) -> None:
    running = await api.get(client_path(api, "gc"))
    assert running.status == 404
    assert (await api.get("/v1/client/gc")).text == "No local Node and node_id not provided"
    ended = next(alloc for alloc in api.world.nomad.job_allocs(JOB) if alloc.terminal)
    assert (await api.get("/v1/client/gc", node_id=ended.node_id)).status == 200
    assert (await api.get(f"/v1/client/allocation/{ended.id}/stats")).status == 404
    assert (await api.get(f"/v1/allocation/{ended.id}")).status == 200
