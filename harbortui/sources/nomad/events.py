"""Nomad's event stream, read for what changed and not for its payloads: a job's is the whole job, secrets included."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.record import Record
from harbortui.model.redact import Clean
from harbortui.sources.http import HttpHost, Stream
from harbortui.sources.nomad.logs import is_html, refusal
from harbortui.sources.nomad.values import rows_of
from harbortui.sources.nomad.wire import ABSENT
from harbortui.sources.rows import Int64, Unreadable, read_object

TOPICS = ("Allocation", "Deployment", "Evaluation", "Job")
"""What a token with ``read-job`` may subscribe to; without topics a management token is required."""

FIRST_SECONDS = 5.0
"""Nomad sends ``{}`` at once on subscription."""

SILENCE_SECONDS = 45.0
"""And one each 30 s from then on."""

MAX_LINE = 8_000_000


class JobEvent(Record, frozen=True, kw_only=True):
    """Something about a job changed at this index; all but the index are empty when the subscription begins."""

    index: int
    job_id: str = ""
    topic: str = ""
    type: str = ""


class _OfJob(msgspec.Struct, frozen=True):
    job_id: str = msgspec.field(default="", name="JobID")


class _Itself(msgspec.Struct, frozen=True):
    id: str = msgspec.field(default="", name="ID")


class _Payload(msgspec.Struct, frozen=True, rename="pascal"):
    allocation: _OfJob | None = None
    deployment: _OfJob | None = None
    evaluation: _OfJob | None = None
    job: _Itself | None = None

    @property
    def job_id(self) -> str:
        for each in (self.allocation, self.deployment, self.evaluation):
            if each is not None:
                return each.job_id
        return self.job.id if self.job is not None else ""


class _Event(msgspec.Struct, frozen=True, rename="pascal"):
    topic: str = ""
    type: str = ""
    key: str = ""
    index: Int64 = 0
    payload: _Payload | None = None


class _Batch(msgspec.Struct, frozen=True, rename="pascal"):
    index: Int64 = 0
    events: msgspec.Raw = ABSENT


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which events: those of one namespace after ``index``."""

    namespace: str
    region: str
    index: int

    def query(self) -> list[tuple[str, str]]:
        """Every topic with all its keys, from the next index on."""
        where = [("namespace", self.namespace), ("region", self.region)]
        topics = [("topic", f"{topic}:*") for topic in TOPICS]
        return [*topics, ("index", str(self.index + 1)), *(each for each in where if each[1])]


async def subscribe(
    host: HttpHost,
    subscription: Subscription,
    headers: Mapping[str, str],
    *,
    clean: Clean,
    now: Callable[[], float],
    first: float = FIRST_SECONDS,
    silence: float = SILENCE_SECONDS,
) -> AsyncGenerator[JobEvent | Failure, None]:
    """One event with nothing but an index once the subscription stands, then what changed.

    Ends after a failure, or without one when the server ends the stream. Since Nomad 1.11.2 a denied subscription is a
    200 that stays silent; that is told as ``FORBIDDEN``, to be verified by the caller.
    """
    async with host.stream("/v1/event/stream", query=subscription.query(), headers=headers) as opened:
        if isinstance(opened, Failure):
            yield opened
            return
        if opened.status != 200 or is_html(opened):
            yield await refusal(opened, needs="read-job", clean=clean, now=now)
            return
        begun = False
        async for line in _lines(opened, first, silence, clean, now):
            if isinstance(line, Failure):
                yield line if begun or line.kind is not FailureKind.TIMEOUT else _silent(now)
                return
            if not begun:
                begun = True
                yield JobEvent(index=subscription.index)
            try:
                for event in _events(line, subscription.index, clean):
                    yield event
            except Unreadable as error:
                yield Failure(kind=FailureKind.PROTOCOL, detail=clean(f"event stream: {error}"), at=now(), status=200)
                return
        if not begun:
            yield _silent(now)


def _silent(now: Callable[[], float]) -> Failure:
    return Failure(
        kind=FailureKind.FORBIDDEN,
        detail="the event stream stays silent, as it does when it is denied",
        at=now(),
        status=200,
        needs="read-job",
    )


def _events(line: bytes, after: int, clean: Clean) -> Iterator[JobEvent]:
    """Rows that cannot be read are left out: polling sees what they were about."""
    batch = read_object(line, _Batch)
    for row in rows_of(batch.events, _Event, "event").rows:
        index = row.index or batch.index
        if index <= after or row.topic not in TOPICS:
            continue  # the server starts at the batch before ours, and repeats events after a reconnect
        job_id = row.payload.job_id if row.payload is not None else ""
        if not job_id and row.topic == "Job":
            job_id = row.key
        yield JobEvent(index=index, job_id=clean(job_id), topic=row.topic, type=clean(row.type))


async def _lines(
    stream: Stream, first: float, silence: float, clean: Clean, now: Callable[[], float]
) -> AsyncGenerator[bytes | Failure, None]:
    """Complete lines; the first must arrive within ``first`` seconds, bytes of later ones within ``silence``."""
    buffer = bytearray()
    searched = 0
    until: float | None = time.monotonic() + first
    async for chunk in stream.chunks(first=first, idle=silence):
        if isinstance(chunk, Failure):
            yield chunk
            return
        buffer += chunk
        while (end := buffer.find(b"\n", searched)) >= 0:
            line = bytes(buffer[:end]).strip()
            del buffer[: end + 1]
            searched = 0
            if line:
                until = None
                yield line
        if until is not None and time.monotonic() > until:
            yield Failure(kind=FailureKind.TIMEOUT, detail="no event in time", at=now(), status=200)
            return
        searched = len(buffer)
        if searched > MAX_LINE:
            words = clean("an event larger than can be read")
            yield Failure(kind=FailureKind.TOO_LARGE, detail=words, at=now(), status=200)
            return
