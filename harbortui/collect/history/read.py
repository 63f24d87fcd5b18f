"""What can be asked of the history; pure data as answers, a failure where nothing could be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable
from typing import TypeVar

from harbortui.collect.history import past
from harbortui.collect.history.append import AHEAD_MS
from harbortui.collect.history.codes import METRIC_OF_MEASURE, METRIC_OF_SUBJECT, REACH, STATES, Metric, word_of
from harbortui.collect.history.files import ask_all
from harbortui.collect.history.keys import bounded, bucket_of, harbor_of, job_of
from harbortui.collect.history.place import HistoryPlace, place_for
from harbortui.collect.history.queries import Span, StateChange, changes, series_of, spans
from harbortui.collect.history.resample import Grid, grid, resample
from harbortui.collect.history.states import Sighting, merged, since_of
from harbortui.collect.history.trend import DAY, forecast
from harbortui.config.settings import Settings
from harbortui.model.failure import Failure
from harbortui.model.history import (
    Change,
    Forecast,
    Measure,
    PastAllocation,
    PastEvent,
    PastExecution,
    PastGc,
    Point,
    Series,
    Since,
    Subject,
)
from harbortui.model.snapshot import Target
from harbortui.sources.answer import Answer, Ok

FORECAST_DAYS = 60.0
"""How far back a forecast looks: growth of last year says little about this one."""
COVERAGE_STEPS = 240
ENDED_DAYS = 2.0
"""How much earlier than another source's the last figure of a source is when it is said to have ended."""

P = TypeVar("P", PastExecution, PastEvent, PastGc, PastAllocation)


