"""The place that holds the current snapshot, and remembers which facets moved since it was last asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from harbortui.collect.facets import Moved, failed, learned
from harbortui.collect.lookup import FacetKey
from harbortui.model.facet import Facet
from harbortui.model.failure import Failure
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.sources.answer import Ok

INSTANCE = "instance"
NODES = "nodes"
STORE = "store"
VAULT = "vault"


@dataclass(slots=True)
class Moves:
    """What moved since the last time somebody took the moves."""

    content: set[FacetKey] = field(default_factory=set)
    times: set[FacetKey] = field(default_factory=set)


class SnapshotStore:
    """Builds each Snapshot from the one before, sharing everything that did not change."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._base = snapshot
        self._instances = {each.name: each for each in snapshot.instances}
        self._nodes = dict(snapshot.nodes)
        self._stores = dict(snapshot.stores)
        self._vault = snapshot.vault
        self._moves = Moves()
        self._built: Snapshot | None = snapshot

    def facet(self, key: FacetKey) -> Facet[Any]:
        """The facet at ``key``; raises KeyError for a place that this fleet does not have."""
        if key.scope == INSTANCE:
            facet: Facet[Any] = getattr(self._instances[key.owner], key.facet)
            return facet
        if key.scope == NODES:
            return self._nodes[key.owner]
        if key.scope == STORE:
            return self._stores[key.owner]
        return self._vault

    def instance(self, name: str) -> InstanceSnapshot:
        """The instance as known now; raises KeyError."""
        return self._instances[name]

    @property
    def instance_names(self) -> tuple[str, ...]:
        """Names in configured order."""
        return tuple(self._instances)

    def learn(self, key: FacetKey, answer: Ok[Any] | Failure, now: float) -> Moved:
        """Take the outcome of one attempt; says what it changed."""
        old = self.facet(key)
        new, moved = failed(old, answer, now) if isinstance(answer, Failure) else learned(old, answer, now)
        self._put(key, new)
        if moved is Moved.CONTENT:
            self._moves.content.add(key)
            self._moves.times.discard(key)
        elif key not in self._moves.content:
            self._moves.times.add(key)
        return moved

    def set_every(self, key: FacetKey, every: float) -> None:
        """Say how often the facet is refreshed from now on, so that it is not called overdue too early."""
        old = self.facet(key)
        if old.every != every:
            self._put(key, msgspec.structs.replace(old, every=every))
            self._moves.content.add(key)

    @property
    def pending(self) -> Moves:
        """What moved since ``take_moves``; not to be changed."""
        return self._moves

    def take_moves(self, *, times: bool) -> Moves:
        """What moved, which is forgotten thereby; ``times`` False leaves what only got older for later."""
        taken = self._moves
        if times:
            self._moves = Moves()
            return taken
        self._moves = Moves(times=taken.times)
        return Moves(content=taken.content)

    def snapshot(self, now: float) -> Snapshot:
        """The whole fleet as known now; the same object while nothing moved."""
        if self._built is None:
            self._built = msgspec.structs.replace(
                self._base,
                taken_at=now,
                vault=self._vault,
                nodes=dict(self._nodes),
                stores=dict(self._stores),
                instances=tuple(self._instances.values()),
            )
        return self._built

    def _put(self, key: FacetKey, new: Facet[Any]) -> None:
        self._built = None
        if key.scope == INSTANCE:
            changed = msgspec.structs.replace(self._instances[key.owner], **{key.facet: new})
            self._instances[key.owner] = changed
        elif key.scope == NODES:
            self._nodes[key.owner] = new
        elif key.scope == STORE:
            self._stores[key.owner] = new
        else:
            self._vault = new
