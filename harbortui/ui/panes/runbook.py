"""A runbook as lines of text: wrapped, styled by the palette's names, its commands as rows that can be picked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from rich.cells import cell_len

from harbortui.model.finding import Finding
from harbortui.runbooks.catalogue import Runbook
from harbortui.runbooks.document import Part, Run, Runs, filled, parse
from harbortui.runbooks.names import Names
from harbortui.ui.cell import CONTINUED, Block, Cell, Column, Pane, Row
from harbortui.ui.fit import wrap
from harbortui.ui.symbols import state_glyph, state_name

LIST = (Column("Runbook", 26, most=30), Column("What for", 40, most=140), Column("Name", 23, 2, most=30))
STYLES: Mapping[str, str] = {"": "text", "code": "accent", "strong": "strong", "link": "key"}
HEADINGS: Mapping[int, str] = {1: "title", 2: "title"}
WARNING = "Warning:"
"""How a paragraph begins that names a danger; ``e`` goes to the next one."""
PROMPT = "  $ "
GOES_ON = "      "
INDENT = 2
WIDEST = 110
"""Cells of a line of prose: longer ones are hard to read."""
OLD_AFTER = 180 * 86_400.0
"""Seconds after its review by which a page is marked as old."""

Line = tuple[Cell, ...]


class Rendered(NamedTuple):
    """A page as it is shown, and where the links of its rows lead, by the row's key."""

    pane: Pane
    links: Mapping[str, str]


def list_pane(books: Iterable[Runbook], now: float) -> Pane:
    """All runbooks with what they are for."""
    rows = tuple(
        Row(
            each.id,
            (Cell(each.title, "strong"), Cell(each.front.summary), Cell(each.id, "muted")),
            more=_more(each, now),
        )
        for each in books
    )
    return Pane("Runbooks", (Block(LIST, rows),), Cell(f"{len(rows)} pages", "muted"))


def _more(book: Runbook, now: float) -> tuple[tuple[str, str], ...]:
    return (("fits", ", ".join(book.front.fits)), ("reviewed", _reviewed(book, now).text))


def runbook_pane(book: Runbook, names: Names, width: int, now: float, finding: Finding | None = None) -> Rendered:
    """One page at ``width`` cells, with the finding it was opened for on top."""
    rows: list[Row] = []
    links: dict[str, str] = {}
    if finding is not None:
        rows += _finding(finding, width)
    parts = [part for part in filled(parse(book.body), names) if (part.kind, part.level) != ("heading", 1)]
    before = "" if finding is None else "finding"
    for number, part in enumerate(parts):
        if before and not (before == part.kind == "command" or _same_list(part, parts[number - 1])):
            rows.append(Row(f"{number}/blank", (Cell(""),), wide=True))
        for each, line in enumerate(_lines(part, width)):
            rows.append(_row(f"{number}/{each}", part, line, first=not each))
        target = next((run.target for run in _all_runs(part) if run.target), "")
        links.update(_links(number, part, target, width) if target else {})
        before = part.kind
    where = names.get("instance", "")
    title = f"{book.title}: {where}" if where else book.title
    return Rendered(Pane(title, (Block((), tuple(rows)),), _reviewed(book, now), prose=True), links)


def _reviewed(book: Runbook, now: float) -> Cell:
    day = book.front.reviewed
    old = now - datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() > OLD_AFTER
    return Cell(f"reviewed {day.isoformat()}" + (", long ago" if old else ""), "warning" if old else "muted")


def _finding(finding: Finding, width: int) -> Iterator[Row]:
    """What was observed, so that a person need not go back for it."""
    texts = [(f"{state_glyph(finding.state)} {finding.title}", state_name(finding.state))]
    texts += [(f"  {line}", "muted") for line in finding.evidence]
    for number, (text, style) in enumerate(texts):
        for part, line in enumerate(wrap(text, width)):
            yield Row(f"finding/{number}/{part}", (Cell(line, style),), wide=True)


def _same_list(part: Part, before: Part) -> bool:
    """Items of one list stand close together."""
    return part.kind == before.kind == "text" and min(part.level, before.level) > 0


def _row(key: str, part: Part, line: Line, *, first: bool) -> Row:
    if part.kind != "command":
        return Row(key, line, wide=True)
    return Row(key if first else key + CONTINUED, line, wide=True, copies=part.text)


def _all_runs(part: Part) -> Iterator[Run]:
    yield from part.runs
    for row in part.rows:
        for cell in row:
            yield from cell


def _links(number: int, part: Part, target: str, width: int) -> Iterator[tuple[str, str]]:
    """Every row of a paragraph leads to its first link; a row of a table to its own."""
    if part.kind != "table":
        yield from ((f"{number}/{each}", target) for each in range(len(_lines(part, width))))
        return
    each = 0
    for row, lines in zip(part.rows, _table_rows(part, width), strict=True):
        own = next((run.target for cell in row for run in cell if run.target), "")
        for _ in lines:
            if own:
                yield f"{number}/{each}", own
            each += 1


