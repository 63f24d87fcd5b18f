"""Answers in Nomad's shapes, with secrets where real ones have them."""

from __future__ import annotations

from typing import Any

ALLOC = "5f1a2b3c-0000-4000-8000-00000000abcd"
EVAL = "11111111-0000-4000-8000-000000000001"
SECRET = "PLANTED-env-password"


def job() -> dict[str, Any]:
    task = {
        "Name": "core",
        "Driver": "docker",
        "User": "",
        "Config": {"image": "goharbor/harbor-core:v2.11.2", "auth": {"password": SECRET}},
        "Env": {"POSTGRESQL_PASSWORD": SECRET},
        "Templates": [{"EmbeddedTmpl": SECRET}],
        "Meta": {"note": SECRET},
        "Resources": {"CPU": 300, "MemoryMB": 512, "MemoryMaxMB": 1024, "Networks": None},
        "KillTimeout": 30_000_000_000,
        "Lifecycle": None,
    }
    sidecar = {
        **task,
        "Name": "redis",
        "KillTimeout": 5_000_000_000,
        "Lifecycle": {"Hook": "prestart", "Sidecar": True},
        "Resources": {"CPU": 100, "MemoryMB": 256, "MemoryMaxMB": -1},
    }
    return {
        "ID": "harbor-vm-06",
        "Namespace": "default",
        "Region": "global",
        "Type": "service",
        "Status": "running",
        "Stop": False,
        "Stable": True,
        "Version": 3,
        "SubmitTime": 1_768_399_200_123_456_789,
        "Datacenters": ["dc1"],
        "ModifyIndex": 77,
        "Meta": {"password": SECRET},
        "TaskGroups": [{"Name": "harbor", "Count": 1, "Tasks": [task, sidecar], "Meta": None}],
    }


def task_state(**changes: Any) -> dict[str, Any]:
    return {
        "State": "running",
        "Failed": False,
        "Restarts": 2,
        "LastRestart": "2026-01-14T14:00:00.123456789Z",
        "StartedAt": "2026-01-14T14:00:01Z",
        "FinishedAt": None,
        "Events": [
            {"Type": "Started", "Time": 1_768_399_200_000_000_000, "DisplayMessage": "Task started", "Details": None},
            {
                "Type": "Terminated",
                "Time": 1_768_399_300_000_000_000,
                "DisplayMessage": 'Exit Code: 137, "OOM Killed"',
                "ExitCode": 0,
                "Details": {"exit_code": "137", "oom_killed": "true", "signal": "9"},
            },
        ],
        **changes,
    }


def allocation(**changes: Any) -> dict[str, Any]:
    return {
        "ID": ALLOC,
        "Name": "harbor-vm-06.harbor[0]",
        "TaskGroup": "harbor",
        "NodeID": "22222222-0000-4000-8000-000000000001",
        "NodeName": "vm-nomad-client-06",
        "JobVersion": 3,
        "DesiredStatus": "run",
        "ClientStatus": "running",
        "DeploymentStatus": {"Healthy": True, "Canary": False, "Timestamp": None},
        "CreateTime": 1_768_399_200_000_000_000,
        "ModifyTime": 1_768_399_400_000_000_000,
        "CreateIndex": 10,
        "ModifyIndex": 20,
        "TaskStates": {"core": task_state(), "database": task_state(Restarts=0, Events=None)},
        **changes,
    }


def stats(**tasks: Any) -> dict[str, Any]:
    return {"ResourceUsage": {}, "Tasks": tasks, "Timestamp": 1_768_399_500_000_000_000}


def sample(*, memory: dict[str, Any] | None, cpu: dict[str, Any] | None, at: float = 1_768_399_500.0) -> dict[str, Any]:
    return {"ResourceUsage": {"MemoryStats": memory, "CpuStats": cpu}, "Timestamp": int(at * 1e9), "Pids": None}
