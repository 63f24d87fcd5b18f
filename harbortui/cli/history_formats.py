"""What the history tells, for a person at a shell and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from harbortui.model.history import Forecast, Since, Subject, Trend
from harbortui.model.past import BucketTrend, PastDetail, RestartCount, Standing
from harbortui.model.snapshot import Target
from harbortui.model.text import safe_text
from harbortui.ui import words
from harbortui.ui.trend import forecast_words, growth_words, lasted, signed

SCHEMA_VERSION = 1
WELL = frozenset({"healthy", "running", "answers"})
COLLECTIONS = 3
"""Garbage collections that are printed for a person."""
_ORDER = (Subject.HARBOR, Subject.COMPONENT, Subject.TASK, Subject.BUCKET)


class Told(NamedTuple):
    """One instance and what is known of it."""

    target: Target
    detail: PastDetail


def as_text(told: Sequence[Told], now: float, _lost: Sequence[str], *, fleet: str, origin: str) -> str:
    """One paragraph for each instance: the bucket, states and since when, restarts, garbage collections.

    What could not be read is said on stderr.
    """
    mark = "" if origin == "live" else f" [{origin.upper()}]"
    lines = [f"{safe_text(fleet) or 'fleet'}, {words.minute(now)}{mark}"]
    for each in told:
        rows = [
            *_bucket(each, now),
            *_states(each.detail, now),
            *_restarts(each.detail.restarts),
            *_collections(each, now),
        ]
        lines += ["", safe_text(each.target.name), *(f"  {row}" for row in rows or ("nothing recorded",))]
    return "\n".join(lines) + "\n"


def _bucket(told: Told, now: float) -> Iterator[str]:
    bucket = told.detail.past.bucket
    if bucket is None or not bucket.curve.seen:
        return
    size = words.size(bucket.curve.seen[-1])
    seen = words.since(bucket.curve.last_at, now)
    yield f"bucket {safe_text(told.target.bucket)}: {size} ({safe_text(bucket.curve.source)}, {seen} old)"
    if bucket.trend is None:
        yield "  too little data for a trend: three days, seen for most of them, are the least"
        return
    yield f"  {growth_words(bucket.trend)}, by {bucket.trend.days:.0f} days"
    foreseen = bucket.forecast
    if foreseen is None:
        yield "  no quota is known, so that nothing is foreseen"
    else:
        yield f"  full: {forecast_words(foreseen, now)}, of {words.size(foreseen.limit)}"


def _states(detail: PastDetail, now: float) -> Iterator[str]:
    """What is not well each in a row, what is well together."""
    standings = [each for each in detail.past.standings if each.since.state != "gone"]
    for subject in _ORDER:
        those = [each for each in standings if each.subject is subject]
        for each in those:
            if each.since.state not in WELL:
                yield f"{_name(each)} {each.since.state} {_how_long(each.since, now)}"
        well = [each for each in those if each.since.state in WELL]
        if len(well) == 1:
            yield f"{_name(well[0])} {well[0].since.state} {_how_long(well[0].since, now)}"
        elif well:
            newest = max(well, key=lambda each: each.since.since)
            plural = "components healthy" if subject is Subject.COMPONENT else "tasks running"
            yield f"{len(well)} {plural}; the newest, {_name(newest)}, {_how_long(newest.since, now)}"


def _how_long(since: Since, now: float) -> str:
    gap = f"; nobody looked for {words.roughly(since.unseen)} of it" if since.unseen >= 60 else ""
    seen = f"; last seen {words.moment(since.seen_at)}" if now - since.seen_at > 600 else ""
    return f"for {lasted(since, since.seen_at)}, since {words.moment(since.since)}{gap}{seen}"


def _name(standing: Standing) -> str:
    fixed = {Subject.HARBOR: "Harbor", Subject.BUCKET: "the bucket"}.get(standing.subject)
    return fixed or f"{standing.subject.value} {safe_text(standing.name)}"


def _restarts(counts: Iterable[RestartCount]) -> Iterator[str]:
    found = [each for each in counts if each.count]
    if found:
        told = ", ".join(f"{safe_text(each.task)} {each.count}" for each in found)
        yield f"restarts within a day: {told}"


def _collections(told: Told, now: float) -> Iterator[str]:
    for each in [run for run in told.detail.collections if not run.dry_run][:COLLECTIONS]:
        facts = [f"garbage collection {words.since(each.start_time, now)} ago: {each.status.lower()}"]
        if each.freed_bytes is not None:
            facts.append(f"{words.size(each.freed_bytes)} freed by Harbor's word")
        if each.bytes_before is not None and each.bytes_after is not None:
            facts.append(f"the bucket went from {words.size(each.bytes_before)} to {words.size(each.bytes_after)}")
            facts.append(signed(each.bytes_after - each.bytes_before))
        yield ", ".join(facts)


def as_json(told: Sequence[Told], now: float, lost: Sequence[str], *, fleet: str, origin: str) -> str:
    """The same as one document; times are unix seconds, sizes bytes, null is not known."""
    document = {
        "harbortui_history": SCHEMA_VERSION,
        "at": now,
        "fleet": safe_text(fleet),
        "origin": origin,
        "lost": [safe_text(each) for each in lost],
        "instances": [_instance(each) for each in told],
    }
    return json.dumps(document, indent=2) + "\n"


def _instance(told: Told) -> dict[str, Any]:
    detail = told.detail
    return {
        "name": safe_text(told.target.name),
        "bucket": _bucket_object(told.target, detail.past.bucket),
        "states": [
            {
                "of": each.subject.value,
                "name": safe_text(each.name) or None,
                "state": each.since.state,
                "since": each.since.since,
                "earliest": each.since.earliest,
                "seen_at": each.since.seen_at,
                "unseen_seconds": each.since.unseen,
            }
            for each in detail.past.standings
        ],
        "restarts": [
            {"task": safe_text(each.task), "count": each.count, "reach_seconds": each.reach} for each in detail.restarts
        ],
        "collections": [_record(each) for each in detail.collections],
        "executions": [_record(each) for each in detail.executions],
        "task_events": [_record(each) for each in detail.events],
    }


def _record(each: Any) -> dict[str, Any]:
    return {name: safe_text(value) if isinstance(value, str) else value for name, value in _fields(each)}


def _fields(each: Any) -> Iterator[tuple[str, Any]]:
    for name in each.__struct_fields__:
        yield name, getattr(each, name)


def _bucket_object(target: Target, bucket: BucketTrend | None) -> dict[str, Any] | None:
    if bucket is None:
        return None
    return {
        "name": safe_text(target.bucket),
        "source": safe_text(bucket.curve.source),
        "days": [
            {"at": bucket.curve.start + index * bucket.curve.step, "bytes": value}
            for index, value in enumerate(bucket.curve.values)
        ],
        "trend": _trend(bucket.trend),
        "forecast": _forecast(bucket.forecast),
    }


def _trend(trend: Trend | None) -> dict[str, Any] | None:
    if trend is None:
        return None
    names = ("per_day", "low", "high", "level", "days", "until")
    return {f"bytes_{name}" if name in ("per_day", "level") else name: getattr(trend, name) for name in names}


def _forecast(foreseen: Forecast | None) -> dict[str, Any] | None:
    if foreseen is None:
        return None
    times = {name: getattr(foreseen, name) for name in ("at", "earliest", "latest")}
    return {"outlook": foreseen.outlook.name.lower(), "limit": foreseen.limit, **times}