class History:
    """The history of one place. Each call opens the files, asks and closes them; it waits for a disk: use a thread."""

    def __init__(self, place: HistoryPlace, wall: Callable[[], float]) -> None:
        self._place = place
        self._wall = wall

    def series(
        self, target: Target, measure: Measure, *, start: float, end: float, steps: int = 120, name: str = ""
    ) -> Answer[tuple[Series, ...]]:
        """One series for each source of the measure; ``name`` is the task.

        The first is the one with most samples of those that go on: what a source that ended said is no present figure.
        About ``steps`` points, never finer than what is still kept of that time (minutes for two days, hours for 90);
        steps that nobody saw have no values. A step that has just begun and of which nothing is known yet is left out.
        """
        now = self._wall()
        over = grid(start, end, steps, now)
        endpoint = _endpoint_of(target, measure)
        found = ask_all(self._place, _series_query(endpoint, METRIC_OF_MEASURE[measure], over, name), now)
        if isinstance(found, Failure):
            return found
        by_name: dict[tuple[str, str], list[list[Span]]] = {}
        for file in found.value:
            for key, rows in file.items():
                by_name.setdefault(key, []).append(rows)
        points = {key: resample(files, over) for key, files in by_name.items()}
        if over.end > now and over.steps > 1 and all(each[-1].mean is None for each in points.values()):
            points = {key: each[:-1] for key, each in points.items()}
        made = [
            Series(measure=measure, source=detail, name=task, step=float(over.step), points=each)
            for (task, detail), each in points.items()
        ]
        ends = max((_last_seen(each) for each in made), default=0.0) - ENDED_DAYS * DAY
        made.sort(key=lambda each: (_last_seen(each) >= ends, sum(it.samples for it in each.points)), reverse=True)
        return Ok(tuple(made), lost_rows=found.lost_rows)

    def forecast(self, target: Target, limit: float) -> Answer[Forecast]:
        """When the target's bucket reaches ``limit`` bytes, by the source that saw most of it."""
        now = self._wall()
        found = self.series(target, Measure.BUCKET_BYTES, start=now - FORECAST_DAYS * DAY, end=now, steps=1440)
        if isinstance(found, Failure):
            return found
        points = found.value[0].points if found.value else ()
        return Ok(forecast(points, limit, now), lost_rows=found.lost_rows)

    def changes(self, target: Target, subject: Subject, name: str = "", *, start: float) -> Answer[tuple[Change, ...]]:
        """Changes of a state since ``start``, with the one before, oldest first; ``name`` is the component or task."""
        found = self._sightings(target, subject, name)
        if isinstance(found, Failure):
            return found
        rows = merged(file[bounded(name)] for file in found.value if bounded(name) in file)
        before = [index for index, row in enumerate(rows) if row.at <= start]
        rows = rows[before[-1] :] if before else rows
        return Ok(tuple(_change(subject, row) for row in rows), lost_rows=found.lost_rows)

    def since(self, target: Target, subject: Subject, name: str = "") -> Answer[Since | None]:
        """The present state as the history knows it, and since when; None when it knows nothing of it."""
        wanted = bounded(name)
        found = self.standings(target, subject, name)
        return found if isinstance(found, Failure) else Ok(found.value.get(wanted), lost_rows=found.lost_rows)

    def standings(self, target: Target, subject: Subject, name: str | None = None) -> Answer[dict[str, Since]]:
        """The same of everything of that kind by name, or of one thing."""
        found = self._sightings(target, subject, name)
        if isinstance(found, Failure):
            return found
        names = dict.fromkeys(each for file in found.value for each in file)
        told = {each: since_of(file[each] for file in found.value if each in file) for each in names}
        seen: dict[tuple[float, float], float] = {}
        standings = {}
        for each, last in told.items():
            if last is None:
                continue
            row, seen_at = last
            if (row.at, seen_at) not in seen:
                unseen = self._unseen(target, subject, row.at, seen_at)
                if isinstance(unseen, Failure):
                    return unseen
                seen[row.at, seen_at] = unseen
            standings[each] = Since(
                state=_change(subject, row).state,
                since=row.at,
                earliest=row.earliest,
                seen_at=seen_at,
                unseen=seen[row.at, seen_at],
            )
        return Ok(standings, lost_rows=found.lost_rows)

    def coverage(
        self, target: Target, subject: Subject, *, start: float, end: float, steps: int
    ) -> Answer[tuple[Point, ...]]:
        """Steps in which states of that kind were looked at; those in which nobody looked have no values."""
        return self._coverage(target, _coverage_of(subject), subject, grid(start, end, steps, self._wall()))

    def listed(self, target: Target, *, start: float, end: float, steps: int) -> Answer[tuple[Point, ...]]:
        """The same for the list of a Harbor's replication executions."""
        return self._coverage(target, Metric.LISTED, Subject.HARBOR, grid(start, end, steps, self._wall()))

    def _coverage(self, target: Target, metric: Metric, subject: Subject, over: Grid) -> Answer[tuple[Point, ...]]:
        looks = ask_all(self._place, _series_query(_endpoint_of(target, subject), metric, over, ""), self._wall())
        if isinstance(looks, Failure):
            return looks
        points = resample([rows for file in looks.value for rows in file.values()], over)
        return Ok(points, lost_rows=looks.lost_rows)

    def _unseen(self, target: Target, subject: Subject, since: float, seen_at: float) -> float | Failure:
        over = grid(since, max(seen_at, since + 60), COVERAGE_STEPS, self._wall())
        points = self._coverage(target, _coverage_of(subject), subject, over)
        if isinstance(points, Failure):
            return points
        return float(
            sum(
                over.step
                for point in points.value
                if point.mean is None and point.at >= since and point.at + over.step <= seen_at
            )
        )

    def executions(
        self, target: Target, policy_id: int | None = None, *, limit: int = 500
    ) -> Answer[tuple[PastExecution, ...]]:
        """Replication executions, the newest first."""
        query = past.executions(harbor_of(target), policy_id, limit)
        return self._newest(query, lambda each: each.id, lambda each: each.id, limit)

    def task_events(
        self, target: Target, task: str | None = None, *, limit: int = 500
    ) -> Answer[tuple[PastEvent, ...]]:
        """Task events of all allocations, the newest first."""
        query = past.events(job_of(target), task, limit)
        return self._newest(
            query, lambda each: (each.at, each.allocation, each.task, each.type), lambda each: each.at, limit
        )

    def collections(self, target: Target, *, limit: int = 100) -> Answer[tuple[PastGc, ...]]:
        """Garbage collections, the newest first."""
        return self._newest(
            past.collections(harbor_of(target), limit), lambda each: each.id, lambda each: each.id, limit
        )

    def allocations(self, target: Target, *, limit: int = 100) -> Answer[tuple[PastAllocation, ...]]:
        """Starts of allocations, the newest first."""
        query = past.allocations(job_of(target), limit)
        return self._newest(query, lambda each: each.id, lambda each: each.created, limit)

    def _newest(
        self, query: past.Query[P], key: Callable[[P], Hashable], order: Callable[[P], float], limit: int
    ) -> Answer[tuple[P, ...]]:
        found = ask_all(self._place, query, self._wall())
        if isinstance(found, Failure):
            return found
        return Ok(past.newest(found.value, key, order, limit), lost_rows=found.lost_rows)

    def _sightings(self, target: Target, subject: Subject, name: str | None) -> Answer[list[dict[str, Sighting]]]:
        """What each file knows of the states of that kind, or of one, by name."""
        endpoint, wanted = _endpoint_of(target, subject), None if name is None else bounded(name)
        # What lies in our future was written by a host whose clock is, or was, ahead.
        latest = self._wall() + AHEAD_MS / 1000

        def query(connection: sqlite3.Connection) -> dict[str, Sighting]:
            rows: dict[str, list[StateChange]] = {}
            for each in series_of(connection, endpoint, METRIC_OF_SUBJECT[subject]):
                if wanted is None or each.name == wanted:
                    known = rows.setdefault(bounded(each.name), [])
                    known += [row for row in changes(connection, each.id) if row.at <= latest]
            looks = series_of(connection, endpoint, _coverage_of(subject))
            looked = [each.seen * 60.0 for each in looks if each.seen is not None]
            seen_at = max((each for each in looked if each <= latest), default=0.0)
            return {each: Sighting(found, seen_at) for each, found in rows.items()}

        return ask_all(self._place, query, self._wall())


