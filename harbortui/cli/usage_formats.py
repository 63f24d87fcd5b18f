"""How full the buckets are, for a person and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from harbortui import __version__
from harbortui.model.listing import BucketCount, BucketSample, ClassTotal, CountPlan, Estimate, HiddenBytes
from harbortui.model.project_usage import REFERENCED
from harbortui.model.snapshot import InstanceSnapshot, Origin, Snapshot
from harbortui.model.usage import inexact, referenced_bytes, usage_ladder
from harbortui.ui import words
from harbortui.ui.facets import failure_words

SCHEMA = 1
"""Raised when a field changes its meaning or goes away; new fields may come without."""
PREFIXES = 256
PAGE = 1000


@dataclass(slots=True)
class Told:
    """What one instance's bucket was found to hold, beside what its snapshot says."""

    name: str
    count: BucketCount | None = None
    hidden: HiddenBytes | None = None
    hidden_note: str = ""
    sample: BucketSample | None = None
    problem: str = ""
    """Why it was not counted, where that was asked for."""
    known: bool = True
    """Whether anybody knows how full the bucket is."""

    def take(self, other: Told) -> None:
        """The same bucket was looked at for another instance."""
        self.count, self.hidden, self.hidden_note = other.count, other.hidden, other.hidden_note
        self.sample, self.problem = other.sample, other.problem

    @property
    def is_whole(self) -> bool:
        """True when everything that was asked for is there."""
        return not self.problem and (self.known or self.sample is not None)


def sample_words(plan: CountPlan, prefixes: int) -> str:
    """What a sample takes, as far as the plan of a count tells."""
    calls = prefixes * max(1, ceil(plan.blobs / PREFIXES / PAGE)) + 1
    dollars = "" if plan.dollars is None else f", ${plan.dollars * calls / max(1, plan.calls):.4f}"
    return f"{prefixes} of {PREFIXES} prefixes, about {words.plural(calls, 'call')}{dollars}"


# For a person


