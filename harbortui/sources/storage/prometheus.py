"""The little of Prometheus's text format that MinIO's bucket metrics need."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

MAX_LINES = 200_000

_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def samples(text: str, prefix: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Name, labels and value of each sample whose name begins with ``prefix``; lines that are none are left out."""
    for number, line in enumerate(text.split("\n")):
        if number >= MAX_LINES:
            return
        if not line.startswith(prefix):
            continue
        match = _SAMPLE.fullmatch(line)
        value = _number(match[3]) if match else None
        if match is None or value is None:
            continue
        labels = {name: _unescape(label) for name, label in _LABEL.findall(match[2] or "")}
        yield match[1], labels, value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _unescape(text: str) -> str:
    return re.sub(r'\\[\\"n]', lambda found: _ESCAPES[found[0]], text) if "\\" in text else text
