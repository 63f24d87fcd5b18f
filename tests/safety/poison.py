"""Answers of the simulated fleet with hostile text in every string, or of a hostile shape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harbortui.sim import listener
from harbortui.sim.thread import SimThread

EVIL = (
    "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\x1bP+q\x1b\\\x1b]0;owned\x07\r\b\x00\u202eltr\u2066\u200b\u2028"
    '[@click=app.quit]x[/] [/red] | a=1;2 "q" \\n \' {b="c"}\n \U000e0041 ' + "z\u0300" * 20
)
"""Everything at once: it must come out visible, on one line, and act on nothing. (Lone surrogates are no JSON.)"""
HARMLESS = "[@click=app.quit]"
"""The part of it that is ordinary text, by which it is found on the screen."""

_KEPT = re.compile(
    r"(?i)(?:^id$|id$|time|date|_at$|status$|state$|type$|kind$|digest|version|namespace|region|trigger|desired|cron|unit"
    r"|code|index)"
)
"""Fields that steer what is read at all: poisoned in a second round, where whole rows are lost."""


def poisoned(body: bytes, *, all_fields: bool) -> bytes:
    """The same JSON with hostile text in strings (and keys that name something)."""
    try:
        value = json.loads(body)
    except ValueError:
        return body + EVIL.encode("utf-8", "replace")
    return json.dumps(_poison(value, all_fields=all_fields, field="")).encode()


def _poison(value: Any, *, all_fields: bool, field: str) -> Any:
    if isinstance(value, dict):
        return {key: _poison(each, all_fields=all_fields, field=key) for key, each in value.items()}
    if isinstance(value, list):
        return [_poison(each, all_fields=all_fields, field=field) for each in value]
    if isinstance(value, str) and (all_fields or not _KEPT.search(field)):
        return f"{HARMLESS} {value[:8]}{EVIL}"
    return value


SHAPES: dict[str, bytes] = {
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "NaN": b'{"components": NaN, "status": Infinity, "total": -Infinity}',
    "huge number": b'[{"id": 1' + b"0" * 5_000 + b', "status": "x"}]',
    "surrogate": b'{"status": "\\ud800", "components": [{"name": "\\udfff", "status": "healthy"}]}',
    "not UTF-8": b'{"status": "\xff\xfe\x1b[2J"}',
    "huge string": b'{"status": "' + b"A" * 3_000_000 + b'", "components": []}',
    "control": b'{"status": "\x1b[2J\x00"}',
    "null": b"null",
    "rows of anything": b'[null, 1, "x", [], {}, {"id": {}}, {"ID": []}, {"components": 1}]',
    "metrics": b'minio_bucket_usage_total_bytes{bucket="harbor"} 1e300\n'
    b'minio_bucket_usage_object_total{bucket="harbor"} 1e19\n'
    b"minio_usage_last_activity_nano_seconds NaN\n",
}

Change = Callable[[str, bytes], tuple[str, bytes]]


@contextmanager
def changed(sim: SimThread, change: Change) -> Iterator[None]:
    """Every answer of every backend but Vault goes through ``change`` (content type and body) while the block runs."""
    backends = [name for name in sim.fleet.listeners if name != "vault"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listener, "spoil", lambda _wrong, kind, body: change(kind, body))
        for each in backends:
            sim.fault(each, "wrong")
        try:
            yield
        finally:
            for each in backends:
                sim.fault(each, "up")
