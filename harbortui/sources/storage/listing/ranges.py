"""Contiguous ranges of keys: what one walk covers, and how the whole is cut into them.

Cuts are hints: whichever they are, consecutive ranges share their bounds, so each key is in exactly one. Bounds are
held by us; ``prefix`` and ``start-after`` only spare the server and us the keys outside of them. Keys are ordered by
code point, which is the order of their UTF-8 bytes that S3 defines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_HIGH = "~~~~"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Keys from ``lower`` on and below ``upper``; an empty ``upper`` is no bound."""

    lower: str = ""
    upper: str = ""

    @property
    def prefix(self) -> str:
        """What all keys of the range begin with."""
        if self.upper and self.lower and self.upper == _after_all(self.lower):
            return self.lower
        return common_beginning(self.lower, self.upper)

    @property
    def start_after(self) -> str:
        """A name before every key of the range and, as keys of registries are, behind every key before it."""
        return "" if not self.lower or self.prefix == self.lower else _just_before(self.lower)

    def cut(self, at: Iterable[str]) -> list[KeyRange]:
        """This range in pieces; cuts outside of it and repeated ones are left out."""
        inside = sorted({each for each in at if self.lower < each and (not self.upper or each < self.upper)})
        bounds = [self.lower, *inside, self.upper]
        return [KeyRange(lower, upper) for lower, upper in pairwise(bounds)]


def evenly(names: list[str], count: int) -> list[str]:
    """At most ``count`` of the names, evenly spread, the first among them."""
    if len(names) <= count:
        return names
    return [names[index * len(names) // count] for index in range(count)]


def hex_cuts(directory: str, pieces: int) -> list[str]:
    """Cuts of a directory of digests into 16 or 256 pieces."""
    digits = {16: 1, 256: 2}[pieces]
    return [directory, *(f"{directory}{number:0{digits}x}" for number in range(1, pieces))]


def common_beginning(one: str, other: str) -> str:
    """What both names begin with."""
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return one[:index]
    return min(one, other, key=len)


def _after_all(prefix: str) -> str:
    """The least name above all that begin with an ASCII prefix; empty when it is none."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix[-1] < "~" else ""


def _just_before(name: str) -> str:
    last = name[-1]
    return name[:-1] + chr(ord(last) - 1) + _HIGH if "!" < last <= "~" else name[:-1]