def history_of(settings: Settings, wall: Callable[[], float]) -> History | None:
    """The history that the configuration means; None where none is kept."""
    place = place_for(settings)
    return None if place is None else History(place, wall)


def _series_query(
    endpoint: str, metric: Metric, over: Grid, name: str
) -> Callable[[sqlite3.Connection], dict[tuple[str, str], list[Span]]]:
    wanted = bounded(name)

    def query(connection: sqlite3.Connection) -> dict[tuple[str, str], list[Span]]:
        return {
            (bounded(each.name), bounded(each.detail)): spans(connection, each.id, over.start, over.end, over.step)
            for each in series_of(connection, endpoint, metric)
            if not name or each.name == wanted
        }

    return query


def _last_seen(series: Series) -> float:
    return next((point.at for point in reversed(series.points) if point.mean is not None), 0.0)


def _endpoint_of(target: Target, what: Measure | Subject) -> str:
    if what in (Measure.BUCKET_BYTES, Measure.BUCKET_OBJECTS, Subject.BUCKET):
        return bucket_of(target)
    if what in (Measure.MEMORY_BYTES, Subject.TASK, Subject.RESTARTS):
        return job_of(target)
    return harbor_of(target)


def _coverage_of(subject: Subject) -> Metric:
    return Metric.ASKED if METRIC_OF_SUBJECT[subject] in REACH else Metric.SEEN


def _change(subject: Subject, row: StateChange) -> Change:
    state = str(row.value) if subject is Subject.RESTARTS else word_of(STATES, row.value)
    return Change(at=row.at, state=state, earliest=row.earliest)
