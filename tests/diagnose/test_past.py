"""What the history adds to findings: since when, where it is sure, and a bucket that fills."""

from __future__ import annotations

from typing import Any

import pytest

from harbortui.diagnose import Limits, diagnose
from harbortui.model.failure import FailureKind
from harbortui.model.finding import Finding, State
from harbortui.model.harbor import ComponentHealth, Health
from harbortui.model.history import Forecast, Outlook, Since, Subject, Trend
from harbortui.model.past import BucketTrend, Curve, Past, Standing
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.model.storage import BucketState, BucketUsage
from tests.diagnose.worlds import DAY, HOUR, NOW, but, fleet, lost, seen

GIB = 1024**3
ILL = but(health=seen(Health(status="unhealthy", components=(ComponentHealth(name="redis", status="unhealthy"),))))


def standing(subject: Subject, name: str, state: str, **more: Any) -> Past:
    at = NOW - 3 * HOUR
    since = Since(**{"state": state, "since": at, "earliest": at - 60, "seen_at": NOW, **more})
    return Past(instance="a", standings=(Standing(subject=subject, name=name, since=since),))


def findings(instance: InstanceSnapshot, past: Past, limits: Limits | None = None) -> dict[str, Finding]:
    verdict = diagnose(fleet(instance), now=NOW, limits=limits, pasts={"a": past})
    return {each.rule: each for each in verdict.findings}


def test_a_component_is_unhealthy_since_it_was_first_seen_so() -> None:
    found = findings(ILL, standing(Subject.COMPONENT, "redis", "unhealthy"))["component-unhealthy"]
    assert found.since == NOW - 3 * HOUR
    assert not any("history" in each for each in found.evidence)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"earliest": None}, "whenever anybody looked, first at 2026-01-14 11:00 UTC"),
        ({"earliest": NOW - 5 * HOUR}, "first seen like that at 2026-01-14 11:00 UTC; nobody looked for 2 h before"),
    ],
)
def test_what_is_not_sure_of_the_beginning_is_evidence(changes: dict[str, Any], said: str) -> None:
    found = findings(ILL, standing(Subject.COMPONENT, "redis", "unhealthy", **changes))["component-unhealthy"]
    assert found.since == NOW - 3 * HOUR
    assert any(said in each for each in found.evidence)


@pytest.mark.parametrize(
    "past",
    [
        Past(instance="a"),
        standing(Subject.COMPONENT, "redis", "healthy"),
        standing(Subject.COMPONENT, "core", "unhealthy"),
        standing(Subject.TASK, "redis", "unhealthy"),
        standing(Subject.COMPONENT, "redis", "unhealthy", unseen=HOUR),
    ],
    ids=["nothing", "a minute late", "another one", "another kind", "nobody looked"],
)
def test_no_since_where_the_history_does_not_carry_it(past: Past) -> None:
    assert findings(ILL, past)["component-unhealthy"].since is None


def test_harbor_and_bucket_do_not_answer_since_the_history_knows() -> None:
    silent = but(health=lost(FailureKind.REFUSED))
    assert findings(silent, standing(Subject.HARBOR, "", "refused"))["core-unreachable"].since == NOW - 3 * HOUR
    other = findings(silent, standing(Subject.HARBOR, "", "answers"))["core-unreachable"].since
    assert other != NOW - 3 * HOUR, "the history is a minute late: the newest failure's own time stays"
    gone = but(bucket=lost(FailureKind.NOT_FOUND))
    assert findings(gone, standing(Subject.BUCKET, "", "not_found"))["bucket-missing"].since == NOW - 3 * HOUR


# A bucket that fills


def bucket(quota: int | None = 500 * GIB) -> InstanceSnapshot:
    usage = BucketUsage(source="RGW bucket statistics", bytes=400 * GIB, quota_bytes=quota)
    return but(bucket=seen(BucketState(name="harbor", usage=usage)))


def filling(days: float, outlook: Outlook = Outlook.FILLING, **more: Any) -> Past:
    line = Trend(per_day=8.0 * GIB, low=7.0, high=9.0, level=400.0 * GIB, spread=(0.0, 0.0), days=40.0, until=NOW)
    at = NOW + days * DAY if outlook is Outlook.FILLING else None
    given = {"limit": 500.0 * GIB, "at": at, "earliest": at and at - 2 * DAY, "latest": at and at + 3 * DAY}
    foreseen = Forecast(**{**given, "outlook": outlook, "trend": line, **more})
    curve = Curve(source="RGW bucket statistics", start=0.0, step=DAY, values=())
    return Past(instance="a", bucket=BucketTrend(curve=curve, trend=line, forecast=foreseen))


def test_a_bucket_that_is_full_within_two_weeks_is_a_warning() -> None:
    found = findings(bucket(), filling(12.0))["bucket-filling"]
    assert found.state is State.WARNING and found.subject == "harbor"
    assert found.title == "bucket harbor grows so fast that it is full within 14 days"
    assert found.evidence == (
        "history, 40 days of RGW bucket statistics: full about 2026-01-26 (from 2026-01-24, by 2026-01-29)",
    )
    never = findings(bucket(), filling(12.0, latest=None))["bucket-filling"]
    assert "possibly never" in never.evidence[0]


@pytest.mark.parametrize(
    ("instance", "past"),
    [
        (bucket(), filling(15.0)),
        (bucket(), Past(instance="a")),
        *((bucket(), filling(12.0, each)) for each in Outlook if each is not Outlook.FILLING),
        (bucket(None), filling(12.0)),
        (bucket(600 * GIB), filling(12.0)),
        (but(bucket=lost(FailureKind.REFUSED)), filling(12.0)),
    ],
)
def test_no_warning_without_a_limit_that_holds_and_a_forecast_that_is_near(
    instance: InstanceSnapshot, past: Past
) -> None:
    assert "bucket-filling" not in findings(instance, past)


def test_how_near_is_a_limit() -> None:
    far = findings(bucket(), filling(20.0), Limits(filling=30 * DAY))
    assert far["bucket-filling"].title.endswith("within 30 days")
