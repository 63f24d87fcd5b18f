"""How full a bucket is: which source is believed, what we counted ourselves, and what Harbor refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harbortui.model.listing import BucketCount, CountPlan, HiddenBytes
from harbortui.model.record import Record
from harbortui.model.storage import BucketUsage

if TYPE_CHECKING:
    from harbortui.model.snapshot import InstanceSnapshot

COUNTED = "counted by us"
COUNT_PERIOD = 86_400.0
"""Seconds after which a count of ours is due again, if it were made by itself; it never is."""
STALE_PERIODS = 2.0
"""A figure older than so many of its source's periods is stale."""
COUNT_INCLUDES = "unfinished uploads of the registry; no old versions, no unfinished multipart uploads"


class UsagePlan(Record, frozen=True, kw_only=True):
    """What counting would take, with what is looked at after it."""

    count: CountPlan
    versioning: str | None = None
    """``Enabled``, ``Suspended``, empty when versions were never kept, None when it is not tellable."""

    @property
    def keeps_versions(self) -> bool:
        """True when the look at old versions takes as many calls as the count again, or more."""
        return bool(self.versioning)


class CountedUsage(Record, frozen=True, kw_only=True):
    """What our own listing found. ``hidden`` comes after the count, or not at all."""

    count: BucketCount
    hidden: HiddenBytes | None = None
    hidden_note: str = ""
    """Why ``hidden`` is None, in words for a person."""

    @property
    def usage(self) -> BucketUsage:
        """The same as other sources say it; as old as its end."""
        return BucketUsage(
            source=COUNTED,
            bytes=self.count.bytes,
            objects=self.count.objects,
            measured_at=self.count.ended_at,
            includes=COUNT_INCLUDES,
            period=COUNT_PERIOD,
        )


class Rung(NamedTuple):
    """One source's figure with its age."""

    usage: BucketUsage
    age: float | None
    """Seconds since the source counted; where it does not tell, since it was asked."""
    stale: bool
    dated: bool = True
    """False where the source counts now and then and does not say when: its figure may be older than ``age``."""


def usage_ladder(instance: InstanceSnapshot, now: float) -> tuple[Rung, ...]:
    """Every figure there is, the cheapest source's first: what the store says by itself, then our last count."""
    rungs = []
    facet = instance.bucket
    if facet.value is not None and facet.value.usage is not None:
        rungs.append(_rung(facet.value.usage, facet.at, facet.every, now))
    counted = instance.counted
    if counted.value is not None:
        rungs.append(_rung(counted.value.usage, counted.at, 0.0, now))
    return tuple(rungs)


def _rung(usage: BucketUsage, learned_at: float | None, every: float, now: float) -> Rung:
    at = usage.measured_at if usage.measured_at is not None else learned_at
    # Where the source has no period of its own, the figure is as good as our asking is recent.
    due, since = (usage.period, at) if usage.period else (every, learned_at)
    stale = since is not None and due > 0 and now - since > STALE_PERIODS * due
    dated = usage.measured_at is not None or not usage.period
    return Rung(usage, None if at is None else max(0.0, now - at), stale, dated)


def referenced_bytes(instance: InstanceSnapshot) -> int | None:
    """What Harbor refers to: the sum of its projects' usage; None when the quotas are not known."""
    quotas = instance.quotas.value
    return None if quotas is None else sum(each.used for each in quotas)


def inexact(usage: BucketUsage) -> tuple[str, ...]:
    """What makes "the bucket holds, Harbor refers to" inexact, in words for a person."""
    told = [f"the bucket's figure includes {usage.includes}"] if usage.includes else []
    if usage.measured_at is None and usage.source != COUNTED and usage.period:
        told.append(f"{usage.source} does not say when it was counted")
    return (
        *told,
        "a blob that several projects share is once in the bucket, and counts in each of them",
        "what was deleted in Harbor stays in the bucket until garbage is collected",
        "both were learned at different times",
    )
