"""Jobs as the list, summary, statuses and versions calls write them."""

from __future__ import annotations

from itertools import pairwise

from harbortui.sim.nomad.context import NomadServer
from harbortui.sim.nomad.encoding import Json, nanos
from harbortui.sim.nomad.job_diff import job_diff
from harbortui.sim.nomad.jobspec import full_job, job_meta
from harbortui.sim.world.nomad_types import Allocation, Deployment, Job
from harbortui.sim.world.options import DATACENTER, GROUP, NAMESPACE

_COUNTED = {
    "complete": "Complete",
    "failed": "Failed",
    "running": "Running",
    "pending": "Starting",
    "lost": "Lost",
    "unknown": "Unknown",
}


def job_stub(server: NomadServer, job: Job, with_meta: bool) -> Json:
    """A row of /v1/jobs."""
    stub: Json = {
        "ID": job.id,
        "ParentID": "",
        "Name": job.id,
        "Namespace": NAMESPACE,
        "Datacenters": [DATACENTER],
        "NodePool": "default",
        "Multiregion": None,
        "Type": "service",
        "Priority": 50,
        "Periodic": False,
        "ParameterizedJob": False,
        "Stop": job.current.stop,
        "Status": job_status(job),
        "StatusDescription": "",
        "JobSummary": job_summary(server, job),
        "CreateIndex": job.create_index,
        "ModifyIndex": job.modify_index,
        "JobModifyIndex": job.job_modify_index,
        "SubmitTime": nanos(job.current.submit_time),
    }
    if with_meta:
        stub["Meta"] = job_meta(server, job.id)
    return stub


def job_status(job: Job) -> str:
    """pending, running or dead."""
    return "dead" if job.current.stop else job.status


def job_summary(server: NomadServer, job: Job) -> Json:
    """Allocations by state: past ones stay counted, queued are those that could not be placed."""
    nomad = server.nomad
    counts = {"Queued": 0, "Complete": 0, "Failed": 0, "Running": 0, "Starting": 0, "Lost": 0, "Unknown": 0}
    allocs = nomad.job_allocs(job.id)
    for alloc in allocs:
        counts[_COUNTED[alloc.client_status]] += 1
    if nomad.current_alloc(job.id) is None and not job.current.stop:
        newest = next((e for e in reversed(nomad.evals.values()) if e.job_id == job.id), None)
        counts["Queued"] = newest.queued.get(GROUP, 0) if newest else 0
    return {
        "JobID": job.id,
        "Namespace": NAMESPACE,
        "Summary": {GROUP: counts},
        "Children": {"Pending": 0, "Running": 0, "Dead": 0},
        "CreateIndex": job.create_index,
        "ModifyIndex": summary_index(server, job),
    }


def summary_index(server: NomadServer, job: Job) -> int:
    """The summary's own index: it moves with the job and each of its allocations."""
    return max([job.modify_index, *(alloc.modify_index for alloc in server.nomad.job_allocs(job.id))])


def job_statuses(server: NomadServer, job: Job) -> Json:
    """An item of /v1/jobs/statuses (1.8.0 and newer)."""
    current = job.current
    return {
        "ID": job.id,
        "Namespace": NAMESPACE,
        "Name": job.id,
        "Type": "service",
        "NodePool": "default",
        "Datacenters": [DATACENTER],
        "Priority": 50,
        "Version": current.version,
        "SubmitTime": nanos(current.submit_time),
        "ModifyIndex": job.modify_index,
        "GroupCountSum": current.count,
        "ParentID": "",
        "Stop": current.stop,
        "IsPack": False,
        "Status": job_status(job),
        "ChildStatuses": None,
        "Allocs": [_status_alloc(alloc) for alloc in server.nomad.job_allocs(job.id) if _shown(alloc)],
        "LatestDeployment": _latest(latest_deployment(server, job.id)),
    }


def latest_deployment(server: NomadServer, job_id: str) -> Deployment | None:
    """The newest deployment of a job."""
    return next((d for d in reversed(server.nomad.deployments.values()) if d.job_id == job_id), None)


def job_versions(server: NomadServer, job: Job, with_diffs: bool) -> Json:
    """All versions, newest first; each diff is to the version before it."""
    versions = list(reversed(job.versions))
    jobs = [full_job(server, job, version) for version in versions]
    diffs = [job_diff(old, new) for new, old in pairwise(jobs)] if with_diffs else None
    answer: Json = {"Diffs": diffs, "Versions": jobs}
    if server.at_least(1, 9):
        # The query's metadata is part of the body since the call returns the whole response struct.
        answer.update({"Index": job.modify_index, "KnownLeader": True, "LastContact": 0, "NextToken": ""})
    return answer


def _shown(alloc: Allocation) -> bool:
    # The statuses call leaves out what was stopped on purpose and has ended.
    return not (alloc.terminal and alloc.desired_status != "run")


def _status_alloc(alloc: Allocation) -> Json:
    return {
        "ID": alloc.id,
        "Group": GROUP,
        "ClientStatus": alloc.client_status,
        "NodeID": alloc.node_id,
        "DeploymentStatus": {"Canary": False, "Healthy": alloc.healthy},
        "JobVersion": alloc.job_version,
        "FollowupEvalID": alloc.followup_eval,
        "HasPausedTask": False,
    }


def _latest(deployment: Deployment | None) -> Json | None:
    if deployment is None:
        return None
    return {
        "ID": deployment.id,
        "IsActive": deployment.status in ("running", "paused", "blocked"),
        "JobVersion": deployment.job_version,
        "Status": deployment.status,
        "StatusDescription": deployment.description,
        "AllAutoPromote": False,
        "RequiresPromotion": False,
    }
