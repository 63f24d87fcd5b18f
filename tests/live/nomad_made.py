"""The suite's own job: one group of eight tasks with the names of Harbor's containers, purged when it is done with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harbortui.model.harbor import COMPONENTS
from tests.live.nomad_plain import Plain, waited

SECOND = 1_000_000_000
PLANTED = "harbortui-live-planted-secret"
"""Stands in the environment of each task; nothing of the console may ever tell it."""
IMAGE = "busybox:1.36"
KILL_SECONDS = 20
MEMORY_MB = 48

_LOOP = 'i=0; while :; do i=$((i+1)); echo "tick $i of {name}"; sleep 1 & wait $!; done'
_STEADY = "trap 'exit 0' TERM INT; echo 'begin {name}'; " + _LOOP
_CRASHES_ONCE = (
    "trap 'exit 0' TERM INT; if [ -e $NOMAD_ALLOC_DIR/crashed ]; then " + _LOOP + "; fi; "
    "touch $NOMAD_ALLOC_DIR/crashed; echo 'panic: on purpose' >&2; sleep 1; exit 3"
)
CRASHING = "registryctl"
SLOW = "jobservice"
_SLOW = "trap 'echo draining; sleep 3; exit 0' TERM INT; echo 'begin {name}'; " + _LOOP


def job(name: str, driver: str, *, impossible: bool = False) -> dict[str, Any]:
    """What is registered; ``impossible`` adds a constraint that no node fulfils."""
    scripts = {CRASHING: _CRASHES_ONCE, SLOW: _SLOW}
    tasks = [_task(each, driver, scripts.get(each, _STEADY).replace("{name}", each)) for each in COMPONENTS]
    group = {
        "Name": "harbor",
        "Count": 1,
        "Tasks": tasks,
        "EphemeralDisk": {"SizeMB": 50},
        "RestartPolicy": {"Attempts": 10, "Interval": 600 * SECOND, "Delay": 2 * SECOND, "Mode": "delay"},
        "ReschedulePolicy": {"Attempts": 0, "Unlimited": False},
        "Update": {
            "MaxParallel": 1,
            "MinHealthyTime": 3 * SECOND,
            "HealthyDeadline": 60 * SECOND,
            "ProgressDeadline": 90 * SECOND,
        },
    }
    constraint = {"LTarget": "${attr.kernel.name}", "RTarget": "no-such-kernel", "Operand": "="}
    spec = {"ID": name, "Name": name, "Type": "service", "Datacenters": ["*"], "TaskGroups": [group]}
    return {"Job": {**spec, "Constraints": [constraint]} if impossible else spec}


def _task(name: str, driver: str, script: str) -> dict[str, Any]:
    config: dict[str, Any] = {"command": "/bin/sh", "args": ["-c", script]}
    if driver == "docker":
        config["image"] = IMAGE
    return {
        "Name": name,
        "Driver": driver,
        "Config": config,
        "Env": {"SECRET_PASSWORD": PLANTED},
        "Resources": {"CPU": 50, "MemoryMB": MEMORY_MB},
        "KillTimeout": KILL_SECONDS * SECOND,
        "LogConfig": {"MaxFiles": 2, "MaxFileSizeMB": 1},
    }


@contextmanager
def registered(admin: Plain, namespace: str, spec: dict[str, Any]) -> Iterator[str]:
    """The job's id while it is registered; it is purged at the end, whatever happens."""
    name = spec["Job"]["ID"]
    try:
        admin.change("PUT", "/jobs", {"Job": {**spec["Job"], "Namespace": namespace}})
        yield str(name)
    finally:
        admin.change("DELETE", f"/job/{name}", purge="true")
        waited(lambda: True if admin.ask("GET", f"/job/{name}").status_code == 404 else None)


def all_run(admin: Plain, name: str) -> dict[str, Any] | None:
    """The current allocation once each of its tasks runs, and the one that crashes has."""
    found = admin.current(name)
    states = (found or {}).get("TaskStates") or {}
    runs = len(states) == len(COMPONENTS) and all(state["State"] == "running" for state in states.values())
    return found if runs and states[CRASHING]["Restarts"] >= 1 else None
