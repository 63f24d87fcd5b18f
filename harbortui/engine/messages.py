"""What console and engine say to each other; every message is a frozen, tagged record."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any

import msgspec

from harbortui.model.asked import ANSWERS, Query, Topic
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure
from harbortui.model.finding import Verdict
from harbortui.model.listing import CountProgress
from harbortui.model.past import Past, PastDetail
from harbortui.model.project_usage import ProjectPlan, ProjectProgress
from harbortui.model.record import Record
from harbortui.model.snapshot import Snapshot
from harbortui.model.usage import UsagePlan


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of everything on the wire; the tag is the class name."""


# Console to engine


class Refresh(Message, frozen=True, kw_only=True, tag=True):
    """Collect now what is due or not; ``instance`` empty means the whole fleet."""

    instance: str = ""


class Focus(Message, frozen=True, kw_only=True, tag=True):
    """A person looks at this instance (empty: the fleet): its facets come first and a little more often."""

    instance: str = ""


class Follow(Message, frozen=True, kw_only=True, tag=True):
    """Tail one stream of one task; replaces the tail followed before."""

    instance: str
    task: str
    stream: str = "stdout"


class Unfollow(Message, frozen=True, kw_only=True, tag=True):
    """Stop the tail."""


class PlanCount(Message, frozen=True, kw_only=True, tag=True):
    """Find out what counting the instance's bucket would take: a handful of calls, nothing is counted."""

    instance: str


class StartCount(Message, frozen=True, kw_only=True, tag=True):
    """Count the instance's bucket; does nothing while that bucket is being counted."""

    instance: str


class CancelCount(Message, frozen=True, kw_only=True, tag=True):
    """End the plan or count of the instance's bucket."""

    instance: str


class PlanSums(Message, frozen=True, kw_only=True, tag=True):
    """Find out what summing the repositories of one project would take: two calls."""

    instance: str
    project: str


class StartSums(Message, frozen=True, kw_only=True, tag=True):
    """Sum the repositories of one project; does nothing while that project is being summed."""

    instance: str
    project: str


class CancelSums(Message, frozen=True, kw_only=True, tag=True):
    """End the plan or sum of that project."""

    instance: str
    project: str


class AskHistory(Message, frozen=True, kw_only=True, tag=True):
    """What the history tells: of one instance, with ``trends`` also its curves; of the whole fleet without a name.

    Answered once, when it is known; with the same answer as before within a minute.
    """

    instance: str = ""
    trends: bool = False


class Look(Message, frozen=True, kw_only=True, tag=True):
    """Everything on demand that is in view now, replacing what was; empty: nothing is."""

    queries: tuple[Query, ...] = ()


class Shutdown(Message, frozen=True, kw_only=True, tag=True):
    """The console ends."""


# Engine to console


class FullSnapshot(Message, frozen=True, kw_only=True, tag=True):
    """The whole truth; sent first, and again after a restart of the engine. ``cached`` marks the last session's."""

    snapshot: Snapshot
    verdict: Verdict
    cached: bool = False


class Change(Record, frozen=True, kw_only=True):
    """One changed facet.

    ``owner`` is an instance's name, a Nomad address or a store endpoint, and empty for the fleet itself.
    """

    scope: str
    """``instance``, ``nodes``, ``store`` or ``vault``."""
    owner: str
    facet: str
    value: msgspec.Raw
    """The encoded facet; its type follows from scope and facet name."""


class Touch(Record, frozen=True, kw_only=True):
    """A facet was learned again and said the same: only its times move, its value stays the same object."""

    scope: str
    owner: str
    facet: str
    at: float | None
    tried_at: float | None


class Delta(Message, frozen=True, kw_only=True, tag=True):
    """What changed since the last message, as one batch, to be painted once."""

    taken_at: float
    changes: tuple[Change, ...] = ()
    touches: tuple[Touch, ...] = ()
    """Sent together every few seconds at most; a batch of touches alone needs no painting."""
    verdict: Verdict | None = None
    """None when the verdict is the same as before."""


class TailState(Enum):
    """How the live tail is."""

    OPENING = "opening"
    LIVE = "live"
    ENDED = "ended"
    FAILED = "failed"


