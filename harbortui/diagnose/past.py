"""What the history adds to a finding: when it began, and how sure that is."""

from __future__ import annotations

from typing import NamedTuple

from harbortui.diagnose.view import View, seconds, utc
from harbortui.model.history import Subject

DOUBT = 0.2
"""The share of the time since then in which nobody looked, from which on it is not said that it lasted that long."""
NOTED = 120.0
"""Seconds between two looks from which on both times are worth a line: the history is a minute coarse anyway."""


class Began(NamedTuple):
    """Since when, and what that stands on."""

    since: float | None = None
    evidence: tuple[str, ...] = ()


def began(view: View, subject: Subject, name: str, *states: str) -> Began:
    """Since when the history saw it in one of these states, which the snapshot says it is in.

    Nothing when the history has another state (it is a minute late) or when nobody looked for much of the time since.
    """
    known = view.past.standing(subject, name)
    if known is None or known.state not in states:
        return Began()
    lasted = known.seen_at - known.since
    if known.unseen > DOUBT * lasted:
        return Began()
    if known.earliest is None:
        return Began(known.since, (f"history: like that whenever anybody looked, first at {utc(known.since)}",))
    if known.since - known.earliest > NOTED:
        gap = f"nobody looked for {seconds(known.since - known.earliest)} before"
        return Began(known.since, (f"history: first seen like that at {utc(known.since)}; {gap}",))
    return Began(known.since)
