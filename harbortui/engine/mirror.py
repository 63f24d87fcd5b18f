"""The console's copy of the engine's snapshot, kept current by deltas; what did not change stays the same object."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from harbortui.engine.messages import Change, Delta, FullSnapshot, Touch
from harbortui.model.facet import Facet
from harbortui.model.finding import State, Verdict
from harbortui.model.nomad import Node
from harbortui.model.snapshot import InstanceSnapshot, Snapshot
from harbortui.model.storage import StoreHealth
from harbortui.model.vault import VaultState

SCOPE_INSTANCE = "instance"
SCOPE_NODES = "nodes"
SCOPE_STORE = "store"
SCOPE_VAULT = "vault"

_WAITING = Verdict(state=State.UNKNOWN, sentence="collecting the first data")


class SnapshotMirror:
    """Applies FullSnapshot and Delta messages; ``snapshot`` and ``verdict`` are what to paint."""

    def __init__(self, snapshot: Snapshot | None = None, verdict: Verdict = _WAITING) -> None:
        self.snapshot = snapshot if snapshot is not None else Snapshot()
        self.verdict = verdict
        self.cached = False
        """True while all that is shown is the last session's; after that each facet's own age tells what is old."""

    def apply(self, message: FullSnapshot | Delta) -> Snapshot:
        """Take one message and return the new snapshot; changes of things it does not know are left out."""
        if isinstance(message, FullSnapshot):
            self.snapshot, self.verdict, self.cached = message.snapshot, message.verdict, message.cached
            return self.snapshot
        self.snapshot = _with_changes(self.snapshot, message)
        self.cached = False
        if message.verdict is not None:
            self.verdict = message.verdict
        return self.snapshot


def encode_change(scope: str, owner: str, facet: str, value: Facet[Any]) -> Change:
    """The wire form of one changed facet."""
    return Change(scope=scope, owner=owner, facet=facet, value=msgspec.Raw(_encoder().encode(value)))


def facet_of(snapshot: Snapshot, scope: str, owner: str, facet: str) -> Facet[Any] | None:
    """The facet at that place of a snapshot, or None."""
    if scope == SCOPE_VAULT:
        return snapshot.vault
    if scope == SCOPE_NODES:
        return snapshot.nodes.get(owner)
    if scope == SCOPE_STORE:
        return snapshot.stores.get(owner)
    instance = snapshot.instance(owner)
    return getattr(instance, facet, None) if instance is not None and facet in _instance_types() else None


def _with_changes(old: Snapshot, delta: Delta) -> Snapshot:
    nodes, stores, vault = dict(old.nodes), dict(old.stores), old.vault
    per_instance: dict[str, dict[str, Facet[Any]]] = {}
    by_name = {each.name: each for each in old.instances}
    for scope, owner, facet, value in _updates(old, by_name, delta.changes, delta.touches):
        if scope == SCOPE_VAULT:
            vault = value
        elif scope == SCOPE_NODES:
            nodes[owner] = value
        elif scope == SCOPE_STORE:
            stores[owner] = value
        elif owner in by_name:
            per_instance.setdefault(owner, {})[facet] = value
    instances = old.instances
    if per_instance:
        instances = tuple(
            msgspec.structs.replace(each, **per_instance[each.name]) if each.name in per_instance else each
            for each in old.instances
        )
    return msgspec.structs.replace(
        old, taken_at=delta.taken_at, vault=vault, nodes=nodes, stores=stores, instances=instances
    )


def _updates(
    old: Snapshot, by_name: dict[str, InstanceSnapshot], changes: Iterable[Change], touches: Iterable[Touch]
) -> Iterable[tuple[str, str, str, Facet[Any]]]:
    for change in changes:
        decoder = _decoder(change.scope, change.facet)
        if decoder is not None:
            yield change.scope, change.owner, change.facet, decoder.decode(change.value)
    for touch in touches:
        if touch.scope == SCOPE_INSTANCE:
            instance = by_name.get(touch.owner)
            facet = getattr(instance, touch.facet, None) if instance and touch.facet in _instance_types() else None
        else:
            facet = facet_of(old, touch.scope, touch.owner, touch.facet)
        if facet is not None:
            moved = msgspec.structs.replace(facet, at=touch.at, tried_at=touch.tried_at)
            yield touch.scope, touch.owner, touch.facet, moved


@cache
def _encoder() -> msgspec.msgpack.Encoder:
    return msgspec.msgpack.Encoder()


@cache
def _instance_types() -> dict[str, Any]:
    fields = msgspec.structs.fields(InstanceSnapshot)
    return {field.name: field.type for field in fields if field.name != "target"}


@cache
def _decoder(scope: str, facet: str) -> msgspec.msgpack.Decoder[Any] | None:
    if scope == SCOPE_VAULT:
        return msgspec.msgpack.Decoder(Facet[VaultState])
    if scope == SCOPE_NODES:
        return msgspec.msgpack.Decoder(Facet[tuple[Node, ...]])
    if scope == SCOPE_STORE:
        return msgspec.msgpack.Decoder(Facet[StoreHealth])
    kind = _instance_types().get(facet)
    return None if kind is None else msgspec.msgpack.Decoder(kind)
