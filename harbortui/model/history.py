"""What the local history tells: series with their gaps, since when, trends, and what the backends have forgotten."""

from __future__ import annotations

from enum import Enum

from harbortui.model.record import Record


class Measure(Enum):
    """What a series counts."""

    BUCKET_BYTES = "bucket bytes"
    BUCKET_OBJECTS = "bucket objects"
    MEMORY_BYTES = "memory bytes"


class Subject(Enum):
    """What a state is of."""

    HARBOR = "harbor"
    """How Harbor's health request ends: ``answers``, or the kind of failure."""
    COMPONENT = "component"
    """A row of Harbor's /health, and nginx: ``healthy``, ``unhealthy``, ``gone`` or ``other``."""
    TASK = "task"
    """A task of the current allocation: ``pending``, ``running`` or ``dead``; ``gone`` when there is no such task."""
    RESTARTS = "restarts"
    """How often Nomad restarted a task; a number, which starts anew with each allocation."""
    BUCKET = "bucket"
    """How the bucket's HEAD request ends: ``answers``, or the kind of failure."""


class Point(Record, frozen=True, kw_only=True):
    """One step of a series; all values are None where nobody was looking."""

    at: float
    """The beginning of the step."""
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    samples: int = 0
    """How many samples stand behind it; 0 with a value: held from the step before, at this series' own pace."""


class Series(Record, frozen=True, kw_only=True):
    """One measure from one source, in equal steps."""

    measure: Measure
    source: str = ""
    """Who said it; sources differ by definition, so that each has a series of its own."""
    name: str = ""
    """The task, where there is one."""
    step: float
    """Seconds; never finer than what is still kept of that time."""
    points: tuple[Point, ...] = ()


class Change(Record, frozen=True, kw_only=True):
    """A state began between ``earliest`` and ``at``."""

    at: float
    """When it was first seen."""
    state: str
    earliest: float | None = None
    """When the state before was last seen; None when nothing was known before."""


class Since(Record, frozen=True, kw_only=True):
    """The present state, and since when."""

    state: str
    since: float
    """When it was first seen like that."""
    earliest: float | None = None
    """It began after this; None: it may have been so for ever."""
    seen_at: float
    """When anybody last looked."""
    unseen: float = 0.0
    """Seconds between ``since`` and ``seen_at`` in which nobody looked, to the minute or hour."""


class Trend(Record, frozen=True, kw_only=True):
    """A robust line through a series: Theil-Sen slope with its 95 % interval, units a day."""

    per_day: float
    low: float
    high: float
    level: float
    """The line's height at the end."""
    spread: tuple[float, float]
    """5th and 95th percentile of what lies below and above the line."""
    days: float
    """From the first to the last point."""
    until: float
    """The time of ``level``."""


class Outlook(Enum):
    """What can be said of when a limit is reached."""

    SHORT = "too little data"
    STEADY = "not growing"
    FILLING = "filling"
    BEYOND = "further away than the data can tell"
    REACHED = "reached"


class Forecast(Record, frozen=True, kw_only=True):
    """When a limit is reached if things go on; times only with FILLING."""

    outlook: Outlook
    limit: float
    at: float | None = None
    earliest: float | None = None
    latest: float | None = None
    """None: possibly never."""
    trend: Trend | None = None


class PastExecution(Record, frozen=True, kw_only=True):
    """A replication execution, also when Harbor has forgotten it (it keeps the newest 50 of a policy)."""

    id: int
    policy_id: int
    status: str
    """InProgress, Succeed, Failed, Stopped, Skipped or Other."""
    start_time: float | None = None
    end_time: float | None = None
    total: int = 0
    failed: int = 0
    succeed: int = 0
    in_progress: int = 0
    stopped: int = 0


class PastEvent(Record, frozen=True, kw_only=True):
    """A task event, also when Nomad has forgotten it (it keeps ten of a task)."""

    at: float
    allocation: str
    task: str
    type: str
    """One of Nomad's own words, or Other."""
    exit_code: int | None = None
    signal: int | None = None
    oom_killed: bool = False


class PastGc(Record, frozen=True, kw_only=True):
    """A garbage collection and what the bucket held around it."""

    id: int
    status: str
    start_time: float | None = None
    end_time: float | None = None
    dry_run: bool = False
    freed_bytes: int | None = None
    purged_blobs: int | None = None
    purged_manifests: int | None = None
    bytes_before: int | None = None
    """The last usage known before it began."""
    bytes_after: int | None = None
    """The first usage that was measured after it ended, by the same source."""


class PastAllocation(Record, frozen=True, kw_only=True):
    """An allocation that was started."""

    id: str
    created: float
    job_version: int = 0
    node: str = ""
    status: str = ""
    """pending, running, complete, failed, lost, unknown or other."""
