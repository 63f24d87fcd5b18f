"""Prometheus's text format as MinIO writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple


class Sample(NamedTuple):
    """One sample of a gauge."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str]


def render(samples: Iterable[Sample]) -> bytes:
    """All samples, families sorted by name, each with its help once."""
    lines: list[str] = []
    last = ""
    for sample in sorted(samples, key=lambda each: each.name):
        if sample.name != last:
            lines += (f"# HELP {sample.name} {sample.help}", f"# TYPE {sample.name} gauge")
            last = sample.name
        labels = ",".join(f'{name}="{_escape(value)}"' for name, value in sorted(sample.labels.items()))
        lines.append(
            f"{sample.name}{{{labels}}} {number(sample.value)}" if labels else f"{last} {number(sample.value)}"
        )
    return "".join(f"{line}\n" for line in lines).encode()


def number(value: float) -> str:
    """A number as Go's shortest %g has it: 1712, 4.777755973e+09."""
    exact = Decimal(repr(float(value))).normalize()
    if not exact:
        return "0"
    power = exact.adjusted()
    if -4 <= power < 6:
        return f"{exact:f}"
    digits = "".join(map(str, exact.as_tuple().digits))
    sign = "-" if exact < 0 else ""
    point = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{point}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
