from __future__ import annotations

import os
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import JOB, START, Api

STUB_KEYS = set(
    [
        "ID",
        "ParentID",
        "Name",
        "Namespace",
        "Datacenters",
        "NodePool",
        "Multiregion",
        "Type",
        "Priority",
        "Periodic",
        "ParameterizedJob",
        "Stop",
        "Status",
        "StatusDescription",
        "JobSummary",
        "CreateIndex",
        "ModifyIndex",
        "JobModifyIndex",
        "SubmitTime",
    ]
)
ALLOC_STUB_KEYS = set(
    [
        "ID",
        "EvalID",
        "Name",
        "Namespace",
        "NodeID",
        "NodeName",
        "JobID",
        "JobType",
        "JobVersion",
        "TaskGroup",
        "DesiredStatus",
        "DesiredDescription",
        "ClientStatus",
        "ClientDescription",
        "DesiredTransition",
        "TaskStates",
        "DeploymentStatus",
        "FollowupEvalID",
        "NextAllocation",
        "RescheduleTracker",
        "PreemptedAllocations",
        "PreemptedByAllocation",
        "CreateIndex",
        "ModifyIndex",
        "CreateTime",
        "ModifyTime",
    ]
)
EVENT_KEYS = set(
    [
        "Type",
        "Time",
        "Message",
        "DisplayMessage",
        "Details",
        "FailsTask",
        "RestartReason",
        "SetupError",
        "DriverError",
        "ExitCode",
        "Signal",
        "KillTimeout",
        "KillError",
        "KillReason",
        "StartDelay",
        "DownloadError",
        "ValidationError",
        "DiskLimit",
        "FailedSibling",
        "VaultError",
        "TaskSignalReason",
        "TaskSignal",
        "DriverMessage",
        "GenericSource",
    ]
)


def spec() -> dict[str, Any]:
    directory = os.environ.get("HARBORTUI_SPECS", "")
    path = Path(directory) / "nomad-1.4.yaml"
    if not directory or not path.is_file():
        pytest.skip("HARBORTUI_SPECS does not lead to nomad-1.4.yaml")
    return load(path)


