"""How a listing ends early, inside this package; outside of it failures are values."""

from __future__ import annotations

from harbortui.model.failure import Failure, FailureKind


class Stopped(Exception):
    """The listing cannot go on: ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


UNTOLD = frozenset({FailureKind.PROTOCOL, FailureKind.FORBIDDEN, FailureKind.BLOCKED})
"""Failures by which a store does not tell one thing, while it may tell others."""


def untold(failure: Failure) -> str:
    """Why something is not tellable."""
    return f"not tellable: {f'the key lacks {failure.needs}' if failure.needs else failure.detail}"


class Unruly(Exception):
    """An answer breaks the rules of a listing; asking again would bring the same. The text is ours."""


class NotSharded(Exception):
    """The store ignores ``prefix`` or ``start-after``, so only one walk over everything can be right. Text is ours."""
