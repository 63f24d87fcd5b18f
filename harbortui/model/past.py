"""What the history tells of an instance, put together for rules and panes; pure data that travels to the screen."""

from __future__ import annotations

from harbortui.model.history import Forecast, PastEvent, PastExecution, PastGc, Since, Subject, Trend
from harbortui.model.record import Record


class Curve(Record, frozen=True, kw_only=True):
    """Equal steps of one measure; None where nobody looked."""

    name: str = ""
    """The task, or what else it is of."""
    source: str = ""
    start: float
    step: float
    values: tuple[float | None, ...]

    @property
    def seen(self) -> tuple[float, ...]:
        """What is known, without the gaps."""
        return tuple(each for each in self.values if each is not None)

    @property
    def last_at(self) -> float | None:
        """The end of the last step in which anybody looked; the present step ends in the future."""
        steps = max((number for number, each in enumerate(self.values, start=1) if each is not None), default=None)
        return None if steps is None else self.start + steps * self.step


class BucketTrend(Record, frozen=True, kw_only=True):
    """How a bucket grows, by the source that saw most of it."""

    curve: Curve
    """A value a day."""
    trend: Trend | None = None
    """None where the data carry no line."""
    forecast: Forecast | None = None
    """None where no limit is known."""


class Standing(Record, frozen=True, kw_only=True):
    """One thing's present state as the history knows it."""

    subject: Subject
    name: str = ""
    since: Since


class RestartCount(Record, frozen=True, kw_only=True):
    """How often a task was restarted within a day, across allocations; at least so often."""

    task: str
    count: int
    reach: float
    """Seconds that the history reaches back, a day at most."""


class Past(Record, frozen=True, kw_only=True):
    """What the rules and the fleet table take from the history of one instance."""

    instance: str
    bucket: BucketTrend | None = None
    standings: tuple[Standing, ...] = ()

    def standing(self, subject: Subject, name: str = "") -> Since | None:
        """The state of one thing, when it was asked for and is known."""
        return next((it.since for it in self.standings if (it.subject, it.name) == (subject, name)), None)


class PastDetail(Record, frozen=True, kw_only=True):
    """What the panes of one instance take from the history; lists are the newest first."""

    instance: str
    past: Past
    restarts: tuple[RestartCount, ...] = ()
    executions: tuple[PastExecution, ...] = ()
    events: tuple[PastEvent, ...] = ()
    collections: tuple[PastGc, ...] = ()
    trends: Trends | None = None
    lost: tuple[str, ...] = ()
    """Why files of the history could not be read."""

    def restarts_of(self, task: str) -> RestartCount | None:
        """The restarts of one task within a day."""
        return next((each for each in self.restarts if each.task == task), None)


class Trends(Record, frozen=True, kw_only=True):
    """Curves for a person who wants to see how things went."""

    memory: tuple[Curve, ...] = ()
    """Bytes of each task, the most of each step, over a day."""
    restarts: tuple[Curve, ...] = ()
    """Restarts of each task in each step, over a week."""
    size: tuple[Curve, ...] = ()
    """Bytes of the bucket, by source, the one that saw most first."""
    objects: tuple[Curve, ...] = ()
    done: Curve | None = None
    """Replication executions that ended well, in each step."""
    failed: Curve | None = None
    copied: Curve | None = None
    """Replication tasks that ended well, in each hour, by the start of their execution."""
    uncopied: Curve | None = None
    """Those that failed."""


NOTHING = Past(instance="")
