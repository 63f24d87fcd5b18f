"""What the world holds, in numbers: the truth that tests compare the console's screens with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harbortui.sim.world import Instance, World


def summary(world: World) -> dict[str, Any]:
    """Counts and totals of the whole fleet and of each instance at the world's now."""
    nomad = world.nomad
    return {
        "now": world.now,
        "seed": world.options.seed,
        "start": world.options.start,
        "harbor_version": world.options.harbor_version,
        "nomad": {
            "index": nomad.index,
            "nodes": len(nomad.nodes),
            "jobs": len(nomad.jobs),
            "allocations": dict(Counter(alloc.client_status for alloc in nomad.allocs.values())),
            "deployments": dict(Counter(row.status for row in nomad.deployments.values())),
        },
        "instances": {instance.name: _instance(instance) for instance in world.instances},
    }


def _instance(instance: Instance) -> dict[str, Any]:
    alloc = instance.world.nomad.current_alloc(instance.job_id)
    tasks = alloc.tasks if alloc else {}
    collections = instance.jobs.get("GARBAGE_COLLECTION", [])
    projects = {
        project.name: {
            "repositories": sum(r.project_id == project.id for r in instance.repositories.values()),
            "artifacts": sum(len(r.artifacts) for r in instance.repositories.values() if r.project_id == project.id),
            "used": instance.project_usage(project.id),
        }
        for project in instance.projects.values()
    }
    return {
        "version": instance.version,
        "allocation": alloc.id if alloc else None,
        "tasks": {name: {"state": task.state, "restarts": task.restarts} for name, task in tasks.items()},
        "projects": projects,
        "usage": instance.total_usage(),
        "bucket": instance.bucket.stats()._asdict(),
        "executions": dict(Counter(row.status for row in instance.executions.values())),
        "gc_runs": len(collections),
        "last_gc": collections[-1].created if collections else None,
        "queues": {row.job_type: row.count for row in instance.queues() if row.count},
        "read_only": instance.read_only,
    }
