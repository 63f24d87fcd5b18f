"""Small conversions of Nomad's values."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec

from harbortui.model.redact import Clean
from harbortui.sources.rows import Rows, Unreadable, read_object, read_rows

W = TypeVar("W")

_NANO = 1e9
_MAX_KEYED = 200


def from_nanoseconds(value: int) -> float | None:
    """Unix seconds of Nomad's integer times; None for 0 and below, which mean "never"."""
    return value / _NANO if value > 0 else None


def rows_of(raw: msgspec.Raw, kind: type[W], name: str) -> Rows[W]:
    """A nested array row by row; a value that is no array is one lost row."""
    try:
        return read_rows(bytes(raw), kind, name=name)
    except Unreadable as error:
        return Rows((), (f"{name}s: {error}",))


def keyed_of(raw: msgspec.Raw, kind: type[W], name: str, clean: Clean) -> tuple[dict[str, W], tuple[str, ...]]:
    """A nested object value by value, with what was wrong with the others; ``null`` values are left out."""
    body = bytes(raw)
    try:
        # An annotation of a type that is only known at run time, which mypy cannot follow.
        whole: dict[str, W | None] | None = read_object(body, cast(Any, dict[str, kind | None] | None))  # type: ignore[valid-type]
    except Unreadable:
        return _one_by_one(body, kind, name, clean)
    return {key: value for key, value in list((whole or {}).items())[:_MAX_KEYED] if value is not None}, ()


def _one_by_one(body: bytes, kind: type[W], name: str, clean: Clean) -> tuple[dict[str, W], tuple[str, ...]]:
    found: dict[str, W] = {}
    lost: list[str] = []
    try:
        raws = read_object(body, dict[str, msgspec.Raw])
    except Unreadable as error:
        return {}, (f"{name}s: {error}",)
    for key, raw in list(raws.items())[:_MAX_KEYED]:
        try:
            value: W | None = read_object(bytes(raw), cast(Any, kind | None))
        except Unreadable as error:
            lost.append(clean(f"{name} {key}: {error}"))
        else:
            if value is not None:
                found[key] = value
    return found, tuple(lost)
