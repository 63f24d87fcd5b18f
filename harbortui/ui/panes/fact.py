"""Rows of one fact each: what, value, source, age."""

from __future__ import annotations

from harbortui.model.finding import State
from harbortui.ui.cell import Cell, Column, Row
from harbortui.ui.symbols import state_glyph, state_name

COLUMNS = (
    Column("", 1),
    Column("What", 13),
    Column("Value", 24, most=90),
    Column("Source", 14, 2, most=28),
    Column("Age", 5, 1, right=True),
)


def fact(key: str, state: State | None, name: str, value: Cell, source: str = "", age: str = "", **more: str) -> Row:
    """One fact; ``more`` is what has no column, by name."""
    named = tuple((name.replace("_", " "), text) for name, text in more.items() if text)
    return listed_fact(key, state, name, value, source, age, named)


def listed_fact(
    key: str, state: State | None, name: str, value: Cell, source: str, age: str, more: tuple[tuple[str, str], ...]
) -> Row:
    """The same with names that may come more than once."""
    glyph = Cell("", "muted") if state is None else Cell(state_glyph(state), state_name(state))
    return Row(key, (glyph, Cell(name, "strong"), value, Cell(source, "muted"), Cell(age, "muted")), more=more)
