"""The documents a person reads, and ways to take them apart."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def read(name: str) -> str:
    """A page by its path from the root of the checkout."""
    return (ROOT / name).read_text("utf-8")


def blocks(text: str, language: str = "") -> list[str]:
    """The contents of the fenced blocks in that language."""
    return [body for kind, body in _FENCE.findall(text) if kind == language]


def links(text: str) -> list[str]:
    """The targets of all links, outside of code."""
    return _LINK.findall(_FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The names under which the headings can be reached (GitHub's way)."""
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in _HEADING.findall(_FENCE.sub("", text)))
    return {title.strip().replace(" ", "-") for title in titles}


def table(text: str, header: str) -> list[list[str]]:
    """The rows of the table whose head begins with ``header``, as cells."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {header}"):
            break
    else:
        raise AssertionError(f"there is no table {header!r}")
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows[1:]


def codes(text: str) -> list[str]:
    """What stands between backquotes."""
    return re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
