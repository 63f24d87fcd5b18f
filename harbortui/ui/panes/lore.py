"""What a person must know of Harbor to read a fault: what needs what, and what users notice.

Order and needs are those of goharbor/harbor make/photon/prepare/templates/docker_compose (``depends_on``) and of what
each component connects to: since 2.x nginx sends ``/v2/`` to core, which asks the registry, and the job service uses
core's database.
"""

from __future__ import annotations

NEEDS: dict[str, tuple[str, ...]] = {
    "database": (),
    "redis": (),
    "registry": ("redis",),
    "registryctl": ("registry",),
    "core": ("database", "redis", "registry"),
    "portal": (),
    "jobservice": ("database", "redis", "core", "registryctl"),
    "nginx": ("core", "portal"),
}
"""What each of the eight needs of the others; registry and registryctl need the bucket too."""

USES_BUCKET = frozenset({"registry", "registryctl"})

WITHOUT: dict[str, str] = {
    "database": "core and the job service stop: nobody logs in, pulls or pushes",
    "redis": "core and the job service stop; sessions and queued jobs may be lost",
    "registry": "pulls and pushes fail; the portal still opens",
    "registryctl": "garbage collection fails; pulls and pushes go on",
    "core": "logins, the API, pulls and pushes fail",
    "portal": "the web pages do not open; pulls and pushes go on",
    "jobservice": "replication, garbage collection and scans wait; pulls and pushes go on",
    "nginx": "nothing from outside reaches Harbor, also when all others are healthy",
}
"""What users notice without a component."""

_BUCKET = "pushes fail, and pulls of layers that are not cached"
_BLIND = "nothing fails for users because of it; this console sees less"
AFFECTS: dict[str, str] = {
    "core-unreachable": "logins, the API, pulls and pushes, unless only the way from here is broken",
    "database-hanging": "everything that core does waits for the database",
    "read-only": "pushes, deletions and garbage collection are refused; pulls go on",
    "clock-skew": "tokens and signed requests to the object store may be refused",
    "clock-here": "ages and schedules shown here are off, and signed requests may be refused",
    "no-allocation": "this Harbor is down: nothing answers",
    "job-missing": "this Harbor is down, or the configuration names another job",
    "job-stopped": "this Harbor is down: somebody stopped it",
    "allocation-pending": "this Harbor does not run yet",
    "allocation-unknown": "Nomad lost sight of the node; the containers may still run",
    "allocation-ended": "this Harbor was interrupted; what runs now is another allocation",
    "placement-blocked": "nothing new is placed; what runs goes on until it ends",
    "deployment-failed": "the new version of the job is not what runs, or not healthy",
    "node-down": "all that runs on that node",
    "fleet-node-down": "all that ran on that node",
    "node-draining": "Nomad moves what runs there; a database on local disk does not move with it",
    "replication-failing": "the other side does not get what is new; pulls and pushes here go on",
    "replication-overdue": "the other side does not get what is new; pulls and pushes here go on",
    "replication-stuck": "with one execution at a time, later ones of that policy are skipped",
    "endpoint-unhealthy": "replication with that registry, and proxy caches in front of it",
    "gc-failed": "deleted images keep their space in the bucket; pulls and pushes go on",
    "gc-overdue": "deleted images keep their space in the bucket; pulls and pushes go on",
    "gc-unscheduled": "deleted images keep their space in the bucket until somebody collects",
    "bucket-filling": "nothing yet; when it is full, pushes fail",
    "bucket-full": "pushes fail; pulls go on",
    "bucket-missing": _BUCKET,
    "bucket-refused": "nothing, if only our credentials are refused; Harbor has its own",
    "bucket-unreachable": _BUCKET,
    "bucket-unseen": _BLIND,
    "store-down": _BUCKET,
    "store-busy": "pushes and pulls are slow, some fail",
    "vault-sealed": "running Harbors go on; a restart that needs a secret fails",
    "vault-unreachable": _BLIND,
    "vault-token": _BLIND,
    "vault-secret": _BLIND,
}
"""What a finding means for users, by its rule; component and task findings are told by :data:`WITHOUT`."""


def needed_by(name: str) -> tuple[str, ...]:
    """What needs a component directly."""
    return tuple(each for each, needs in NEEDS.items() if name in needs)
