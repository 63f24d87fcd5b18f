"""Clock skew: one server off is its trouble; all of them off by the same is ours."""

from __future__ import annotations

from collections.abc import Iterator

from harbortui.diagnose.limits import Limits
from harbortui.diagnose.view import View, known, seconds
from harbortui.model.finding import Finding, State
from harbortui.model.snapshot import InstanceSnapshot, Snapshot

AGREEMENT = 5.0
"""Seconds within which servers count as telling the same time."""


def skews(instance: InstanceSnapshot, now: float) -> dict[str, float]:
    """Server time minus ours in seconds, by who told it."""
    system, bucket = known(instance.system, now), known(instance.bucket, now)
    told = {
        "Harbor": None if system is None else system.clock_skew,
        "the object store": None if bucket is None else bucket.clock_skew,
    }
    return {who: skew for who, skew in told.items() if skew is not None}


def our_clock_is_off(snapshot: Snapshot, limits: Limits, now: float) -> float | None:
    """By how much all servers differ from us, when two or more of them agree and none contradicts."""
    all_skews = [skew for instance in snapshot.instances for skew in skews(instance, now).values()]
    if len(all_skews) < 2 or max(all_skews) - min(all_skews) > AGREEMENT:
        return None
    middle = sorted(all_skews)[len(all_skews) // 2]
    return middle if abs(middle) > limits.clock_skew else None


def clock_rules(view: View) -> Iterator[Finding]:
    """Servers of this instance whose clock differs from ours; the fleet's rule speaks instead when all differ alike."""
    for who, skew in skews(view.instance, view.now).items():
        if abs(skew) > view.limits.clock_skew:
            ahead = "ahead of" if skew > 0 else "behind"
            title = f"the clock of {who} is {seconds(abs(skew))} {ahead} this host's"
            yield view.finding("clock-skew", State.WARNING, who, title)