def as_text(snapshot: Snapshot, told: list[Told], now: float) -> str:
    """A paragraph for each instance."""
    lines: list[str] = []
    for each in told:
        instance = snapshot.instance(each.name)
        if instance is not None:
            mark = " [SIMULATED]" if snapshot.origin is Origin.SIMULATED else ""
            where = f" {instance.target.bucket}" if instance.target.bucket else ""
            lines += [f"{each.name}{where}{mark}", *(f"  {line}" for line in _lines(instance, each, now)), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _lines(instance: InstanceSnapshot, told: Told, now: float) -> Iterator[str]:
    ladder = usage_ladder(instance, now)
    for rung in ladder:
        usage = rung.usage
        objects = "" if usage.objects is None else f", {usage.objects:,} objects"
        stale = ", stale" if rung.stale else ""
        asked = f"asked {words.age(rung.age)} ago" if rung.age is not None else "asked at another time"
        age = f"{words.age(rung.age)} old" if rung.dated else f"{asked}, does not say when it counted"
        yield f"holds    {words.size(usage.bytes)}{objects} ({usage.source}, {age}{stale})"
    if not ladder:
        yield f"holds    {_untold(instance)}"
    referenced = referenced_bytes(instance)
    if referenced is None:
        yield f"refers   {_why(instance.quotas.failure)}"
    else:
        yield f"refers   {words.size(referenced)} (Harbor /quotas)"
        for quota in sorted(instance.quotas.value or (), key=lambda each: (-each.used, each.project)):
            yield f"           {quota.project}: {words.size(quota.used)}"
    if ladder and referenced is not None:
        best = ladder[0].usage
        more = best.bytes - referenced
        yield f"differ   {words.size(abs(more))} {'more' if more >= 0 else 'less'} in the bucket; inexact:"
        yield from (f"           {reason}" for reason in inexact(best))
    yield from _counted(told)


def _counted(told: Told) -> Iterator[str]:
    if told.count is not None:
        count = told.count
        for name, total in _classes(count):
            yield f"counted  {name}: {total.objects:,} objects, {words.size(total.bytes)}"
        took = count.ended_at - count.started_at
        yield f"         {count.calls:,} calls in {words.duration(took) if took >= 1 else '<1 s'}"
        yield from (f"         {note}" for note in count.notes)
        yield from _hidden(told)
    if told.sample is not None:
        sample = told.sample
        for name, estimate, shown in (
            ("objects", sample.objects, lambda value: f"{value:,}"),
            ("bytes", sample.bytes, words.size),
        ):
            high = "no upper bound" if estimate.high is None else shown(estimate.high)
            yield f"blobs    about {shown(estimate.value)} {name}: {shown(estimate.low)} to {high} in 95 of 100 cases"
        seen = f"{sample.sampled_objects:,} blobs seen"
        yield f"         from {sample.prefixes} of {PREFIXES} prefixes, {seen}; links and uploads are not in it"
    if told.problem:
        yield f"missing  {told.problem}"


def _hidden(told: Told) -> Iterator[str]:
    if told.hidden is None:
        yield f"hidden   not tellable: {told.hidden_note}"
        return
    for part in told.hidden.parts:
        if part.objects is None or part.bytes is None:
            why = part.inexact.removeprefix("not tellable: ")
            yield f"hidden   {part.kind.value}: not tellable: {why}"
        else:
            note = f" ({part.inexact})" if part.inexact else ""
            yield f"hidden   {part.kind.value}: {part.objects:,}, {words.size(part.bytes)}{note}"


def _untold(instance: InstanceSnapshot) -> str:
    bucket = instance.bucket.value
    if bucket is not None and instance.bucket.failure is None:
        return f"not told: {bucket.usage_note or 'the store does not say'}; --count counts it"
    return _why(instance.bucket.failure)


def _why(failure: object) -> str:
    from harbortui.model.failure import Failure

    return f"not known: {failure_words(failure)}" if isinstance(failure, Failure) else "not known: nothing to ask"


def _classes(count: BucketCount) -> tuple[tuple[str, ClassTotal], ...]:
    uploads = ClassTotal(objects=count.uploads.objects, bytes=count.uploads.bytes)
    return (("blobs", count.blobs), ("links", count.links), ("uploads", uploads), ("other", count.other))


# For programs


def as_json(snapshot: Snapshot, told: list[Told], now: float) -> str:
    """The document that docs/usage.md describes and docs/usage.schema.json checks."""
    document = {
        "harbortui_usage": SCHEMA,
        "version": __version__,
        "at": now,
        "origin": snapshot.origin.value,
        "instances": [
            _row(instance, each, now) for each in told if (instance := snapshot.instance(each.name)) is not None
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _row(instance: InstanceSnapshot, told: Told, now: float) -> dict[str, object]:
    ladder, referenced = usage_ladder(instance, now), referenced_bytes(instance)
    failure = instance.bucket.failure
    return {
        "name": instance.name,
        "endpoint": instance.target.store_endpoint,
        "bucket": instance.target.bucket,
        "prefix": instance.target.prefix,
        "usage": [
            {
                "source": rung.usage.source,
                "bytes": rung.usage.bytes,
                "objects": rung.usage.objects,
                "age": rung.age,
                "dated": rung.dated,
                "stale": rung.stale,
                "includes": rung.usage.includes,
                "quota_bytes": rung.usage.quota_bytes,
            }
            for rung in ladder
        ],
        "error": None if failure is None else {"kind": failure.kind.value, "detail": failure.detail},
        "referenced_bytes": referenced,
        "projects": None
        if instance.quotas.value is None
        else [
            {"project": each.project, "bytes": each.used, "quota_bytes": each.hard if each.hard > 0 else None}
            for each in instance.quotas.value
        ],
        "repositories": _sums(instance),
        "difference": None
        if not ladder or referenced is None
        else {
            "bytes": ladder[0].usage.bytes - referenced,
            "source": ladder[0].usage.source,
            "inexact": list(inexact(ladder[0].usage)),
        },
        "count": None if told.count is None else _count(told.count),
        "hidden": None if told.hidden is None else _parts(told.hidden),
        "hidden_note": told.hidden_note or None,
        "sample": None if told.sample is None else _sample(told.sample),
        "problem": told.problem or None,
    }


def _sums(instance: InstanceSnapshot) -> dict[str, object] | None:
    for usage in instance.project_usage.value or ():
        return {
            "project": usage.project,
            "bytes": usage.bytes,
            "meaning": REFERENCED,
            "artifacts": usage.artifacts,
            "complete": usage.complete,
            "notes": list(usage.notes),
            "smaller": usage.smaller,
            "calls": usage.calls,
            "at": usage.ended_at,
            "repositories": [
                {
                    "name": each.name,
                    "bytes": each.bytes,
                    "artifacts": each.artifacts,
                    "accessories": each.accessories,
                    "accessory_bytes": each.accessory_bytes,
                }
                for each in usage.repositories
            ],
        }
    return None


def _count(count: BucketCount) -> dict[str, object]:
    found: dict[str, object] = {name: {"objects": it.objects, "bytes": it.bytes} for name, it in _classes(count)}
    return {
        "objects": count.objects,
        "bytes": count.bytes,
        **found,
        "stale_uploads": count.uploads.stale_sessions,
        "started_at": count.started_at,
        "ended_at": count.ended_at,
        "calls": count.calls,
        "retries": count.retries,
        "notes": list(count.notes),
    }


def _parts(hidden: HiddenBytes) -> list[dict[str, object]]:
    return [
        {"kind": part.kind.value, "objects": part.objects, "bytes": part.bytes, "inexact": part.inexact}
        for part in hidden.parts
    ]


def _sample(sample: BucketSample) -> dict[str, object]:
    return {
        "objects": _estimate(sample.objects),
        "bytes": _estimate(sample.bytes),
        "prefixes": sample.prefixes,
        "sampled_objects": sample.sampled_objects,
        "calls": sample.calls,
    }


def _estimate(estimate: Estimate) -> dict[str, object]:
    return {
        "value": estimate.value,
        "standard_error": estimate.standard_error,
        "low": estimate.low,
        "high": estimate.high,
    }
