"""An object as its API tells it, made into lines that may be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping

from harbortui.model.asked import RawObject
from harbortui.model.redact import Clean
from harbortui.sources.rows import Unreadable, reason
from harbortui.sources.veil import LEFT_OUT, Json, Shape, Veil

RAW_CAP = 4_000_000
"""Bytes of an object that are read."""
MOST_LINES = 3_000
PLAIN = Shape()


def raw_object(body: bytes, shape: Shape, clean: Clean, *, title: str, source: str) -> RawObject:
    """The JSON in ``body``, masked and indented.

    Raises:
        Unreadable: not JSON.
    """
    if len(body) > RAW_CAP:
        raise Unreadable(f"larger than {RAW_CAP} bytes")
    try:
        value: Json = json.loads(body, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Unreadable(reason(error)) from None
    return raw_tree(value, shape, clean, title=title, source=source)


def raw_tree(value: Json, shape: Shape, clean: Clean, *, title: str, source: str) -> RawObject:
    """The same for what is decoded already."""
    veil = Veil(shape, clean)
    veiled = veil.over(value)
    # Strings hold no line end any more, so a line is a line; the last cleaning sees keys and values together.
    lines = json.dumps(veiled, indent=2, ensure_ascii=False).split("\n")
    shown = tuple(clean(line) for line in lines[:MOST_LINES])
    cut = veil.cut or len(lines) > MOST_LINES
    if len(lines) > MOST_LINES:
        shown = (*shown, f"{LEFT_OUT} {len(lines) - MOST_LINES} more lines")
    return RawObject(title=clean(title), source=clean(source), lines=shown, cut=cut, masked=veil.masked)


def raw_headers(headers: Mapping[str, str], clean: Clean, *, title: str, source: str) -> RawObject:
    """An answer that has nothing but headers."""
    return raw_tree(dict(sorted(headers.items())), PLAIN, clean, title=title, source=source)
