"""What the history could answer, by hand."""

from __future__ import annotations

from typing import Any

from harbortui.model.harbor import COMPONENTS
from harbortui.model.history import Forecast, Outlook, PastEvent, PastExecution, PastGc, Since, Subject, Trend
from harbortui.model.past import BucketTrend, Curve, Past, PastDetail, RestartCount, Standing, Trends
from tests.ui.samples import DAY, GIB, MIB, NAMES, NOW

TREND = Trend(
    per_day=2.0 * GIB, low=1.5 * GIB, high=2.5 * GIB, level=412.0 * GIB, spread=(0.0, 0.0), days=58.0, until=NOW
)
GROWN = (None,) * 20 + tuple(float(n) * GIB for n in range(372, 412))
"""Sixty days of which the first twenty were not recorded."""


def forecast(days: float = 63.0, **changes: Any) -> Forecast:
    """Full in so many days, a week more or less."""
    at = NOW + days * DAY
    given = {
        "outlook": Outlook.FILLING,
        "limit": 500.0 * GIB,
        "at": at,
        "earliest": at - 7 * DAY,
        "latest": at + 7 * DAY,
    }
    return Forecast(**{**given, "trend": TREND, **changes})


def curve(*values: float | None, name: str = "", step: float = DAY) -> Curve:
    return Curve(name=name, source="MinIO metrics", start=NOW - step * len(values), step=step, values=values)


def bucket(**changes: Any) -> BucketTrend:
    return BucketTrend(**{"curve": curve(*GROWN), "trend": TREND, "forecast": forecast(), **changes})


def standing(name: str, state: str = "healthy", days: float = 5.0, **more: Any) -> Standing:
    at = NOW - days * DAY
    since = Since(**{"state": state, "since": at, "earliest": at - 60, "seen_at": NOW, **more})
    return Standing(subject=Subject.COMPONENT, name=name, since=since)


def past(name: str = NAMES[0], **changes: Any) -> Past:
    given = {"instance": name, "bucket": bucket(), "standings": tuple(standing(each) for each in COMPONENTS)}
    return Past(**{**given, **changes})


def trends() -> Trends:
    memory = tuple(
        curve(*(None,) * 40, *(float(200 + n % 50) * MIB for n in range(56)), name=each, step=900.0)
        for each in COMPONENTS
    )
    restarts = tuple(
        curve(*(0.0,) * 80, None, None, 0.0, 3.0 if each == "registry" else 0.0, name=each) for each in COMPONENTS
    )
    return Trends(
        memory=memory,
        restarts=restarts,
        size=(curve(*GROWN),),
        objects=(curve(*GROWN),),
        done=curve(None, *(float(n) for n in range(29))),
        failed=curve(None, *(0.0,) * 28, 2.0),
        copied=curve(*(None,) * 12, *(float(n % 24) for n in range(60)), name="copied", step=3600.0),
        uncopied=curve(*(None,) * 12, *(0.0,) * 50, 3.0, *(0.0,) * 9, name="not copied", step=3600.0),
    )


def detail(name: str = NAMES[0], **changes: Any) -> PastDetail:
    """One instance of which much is known."""
    run = {"policy_id": 1, "start_time": NOW - 30 * DAY, "end_time": NOW - 30 * DAY + 9, "total": 4, "succeed": 4}
    given = {
        "instance": name,
        "past": past(name),
        "restarts": (RestartCount(task="registry", count=3, reach=DAY),),
        "executions": (PastExecution(id=104, status="Succeed", **run), PastExecution(id=7, status="Failed", **run)),
        "events": (
            PastEvent(
                at=NOW - 40 * DAY,
                allocation="0a1b2c3d-x",
                task="core",
                type="Terminated",
                exit_code=137,
                oom_killed=True,
            ),
        ),
        "collections": (
            PastGc(
                id=7,
                status="Success",
                start_time=NOW - 2 * DAY,
                freed_bytes=18 * GIB,
                bytes_before=430 * GIB,
                bytes_after=412 * GIB,
            ),
        ),
    }
    return PastDetail(**{**given, **changes})