def _lines(part: Part, width: int) -> list[Line]:
    room = max(1, min(width, WIDEST))
    if part.kind == "heading":
        return [(Cell(line, HEADINGS.get(part.level, "strong")),) for line in wrap(_plain(part.runs), room)]
    if part.kind == "command":
        return list(_command(part.text, width))
    if part.kind == "code":
        return [(Cell(f"    {line}", "muted"),) for text in part.text.split("\n") for line in wrap(text, room - 4)]
    if part.kind == "table":
        return [line for lines in _table_rows(part, room) for line in lines]
    style = "warning" if _plain(part.runs).startswith(WARNING) else ""
    lead = " " * INDENT * max(0, part.level - 1)
    marker = f"{lead}{part.marker} " if part.marker else " " * len(f"{lead}- ") if part.level else ""
    rest = " " * len(marker)
    lines = _wrapped(part.runs, room - len(marker), style)
    return [
        ((Cell(marker if not number else rest, "muted"), *line) if marker else line)
        for number, line in enumerate(lines)
    ]


def _command(text: str, width: int) -> Iterator[Line]:
    """A command from its prompt on; what does not fit goes on below, further in. Copied it is whole."""
    head = PROMPT
    for line in text.split("\n"):
        room = max(1, width - len(head))
        begun = wrap(line, room)
        rest = wrap(line[len(begun[0]) :].lstrip(), max(1, width - len(GOES_ON))) if len(begun) > 1 else []
        for piece in (begun[0], *rest):
            yield (Cell(head, "muted"), Cell(piece, "accent"))
            head = GOES_ON


def _plain(runs: Runs) -> str:
    return "".join(run.text for run in runs)


def _wrapped(runs: Runs, width: int, style: str = "") -> list[Line]:
    """Runs in lines of at most ``width`` cells; ``style`` in place of that of plain text. At least one line."""
    width = max(1, width)
    lines: list[list[Cell]] = [[]]
    used = 0
    for word in _words(runs):
        length = sum(cell_len(run.text) for run in word)
        if used and used + 1 + length > width:
            lines.append([])
            used = 0
        elif used:
            _add(lines[-1], Run(" ", _before(lines[-1], word[0])), style)
            used += 1
        for run in word:
            for piece in _pieces(run, width, used):
                if used and used + cell_len(piece) > width:
                    lines.append([])
                    used = 0
                _add(lines[-1], run._replace(text=piece), style)
                used += cell_len(piece)
    return [tuple(line) or (Cell(""),) for line in lines]


def _before(line: Sequence[Cell], run: Run) -> str:
    """The style of a space: that of its neighbours where both have the same, so that fewer pieces are drawn."""
    return run.style if line and line[-1].style == STYLES[run.style] else ""


def _pieces(run: Run, width: int, used: int) -> list[str]:
    """A word that is longer than a line, in pieces."""
    return [run.text] if used + cell_len(run.text) <= width else wrap(run.text, width)


def _words(runs: Runs) -> Iterator[list[Run]]:
    """What must not be broken: pieces of runs with no space between them."""
    word: list[Run] = []
    for run in runs:
        for number, text in enumerate(run.text.split(" ")):
            if number and word:
                yield word
                word = []
            if text:
                word.append(run._replace(text=text))
    if word:
        yield word


def _add(line: list[Cell], run: Run, style: str) -> None:
    name = style if style and not run.style else STYLES[run.style]
    if line and line[-1].style == name:
        line[-1] = Cell(line[-1].text + run.text, name)
    else:
        line.append(Cell(run.text, name))


def _table_rows(part: Part, width: int) -> list[list[Line]]:
    """Each row's lines: the columns as wide as they want where there is room, else by what they hold."""
    room = min(width, WIDEST)
    wide = [max(cell_len(_plain(row[index])) for row in part.rows) for index in range(len(part.rows[0]))]
    gaps = INDENT * (len(wide) - 1)
    while sum(wide) + gaps > room and max(wide) > 1:
        wide[wide.index(max(wide))] -= 1
    return [_table_row(row, wide, "header" if not number else "") for number, row in enumerate(part.rows)]


def _table_row(row: Sequence[Runs], wide: Sequence[int], style: str) -> list[Line]:
    cells = [_wrapped(runs, room, style) for runs, room in zip(row, wide, strict=True)]
    lines: list[Line] = []
    for number in range(max(map(len, cells))):
        line: list[Cell] = []
        for index, (texts, room) in enumerate(zip(cells, wide, strict=True)):
            piece = texts[number] if number < len(texts) else ()
            line += piece
            gap = room - sum(cell_len(cell.text) for cell in piece) + INDENT
            if index + 1 < len(cells):
                line.append(Cell(" " * gap))
        lines.append(tuple(line))
    return lines
