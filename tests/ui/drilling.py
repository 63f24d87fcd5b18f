"""A fleet with something to drill into, and pages of it drawn as text."""

from __future__ import annotations

from typing import Any

import msgspec

from harbortui.model.asked import LogText, Query, RawObject, Topic
from harbortui.model.facet import Facet
from harbortui.model.finding import Finding, State
from harbortui.model.harbor import (
    COMPONENTS,
    ComponentHealth,
    Execution,
    ExecutionTask,
    GcRun,
    Health,
    RegistryEndpoint,
)
from harbortui.model.nomad import (
    Allocation,
    Deployment,
    DeploymentState,
    Node,
    Placement,
    PlacementFailure,
    TaskEvent,
    TaskState,
)
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.ui import symbols, themes
from harbortui.ui.cell import Pane
from harbortui.ui.opening import ThingPage
from harbortui.ui.things import Thing
from harbortui.ui.view import Start, View
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import GUTTER, Table
from tests.ui import samples
from tests.ui.samples import DAY, GIB, NAMES, NOW, fresh

replace = msgspec.structs.replace
NOMAD = "http://10.0.0.10:4646"
NAME = NAMES[1]
CURRENT = "1f3a19c2-0000-4000-8000-000000000001"
BEFORE = "0a3a19c2-0000-4000-8000-000000000002"
NODE = "5d3a19c2-0000-4000-8000-000000000005"
OTHER_NODE = "6d3a19c2-0000-4000-8000-000000000006"
DEPLOYMENT = "dd3a19c2-0000-4000-8000-00000000000d"
EVALUATION = "ee3a19c2-0000-4000-8000-00000000000e"
REFUSED = "failed to create adapter for destination registry harbor-nas: http error: code 401, message unauthorized"
BARS = 2
"""Header and footer around a page's table."""


def events(at: float, *what: tuple[str, float, dict[str, Any]]) -> tuple[TaskEvent, ...]:
    return tuple(TaskEvent(type=type_, at=at + after, **more) for type_, after, more in what)


def tasks() -> tuple[TaskState, ...]:
    """The eight, of which the registry was killed for memory two minutes ago."""
    trouble = events(
        NOW - 150,
        ("Terminated", 0, {"exit_code": 137, "oom_killed": True, "signal": 9, "message": "Exit Code: 137"}),
        ("Restarting", 15, {"message": "Task restarting in 15s"}),
        ("Started", 30, {"message": "Task started by client"}),
    )
    started = events(NOW - DAY, ("Received", 0, {}), ("Started", 2, {"message": "Task started by client"}))
    return tuple(
        TaskState(name=each, state="running", started_at=NOW - 120, restarts=3, last_restart=NOW - 135, events=trouble)
        if each == "registry"
        else TaskState(name=each, state="running", started_at=NOW - DAY, events=started)
        for each in COMPONENTS
    )


def allocations() -> tuple[Allocation, ...]:
    """The one that runs, and the failed one that it took over from."""
    dead = events(
        NOW - DAY - 60,
        ("Terminated", 0, {"exit_code": 1, "message": "Exit Code: 1"}),
        ("Not Restarting", 1, {"message": "Exceeded allowed attempts 3 in interval 30m0s", "fails_task": True}),
    )
    current = Allocation(
        id=CURRENT, group="harbor", node_id=NODE, node_name="client-05", job_version=14, desired="run",
        status="running", create_time=NOW - DAY, modify_time=NOW - 120, healthy=True,
        previous_allocation=BEFORE, tasks=tasks(),
    )  # fmt: skip
    before = Allocation(
        id=BEFORE, group="harbor", node_id=OTHER_NODE, node_name="client-06", job_version=13, desired="stop",
        desired_description="alloc was rescheduled because it failed", status="failed", description="Failed tasks",
        create_time=NOW - 9 * DAY, modify_time=NOW - DAY, healthy=False, next_allocation=CURRENT,
        tasks=(TaskState(name="core", state="dead", failed=True, finished_at=NOW - DAY - 60, events=dead),),
    )  # fmt: skip
    return current, before


