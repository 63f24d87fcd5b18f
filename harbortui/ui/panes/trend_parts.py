"""What the panes of ``v`` share: their room, and the words for what is not known. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harbortui.model.past import PastDetail, Trends
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.symbols import UNICODE

GUTTER = 2
LEAST_CELLS = 8
FRAME = 2
"""Lines of a table that are neither picture nor rows."""


class Room(NamedTuple):
    """What a table has for its picture and its rows."""

    width: int
    height: int

    def above(self, rows: int) -> tuple[int, int]:
        """Cells and lines for a picture above so many rows."""
        return self.width - GUTTER, self.height - rows


def trends_of(detail: PastDetail | None) -> Trends:
    """The curves, none while they are being read."""
    return detail.trends if detail is not None and detail.trends is not None else Trends()


def nothing(title: str, detail: PastDetail | None) -> Pane:
    """Why there is nothing to see."""
    if detail is None or detail.trends is None:
        return only(title, reading())
    lost = (note(f"lost/{number}", text, "warning") for number, text in enumerate(detail.lost))
    return only(title, note("none", "the history knows nothing of this yet"), *lost, *feed())


def feed() -> tuple[Row, ...]:
    """How the history comes to know something."""
    return (
        note("feed", "an open console fills it once a minute;"),
        note("feed/timer", "without one, harbortui check --record from a timer does"),
    )


def reading() -> Row:
    """Said until the history has answered."""
    return note("reading", f"{UNICODE.unknown} reading the history")


def only(title: str, *rows: Row) -> Pane:
    """A pane of sentences."""
    return Pane(title, (Block((Column("", 30),), rows),), badge())


def cells_for(width: int, others: Sequence[Column]) -> int:
    """Cells that are left for the curve."""
    return max(LEAST_CELLS, min(96, width - GUTTER - sum(each.width + 1 for each in others)))


def badge() -> Cell:
    """The key that leads back."""
    return Cell("v: back", "muted")
