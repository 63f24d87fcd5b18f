"""Keeps the verdict current without judging a whole fleet again for each facet that moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from harbortui.diagnose import Limits, fleet_verdict, judge_fleet, judge_instance
from harbortui.diagnose.judged import Judged
from harbortui.model.facet import Facet
from harbortui.model.finding import State, Verdict
from harbortui.model.nomad import Node
from harbortui.model.past import Past
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.model.storage import StoreHealth

Seen: TypeAlias = tuple[InstanceSnapshot, Facet[StoreHealth] | None, Facet[tuple[Node, ...]] | None, Past | None]
"""Everything an instance is judged by."""


class VerdictKeeper:
    """Remembers each instance's judgement as long as everything it is judged by is the same objects."""

    def __init__(self, limits: Limits, pasts: Mapping[str, Past] | None = None) -> None:
        self._limits = limits
        self._pasts = pasts if pasts is not None else {}
        """What the history tells, by instance; somebody else keeps it current."""
        self._judged: dict[str, tuple[Seen, Judged]] = {}
        self.latest = Verdict(state=State.UNKNOWN, sentence="collecting the first data")

    def judge(self, snapshot: Snapshot, now: float, *, all_anew: bool = False) -> Verdict:
        """The verdict of this snapshot; ``all_anew`` also looks again at what only time has changed."""
        instances = []
        for instance in snapshot.instances:
            target = instance.target
            past = self._pasts.get(instance.name)
            store, nodes = snapshot.stores.get(target.store_endpoint), snapshot.nodes.get(target.nomad_address)
            seen = (instance, store, nodes, past)
            known = self._judged.get(instance.name)
            if known is None or all_anew or any(old is not new for old, new in zip(known[0], seen, strict=True)):
                known = (seen, judge_instance(instance, snapshot, self._limits, now, past))
                self._judged[instance.name] = known
            instances.append(known[1])
        verdict = fleet_verdict(snapshot, tuple(instances), judge_fleet(snapshot, self._limits, now))
        if verdict != self.latest:
            self.latest = verdict
        return self.latest
