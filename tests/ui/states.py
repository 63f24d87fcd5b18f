"""The states that every screen is designed for: one fleet for each, its verdict, and what its pages are answered.

The verdicts are those of the rules. Where a part of the fleet is in trouble it is harbor-vm-05, which is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from harbortui.diagnose import diagnose
from harbortui.engine.messages import LogLines, TailState
from harbortui.model.asked import Query, Topic
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Account, AccountKind, GcRun, RegistryEndpoint
from harbortui.model.nomad import Node
from harbortui.model.snapshot import INSTANCE_FACETS, NOMAD_FACETS, InstanceSnapshot, Snapshot
from harbortui.sources.harbor.policy import NEEDS
from harbortui.ui.port import Shown
from tests.ui import asked, drilling, samples
from tests.ui.samples import DAY, GIB, NAMES, NOW, fresh

replace = msgspec.structs.replace
NAME = NAMES[1]
"""The instance that is looked at."""
FACETS = ("vault", "nodes", "stores")
TIMEOUT = Failure(kind=FailureKind.TIMEOUT, detail="no answer within 10 s", at=NOW)
TOPICS = {"jobs": Topic.JOB_SERVICE, "projects": Topic.PROJECTS, "audit": Topic.AUDIT}
LOG = tuple(
    f"2025-11-21T14:02:{second:02d}Z [INFO] [/lib/http/server.go:{100 + second}]: request {second} answered in 12 ms"
    for second in range(40)
)


class Told(NamedTuple):
    """What the engine says in one state."""

    shown: Shown | None
    """None while nothing was collected yet."""
    answers: dict[Query, Facet[Any]]
    tail: LogLines | None = None


def well() -> Snapshot:
    """A fleet of which everything is known and nothing is wrong."""
    fleet = samples.fleet(*(_known(samples.instance(name)) for name in NAMES))
    nodes = tuple(
        Node(id=f"{number}d3a19c2-0000-4000-8000-000000000005", name=f"client-0{number}", status="ready")
        for number in (5, 6)
    )
    return replace(fleet, nodes={drilling.NOMAD: fresh("Nomad nodes", nodes)})


def _known(instance: InstanceSnapshot) -> InstanceSnapshot:
    endpoint = RegistryEndpoint(id=4, name="harbor-nas", type="harbor", url="https://nas.example", status="healthy")
    return replace(
        instance,
        target=replace(instance.target, nomad_address=drilling.NOMAD),
        account=fresh("Harbor /users/current", Account(kind=AccountKind.ROBOT, name="robot$console"), every=300.0),
        registries=fresh("Harbor /registries", (endpoint,), every=300.0),
    )


def hurt() -> Snapshot:
    """One in trouble in every pane, one whose garbage is not collected."""
    first, _, last = well().instances
    broken = drilling.drilled()
    overdue = GcRun(
        id=6, status="Success", kind="SCHEDULE", start_time=NOW - 15 * DAY, end_time=NOW - 15 * DAY + 700,
        freed_bytes=18 * GIB,
    )  # fmt: skip
    last = replace(last, gc_runs=fresh("Harbor /system/gc", (overdue,)))
    return replace(drilling.fleet(), instances=(first, _known(broken), last))


def changed(fleet: Snapshot, change: Callable[[str, Facet[Any]], Facet[Any]], *names: str) -> Snapshot:
    """The fleet with every facet of these instances changed; of all and what they share where none is named."""
    instances = tuple(
        replace(each, **{facet: change(facet, getattr(each, facet)) for facet in INSTANCE_FACETS})
        if not names or each.name in names
        else each
        for each in fleet.instances
    )
    if names:
        return replace(fleet, instances=instances)
    return replace(
        fleet,
        instances=instances,
        vault=change("vault", fleet.vault),
        nodes={key: change("nodes", each) for key, each in fleet.nodes.items()},
        stores={key: change("stores", each) for key, each in fleet.stores.items()},
    )


def _loading(_name: str, facet: Facet[Any]) -> Facet[Any]:
    return replace(facet, value=None, at=None, tried_at=None, failure=None)


def _stale(_name: str, facet: Facet[Any]) -> Facet[Any]:
    return samples.stale(facet, age=max(300.0, 3 * facet.every))


def _failed(_name: str, facet: Facet[Any]) -> Facet[Any]:
    return replace(facet, value=None, at=None, tried_at=NOW, failure=TIMEOUT)


def _denied(name: str, facet: Facet[Any]) -> Facet[Any]:
    """As with credentials of which nobody thought: health and the version are everybody's."""
    if name in ("health", "system", "vault", "stores"):
        return facet
    path = facet.source.removeprefix("Harbor ")
    needs = NEEDS.get(path, {"usage": "node:read", "nodes": "node:read", "bucket": "s3:ListBucket"}.get(name, ""))
    if name in NOMAD_FACETS and not needs:
        needs = "read-job"
    failure = Failure(kind=FailureKind.FORBIDDEN, detail="403 forbidden", at=NOW, status=403, needs=needs)
    return replace(facet, value=None, at=None, tried_at=NOW, failure=failure)


def _answers(of: Callable[[Topic], Facet[Any]]) -> dict[Query, Facet[Any]]:
    return {asked.query(topic, NAME): of(topic) for topic in TOPICS.values()}


WELL: dict[Topic, Any] = {
    Topic.JOB_SERVICE: asked.job_service(),
    Topic.PROJECTS: asked.project_list(projects=asked.project_list().projects[:1] + asked.project_list().projects[2:3]),
    Topic.AUDIT: asked.audit_page(total=130),
}
HURT: dict[Topic, Any] = {
    Topic.JOB_SERVICE: asked.hurt_job_service(),
    Topic.PROJECTS: asked.project_list(),
    Topic.AUDIT: asked.audit_page(total=130, entries=asked.troubled_entries()),
}


def _tail(**changes: Any) -> LogLines:
    return LogLines(**{"instance": NAME, "task": "core", "stream": "stdout", "state": TailState.LIVE, **changes})


def _told(fleet: Snapshot, of: Callable[[Topic], Facet[Any]] | None, tail: LogLines | None = None) -> Told:
    return Told(Shown(fleet, diagnose(fleet, now=NOW)), _answers(of) if of is not None else {}, tail)


def states() -> dict[str, Callable[[], Told]]:
    """Each state by its name."""
    live = _tail(lines=LOG, allocation_id=drilling.CURRENT)
    denied = Failure(kind=FailureKind.FORBIDDEN, detail="Permission denied", at=NOW, needs="read-logs")
    return {
        "starting": lambda: Told(None, {}),
        "loading": lambda: _told(changed(well(), _loading), None),
        "well": lambda: _told(well(), lambda topic: asked.known(topic, WELL[topic]), live),
        "hurt": lambda: _told(hurt(), lambda topic: asked.known(topic, HURT[topic]), live),
        "stale": lambda: _told(
            changed(well(), _stale, NAME),
            lambda topic: asked.known(topic, WELL[topic], age=300.0, failure=TIMEOUT),
            _tail(lines=LOG, state=TailState.ENDED, allocation_id=drilling.CURRENT),
        ),
        "failed": lambda: _told(
            changed(well(), _failed, NAME),
            lambda topic: asked.refused(topic, FailureKind.TIMEOUT, "no answer within 10 s"),
            _tail(state=TailState.FAILED, failure=TIMEOUT),
        ),
        "denied": lambda: _told(
            changed(well(), _denied),
            lambda topic: asked.refused(topic, detail="403 forbidden"),
            _tail(state=TailState.FAILED, failure=denied),
        ),
    }