def drilled(**facets: Any) -> InstanceSnapshot:
    """An instance with something of everything."""
    components = tuple(
        ComponentHealth(name=each, status="unhealthy" if each == "registry" else "healthy", error="s3aws: AccessDenied")
        for each in COMPONENTS
        if each != "nginx"
    )
    failed = Execution(
        id=201, policy_id=1, status="Failed", trigger="event_based", total=3, failed=1, succeed=2,
        start_time=NOW - 90, end_time=NOW - 60, status_text=REFUSED,
    )  # fmt: skip
    latest = Deployment(
        id=DEPLOYMENT, status="running", description="Deployment is running", job_version=14, desired=1, placed=1,
        healthy=0, auto_revert=True, desired_canaries=1, canaries=1, progress_by=NOW + 420,
    )  # fmt: skip
    group = PlacementFailure(
        group="harbor", nodes_evaluated=3, nodes_exhausted=2,
        reasons=("exhausted memory (2 nodes)", "constraint ${attr.kernel.name} = linux (1 node)"),
    )  # fmt: skip
    endpoint = RegistryEndpoint(id=4, name="harbor-nas", type="harbor", url="https://nas.example", status="unhealthy")
    collected = GcRun(
        id=7, status="Success", kind="SCHEDULE", start_time=NOW - 2 * DAY, end_time=NOW - 2 * DAY + 700,
        freed_bytes=18 * GIB, purged_blobs=812, purged_manifests=40, delete_untagged=True, workers=2,
    )  # fmt: skip
    base = samples.instance(NAME)
    values: dict[str, Any] = {
        "health": fresh("Harbor /health", Health(status="unhealthy", components=components), every=15.0),
        "allocations": fresh("Nomad allocations", allocations(), every=15.0),
        "usage": fresh("Nomad client stats", replace(base.usage.value, allocation_id=CURRENT)),
        "executions": fresh("Harbor /replication/executions", (failed, *base.executions.value), every=30.0),
        "deployment": fresh("Nomad deployment", DeploymentState(latest=latest)),
        "placement": fresh("Nomad evaluations", Placement(evaluation_id=EVALUATION, status="blocked", at=NOW - 300,
                                                          triggered_by="job-register", failures=(group,))),
        "registries": fresh("Harbor /registries", (endpoint,)),
        "gc_runs": fresh("Harbor /system/gc", (collected,)),
    }  # fmt: skip
    target = replace(base.target, nomad_address=NOMAD)
    return replace(base, target=target, **{**values, **facets})


def nodes() -> tuple[Node, ...]:
    """One drained, one well, one down."""
    return (
        Node(
            id=NODE, name="client-05", datacenter="dc1", status="ready", eligible=False, draining=True, version="1.9.7"
        ),
        Node(id=OTHER_NODE, name="client-06", datacenter="dc1", status="ready", version="1.9.7"),
        Node(id="7d", name="client-07", datacenter="dc1", status="down", version="1.9.7"),
    )


def fleet(each: InstanceSnapshot | None = None, **changes: Any) -> Snapshot:
    """The fleet around it."""
    snapshot = samples.fleet(samples.instance(NAMES[0]), each or drilled(), samples.instance(NAMES[2]))
    return replace(snapshot, nodes={NOMAD: fresh("Nomad nodes", nodes())}, **changes)


FINDINGS = (
    Finding(
        rule="component-unhealthy", state=State.CRITICAL, instance=NAME, subject="registry",
        title="registry is unhealthy", evidence=("Harbor /health: s3aws: AccessDenied",), since=NOW - 300,
    ),
    Finding(
        rule="replication-failing", state=State.CRITICAL, instance=NAME, subject="sync-to-nas", since=NOW - 90,
        title="replication sync-to-nas (push harbor-nas): the newest execution failed",
        evidence=(f"execution 201: {REFUSED}",),
    ),
    Finding(rule="node-draining", state=State.WARNING, instance=NAME, subject="client-05", title="it is draining"),
    Finding(rule="bucket-missing", state=State.CRITICAL, instance=NAME, subject=NAME, title="there is no such bucket"),
    Finding(rule="vault-sealed", state=State.CRITICAL, instance="", subject="Vault", title="Vault is sealed"),
)  # fmt: skip

