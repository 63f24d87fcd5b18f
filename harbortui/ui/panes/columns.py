"""Columns of the fleet table; apart from its rows, because the first paint needs them before any data is there."""

from __future__ import annotations

from collections.abc import Iterable

from harbortui.ui.cell import Block, Cell, Column, Pane, Row, blank

FLEET: tuple[Column, ...] = (
    Column("State", 10),
    Column("Instance", 12, most=28, names=True),
    Column("Node", 9, 6, most=28, names=True),
    Column("Parts", 5, 1),
    Column("Tasks", 14, 2, most=40),
    Column("Memory", 6, 4, most=17, right=True),
    Column("Bucket", 8, 3, most=18),
    Column("Replication", 13, 1, most=26),
    Column("Last GC", 9, 5, most=22),
    Column("Version", 8, 7, most=18),
)


TREND = 7
"""The place of the bucket's trend among the columns; there is none while nothing is known of any bucket."""
FLEET_TRENDS = (*FLEET[:TREND], Column("A week", 14, 4), *FLEET[TREND:])


def waiting(names: Iterable[str]) -> Pane:
    """The fleet before the first message of the engine: the names, and that the rest is on its way."""
    rows = tuple(
        Row(name, (Cell("◌ loading", "muted"), Cell(name, "strong"), *blank(len(FLEET) - 2))) for name in names
    )
    return Pane("Instances", (Block(FLEET, rows),))


def unjudged() -> Pane:
    """The findings before the first message of the engine."""
    row = Row("waiting", (Cell("◌ loading: nothing is known yet", "muted"),), wide=True)
    return Pane("Findings", (Block((), (row,)),))
