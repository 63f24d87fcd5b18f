"""The line of a key in a TOML file; only looked for when something is wrong or a person asks where a value is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]#]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")

Step = str | int
"""A key, or the index of an entry in an array of tables."""


def _parts(dotted: str) -> list[Step]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _keys(text: str) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """Line number and full path of each table header and key; strings of several lines may show keys that are none."""
    counts: dict[tuple[Step, ...], int] = {}
    table: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = []
            for step in _parts(header[2]):
                table.append(step)
                if tuple(table) in counts and not (header[1] == "[[" and len(table) == len(_parts(header[2]))):
                    table.append(counts[tuple(table)])
            if header[1] == "[[":
                counts[tuple(table)] = counts.get(tuple(table), -1) + 1
                table.append(counts[tuple(table)])
            yield number, tuple(table)
        elif key := _KEY.match(line):
            yield number, (*table, *_parts(key[1]))


def line_of(text: str, path: tuple[Step, ...]) -> int | None:
    """The line (from 1) of the key at ``path``, like ``("instance", 0, "url")``, else of the nearest table."""
    best: int | None = None
    depth = 0
    for number, found in _keys(text):
        if found == path:
            return number
        if depth < len(found) < len(path) and path[: len(found)] == found:
            best, depth = number, len(found)
    return best


def key_line(text: str, path: tuple[str, ...]) -> int | None:
    """The line of a key path that names instances by their name (``("instance", "harbor-nas", "url")``)."""
    if len(path) < 2 or path[0] != "instance":
        return line_of(text, path)
    try:
        entries = tomllib.loads(text).get("instance", [])
    except tomllib.TOMLDecodeError:
        return None
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("name") == path[1]:
            return line_of(text, ("instance", index, *path[2:]))
    return None
