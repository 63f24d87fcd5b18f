"""Layers put together: which value is in effect for a key, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from harbortui.config.errors import Problem
from harbortui.config.files import Layer
from harbortui.config.kinds import Kind, Value
from harbortui.config.locate import key_line
from harbortui.config.schema import SCHEMA, KeyPath, Table
from harbortui.config.settings import (
    CredentialRef,
    FleetSettings,
    HistorySettings,
    NomadSettings,
    Origin,
    Source,
    StorageSettings,
    Thresholds,
    UiSettings,
    VaultSettings,
)

T = TypeVar("T", str, float, bool)

_RANK = {origin: rank for rank, origin in enumerate(Origin)}
_FALLBACKS = (Origin.TOOL, Origin.DEFAULT)


class Found(NamedTuple):
    """A value in effect."""

    value: Value
    source: Source
    path: KeyPath


def default_layer() -> Layer:
    """The built-in values, read from the types themselves."""
    tables: dict[str, object] = {
        "fleet": FleetSettings(),
        "vault": VaultSettings(address=""),
        "nomad": NomadSettings(address=""),
        "storage": StorageSettings(endpoint=""),
        "thresholds": Thresholds(),
        "history": HistorySettings(),
        "ui": UiSettings(),
    }
    values: dict[KeyPath, Value] = {}
    for name, record in tables.items():
        table = SCHEMA[name]
        assert not isinstance(table, Kind)
        for key in table:
            value = getattr(record, key, None)
            if isinstance(value, bool | str) and value != "":
                values[name, key] = value
            elif isinstance(value, int | float):
                values[name, key] = float(value)
    values["tls", "verify"] = True
    return Layer(Origin.DEFAULT, "", values)


class Merged:
    """All layers as one, later ones winning key by key."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.found: dict[KeyPath, Found] = {}
        for layer in layers:
            source = Source(layer.origin, layer.where)
            for path, value in layer.values.items():
                self.found[path] = Found(value, source, path)

    def pick(self, *paths: KeyPath) -> Found | None:
        """The value in effect for paths from the most to the least specific.

        What a person wrote anywhere goes before a tool's variable, and that before a built-in value.
        """
        candidates = [self.found[path] for path in paths if path in self.found]
        for each in candidates:
            if each.source.origin not in _FALLBACKS:
                return each
        return min(candidates, key=lambda each: _FALLBACKS.index(each.source.origin), default=None)

    def text(self, *paths: KeyPath) -> str:
        """A text; empty when nobody says."""
        found = self.pick(*paths)
        return found.value if found and isinstance(found.value, str) else ""

    def number(self, *paths: KeyPath) -> float:
        """A number; 0 when nobody says."""
        found = self.pick(*paths)
        return found.value if found and isinstance(found.value, float) else 0.0

    def flag(self, *paths: KeyPath) -> bool:
        """A flag; false when nobody says."""
        found = self.pick(*paths)
        return bool(found and found.value is True)

    def names(self, path: KeyPath) -> tuple[str, ...]:
        """A list of names."""
        found = self.found.get(path)
        return found.value if found and isinstance(found.value, tuple) else ()

    def reference(self, *paths: KeyPath, vault_path: str = "") -> CredentialRef | None:
        """A reference; one that names only a key of Vault is completed with ``vault_path``."""
        found = self.pick(*paths)
        if found is None or not isinstance(found.value, CredentialRef):
            return None
        ref = found.value
        return CredentialRef(vault=vault_path, key=ref.key) if ref.key and not ref.vault else ref

    def instance_names(self) -> list[str]:
        """Names of the instances in the order in which the files first name them."""
        return list(dict.fromkeys(path[1] for path in self.found if path[0] == "instance"))

    def outranks(self, one: Found, other: Found) -> int:
        """Positive when ``one`` comes from a higher layer than ``other``, 0 for the same layer."""
        return _RANK[one.source.origin] - _RANK[other.source.origin]

    def problem(self, message: str, path: KeyPath, hint: str = "") -> Problem:
        """A problem at a key, with file and line when the key came from a file."""
        found = self.found.get(path)
        if found is None:
            around = (each for at, each in self.found.items() if at[: len(path)] == path and _is_file(each.source))
            found = next(around, None)
        if found is None or not _is_file(found.source):
            return Problem(message, found.source.where if found else "", None, hint)
        return Problem(message, found.source.where, line_in(found.source.where, path), hint)


def _is_file(source: Source) -> bool:
    return source.origin in (Origin.SYSTEM, Origin.USER, Origin.FILE)


def line_in(file: str, path: KeyPath) -> int | None:
    """The line of a key in a file that was already read; None when it is gone or changed by now."""
    try:
        return key_line(Path(file).read_text("utf-8-sig"), path)
    except (OSError, ValueError):
        return None


def leaves(table: Table, prefix: KeyPath = ()) -> Iterator[KeyPath]:
    """The key paths of all values that a table may hold."""
    for key, kind in table.items():
        if isinstance(kind, Kind):
            yield (*prefix, key)
        else:
            yield from leaves(kind, (*prefix, key))