class LogLines(Message, frozen=True, kw_only=True, tag=True):
    """New lines of the followed stream: complete, sanitised, redacted, without line ends."""

    instance: str
    task: str
    stream: str
    lines: tuple[str, ...] = ()
    dropped: int = 0
    """Lines left out because they came faster than they could be shown."""
    state: TailState = TailState.LIVE
    failure: Failure | None = None
    allocation_id: str = ""
    reset: bool = False
    """True when the lines start anew (another allocation or stream): forget what was shown."""


class CountStage(Enum):
    """How far counting a bucket is."""

    PLANNING = "planning"
    PLANNED = "planned"
    COUNTING = "counting"
    HIDDEN = "hidden"
    """The count is in the snapshot; what it does not see is being looked for."""
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_busy(self) -> bool:
        """True while the store is being asked."""
        return self in (CountStage.PLANNING, CountStage.COUNTING, CountStage.HIDDEN)

    @property
    def is_plan(self) -> bool:
        """True before a person said yes."""
        return self in (CountStage.PLANNING, CountStage.PLANNED)


class CountState(Message, frozen=True, kw_only=True, tag=True):
    """How counting an instance's bucket is; results travel in the snapshot."""

    instance: str
    stage: CountStage
    plan: UsagePlan | None = None
    progress: CountProgress | None = None
    failure: Failure | None = None


class SumState(Message, frozen=True, kw_only=True, tag=True):
    """How summing a project's repositories is; results travel in the snapshot."""

    instance: str
    project: str
    stage: CountStage
    plan: ProjectPlan | None = None
    progress: ProjectProgress | None = None
    failure: Failure | None = None


class FleetPast(Message, frozen=True, kw_only=True, tag=True):
    """What the history tells of the fleet; an instance of which it knows nothing is not in it."""

    instances: tuple[Past, ...] = ()
    why_not: str = ""
    """Why there is nothing to read; empty where the history was read."""


class InstancePast(Message, frozen=True, kw_only=True, tag=True):
    """What the history tells of one instance."""

    detail: PastDetail


class Looked(Message, frozen=True, kw_only=True, tag=True):
    """What is known of something in view: sent first as soon as it is known or failed, then when it changed."""

    query: Query
    facet: msgspec.Raw
    """The encoded ``Facet`` of ``ANSWERS[query.topic]``; :func:`facet_of` reads it."""


class LookedAgain(Message, frozen=True, kw_only=True, tag=True):
    """The same was learned again: only the facet's times move (:func:`touched`); needs no painting."""

    query: Query
    at: float | None
    tried_at: float | None


class EngineNote(Message, frozen=True, kw_only=True, tag=True):
    """Something the person should know about the engine itself, in one safe sentence."""

    text: str
    fatal: bool = False
    restarted: bool = False
    """True when the engine died: what it was doing for a person ended with it."""


Counting = PlanCount | StartCount | CancelCount
Summing = PlanSums | StartSums | CancelSums
ToEngine = Refresh | Focus | Follow | Unfollow | Counting | Summing | AskHistory | Look | Shutdown
Told = LogLines | CountState | SumState | FleetPast | InstancePast | Looked | LookedAgain | EngineNote
"""What the engine says beside the snapshot."""
ToConsole = FullSnapshot | Delta | Told


def looked(query: Query, facet: Facet[Any]) -> Looked:
    """The message that carries a look's facet."""
    return Looked(query=query, facet=msgspec.Raw(_encoder().encode(facet)))


def facet_of(message: Looked) -> Facet[Any]:
    """The facet that a message carries, in the types of ``ANSWERS``."""
    facet: Facet[Any] = _decoder(message.query.topic).decode(message.facet)
    return facet


def touched(facet: Facet[Any], message: LookedAgain) -> Facet[Any]:
    """The facet with the times of a look that brought the same; its value stays the same object."""
    return msgspec.structs.replace(facet, at=message.at, tried_at=message.tried_at)


@cache
def _encoder() -> msgspec.msgpack.Encoder:
    return msgspec.msgpack.Encoder()


@cache
def _decoder(topic: Topic) -> msgspec.msgpack.Decoder[Any]:
    kind: Any = Facet
    return msgspec.msgpack.Decoder(kind[ANSWERS[topic]])