@lru_cache(maxsize=1)
def load(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schemas: dict[str, Any] = yaml.load(path.read_text(), loader)["components"]["schemas"]
    return schemas


def problems(schemas: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> list[str]:
    """Where a value is of another kind than the description says; every field is optional and may be null.

    Keys that the description, of Nomad 1.4, does not know are guarded by the recordings of a real Nomad.
    """
    if value is None:
        return []
    if "$ref" in schema:
        return problems(schemas, schemas[schema["$ref"].rpartition("/")[2]], value, where)
    kinds: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    kind = schema.get("type", "object" if "properties" in schema else "")
    if not kind:
        return []
    if not isinstance(value, kinds[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{where}: {type(value).__name__} instead of {kind}"]
    if kind == "array":
        return [p for n, item in enumerate(value) for p in problems(schemas, schema["items"], item, f"{where}[{n}]")]
    if kind != "object":
        return []
    found: list[str] = []
    known = schema.get("properties", {})
    for key, item in value.items():
        if key in known:
            found += problems(schemas, known[key], item, f"{where}.{key}")
        elif isinstance(schema.get("additionalProperties"), dict):
            found += problems(schemas, schema["additionalProperties"], item, f"{where}.{key}")
    return found


async def test_shapes_fit_the_old_description(api: Api) -> None:
    schemas = spec()
    rows: list[tuple[str, Any]] = [
        ("Job", (await api.get(f"/v1/job/{JOB}")).json()),
        ("Allocation", (await api.get(f"/v1/allocation/{api.alloc.id}")).json()),
    ]
    for name, path in (
        ("JobListStub", "/v1/jobs"),
        ("AllocationListStub", "/v1/allocations"),
        ("Evaluation", "/v1/evaluations"),
        ("Deployment", "/v1/deployments"),
        ("NodeListStub", "/v1/nodes"),
    ):
        rows += [(name, row) for row in (await api.get(path)).json()]
    found = {problem for name, row in rows for problem in problems(schemas, schemas[name], row, name)}
    assert found == set()


async def test_key_names_of_the_lists(api: Api) -> None:
    jobs = (await api.get("/v1/jobs")).json()
    assert set(jobs[0]) == STUB_KEYS
    assert set((await api.get("/v1/jobs", meta="true")).json()[0]) == STUB_KEYS | {"Meta"}
    allocs = (await api.get("/v1/allocations")).json()
    assert set(allocs[0]) == ALLOC_STUB_KEYS
    assert set((await api.get("/v1/allocations", resources="true")).json()[0]) == ALLOC_STUB_KEYS | {
        "AllocatedResources"
    }
    assert (await api.get("/v1/allocations", task_states="false")).json()[0]["TaskStates"] is None
    events = [event for state in allocs[-1]["TaskStates"].values() for event in state["Events"]]
    assert events
    assert all(set(event) == EVENT_KEYS for event in events)


async def test_the_reference_job(api: Api) -> None:
    job = (await api.get(f"/v1/job/{JOB}")).json()
    (group,) = job["TaskGroups"]
    sizes = {
        task["Name"]: (task["Resources"]["CPU"], task["Resources"]["MemoryMB"], task["Resources"]["MemoryMaxMB"])
        for task in group["Tasks"]
    }
    assert sizes == {
        "database": (200, 512, 1024),
        "redis": (100, 256, 512),
        "registry": (200, 256, 512),
        "registryctl": (100, 128, 256),
        "core": (300, 512, 1024),
        "portal": (100, 128, 256),
        "jobservice": (200, 256, 512),
        "nginx": (100, 128, 256),
    }
    assert job["SubmitTime"] > 10**18
    assert group["Tasks"][0]["KillTimeout"] == 60 * 10**9
    assert group["Networks"][0]["ReservedPorts"][0]["Value"] == 8880


async def test_secrets_sit_where_real_jobs_have_them(api: Api) -> None:
    job = (await api.get(f"/v1/job/{JOB}")).json()
    tasks = {task["Name"]: task for task in job["TaskGroups"][0]["Tasks"]}
    secrets = api.world.secrets
    assert tasks["core"]["Env"]["HARBOR_ADMIN_PASSWORD"] == secrets.admin_password
    assert secrets.s3_secret_key in tasks["registry"]["Templates"][0]["EmbeddedTmpl"]
    assert tasks["core"]["Config"]["auth"][0]["password"] == secrets.dockerhub_token


async def test_empty_fields_are_absent_from_single_objects_only(api: Api) -> None:
    alloc = (await api.get(f"/v1/allocation/{api.alloc.id}")).json()
    assert "FollowupEvalID" not in alloc
    assert "NextAllocation" not in alloc
    assert alloc["Job"]["Periodic"] is None
    stub = next(row for row in (await api.get("/v1/allocations")).json() if row["ID"] == api.alloc.id)
    assert stub["FollowupEvalID"] == ""
    evaluation = (await api.get(f"/v1/evaluation/{alloc['EvalID']}")).json()
    assert "BlockedEval" not in evaluation


async def test_times(api: Api) -> None:
    alloc = (await api.get(f"/v1/allocation/{api.alloc.id}")).json()
    state = alloc["TaskStates"]["core"]
    assert datetime.fromisoformat(state["StartedAt"]).timestamp() == pytest.approx(api.alloc.tasks["core"].started_at)
    assert state["FinishedAt"] is None
    assert alloc["CreateTime"] == pytest.approx(api.alloc.create_time * 1e9)
    assert all(len(row["Events"]) <= 10 for row in alloc["TaskStates"].values())


async def test_what_differs_between_versions(api: Api) -> None:
    path = f"/v1/allocation/{api.alloc.id}"
    assert "SecretsMB" not in (await api.get(path)).json()["Resources"]
    assert "CreateTime" not in (await api.get("/v1/deployments")).json()[0]
    for node in api.world.nomad.nodes.values():
        node.version = "1.11.2"
    assert "SecretsMB" in (await api.get(path)).json()["Resources"]
    assert (await api.get("/v1/deployments")).json()[0]["CreateTime"] > 0
    assert (await api.get("/v1/agent/self")).json()["config"]["Version"]["Version"] == "1.11.2"


async def test_versions_with_diffs(api: Api) -> None:
    answer = (await api.get(f"/v1/job/{JOB}/versions", diffs="true")).json()
    numbers = [version["Version"] for version in answer["Versions"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(answer["Diffs"]) == len(numbers) - 1
    fields = {
        (field["Name"], field["Old"], field["New"])
        for diff in answer["Diffs"]
        for group in diff["TaskGroups"]
        for task in group["Tasks"]
        for part in task["Objects"] or []
        for field in part["Fields"]
    }
    assert any(name == "image" and old.endswith("v2.11.1") and new.endswith("v2.11.2") for name, old, new in fields)
    assert (await api.get("/v1/job/none/versions")).text == "job versions not found"


async def test_summary_counts_past_allocations_too(api: Api) -> None:
    summary = (await api.get(f"/v1/job/{JOB}/summary")).json()["Summary"]["harbor"]
    states = [alloc.client_status for alloc in api.world.nomad.job_allocs(JOB)]
    assert summary["Running"] == states.count("running") == 1
    assert summary["Complete"] == states.count("complete")
    assert summary["Failed"] == states.count("failed")


async def test_stats_agree_with_the_world(api: Api) -> None:
    stats = (await api.get(f"/v1/client/allocation/{api.alloc.id}/stats")).json()
    assert set(stats["Tasks"]) == set(api.alloc.tasks)
    total = sum(task["ResourceUsage"]["MemoryStats"]["RSS"] for task in stats["Tasks"].values())
    assert stats["ResourceUsage"]["MemoryStats"]["RSS"] == total
    memory = stats["Tasks"]["core"]["ResourceUsage"]["MemoryStats"]
    assert memory["MaxUsage"] == 0
    assert "Max Usage" not in memory["Measured"]
    assert stats["Timestamp"] == int(START) * 10**9
    one = (await api.get(f"/v1/client/allocation/{api.alloc.id}/stats", task="core")).json()
    assert set(one["Tasks"]) == {"core"}


async def test_a_dead_task_keeps_its_sample_out_of_the_sum(api: Api) -> None:
    api.world.nomad.crash_task(api.alloc.id, "core")
    stats = (await api.get(f"/v1/client/allocation/{api.alloc.id}/stats")).json()
    tasks = stats["Tasks"]
    assert tasks["core"]["Pids"] is None
    alive = sum(t["ResourceUsage"]["MemoryStats"]["RSS"] for name, t in tasks.items() if name != "core")
    assert stats["ResourceUsage"]["MemoryStats"]["RSS"] == alive


async def test_a_node_that_is_down_cannot_be_reached(api: Api) -> None:
    alloc = api.alloc
    api.world.nomad.node_down(alloc.node_id)
    for path in (f"/v1/client/allocation/{alloc.id}/stats", f"/v1/client/fs/logs/{alloc.id}"):
        answer = await api.get(path, task="core", type="stdout")
        assert (answer.status, answer.text) == (404, "No path to node")
    assert (await api.get("/v1/client/stats", node_id=alloc.node_id)).status == 404


async def test_why_it_is_not_placed(api: Api) -> None:
    nomad = api.world.nomad
    nomad.drain(api.alloc.node_id)
    rows = (await api.get("/v1/evaluations", filter=f'JobID == "{JOB}"', reverse="true", per_page="5")).json()
    blocked = next(row for row in rows if row["Status"] == "blocked")
    assert blocked["FailedTGAllocs"]["harbor"]["ConstraintFiltered"]
    assert (await api.get(f"/v1/job/{JOB}/summary")).json()["Summary"]["harbor"]["Queued"] == 1
    related = (await api.get(f"/v1/evaluation/{blocked['ID']}", related="true")).json()["RelatedEvals"]
    assert blocked["PreviousEval"] in [row["ID"] for row in related]
    assert "RelatedEvals" not in (await api.get(f"/v1/evaluation/{blocked['ID']}", related="True")).json()
