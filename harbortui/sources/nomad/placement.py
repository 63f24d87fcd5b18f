"""Why a job's group is not placed: reading a job's evaluations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harbortui.model.nomad import Placement, PlacementFailure
from harbortui.model.redact import Clean
from harbortui.sources.answer import Ok
from harbortui.sources.nomad.values import from_nanoseconds
from harbortui.sources.nomad.wire import EvaluationWire, MetricWire
from harbortui.sources.rows import read_rows, unix

MAX_REASONS = 12


def decode_placement(body: bytes, clean: Clean) -> Ok[Placement]:
    """``GET /v1/job/:id/evaluations``: the evaluation that explains the present, and what it could not place.

    Raises:
        Unreadable: not an array.
    """
    rows = read_rows(body, EvaluationWire, name="evaluation")
    lost = tuple(clean(each) for each in rows.lost)
    newest = sorted(rows.rows, key=lambda each: (each.create_index, each.modify_index), reverse=True)
    telling = _telling(newest)
    if telling is None:
        return Ok(Placement(), lost)
    failures = tuple(
        _failure(group, metric or MetricWire(), clean) for group, metric in (telling.failed_tg_allocs or {}).items()
    )
    placement = Placement(
        evaluation_id=clean(telling.id),
        status=clean(telling.status),
        triggered_by=clean(telling.triggered_by),
        at=from_nanoseconds(telling.create_time),
        failures=failures,
        next_try=min((at for each in newest if (at := _waits_until(each)) is not None), default=None),
    )
    return Ok(placement, lost)


def _telling(newest: list[EvaluationWire]) -> EvaluationWire | None:
    """The newest evaluation with unplaced groups, as long as it still holds; else the newest of all.

    While an evaluation is blocked the group still waits. Without one, an evaluation that completed later and left
    nothing over has placed what an older one could not.
    """
    blocked = any(each.status == "blocked" for each in newest)
    for each in newest:
        if each.failed_tg_allocs:
            return each
        if each.status == "complete" and not blocked:
            break
    return newest[0] if newest else None


def _waits_until(wire: EvaluationWire) -> float | None:
    """Delayed rescheduling is a pending evaluation; once it has been done it still tells the time it waited for."""
    return unix(wire.wait_until) if wire.status == "pending" else None


def _failure(group: str, metric: MetricWire, clean: Clean) -> PlacementFailure:
    reasons = [clean(each) for each, _ in zip(_reasons(metric), range(MAX_REASONS), strict=False)]
    if not reasons and metric.nodes_evaluated == 0:
        reasons = ["no node is ready and eligible in the job's datacenters and node pool"]
    return PlacementFailure(
        group=clean(group),
        nodes_evaluated=metric.nodes_evaluated,
        nodes_exhausted=metric.nodes_exhausted,
        reasons=tuple(reasons),
    )


def _reasons(metric: MetricWire) -> Iterator[str]:
    yield from _counted("constraint", metric.constraint_filtered)
    yield from _counted("class", metric.class_filtered)
    yield from _counted("exhausted", metric.dimension_exhausted)
    for quota in metric.quota_exhausted or ():
        yield f"quota {quota}"


def _counted(word: str, counts: Mapping[str, int] | None) -> Iterator[str]:
    for what, count in sorted((counts or {}).items(), key=lambda each: (-each[1], each[0])):
        yield f"{word} {what} ({count} {'node' if count == 1 else 'nodes'})"
