"""Finds planted secrets in whatever was written, whole or in part, also in the encodings they travel in."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes

MARK = b"PLANTED"
TAIL = 10
"""Characters at a secret's end that are searched for alone: a mask may have taken the beginning only."""
_ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z$]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)")


def _base64_cores(data: bytes) -> Iterable[bytes]:
    """What every base64 of a text around ``data`` holds, at each of the three alignments."""
    for lead in range(3):
        coded = base64.b64encode(b"\0" * lead + data).rstrip(b"=")
        yield coded[-(-lead * 8 // 6) : (lead + len(data)) * 8 // 6]


class Scanner:
    """Built from the names and values of all planted secrets."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        assert secrets and all(MARK.decode() in value for value in secrets.values())
        self._needles: dict[bytes, str] = {MARK: "the mark itself", MARK.hex().encode(): "the mark in hex"}
        for core in _base64_cores(MARK):
            self._needles[core] = "the mark in base64"
        for name, value in secrets.items():
            data = value.encode()
            # The mark sits at an even distance from the start, so that a cut value is found by its cores too.
            for needle in (data, data[-TAIL:], data.hex().encode(), *_base64_cores(data)):
                self._needles[needle] = name

    def find(self, written: bytes | str) -> set[str]:
        """Names of the secrets that occur; empty when the text is clean. Escape sequences and %XX do not hide them."""
        data = written.encode("utf-8", "surrogatepass") if isinstance(written, str) else written
        forms = [data, _ESCAPES.sub(b"", data)]
        if b"%" in data:
            forms.append(unquote_to_bytes(data))
        return {name for needle, name in self._needles.items() if any(needle in form for form in forms)}
