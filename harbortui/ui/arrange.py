"""How a person wants a table: filtered, one state only, sorted. Pure: a pane and an arrangement in, a pane out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harbortui.ui.cell import Block, Pane, Row
from harbortui.ui.matching import matches, terms_of
from harbortui.ui.sorting import STATES, in_order, is_numeric, row_state


class Arrangement(NamedTuple):
    """What a person asked a table for; in a pane of prose ``sought`` is found and nothing is hidden."""

    sought: str = ""
    state: str = ""
    """The glyph of the only state that is shown; empty for all."""
    sort: str = ""
    """The title of the column that gives the order; empty for the pane's own."""
    backwards: bool = False
    """Sorted against the column's usual direction: numbers and states fall, texts rise."""

    @property
    def hides(self) -> bool:
        """True when rows may be missing."""
        return bool(self.sought or self.state)


class Arranged(NamedTuple):
    """A pane as it was asked for."""

    pane: Pane
    shown: int
    total: int
    """Rows before hiding; sentences across the whole width are never hidden and not counted. Where nothing is asked
    for, nothing is counted."""


def arranged(pane: Pane, how: Arrangement) -> Arranged:
    """The pane with only the rows that are wanted, in the order that is wanted."""
    if pane.prose or not (how.hides or how.sort):
        return Arranged(pane, 0, 0)
    total = sum(not row.wide for block in pane.blocks for row in block.rows)
    terms = terms_of(how.sought)
    blocks = []
    for number, block in enumerate(pane.blocks):
        rows: Sequence[Row] = block.rows
        if how.hides:
            rows = [
                row
                for row in rows
                if row.wide or ((not how.state or row_state(row) == how.state) and matches(terms, block.columns, row))
            ]
        if number and block.rows and not rows:
            continue
        blocks.append(block._replace(rows=_sorted(block, rows, how)))
    shown = sum(not row.wide for block in blocks for row in block.rows)
    return Arranged(pane._replace(blocks=tuple(blocks)), shown, total)


def _sorted(block: Block, rows: Sequence[Row], how: Arrangement) -> tuple[Row, ...]:
    index = next((at for at, column in enumerate(block.columns) if column.title == how.sort), None)
    if not how.sort or index is None:
        return tuple(rows)
    data = [(row.cells[index], row) for row in rows if not row.wide]
    falling = falls(block, index, how)
    return (*(row for row in rows if row.wide), *in_order(data, falling=falling))


def falls(block: Block, index: int, how: Arrangement) -> bool:
    """True when the column's largest comes first."""
    return is_numeric(row.cells[index] for row in block.rows if not row.wide) != how.backwards


def sortable(pane: Pane) -> tuple[str, ...]:
    """The titles of the columns that can give the order."""
    if pane.prose:
        return ()
    return tuple(dict.fromkeys(column.title for block in pane.blocks for column in block.columns if column.title))


def states_in(pane: Pane) -> tuple[str, ...]:
    """The states that occur, the worst first."""
    found = {row_state(row) for block in pane.blocks for row in block.rows if not row.wide}
    return tuple(glyph for glyph in STATES if glyph in found)
