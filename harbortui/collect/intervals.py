"""How often each facet is learned, at the base interval; the whole table is what holds the request budget."""

from __future__ import annotations

from dataclasses import dataclass

BASE_SECONDS = 15.0
"""The interval the table is written for; a configured refresh scales all of it."""

REQUESTS_PER_MINUTE = 60
"""What one instance may cost in steady state: Harbor keeps a Redis key per cookieless request for an hour."""


@dataclass(frozen=True, slots=True)
class Pace:
    """One row of the table; ``requests`` is how many HTTP requests one refresh takes at most in steady state."""

    every: float
    priority: int
    requests: int = 1
    unwatched: float | None = None


INSTANCE_PACE: dict[str, Pace] = {
    "health": Pace(15, 0),
    "allocations": Pace(15, 0),
    "usage": Pace(15, 1, unwatched=60),
    "executions": Pace(30, 2),
    "job": Pace(60, 1, unwatched=120),
    "bucket": Pace(60, 3, requests=3),
    "system": Pace(60, 2),
    "gc_runs": Pace(60, 3, unwatched=120),
    "deployment": Pace(60, 4, unwatched=120),
    "placement": Pace(60, 4, requests=2, unwatched=120),
    "account": Pace(300, 2),
    "gc_schedule": Pace(300, 4),
    "policies": Pace(300, 3),
    "registries": Pace(300, 5),
    "quotas": Pace(300, 5),
}
"""By facet of an instance. Names and states first, what changes rarely last.

Where Nomad's event stream is permitted, it makes job, allocations, deployment and placement due as soon as they change.
"""

VAULT_PACE = Pace(60, 0, requests=2)
NODES_PACE = Pace(60, 3)
STORE_PACE = Pace(30, 2, requests=3)

BACKEND_WIDTH = {"harbor": 4, "nomad": 8, "store": 4, "vault": 2}
"""Requests at once per backend, by the word before its colon; with two streams Nomad stays under 12 connections."""

FLEET_WIDTH = 64
"""Requests at once over the whole fleet: more gains nothing and costs memory."""


def requests_per_minute(watched: bool) -> float:
    """What one instance costs a minute while all is well, by the table."""
    total = 0.0
    for pace in INSTANCE_PACE.values():
        every = pace.every if watched or pace.unwatched is None else pace.unwatched
        total += pace.requests * 60 / every
    return total
