"""Deployments and evaluations as the API writes them."""

from __future__ import annotations

from harbortui.sim.nomad.context import NomadServer
from harbortui.sim.nomad.encoding import Json, nanos, rfc3339, without_empty
from harbortui.sim.world.nomad_types import Deployment, Evaluation, PlacementFailure
from harbortui.sim.world.options import GROUP, NAMESPACE


def deployment_json(server: NomadServer, deployment: Deployment) -> Json:
    """A deployment; its times exist from 1.9 on."""
    answer: Json = {
        "ID": deployment.id,
        "Namespace": NAMESPACE,
        "JobID": deployment.job_id,
        "JobVersion": deployment.job_version,
        "JobModifyIndex": deployment.job_modify_index,
        "JobSpecModifyIndex": deployment.job_modify_index,
        "JobCreateIndex": deployment.job_create_index,
        "IsMultiregion": False,
        "TaskGroups": {GROUP: _group(deployment)},
        "Status": deployment.status,
        "StatusDescription": deployment.description,
        "EvalPriority": 50,
        "CreateIndex": deployment.create_index,
        "ModifyIndex": deployment.modify_index,
    }
    if server.at_least(1, 9):
        answer["CreateTime"] = nanos(deployment.create_time)
        answer["ModifyTime"] = nanos(deployment.modify_time)
    return answer


def filterable_evaluation(evaluation: Evaluation) -> Json:
    """Every field of an evaluation, empty ones too."""
    failed = {group: placement_metric(failure) for group, failure in evaluation.failed_groups.items()}
    return {
        "ID": evaluation.id,
        "Namespace": NAMESPACE,
        "Priority": 50,
        "Type": "service",
        "TriggeredBy": evaluation.triggered_by,
        "JobID": evaluation.job_id,
        "JobModifyIndex": evaluation.create_index - 1,
        "NodeID": evaluation.node_id,
        "NodeModifyIndex": 0,
        "DeploymentID": evaluation.deployment_id,
        "Status": evaluation.status,
        "StatusDescription": evaluation.description,
        "Wait": 0,
        "WaitUntil": None,
        "NextEval": evaluation.next,
        "PreviousEval": evaluation.previous,
        "BlockedEval": evaluation.blocked_eval,
        "RelatedEvals": None,
        "FailedTGAllocs": failed,
        "PlanAnnotations": None,
        "ClassEligibility": None,
        "QuotaLimitReached": "",
        "EscapedComputedClass": evaluation.status == "blocked",
        "AnnotatePlan": False,
        "QueuedAllocations": dict(evaluation.queued),
        "LeaderACL": "",
        "SnapshotIndex": evaluation.create_index,
        "CreateIndex": evaluation.create_index,
        "ModifyIndex": evaluation.modify_index,
        "CreateTime": nanos(evaluation.create_time),
        "ModifyTime": nanos(evaluation.modify_time),
    }


def evaluation_json(evaluation: Evaluation, related: list[Evaluation] | None = None) -> Json:
    """An evaluation with its empty fields left out; `related` adds stubs of those that belong to it."""
    whole = filterable_evaluation(evaluation)
    if related:
        whole["RelatedEvals"] = [_related(other) for other in related]
    return without_empty(whole)


def placement_metric(failure: PlacementFailure) -> Json:
    """The AllocMetric of a task group that was not placed."""
    return {
        "NodesEvaluated": failure.nodes_evaluated,
        "NodesFiltered": failure.nodes_filtered,
        "NodesInPool": failure.nodes_in_pool,
        "NodePool": "default",
        "NodesAvailable": dict(failure.nodes_available),
        "ClassFiltered": None,
        "ConstraintFiltered": dict(failure.constraint_filtered) or None,
        "NodesExhausted": failure.nodes_exhausted,
        "ClassExhausted": None,
        "DimensionExhausted": dict(failure.dimension_exhausted) or None,
        "QuotaExhausted": None,
        "ResourcesExhausted": None,
        "Scores": None,
        "AllocationTime": 91_000,
        "CoalescedFailures": failure.coalesced,
        "ScoreMetaData": None,
    }


def related_evaluations(server: NomadServer, evaluation: Evaluation) -> list[Evaluation]:
    """Evaluations linked to this one as previous, next or blocked."""
    links = {evaluation.previous, evaluation.next, evaluation.blocked_eval} - {""}
    return [
        other
        for other in server.nomad.evals.values()
        if other.id != evaluation.id and (other.id in links or evaluation.id in (other.previous, other.blocked_eval))
    ]


def _group(deployment: Deployment) -> Json:
    return {
        "AutoRevert": False,
        "AutoPromote": False,
        "ProgressDeadline": 600_000_000_000,
        "RequireProgressBy": rfc3339(deployment.require_progress_by) if deployment.require_progress_by else None,
        "Promoted": False,
        "PlacedCanaries": None,
        "DesiredCanaries": 0,
        "DesiredTotal": deployment.desired_total,
        "PlacedAllocs": deployment.placed,
        "HealthyAllocs": deployment.healthy,
        "UnhealthyAllocs": deployment.unhealthy,
    }


def _related(evaluation: Evaluation) -> Json:
    return {
        "ID": evaluation.id,
        "Priority": 50,
        "Type": "service",
        "TriggeredBy": evaluation.triggered_by,
        "Namespace": NAMESPACE,
        "JobID": evaluation.job_id,
        "NodeID": evaluation.node_id,
        "DeploymentID": evaluation.deployment_id,
        "Status": evaluation.status,
        "StatusDescription": evaluation.description,
        "WaitUntil": None,
        "NextEval": evaluation.next,
        "PreviousEval": evaluation.previous,
        "BlockedEval": evaluation.blocked_eval,
        "CreateIndex": evaluation.create_index,
        "ModifyIndex": evaluation.modify_index,
        "CreateTime": nanos(evaluation.create_time),
        "ModifyTime": nanos(evaluation.modify_time),
    }
