"""The front matter of a runbook: the few lines of YAML between ``---`` at its beginning.

Only what the bundled pages need is understood: ``key: text``, and ``key:`` followed by ``  - item`` lines. Any YAML
reader makes the same of it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

FORMAT = "1"
"""The version of the format, ``runbook: 1``."""
KEYS = ("runbook", "id", "title", "summary", "for", "reviewed")

_KEY = re.compile(r"([a-z]+):(?: (\S.*))?")
_ITEM = re.compile(r"  - ([a-z0-9-]+)")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLAIN = re.compile(r"[A-Za-z0-9][^:#\n]*")
"""Text that YAML reads as it stands."""


class FrontError(ValueError):
    """Front matter that cannot be read; the message names the line or the key."""


class Front(NamedTuple):
    """What the front matter says."""

    id: str
    title: str
    summary: str
    fits: tuple[str, ...]
    """Ids of rules and kinds of objects."""
    reviewed: date


def split(source: str) -> tuple[Front, str]:
    """The front matter of a page, and what follows it. Raises FrontError."""
    lines = source.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        raise FrontError("a runbook begins with front matter between two lines of ---")
    end = lines.index("---", 1)
    return _checked(_read(lines[1:end])), "\n".join(lines[end + 1 :]).lstrip("\n")


def _read(lines: list[str]) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    items: list[str] | None = None
    for number, line in enumerate(lines, start=2):
        if (item := _ITEM.fullmatch(line)) and items is not None:
            items.append(item[1])
        elif key := _KEY.fullmatch(line):
            if key[1] in found:
                raise FrontError(f"line {number}: {key[1]} is there twice")
            items = [] if key[2] is None else None
            found[key[1]] = key[2] if key[2] is not None else items or []
            if items is not None:
                found[key[1]] = items
        else:
            raise FrontError(f"line {number} is neither a key nor an item: {line!r}")
    return found


def _checked(found: dict[str, str | list[str]]) -> Front:
    if tuple(found) != KEYS:
        raise FrontError(f"the keys must be {', '.join(KEYS)}, in this order")
    fits = found.pop("for")
    texts = {key: value for key, value in found.items() if isinstance(value, str)}
    if not isinstance(fits, list) or len(texts) != len(found):
        raise FrontError("only for is a list")
    if texts["runbook"] != FORMAT:
        raise FrontError(f"runbook: {texts['runbook']} is not a version of the format that is known here")
    if not _ID.fullmatch(texts["id"]):
        raise FrontError("id must be lower case words with hyphens between them")
    for key in ("title", "summary"):
        if not _PLAIN.fullmatch(texts[key]):
            raise FrontError(f"{key} must be a line without : and #")
    try:
        reviewed = date.fromisoformat(texts["reviewed"])
    except ValueError as error:
        raise FrontError("reviewed must be a date, year-month-day") from error
    return Front(texts["id"], texts["title"], texts["summary"], tuple(fits), reviewed)
