"""What a rule sees of one instance: only what is recent enough to say anything about now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from harbortui.diagnose.limits import Limits
from harbortui.model.facet import Facet
from harbortui.model.finding import Finding, State
from harbortui.model.nomad import Allocation, Node
from harbortui.model.past import NOTHING, Past
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.model.storage import StoreHealth

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """One instance, the shared things it stands on, the limits and the time."""

    instance: InstanceSnapshot
    store: Facet[StoreHealth] | None
    nodes: Facet[tuple[Node, ...]] | None
    limits: Limits
    now: float
    past: Past = NOTHING
    """What the history tells of it."""

    def known(self, facet: Facet[T] | None) -> T | None:
        """The value unless it is overdue: an old value says nothing about now."""
        return None if facet is None else known(facet, self.now)

    def finding(
        self,
        rule: str,
        state: State,
        subject: str,
        title: str,
        *,
        evidence: tuple[str, ...] = (),
        since: float | None = None,
    ) -> Finding:
        """A finding about this instance."""
        return Finding(
            rule=rule,
            state=state,
            instance=self.instance.name,
            subject=subject,
            title=title,
            evidence=tuple(line for line in evidence if line),
            since=since,
        )

    def current_allocation(self) -> Allocation | None:
        """The newest allocation that Nomad wants to run, when that is known."""
        allocations = self.known(self.instance.allocations) or ()
        current = [each for each in allocations if each.is_current]
        return max(current, key=lambda each: each.create_time or 0.0, default=None)


def known(facet: Facet[T], now: float) -> T | None:
    """The facet's value unless there is none or it is overdue."""
    return None if facet.at is None or facet.is_overdue(now) else facet.value


def is_lost(facet: Facet[T], now: float) -> bool:
    """True when the newest attempt failed and no value is recent enough to stand in for it."""
    return facet.failure is not None and (facet.at is None or facet.is_overdue(now))


def failure_words(facet: Facet[T]) -> str:
    """The facet's failure as evidence: who was asked, and what came back."""
    return "" if facet.failure is None else f"{facet.source}: {facet.failure.detail}"


def utc(moment: float) -> str:
    """A time for a person, to the minute."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def seconds(amount: float) -> str:
    """A duration in words, coarse: findings must not change with every tick."""
    if amount < 120:
        return f"{amount:.0f} s"
    if amount < 7200:
        return f"{amount / 60:.0f} min"
    return f"{amount / 3600:.0f} h" if amount < 172_800 else f"{amount / 86_400:.0f} d"
