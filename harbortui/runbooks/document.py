"""A page as parts: headings, text, items, commands and rows of tables, in reading order.

markdown-it takes the source apart, placeholders and all; names are filled in afterwards, so that none is ever Markdown.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from harbortui.runbooks.fill import in_command, in_text
from harbortui.runbooks.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

SHELL = "sh"
"""The language of fences that hold commands; any other fence is shown as it is."""


class Run(NamedTuple):
    """Text in one style."""

    text: str
    style: str = ""
    """``code``, ``strong``, ``link`` or empty."""
    target: str = ""
    """Where a link leads."""


Runs = tuple[Run, ...]


class Part(NamedTuple):
    """One piece of a page."""

    kind: str
    """``heading``, ``text``, ``command``, ``code`` or ``table``."""
    level: int = 0
    """Of a heading from 1 on; of text how deep in lists it stands."""
    marker: str = ""
    """Of the first text of an item."""
    runs: Runs = ()
    text: str = ""
    """Of a command or of code."""
    rows: tuple[tuple[Runs, ...], ...] = ()
    """Of a table, the first is its head."""


@lru_cache(maxsize=32)
def parse(body: str) -> tuple[Part, ...]:
    """The parts of a page's Markdown."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    return tuple(_parts(reader.parse(body)))


def filled(parts: Sequence[Part], names: Names) -> tuple[Part, ...]:
    """The same with names in place of placeholders: quoted in commands, data everywhere else."""
    return tuple(_filled(part, names) for part in parts)


def _filled(part: Part, names: Names) -> Part:
    if part.kind == "command":
        return part._replace(text=in_command(part.text, names))
    rows = tuple(tuple(_runs(cell, names) for cell in row) for row in part.rows)
    return part._replace(runs=_runs(part.runs, names), text=in_text(part.text, names), rows=rows)


def _runs(runs: Runs, names: Names) -> Runs:
    return tuple(run._replace(text=in_text(run.text, names)) for run in runs)


def commands_of(text: str) -> tuple[str, ...]:
    """The commands of a shell fence: a line each, with the lines that a backslash at its end goes on to."""
    found: list[str] = []
    going = False
    for line in text.rstrip("\n").split("\n"):
        if going:
            found[-1] += f"\n{line}"
        elif line.strip() and not line.lstrip().startswith("#"):
            found.append(line)
        going = bool(found) and found[-1].endswith("\\")
    return tuple(found)


def _parts(tokens: Sequence[Token]) -> Iterator[Part]:
    markers: list[str] = []
    counts: list[int] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            counts.append(int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else 0)
            markers.append("")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            counts.pop()
            markers.pop()
        elif token.type == "list_item_open":
            markers[-1] = f"{counts[-1]}." if counts[-1] else "-"
            counts[-1] += bool(counts[-1])
        elif token.type == "heading_open":
            yield Part("heading", int(token.tag[1:]), runs=_inline(tokens[at + 1]))
            at += 2
        elif token.type == "inline":
            yield Part("text", len(markers), markers[-1] if markers else "", _inline(token))
            markers[-1:] = [""] if markers else []
        elif token.type in ("fence", "code_block"):
            if token.info.split()[:1] == [SHELL]:
                yield from (Part("command", len(markers), text=each) for each in commands_of(token.content))
            else:
                yield Part("code", len(markers), text=token.content.rstrip("\n"))
        elif token.type == "table_open":
            end = next(index for index in range(at, len(tokens)) if tokens[index].type == "table_close")
            yield Part("table", len(markers), rows=tuple(_rows(tokens[at:end])))
            at = end
        at += 1


def _rows(tokens: Sequence[Token]) -> Iterator[tuple[Runs, ...]]:
    cells: list[Runs] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(_inline(token))
        elif token.type == "tr_close":
            yield tuple(cells)
            cells.clear()


def _inline(token: Token) -> Runs:
    """The runs of one paragraph; a line's end in the source is a space."""
    runs: list[Run] = []
    strong, target = 0, ""
    for each in token.children or ():
        if each.type == "strong_open":
            strong += 1
        elif each.type == "strong_close":
            strong -= 1
        elif each.type == "link_open":
            target = str(each.attrs.get("href", ""))
        elif each.type == "link_close":
            target = ""
        elif text := " " if each.type in ("softbreak", "hardbreak") else each.content:
            style = "code" if each.type == "code_inline" else "link" if target else "strong" if strong else ""
            if runs and runs[-1][1:] == (style, target):
                runs[-1] = runs[-1]._replace(text=runs[-1].text + text)
            else:
                runs.append(Run(text, style, target))
    return tuple(runs)
