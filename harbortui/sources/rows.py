"""Strict, row by row decoding of JSON answers.

A wrong row costs that row, a wrong shape costs the answer, and nothing a server can send raises anything but
:class:`Unreadable`. Unknown fields are ignored; missing ones take the default of the wire struct (go-swagger omits
zero values); types are never coerced.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar, cast

import msgspec

W = TypeVar("W")

MAX_ROWS = 5_000
"""More rows than this are not kept; the surplus is told as one lost row."""

_MAX_LOST = 20
_UNIQUE_CAP = 262_144
_YEAR_OF_ZERO_TIMES = 1971

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that can travel on: msgspec decodes larger ones but cannot encode them again."""

UtcTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 time; one without an offset is refused."""


class Unreadable(Exception):
    """The answer has not the shape it must have; the text names field and type, to be cleaned before it is shown."""


@dataclass(frozen=True, slots=True)
class Rows(Generic[W]):
    """Rows that could be read, and what was wrong with the others."""

    rows: tuple[W, ...]
    lost: tuple[str, ...] = ()


def read_object(body: bytes, kind: type[W], *, unique: bool = False) -> W:
    """Decode one JSON value as ``kind``.

    ``unique`` also refuses an object that has a key twice; it costs a second pass, so it is for small answers that a
    verdict hangs on (decoders take the last one, and ``healthy`` followed by ``unhealthy`` must not be either).

    Raises:
        Unreadable: not JSON, not of that shape, nested too deep, a number out of range, or a key twice.
    """
    try:
        value = _decoder(kind).decode(body)
        if unique:
            if len(body) > _UNIQUE_CAP:
                raise Unreadable("an answer far larger than this one ever is")
            json.loads(body, object_pairs_hook=_unique_keys)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise Unreadable(reason(error)) from None
    return value


def read_rows(body: bytes, kind: type[W], *, name: str = "row") -> Rows[W]:
    """Decode a JSON array row by row; ``null`` is an empty array, as Go marshals a nil slice.

    Raises:
        Unreadable: not JSON, or not an array.
    """
    try:
        whole = _decoder(_list_of(kind)).decode(body)
        return Rows(tuple(whole[:MAX_ROWS]), _surplus(len(whole), name)) if whole else Rows(())
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        return _one_by_one(read_object(body, list[msgspec.Raw]), kind, name)


def unix(moment: datetime | None) -> float | None:
    """Unix seconds of a time; None for absent ones and Go's zero times (year 1, sometimes 1970)."""
    if moment is None or moment.year < _YEAR_OF_ZERO_TIMES:
        return None
    return moment.timestamp()


def reason(error: Exception) -> str:
    """What was wrong, in words, without any of the answer's own text."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, UnicodeError):
        return "not UTF-8"
    if isinstance(error, msgspec.MsgspecError):
        return str(error)
    return "not valid JSON"


def _one_by_one(raw: list[msgspec.Raw], kind: type[W], name: str) -> Rows[W]:
    decoder = _decoder(kind)
    rows: list[W] = []
    lost: list[str] = []
    for position, each in enumerate(raw[:MAX_ROWS]):
        try:
            rows.append(decoder.decode(each))
        except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
            lost.append(f"{name} {position + 1}: {reason(error)}")
    if len(lost) > _MAX_LOST:
        lost[_MAX_LOST:] = [f"{len(lost) - _MAX_LOST} more like these"]
    return Rows(tuple(rows), (*lost, *_surplus(len(raw), name)))


def _surplus(count: int, name: str) -> tuple[str, ...]:
    return () if count <= MAX_ROWS else (f"{count - MAX_ROWS} more {name}s than can be kept",)


def _list_of(kind: type[W]) -> type[list[W] | None]:
    return cast("type[list[W] | None]", list[kind] | None)  # type: ignore[valid-type]  # a type made at run time


_DECODERS: dict[object, object] = {}


def _decoder(kind: type[W]) -> msgspec.json.Decoder[W]:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    return cast("msgspec.json.Decoder[W]", decoder)


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("an object names a key twice")
    return found
