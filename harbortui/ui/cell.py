"""What panes hand to widgets: cells, rows, blocks of rows, and the pane around them. Plain data, compared by value."""

from __future__ import annotations

from typing import NamedTuple


class Cell(NamedTuple):
    """One piece of text with one style; the text is data and never parsed as markup."""

    text: str
    style: str = "text"
    """A name of the palette: text, muted, strong, ok, warning, critical, unknown, accent."""

    @property
    def rank(self) -> float | None:
        """What the cell sorts by where its text does not tell."""
        return None


class Ranked(Cell):
    """A cell that sorts by a number its text does not tell: seconds, bytes, a count. It equals one that looks alike."""

    _rank: float

    def __new__(cls, text: str, style: str = "text", *, rank: float) -> Ranked:
        """``rank`` in any unit that is the same down the column."""
        cell = super().__new__(cls, text, style)
        cell._rank = rank
        return cell

    @property
    def rank(self) -> float | None:
        """What the cell sorts by."""
        return self._rank


class Column(NamedTuple):
    """A column of fixed width. The narrower the view, the fewer columns: the highest ``priority`` goes first."""

    title: str
    width: int
    """Terminal cells it has at least."""
    priority: int = 0
    """0 stays whatever happens."""
    most: int = 0
    """Terminal cells it may grow to; 0 keeps ``width``."""
    right: bool = False
    names: bool = False
    """True for names, which often differ at their ends only: one that is too long loses its middle."""


class Row(NamedTuple):
    """One row. A ``wide`` row has no columns: its cells follow each other without a gap, mostly there is one."""

    key: str
    """Unique within the pane; the cursor stays on it while rows move."""
    cells: tuple[Cell, ...]
    wide: bool = False
    more: tuple[tuple[str, str], ...] = ()
    """Name and value of what has no column, shown when the row is opened."""
    copies: str = ""
    """What is copied in place of what is seen: a command in full; ``n`` goes to the next such row."""


CONTINUED = "+"
"""The end of the key of a row that only goes on with what the row above it copies."""


class Block(NamedTuple):
    """Rows under one header line."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: str = ""
    """Replaces the first column's title, for a second block in the same pane."""


class Pane(NamedTuple):
    """Everything one pane shows."""

    title: str
    blocks: tuple[Block, ...]
    badge: Cell = Cell("")
    """The state in a few words: on the right of the title, and all that is seen of a pane that is hidden."""
    picture: tuple[tuple[Cell, ...], ...] = ()
    """Lines between title and header, their cells side by side; no rows: no cursor, filter or order touches them."""
    prose: bool = False
    """True for lines of text: ``/`` finds in them and hides nothing, and they have no order but their own."""
    asks: tuple[str, ...] = ()
    """Names before a colon in a filter that its source answers: they hide nothing here."""


def note(key: str, text: str, style: str = "muted") -> Row:
    """A sentence across the whole width."""
    return Row(key, (Cell(text, style),), wide=True)


def blank(count: int) -> tuple[Cell, ...]:
    """Empty cells to fill a row up."""
    return (Cell(""),) * count


def block_of(pane: Pane, key: str) -> Block | None:
    """The block of the row of that key; None where the pane has no such row (any more)."""
    return next((block for block in pane.blocks if any(row.key == key for row in block.rows)), None)
