"""JSON as go-swagger's models write it: absent means zero, times in milliseconds, nil slices are null."""

from __future__ import annotations

import json
from collections.abc import Iterable

from aiohttp import web

from harbortui.sim.world.timefmt import iso_millis, iso_seconds

Row = dict[str, object]
TEXT = "text/plain"
EPOCH = "1970-01-01T00:00:00.000Z"


def when(at: float) -> str:
    """A moment as Harbor prints it, with milliseconds; 0.0 is Go's zero time."""
    return iso_millis(at)


def whole(at: float) -> str:
    """A moment that the job service keeps in whole seconds; 0.0 prints as the unix epoch (strfmt.NewDateTime)."""
    return f"{iso_seconds(int(at))[:-1]}.000Z" if at > 0 else EPOCH


def compact(row: Row, keep: Iterable[str] = ()) -> Row:
    """Drop zero values as `omitempty` does: 0, false, "" and nil. Lists stay, and so does what `keep` names."""
    kept = frozenset(keep)
    return {key: value for key, value in row.items() if key in kept or value or isinstance(value, list)}


def dumps(data: object) -> str:
    """Compact JSON without ASCII escapes."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def go_map(data: dict[str, object]) -> str:
    """A Go map as JSON text: keys sorted."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def reply(
    data: object, status: int = 200, headers: dict[str, str] | None = None, *, charset: bool = False
) -> web.Response:
    """A JSON answer; errors, tokens and /v2/ name the charset, the API's results do not."""
    kind = "application/json; charset=utf-8" if charset or status >= 400 else "application/json"
    body = (dumps(data) + "\n").encode()
    return web.Response(body=body, status=status, headers={"Content-Type": kind, **(headers or {})})


def empty(status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status, headers=headers)


def text(content: str) -> web.Response:
    """Plain text: a job log, the ping."""
    return web.Response(body=content.encode(), headers={"Content-Type": TEXT})
