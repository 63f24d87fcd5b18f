"""The title line of panes: a rule with the name on the left and the state on the right."""

from __future__ import annotations

from rich.cells import cell_len

from harbortui.ui.cell import Cell
from harbortui.ui.fit import fit
from harbortui.ui.widgets.painted import Drawn, Look, Span, flow


def title_line(look: Look, name: str, badge: Cell, place: str, width: int, focused: bool) -> Drawn:
    """``─ name ───── badge  place ─`` in ``width`` cells; the right part goes first when there is no room."""
    symbols = look.symbols
    style = "title" if focused else "muted"
    title = flow((Cell(f"{symbols.rule} {name}", style),), width, symbols)
    x = (title[0].width if title else 0) + 1
    room = width - x - 4
    text = "  ".join(part for part in (badge.text, place) if part)
    if place and cell_len(text) > room:
        text = badge.text or place
    text = fit(text, min(cell_len(text), max(0, room)), False, symbols) if text and room > 4 else ""
    tail = max(x, width - (cell_len(text) + 3 if text else 0))
    line = "title" if focused else "rule"
    rule = Span(x, tail - x, symbols.rule * (tail - x), line)
    if not text:
        return Drawn("background", (*title, rule))
    end = (Span(tail + 1, cell_len(text), text, badge.style), Span(width - 1, 1, symbols.rule, line))
    return Drawn("background", (*title, rule, *end))
