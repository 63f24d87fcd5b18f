"""How a facet moves from one attempt to the next: values survive failures, equal values stay the same object."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from harbortui.model.facet import Facet
from harbortui.model.failure import Failure
from harbortui.sources.answer import Ok


class Moved(Enum):
    """What an attempt changed."""

    NOTHING = "nothing"
    TIMES = "times"
    """The same was learned again."""
    CONTENT = "content"
    """Value, failure or lost rows are different: somebody may have to paint."""


def learned(old: Facet[Any], answer: Ok[Any], now: float) -> tuple[Facet[Any], Moved]:
    """The facet after a successful attempt; an equal value keeps its identity."""
    same_value = old.at is not None and old.value == answer.value
    changed = not same_value or old.failure is not None or old.lost_rows != answer.lost_rows
    # What was overdue was shown as old and judged as not visible: being current again is news, even if equal.
    changed = changed or old.is_overdue(now)
    new = msgspec.structs.replace(
        old,
        value=old.value if same_value else answer.value,
        at=now,
        tried_at=now,
        failure=None,
        lost_rows=answer.lost_rows,
    )
    return new, Moved.CONTENT if changed else Moved.TIMES


def failed(old: Facet[Any], failure: Failure, now: float) -> tuple[Facet[Any], Moved]:
    """The facet after a failed attempt: the last value stays, and a failure that says the same keeps its first time."""
    if old.failure is not None and _same(old.failure, failure):
        return msgspec.structs.replace(old, tried_at=now), Moved.TIMES
    stamped = failure if failure.at else msgspec.structs.replace(failure, at=now)
    return msgspec.structs.replace(old, tried_at=now, failure=stamped), Moved.CONTENT


def _same(one: Failure, other: Failure) -> bool:
    return (one.kind, one.detail, one.status, one.needs) == (other.kind, other.detail, other.status, other.needs)
