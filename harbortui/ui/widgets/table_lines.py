"""The lines of a table below its first header, and the order they are held in."""

from __future__ import annotations

from typing import NamedTuple

from harbortui.ui.cell import Block, Pane, Row


class Line(NamedTuple):
    """A row, or the header of a second block."""

    number: int
    """Of the block."""
    block: Block
    row: Row | None
    """None for the header line of a second block."""


def flatten(pane: Pane) -> list[Line]:
    """All lines below the first header, which stays in view by itself."""
    lines: list[Line] = []
    for number, block in enumerate(pane.blocks):
        if number:
            lines.append(Line(number, block, None))
        lines.extend(Line(number, block, row) for row in block.rows)
    return lines


def in_order_of(new: Pane, old: Pane) -> Pane:
    """``new`` with its rows in the order of ``old``; rows that are new come last."""
    blocks = []
    for number, block in enumerate(new.blocks):
        before = old.blocks[number].rows if number < len(old.blocks) else ()
        order = {row.key: index for index, row in enumerate(before)}
        rows = tuple(sorted(block.rows, key=lambda row: order.get(row.key, len(order))))
        blocks.append(block._replace(rows=rows))
    return new._replace(blocks=tuple(blocks))


def is_hurt(row: Row) -> bool:
    """True for a row that tells of an error or a warning, or of what cannot be seen."""
    return any(cell.style in ("critical", "warning", "unknown") for cell in row.cells if cell.text)
