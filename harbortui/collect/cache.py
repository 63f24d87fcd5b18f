"""The last session's snapshot, kept for the next one: shown, stale, until the first data arrive."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from harbortui.collect.files import MAX_FILE_BYTES, decode_snapshot, encode_snapshot
from harbortui.model.facet import Facet
from harbortui.model.snapshot import INSTANCE_FACETS, ON_DEMAND, InstanceSnapshot, Snapshot
from harbortui.private import private_directory, write_private

T = TypeVar("T")

KEPT_FILES = 8
"""Fleets remembered per person; the least recently written goes first."""


def state_directory() -> Path:
    """Where the console keeps its own files, by the platform's convention."""
    import platformdirs

    return Path(platformdirs.user_state_dir("harbortui", appauthor=False))


class SnapshotCache:
    """One file per set of endpoints, so that the demo and two fleets never show each other's data."""

    def __init__(self, directory: Path, fleet: Snapshot) -> None:
        self._directory = directory
        self._fleet = fleet
        self._path = directory / f"{fleet_key(fleet)}.json"

    def load(self) -> Snapshot | None:
        """The last snapshot laid over the configured targets; None when there is none that can be used."""
        try:
            if self._path.stat().st_size > MAX_FILE_BYTES:
                return None
            last = decode_snapshot(self._path.read_bytes())
        except OSError:
            return None
        return None if isinstance(last, str) else overlay(self._fleet, last)

    def save(self, snapshot: Snapshot, *, written_at: float) -> bool:
        """Keep this snapshot for the next session; False when it could not be written, which harms nothing."""
        try:
            private_directory(self._directory)
            write_private(self._path, encode_snapshot(snapshot, written_at=written_at))
            self._forget_oldest()
        except OSError:
            return False
        return True

    def _forget_oldest(self) -> None:
        files = sorted(self._directory.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in files[KEPT_FILES:]:
            with suppress(OSError):
                old.unlink()


def fleet_key(fleet: Snapshot) -> str:
    """A name made of everything that says which systems these are."""
    targets = [
        (it.name, it.url, it.nomad_address, it.region, it.namespace, it.job, it.store_endpoint, it.bucket)
        for it in (each.target for each in fleet.instances)
    ]
    identity = msgspec.json.encode([fleet.fleet, fleet.origin.value, targets])
    return hashlib.sha256(identity).hexdigest()[:32]


def overlay(fleet: Snapshot, last: Snapshot) -> Snapshot:
    """The configured fleet with the values of an older snapshot; failures of back then are not repeated."""
    by_name = {each.name: each for each in last.instances}
    return msgspec.structs.replace(
        fleet,
        taken_at=last.taken_at,
        instances=tuple(_overlaid(each, by_name.get(each.name)) for each in fleet.instances),
        nodes={address: _kept(facet, last.nodes.get(address)) for address, facet in fleet.nodes.items()},
        stores={endpoint: _kept(facet, last.stores.get(endpoint)) for endpoint, facet in fleet.stores.items()},
    )


def _overlaid(configured: InstanceSnapshot, last: InstanceSnapshot | None) -> InstanceSnapshot:
    if last is None:
        return configured
    names = (*INSTANCE_FACETS, *ON_DEMAND)
    values = {name: _kept(getattr(configured, name), getattr(last, name)) for name in names}
    return msgspec.structs.replace(configured, **values)


def _kept(configured: Facet[T], last: Facet[T] | None) -> Facet[T]:
    if last is None or last.at is None:
        return configured
    return msgspec.structs.replace(last, failure=None, tried_at=None, source=configured.source)