TASKS = Query(topic=Topic.EXECUTION_TASKS, instance=NAME, id="201")
TASK_LOG = Query(topic=Topic.TASK_LOG, instance=NAME, id="201", sub="3")
GC_LOG = Query(topic=Topic.GC_LOG, instance=NAME, id="7")
RAW_POLICY = Query(topic=Topic.RAW, instance=NAME, sub="policy", id="1")


def answers() -> dict[Query, Facet[Any]]:
    """What Harbor says when it is asked."""

    def task(id_: int, status: str, image: str) -> ExecutionTask:
        return ExecutionTask(
            id=id_, execution_id=201, status=status, operation="copy", resource_type="image", source=f"library/{image}",
            destination=f"library/{image}", start_time=NOW - 90, end_time=NOW - 70,
        )  # fmt: skip

    run = (task(1, "Succeed", "alpine:3"), task(2, "Succeed", "busybox:1"), task(3, "Failed", "postgres:[16]"))
    log = (
        "2025-11-21T14:01:30Z [INFO] [/controller/replication/transfer/image/transfer.go:100]: copying postgres",
        "2025-11-21T14:01:31Z [ERROR] [/controller/replication/transfer/image/transfer.go:187]: http 401 unauthorized",
        "2025-11-21T14:01:32Z [WARNING] [/common/job.go:20]: trying again",
        "2025-11-21T14:01:33Z [INFO] [/controller/replication/transfer/image/transfer.go:99]: done",
    )
    raw = (
        "{",
        '  "id": 1,',
        '  "name": "sync-to-nas",',
        '  "secret": "****",',
        f'  "description": "{"long " * 60}"',
        "}",
    )
    policy = RawObject(title="replication policy 1", source="GET /api/v2.0/replication/policies", lines=raw, masked=1)
    return {
        TASKS: fresh("Harbor tasks of an execution", run),
        TASK_LOG: fresh("Harbor task log", LogText(lines=log, cut=True)),
        GC_LOG: fresh("Harbor GC log", LogText(lines=log[:1])),
        RAW_POLICY: fresh("Harbor /replication/policies", policy),
    }


def view_of(snapshot: Snapshot | None = None, *, looks: dict[Query, Facet[Any]] | None = None) -> View:
    """The view a page is made of."""
    snapshot = snapshot or fleet()
    view = View(Start("ackermann", NAMES), now=NOW, snapshot=snapshot, verdict=samples.verdict(snapshot, *FINDINGS))
    view.looks = answers() if looks is None else looks
    return view


THINGS = {
    "component": Thing("component", NAME, "registry"),
    "allocation": Thing("allocation", NAME, CURRENT),
    "allocation-before": Thing("allocation", NAME, BEFORE),
    "deployment": Thing("deployment", NAME, DEPLOYMENT),
    "node": Thing("node", NAME, NODE),
    "placement": Thing("placement", NAME),
    "execution": Thing("execution", NAME, "201"),
    "task-log": Thing("task-log", NAME, "201", "3"),
    "policy": Thing("policy", NAME, "1"),
    "endpoint": Thing("endpoint", NAME, "4"),
    "gc": Thing("gc", NAME, "7"),
    "gc-log": Thing("gc-log", NAME, "7"),
    "bucket": Thing("bucket", NAME),
    "finding": Thing("finding", NAME, "replication-failing", "sync-to-nas"),
    "raw": Thing("raw", NAME, "1", "policy"),
}


def pane_of(view: View, thing: Thing, columns: int = 120) -> Pane:
    """A page's pane on a terminal of that width."""
    return ThingPage(thing)(view, columns - GUTTER)


def drawn(view: View, thing: Thing, columns: int, rows: int) -> str:
    """A page as a terminal of that size shows it, without header and footer."""
    look = Look(themes.load("dark").palette, symbols.UNICODE)
    lines = Table(look, pane_of(view, thing, columns)).draw(columns, rows - BARS)
    texts = []
    for line in lines:
        text = ""
        for span in line.spans:
            text += " " * (span.x - len(text)) + span.text
        texts.append(text.rstrip())
    return "\n".join(texts) + "\n"
