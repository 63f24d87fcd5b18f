"""Masks what may be secret in a JSON tree that is shown as it is: by its place, by its key, by its shape.

Three nets, since any of them has holes: what is known to hold secrets is masked whatever it holds (:class:`Shape`); a
key that sounds like a secret masks all beneath it; and each string passes the redactor, which knows the console's own
secrets in every spelling and what secrets look like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from harbortui.model.redact import Clean
from harbortui.model.secret import MASK

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

MOST_DEPTH = 40
MOST_VALUES = 20_000
LEFT_OUT = "…"

_SECRET_KEY = re.compile(
    r"pass(?:word|wd|phrase|code)|(?:^|[_.-])pass(?:$|[_.-])|(?-i:[A-Z]PASS|[a-z]Pass)$|pwd|psk|hmac|webhook|licen[cs]e|"
    r"secret(?!smb)|token|credential|(?:private|api|access|secret|signing|encryption|account)[_.-]?key|[_.-]key$|(?<!non)auth$|authorization|cookie|signature|jwt|htpasswd|bearer|redis_?url|dsn$|basic_?auth|"
    r"session_?id|(?:^|[_.-])(?:pw|passw|salt|otp|pin|cert|kek|seed)$",
    re.IGNORECASE,
)
_SECRET_FLAG = re.compile(r"--?[\w.-]*", re.ASCII)
_QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]{0,15}://[^\s?#\"'<>]{1,2048})\?[^\s\"'<>]+", re.IGNORECASE | re.ASCII)
_NAMES = ("name", "key", "variable")
_VALUES = ("value", "val", "content")


@dataclass(frozen=True, slots=True)
class Shape:
    """What is masked by its place in one kind of object; all names in lower case."""

    hidden: frozenset[str] = frozenset()
    """Keys beneath which every value is masked; the keys there are shown."""
    listed: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """Objects (or lists of them) of which only these keys show their values."""
    kept: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """Objects of which everything but these keys is left out."""
    assigned: frozenset[str] = frozenset()
    """Lists of ``key=value`` whose values are masked."""


class Veil:
    """One walk through one object."""

    def __init__(self, shape: Shape, clean: Clean) -> None:
        self._shape = shape
        self._clean = clean
        self._values = 0
        self.masked = 0
        """Values masked for their place or key."""
        self.cut = False
        """True when the object was deeper or larger than is shown."""

    def over(self, value: Json) -> Json:
        """The same object with every string safe and every secret masked."""
        return self._any(value, 0)

    def _any(self, value: Json, depth: int) -> Json:
        if self._too_much(depth):
            return LEFT_OUT
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, list):
            return self._list(value, lambda each: self._any(each, depth + 1))
        return self._text(value, depth) if isinstance(value, str) else value

    def _object(self, value: dict[str, Json], depth: int) -> Json:
        named = _sounds_secret(next((each for name, each in value.items() if name.lower() in _NAMES), None))
        shown: dict[str, Json] = {}
        for name, each in value.items():
            low = name.lower()
            key = self._key(name, shown)
            if _SECRET_KEY.search(name) or low in self._shape.hidden or (named and low in _VALUES):
                shown[key] = self._hide(each, depth + 1)
            elif low in self._shape.kept:
                shown[key] = self._any(_only(each, self._shape.kept[low]), depth + 1)
            elif low in self._shape.listed:
                shown[key] = self._listed(each, self._shape.listed[low], depth + 1)
            elif low in self._shape.assigned:
                shown[key] = self._assigned(each, depth + 1)
            else:
                shown[key] = self._any(each, depth + 1)
        return shown

    def _listed(self, value: Json, allowed: frozenset[str], depth: int) -> Json:
        """An object, or a list of objects, of which unknown keys are masked: what a later version adds, for one."""
        if isinstance(value, list):
            return self._list(value, lambda each: self._listed(each, allowed, depth + 1))
        if not isinstance(value, dict):
            return self._hide(value, depth)
        if self._too_much(depth):
            return LEFT_OUT
        known = {name: each for name, each in value.items() if name.lower() in allowed}
        shown = self._object(known, depth)
        assert isinstance(shown, dict)
        for name, each in value.items():
            if name not in known:
                shown[self._key(name, shown)] = self._hide(each, depth + 1)
        return shown

    def _assigned(self, value: Json, depth: int) -> Json:
        if isinstance(value, list):
            return self._list(value, lambda each: self._assigned(each, depth + 1))
        if isinstance(value, str) and "=" in value:
            self._values += 1
            self.masked += 1
            return f"{self._clean(value.partition('=')[0])}={MASK}"
        return self._any(value, depth)

    def _list(self, value: list[Json], show: Callable[[Json], Json]) -> Json:
        shown: list[Json] = []
        flagged = False
        for each in value:
            if self._values >= MOST_VALUES:
                self.cut = True
                shown.append(LEFT_OUT)
                break
            shown.append(self._hide(each, 0) if flagged else show(each))
            flagged = isinstance(each, str) and _SECRET_FLAG.fullmatch(each) is not None and _sounds_secret(each)
        return shown

    def _hide(self, value: Json, depth: int) -> Json:
        """The shape of a value without what it holds; true, false, null and emptiness are no secrets."""
        if self._too_much(depth):
            return LEFT_OUT
        if isinstance(value, dict):
            shown: dict[str, Json] = {}
            for name, each in value.items():
                shown[self._key(name, shown)] = self._hide(each, depth + 1)
            return shown
        if isinstance(value, list):
            return [MASK] if value else []
        if value is None or isinstance(value, bool) or value == "":
            return value
        self.masked += 1
        return MASK

    def _text(self, text: str, depth: int) -> str:
        """A string; JSON inside it is an object like any other (Harbor's ``job_parameters`` is such a string)."""
        if text[:1] in ("{", "["):
            try:
                inner = json.loads(text, parse_constant=str)
            except (ValueError, RecursionError):
                inner = None
            if isinstance(inner, dict | list):
                return self._clean(json.dumps(self._any(inner, depth + 1), ensure_ascii=False))
        if "://" in text and "?" in text:
            # Cleaned first: half a secret is not known as one any more.
            text = _QUERY.sub(rf"\1?{MASK}", self._clean(text))
        return self._clean(text)

    def _key(self, name: str, taken: Mapping[str, Json]) -> str:
        key = self._clean(name)
        while key in taken:
            key += "'"
        return key

    def _too_much(self, depth: int) -> bool:
        self._values += 1
        if depth <= MOST_DEPTH and self._values <= MOST_VALUES:
            return False
        self.cut = True
        return True


def _sounds_secret(value: object) -> bool:
    return isinstance(value, str) and _SECRET_KEY.search(value) is not None


def _only(value: Json, kept: frozenset[str]) -> Json:
    if not isinstance(value, dict):
        return None if value is None else MASK
    found = {name: each for name, each in value.items() if name.lower() in kept}
    left = len(value) - len(found)
    return {**found, LEFT_OUT: f"{left} more, shown under the object itself"} if left else found
