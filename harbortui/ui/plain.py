"""What a person points at, as text that reads well where it is pasted: a chat, a ticket, a shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from harbortui.ui.fit import visible
from harbortui.ui.header import header_cells
from harbortui.ui.widgets.log import LogTail
from harbortui.ui.widgets.table import Table

if TYPE_CHECKING:
    from harbortui.ui.cell import Block, Pane, Row
    from harbortui.ui.screens.base import ViewScreen
    from harbortui.ui.view import View

Redact = Callable[[str], str]


class Chosen(NamedTuple):
    """Text to copy, and what it is in a few words."""

    lines: list[str]
    what: str


def chosen(screen: ViewScreen, view: View, redact: Redact) -> Chosen | None:
    """What the keys are about: log lines in view, marked rows, a page's text, or the row under the cursor.

    Rows come with where and when they were seen, because a figure without its age is a rumour; log lines and pages of
    text come as they are, so that a command can be pasted into a shell. None when there is nothing.
    """
    focused = screen.listed
    if isinstance(focused, LogTail):
        seen = [safe(each, redact) for each in focused.in_view]
        return Chosen(seen, count(len(seen), "log line")) if seen else None
    if not isinstance(focused, Table):
        return None
    pane, rows = focused.pane, focused.chosen
    marked = any(row.key in focused.marks for row in rows)
    if not marked and focused.row is not None and focused.row.copies:
        return Chosen([safe(each, redact) for each in focused.row.copies.split("\n")], "this command")
    if pane.prose:
        lines = _prose(rows if marked else [row for block in pane.blocks for row in block.rows], redact)
        return Chosen(lines, count(len(lines), "line")) if lines else None
    if not rows:
        return None
    head = _context(view, pane, redact)
    if marked:
        return Chosen([head, *_table(pane, rows, redact)], count(len(rows), "row"))
    return Chosen([head, *_in_full(_block_of(pane, rows[0]), rows[0], redact)], "this row")


def safe(text: str, redact: Redact) -> str:
    """Text that holds no control character and no secret."""
    return redact(visible(text)).rstrip()


def count(number: int, what: str) -> str:
    """``3 rows``."""
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def _context(view: View, pane: Pane, redact: Redact) -> str:
    """Fleet, place, pane and time in one line."""
    left, right = header_cells(view)
    texts = [cell.text.removeprefix("› ") for cell in (*left[1:], right[-1])]
    return safe(" · ".join((*texts[:-1], pane.title, texts[-1])), redact)


def _block_of(pane: Pane, row: Row) -> Block:
    return next((block for block in pane.blocks if any(each is row for each in block.rows)), pane.blocks[0])


def _table(pane: Pane, rows: Sequence[Row], redact: Redact) -> Iterable[str]:
    """Tab separated, with the titles of the columns above."""
    last: Block | None = None
    for row in rows:
        block = _block_of(pane, row)
        if block is not last and not row.wide:
            last = block
            titles = [column.title for column in block.columns]
            yield "\t".join([block.title or titles[0], *titles[1:]] if titles else [])
        yield "\t".join(safe(cell.text, redact).strip() for cell in row.cells)


def _in_full(block: Block, row: Row, redact: Redact) -> Iterable[str]:
    """One row with all it knows, a name and a value in each line."""
    if row.wide:
        pairs = [("", "".join(cell.text for cell in row.cells))]
    else:
        pairs = [(column.title, cell.text) for column, cell in zip(block.columns, row.cells, strict=False)]
    for name, value in (*pairs, *row.more):
        text = safe(value, redact).strip()
        if text:
            # Redacted as a whole: a secret's name is what gives its value away.
            yield redact(f"{visible(name)}: {text}") if name else text


def _prose(rows: Sequence[Row], redact: Redact) -> list[str]:
    """Lines of text; values that a page wrapped stay wrapped."""
    return [safe(("" if row.wide else "  ").join(cell.text for cell in row.cells if cell.text), redact) for row in rows]
