"""Which pane shows which facets, which key needs which rights: what a missing right leaves blind is read off here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from harbortui.probes.result import Role


class Right(NamedTuple):
    """A right in its system's own words."""

    system: str
    name: str

    def __str__(self) -> str:
        return f"{self.system} {self.name}"


READ_JOB = Right("Nomad", "read-job")
READ_LOGS = Right("Nomad", "read-logs")
LIST_JOBS = Right("Nomad", "list-jobs")
NODE_READ = Right("Nomad", "node:read")
LIST_BUCKET = Right("S3", "s3:ListBucket")

FACET_NEEDS: dict[str, tuple[Right, ...]] = {
    "health": (),
    "system": (Right("Harbor", "credentials"),),
    "account": (Right("Harbor", "credentials"),),
    "quotas": (Right("Harbor", "quota:list"),),
    "registries": (Right("Harbor", "registry:list"),),
    "policies": (Right("Harbor", "replication-policy:list"),),
    "executions": (Right("Harbor", "replication:list"),),
    "task_logs": (Right("Harbor", "replication:read"),),
    "gc_runs": (Right("Harbor", "garbage-collection:list"),),
    "gc_schedule": (Right("Harbor", "garbage-collection:read"),),
    "job_service": (Right("Harbor", "jobservice-monitor:list"),),
    "projects": (Right("Harbor", "project:list"),),
    "scans": (Right("Harbor", "scan-all:read"),),
    "audit": (Right("Harbor", "audit-log:list"),),
    "job": (READ_JOB,),
    "allocations": (READ_JOB,),
    "usage": (READ_JOB,),
    "deployment": (READ_JOB,),
    "placement": (READ_JOB,),
    "events": (LIST_JOBS,),
    "logs": (READ_LOGS,),
    "nodes": (NODE_READ,),
    "bucket": (LIST_BUCKET,),
    "listing": (LIST_BUCKET,),
    "versions": (Right("S3", "s3:ListBucketVersions"),),
    "uploads": (Right("S3", "s3:ListBucketMultipartUploads"),),
}
"""The rights behind each thing that is asked; facets of the snapshot, and what is only asked when a person wants it."""

WORDS: dict[str, str] = {
    "health": "component health",
    "system": "version and mode",
    "account": "own account",
    "quotas": "what projects use",
    "registries": "replication endpoints",
    "policies": "replication policies",
    "executions": "replication runs",
    "task_logs": "replication logs",
    "gc_runs": "garbage collections",
    "gc_schedule": "their schedule",
    "job_service": "the job service",
    "projects": "projects",
    "scans": "scan backlog",
    "audit": "audit log",
    "job": "job",
    "allocations": "allocations",
    "usage": "CPU and memory",
    "deployment": "deployment",
    "placement": "placement failures",
    "events": "news as they happen",
    "logs": "task logs",
    "nodes": "nodes",
    "bucket": "bucket and its usage",
    "listing": "counting of usage",
    "versions": "hidden versions",
    "uploads": "unfinished uploads",
}
"""Each of them for a person."""


@dataclass(frozen=True, slots=True)
class View:
    """A pane with what it shows, or a key with what it needs."""

    kind: str
    """``pane`` or ``key``."""
    name: str
    facets: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    role: Role = Role.VIEWER
    """The least role that has this view at all."""


def _harbor(*names: str) -> tuple[Right, ...]:
    return tuple(Right("Harbor", name) for name in names)


LIFECYCLE = Right("Nomad", "alloc-lifecycle")
SUBMIT = Right("Nomad", "submit-job")

PANES: tuple[View, ...] = (
    View("pane", "1 Components", ("health", "system", "job", "allocations", "usage")),
    View("pane", "2 Allocations", ("allocations", "deployment", "placement", "nodes", "events")),
    View(
        "pane",
        "3 Storage",
        ("bucket", "listing", "versions", "uploads", "quotas", "gc_runs", "gc_schedule"),
    ),
    View("pane", "4 Replication", ("policies", "executions", "registries", "task_logs")),
    View("pane", "5 Logs", ("logs",)),
    View("pane", "6 Jobs", ("job_service",)),
    View("pane", "7 Projects", ("projects", "quotas", "scans")),
    View("pane", "8 Audit", ("audit",)),
)

KEYS: tuple[View, ...] = (
    View("key", "R restart", rights=(LIFECYCLE,), role=Role.OPERATOR),
    View(
        "key",
        "C collect garbage",
        rights=_harbor("garbage-collection:create", "garbage-collection:stop"),
        role=Role.OPERATOR,
    ),
    View("key", "S start, X stop a replication", rights=_harbor("replication:create"), role=Role.OPERATOR),
    View("key", "E enable or disable a policy", rights=_harbor("replication-policy:update"), role=Role.OPERATOR),
    View(
        "key",
        "E pause or resume a queue",
        rights=_harbor("jobservice-monitor:list", "jobservice-monitor:stop"),
        role=Role.OPERATOR,
    ),
    View(
        "key",
        "M purge, scan, schedules",
        rights=_harbor(
            "garbage-collection:update", "purge-audit:create", "purge-audit:stop", "scan-all:create", "scan-all:stop"
        ),
        role=Role.OPERATOR,
    ),
    View("key", "M stop, start, revert the job", rights=(SUBMIT,), role=Role.DEPLOYER),
)


def views_of(role: Role) -> tuple[View, ...]:
    """The panes and keys that a role has."""
    return tuple(view for view in (*PANES, *KEYS) if role.includes(view.role))


def rights_of(role: Role, system: str) -> tuple[str, ...]:
    """Everything a role needs of one system, in the order of the panes and keys; each once."""
    found = [
        right
        for view in views_of(role)
        for right in (*(need for facet in view.facets for need in FACET_NEEDS[facet]), *view.rights)
        if right.system == system and right.name != "credentials"
    ]
    return tuple(dict.fromkeys(right.name for right in found))
