"""Pure rules: a snapshot, limits and the time in; findings and a verdict out. Observations only, never causes."""

from __future__ import annotations

from collections.abc import Mapping

from harbortui.diagnose.judged import Judged
from harbortui.diagnose.limits import Limits
from harbortui.diagnose.rules import judge_fleet, judge_instance
from harbortui.diagnose.verdict import fleet_verdict
from harbortui.model.finding import Verdict
from harbortui.model.past import Past
from harbortui.model.snapshot import Snapshot

__all__ = ["Judged", "Limits", "diagnose", "fleet_verdict", "judge_fleet", "judge_instance"]


def diagnose(
    snapshot: Snapshot, *, now: float, limits: Limits | None = None, pasts: Mapping[str, Past] | None = None
) -> Verdict:
    """The whole verdict on a snapshot at ``now`` (unix seconds); the same input gives the same output.

    ``pasts`` is what the history tells, by instance.
    """
    pasts = pasts if pasts is not None else {}
    limits = limits if limits is not None else Limits()
    judged = tuple(judge_instance(each, snapshot, limits, now, pasts.get(each.name)) for each in snapshot.instances)
    return fleet_verdict(snapshot, judged, judge_fleet(snapshot, limits, now))
