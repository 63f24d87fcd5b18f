"""Puts together what rules, panes and the headless command take from the history. Waits for a disk: use a thread."""

from __future__ import annotations

from typing import TypeVar

from harbortui.collect.history.read import FORECAST_DAYS, History
from harbortui.collect.history.tally import execution_curves, restart_count, restart_curve, task_curves
from harbortui.collect.history.trend import DAY, forecast, trend
from harbortui.model.failure import Failure
from harbortui.model.history import Change, Measure, PastExecution, Point, Series, Since, Subject
from harbortui.model.past import BucketTrend, Curve, Past, PastDetail, RestartCount, Standing, Trends
from harbortui.model.snapshot import Target
from harbortui.sources.answer import Answer

T = TypeVar("T")

CURVE_DAYS = 60
MEMORY_STEPS = 96
"""Of a day: a quarter of an hour each."""
RESTART_STEPS = 84
"""Of a week: two hours each."""
REPLICATION_DAYS = 30
HOURS = 72
"""Of replication, for its throughput."""
OLDER = 300
"""Rows of a list that travel to the screen."""


class Remembering:
    """Asks a history about one instance after another, and keeps in mind which files could not be read."""

    def __init__(self, history: History, now: float) -> None:
        self._history = history
        self._now = now
        self.lost: dict[str, None] = {}
        """Why something could not be read, each reason once."""

    def bucket(self, target: Target, limit: int | None) -> BucketTrend | None:
        """How the bucket grows, and when it is full where its ``limit`` in bytes is known; None without a bucket."""
        if not target.bucket:
            return None
        start = self._now - FORECAST_DAYS * DAY
        asked = self._history.series(target, Measure.BUCKET_BYTES, start=start, end=self._now, steps=1440)
        found = self._value(asked, ())
        if not found:
            return None
        points = found[0].points
        foreseen = forecast(points, limit, self._now) if limit else None
        line = foreseen.trend if foreseen is not None else trend(points)
        return BucketTrend(curve=daily(found[0]), trend=line, forecast=foreseen)

    def standings(self, target: Target) -> tuple[Standing, ...]:
        """Harbor, its components, its tasks and the bucket: how they are, and since when."""
        subjects = [Subject.HARBOR, Subject.COMPONENT]
        subjects += [Subject.TASK] if target.job else []
        subjects += [Subject.BUCKET] if target.bucket else []
        found = []
        for subject in subjects:
            told: dict[str, Since] = self._value(self._history.standings(target, subject), {})
            found += [Standing(subject=subject, name=name, since=each) for name, each in told.items()]
        return tuple(found)

    def detail(self, target: Target, past: Past, *, trends: bool) -> PastDetail:
        """What the panes of one instance show of the past; with ``trends`` also the curves."""
        history = self._history
        changes = self._restarts(target)
        executions = self._value(history.executions(target, limit=2000), ())
        return PastDetail(
            instance=past.instance,
            past=past,
            restarts=self._counts(changes),
            executions=executions[:OLDER],
            events=self._value(history.task_events(target, limit=OLDER), ()) if target.job else (),
            collections=self._value(history.collections(target, limit=50), ()),
            trends=self._trends(target, changes, executions) if trends else None,
            lost=tuple(self.lost),
        )

    def restarts(self, target: Target) -> tuple[RestartCount, ...]:
        """Restarts of each task within the last day."""
        return self._counts(self._restarts(target))

    def _restarts(self, target: Target) -> dict[str, tuple[Change, ...]]:
        """Changes of the counters of the last week, by task."""
        if not target.job:
            return {}
        names: dict[str, Since] = self._value(self._history.standings(target, Subject.TASK), {})
        start = self._now - 7 * DAY
        return {
            name: self._value(self._history.changes(target, Subject.RESTARTS, name, start=start), ())
            for name, standing in names.items()
            if standing.state != "gone"
        }

    def _counts(self, changes: dict[str, tuple[Change, ...]]) -> tuple[RestartCount, ...]:
        counts = (restart_count(name, each, self._now - DAY, self._now) for name, each in changes.items())
        return tuple(each for each in counts if each is not None)

    def _trends(
        self, target: Target, changes: dict[str, tuple[Change, ...]], executions: tuple[PastExecution, ...]
    ) -> Trends:
        history, now = self._history, self._now
        memory: tuple[Series, ...] = ()
        looks: tuple[Point, ...] = ()
        if target.job:
            asked = history.series(target, Measure.MEMORY_BYTES, start=now - DAY, end=now, steps=MEMORY_STEPS)
            memory = self._value(asked, ())
            seen = history.coverage(target, Subject.TASK, start=now - 7 * DAY, end=now, steps=RESTART_STEPS)
            looks = self._value(seen, looks)
        listed = history.listed(target, start=now - REPLICATION_DAYS * DAY, end=now, steps=REPLICATION_DAYS)
        lists: tuple[Point, ...] = self._value(listed, ())
        runs = execution_curves(executions, lists)
        hourly = history.listed(target, start=now - HOURS * 3600, end=now, steps=HOURS)
        hours: tuple[Point, ...] = self._value(hourly, ())
        tasks = task_curves(executions, hours)
        restarts = (restart_curve(name, each, looks) for name, each in changes.items())
        return Trends(
            memory=tuple(_curve(each, high=True) for each in memory),
            restarts=tuple(each for each in restarts if each is not None),
            size=self._long(target, Measure.BUCKET_BYTES),
            objects=self._long(target, Measure.BUCKET_OBJECTS),
            done=runs[0] if runs else None,
            failed=runs[1] if runs else None,
            copied=tasks[0] if tasks else None,
            uncopied=tasks[1] if tasks else None,
        )

    def _long(self, target: Target, measure: Measure) -> tuple[Curve, ...]:
        if not target.bucket:
            return ()
        start = self._now - CURVE_DAYS * DAY
        asked = self._history.series(target, measure, start=start, end=self._now, steps=240)
        return tuple(_curve(each) for each in self._value(asked, ()))

    def _value(self, answer: Answer[T], without: T) -> T:
        if isinstance(answer, Failure):
            self.lost[answer.detail] = None
            return without
        self.lost.update(dict.fromkeys(answer.lost_rows))
        return answer.value


def daily(series: Series) -> Curve:
    """The last value of each day: what a bucket holds, not what it held on average."""
    per_day = max(1, round(DAY / series.step))
    points = series.points
    first = len(points) % per_day
    groups = [points[:first]] if first else []
    groups += [points[index : index + per_day] for index in range(first, len(points), per_day)]
    values = [next((each.mean for each in reversed(group) if each.mean is not None), None) for group in groups]
    end = points[-1].at + series.step if points else 0.0
    step = per_day * series.step
    return Curve(source=series.source, start=end - len(groups) * step, step=step, values=tuple(values))


def _curve(series: Series, *, high: bool = False) -> Curve:
    values = tuple(each.high if high else each.mean for each in series.points)
    start = series.points[0].at if series.points else 0.0
    return Curve(name=series.name, source=series.source, start=start, step=series.step, values=values)
