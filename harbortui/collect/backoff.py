"""When to try again: full jitter on failure, a little jitter on success, the server's own wish first."""

from __future__ import annotations

from random import Random

from harbortui.model.failure import DENIED, Failure, FailureKind

BACKOFF_LEAST = 1.0
BACKOFF_MOST = 60.0
RETRY_AFTER_MOST = 120.0
"""A server that asks for more is asked again anyway: the wish may be a mistake, and a person is looking."""
JITTER = 0.2
SETTLED = DENIED | {FailureKind.NOT_FOUND, FailureKind.CONFLICT, FailureKind.BLOCKED, FailureKind.LOCAL}
"""Kinds that another attempt within seconds does not mend: a person has to."""
SETTLED_EVERY = 60.0


def after_success(every: float, random: Random) -> float:
    """Seconds to the next refresh: the interval, give or take a fifth, so that a fleet does not march in step."""
    return every * random.uniform(1 - JITTER, 1 + JITTER)


def full_jitter(failures: int, random: Random) -> float:
    """Seconds to wait after that many failures in a row: from one to a ceiling that doubles up to a minute."""
    ceiling = min(BACKOFF_MOST, BACKOFF_LEAST * 2.0 ** min(failures, 10))
    return random.uniform(BACKOFF_LEAST, ceiling)


def after_failure(failure: Failure, failures: int, every: float, random: Random) -> float:
    """Seconds to the next attempt of a facet that failed ``failures`` times in a row."""
    if failure.retry_after is not None:
        return wished(failure.retry_after, random)
    if failure.kind in SETTLED:
        return after_success(max(every, SETTLED_EVERY), random)
    return full_jitter(failures, random)


def wished(retry_after: float, random: Random) -> float:
    """Seconds for a server's Retry-After: never less than it asks for, up to the limit, and never at once."""
    # NaN compares false with everything, so the order of min and max matters: it ends as the least.
    asked = min(max(BACKOFF_LEAST, retry_after), RETRY_AFTER_MOST)
    return asked + random.uniform(0, 1)
