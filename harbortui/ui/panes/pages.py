"""Pages that are plain tables of text: help, and one row or some lines in full."""

from __future__ import annotations

from collections.abc import Iterable

from harbortui.ui.actions import Keymap, help_rows
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.fit import wrap

HELP = (Column("Key", 16, most=24), Column("Where", 10, 1), Column("Does", 30, most=90))
DETAIL_NAME = 18


def help_pane(keymap: Keymap) -> Pane:
    """All keys, from the action table."""
    rows = tuple(
        Row(f"{number}", (Cell(keys, "key"), Cell(where, "muted"), Cell(title)))
        for number, (keys, where, title) in enumerate(help_rows(keymap))
    )
    states = ("● ok", "ok"), ("▲ warning, or stale", "warning"), ("✖ critical, or failed", "critical")
    legend = [Row(f"state/{style}", (Cell(text[:1], style), Cell(""), Cell(text[2:]))) for text, style in states]
    legend.append(
        Row("state/unknown", (Cell("◌", "unknown"), Cell(""), Cell("unknown, loading, or not visible to us")))
    )
    return Pane("Help", (Block(HELP, rows), Block(HELP, tuple(legend), "Signs")), Cell("read-only", "muted"))


def detail_pane(title: str, block: Block, row: Row, width: int) -> Pane:
    """One row of a table in full, every value wrapped to ``width``."""
    if row.wide:
        pairs = [("", row.cells[0].text)]
    else:
        named = zip(block.columns, row.cells, strict=True)
        pairs = [(column.title, cell.text) for column, cell in named if column.title and cell.text]
    return Pane(title, (Block(detail_columns(width), wrapped([*pairs, *row.more], width)),), prose=True)


def lines_pane(title: str, lines: Iterable[str], width: int) -> Pane:
    """Some lines in full, wrapped."""
    columns = (Column("", max(1, width)),)
    rows = [
        Row(f"{number}/{part}", (Cell(text),))
        for number, line in enumerate(lines)
        for part, text in enumerate(wrap(line, width))
    ]
    return Pane(title, (Block(columns, tuple(rows)),), prose=True)


def detail_columns(width: int) -> tuple[Column, ...]:
    """A column for names and one for values that takes the rest of ``width``."""
    return (Column("", DETAIL_NAME), Column("", max(1, width - DETAIL_NAME - 1)))


def wrapped(pairs: Iterable[tuple[str, str]], width: int) -> tuple[Row, ...]:
    """Names and values as rows, every value wrapped."""
    room = max(1, width - DETAIL_NAME - 1)
    rows = []
    for number, (name, value) in enumerate(pairs):
        for part, text in enumerate(wrap(value, room)):
            rows.append(Row(f"{number}/{part}", (Cell(name if not part else "", "muted"), Cell(text))))
    return tuple(rows)
