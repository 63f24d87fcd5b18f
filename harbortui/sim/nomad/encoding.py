"""How Nomad writes values: times, derived ids, structs without their empty fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

Json = dict[str, object]

ZERO_TIME = "0001-01-01T00:00:00Z"
SECOND = 1_000_000_000
"""Nanoseconds in a second: durations in job specifications are nanoseconds."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3_600.0}


def nanos(at: float) -> int:
    """Unix seconds as unix nanoseconds (microsecond precision)."""
    return round(at * 1_000_000) * 1_000


def rfc3339(at: float) -> str:
    """Unix seconds as Go prints a time: fractions without trailing zeros."""
    micros = round(at * 1_000_000)
    text = datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{micros % 1_000_000:06d}".rstrip("0")
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"


def rfc3339_or_null(at: float | None) -> str | None:
    """A time that may be unset: null."""
    return None if at is None else rfc3339(at)


def derived_uuid(seed: int, *parts: object) -> str:
    """A UUID that depends on the seed and the parts only."""
    text = sha256(":".join(map(str, (seed, *parts))).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


def is_uuid(text: str) -> bool:
    """True for a full UUID in lower case."""
    return _UUID.fullmatch(text) is not None


def without_empty(struct: Mapping[str, object]) -> Json:
    """A struct as its omit-empty codec tag writes it: fields with Go's zero value are absent.

    Allocation and Evaluation carry that tag on the whole struct (nomad/structs/structs.go); nested structs do not.
    """
    return {key: value for key, value in struct.items() if value not in (None, "", 0, False) and value not in ([], {})}


def go_duration(text: str) -> float | None:
    """Seconds of a Go duration such as "1m30s"; None when it is not one."""
    if text == "0":
        return 0.0
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return float(sum(float(number) * _UNITS[unit] for number, unit in parts))


def go_bool(text: str) -> bool | None:
    """Go's strconv.ParseBool; None when it is not a boolean."""
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    return None
