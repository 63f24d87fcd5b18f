"""Rows that were built before, for as long as nothing they show from is another thing.

With 300 instances polled a few of them change thirty times a second; building all rows each time takes 17 ms, longer
than a frame, and every key waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from harbortui.model.finding import InstanceVerdict
from harbortui.model.nomad import Node
from harbortui.model.past import Past
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui.cell import Row

MOST = 4096
"""Rows remembered; more than any fleet has instances."""


class Seen(NamedTuple):
    """What one instance's row is built from."""

    instance: InstanceSnapshot
    verdict: InstanceVerdict | None
    past: Past | None
    now: float
    trends: bool
    """True where the table has a column for how the bucket grew."""
    zone: str = "UTC"
    """Where times are shown."""
    nodes: tuple[Node, ...] = ()
    """Those behind the instance's Nomad; one object until they change."""

    def is_same(self, other: Seen) -> bool:
        """True when a row built from the other is the row of this one; unchanged instances are the same object."""
        return (
            self.instance is other.instance
            and self.past is other.past
            and self.nodes is other.nodes
            and (self.now, self.trends, self.zone) == (other.now, other.trends, other.zone)
            and self.verdict == other.verdict
        )


class KeptRows:
    """The newest row of each instance; ``build`` makes one that is not there."""

    def __init__(self, build: Callable[[Seen], Row]) -> None:
        self._build = build
        self._rows: dict[str, tuple[Seen, Row]] = {}

    def row(self, seen: Seen) -> Row:
        """The row that shows this."""
        name = seen.instance.name
        kept = self._rows.get(name)
        if kept is not None and kept[0].is_same(seen):
            return kept[1]
        if len(self._rows) >= MOST:
            self._rows.clear()
        row = self._build(seen)
        self._rows[name] = (seen, row)
        return row
