"""The last line: keys and words, a hint, or the line that is being typed. One widget, so that typing moves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from harbortui.ui.cell import Cell
from harbortui.ui.fit import fit, visible
from harbortui.ui.widgets.lines import Lines
from harbortui.ui.widgets.painted import MATCH, Drawn, Look, Span, flow

if TYPE_CHECKING:
    from harbortui.ui.commands.prompt import Prompt

LEAST_TYPED = 20
"""Cells that stay for the line, whatever is said beside it."""


class Foot(Lines):
    """The footer, which a prompt takes over while it is open."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, ground="bar", whole=True)
        self._prompt: Prompt | None = None

    def show_prompt(self, prompt: Prompt | None) -> None:
        """Show a line that is being typed, or no more."""
        if prompt is not None or self._prompt is not None:
            self._prompt = prompt
            self.repaint()

    def draw(self, width: int, height: int) -> list[Drawn]:
        """The footer or the prompt."""
        if self._prompt is None or not height:
            return super().draw(width, height)
        spans = prompt_spans(self._prompt, width, self.look)
        return [Drawn(self._ground, spans), *[Drawn(self._ground)] * (height - 1)]


def prompt_spans(prompt: Prompt, width: int, look: Look) -> tuple[Span, ...]:
    """Sign, text with the caret as a cell that stands out, what tab would add, and what is said on the right."""
    symbols = look.symbols
    line = prompt.line
    room = max(1, width - 2)
    text = visible(line.text)
    before, under, after = text[: line.caret], text[line.caret : line.caret + 1], text[line.caret + 1 :]
    while before and cell_len(before) > room - 2:
        before = before[1:]
    parts = [(prompt.sign, "key"), (before, "bar"), (under or " ", MATCH), (after, "bar")]
    if not after and not under:
        parts.append((prompt.ghost(), "muted"))
    spans: list[Span] = []
    x = min(1, width - 1)
    for part, style in parts:
        length = min(cell_len(part), max(0, width - x))
        if length > 0:
            spans.append(Span(x, length, fit(part, length, False, symbols), style))
            x += length
    begin = max(x + 2, LEAST_TYPED)
    aside = prompt.aside()
    needed = sum(cell_len(cell.text) + 2 for cell in aside)
    begin = max(begin, width - needed)
    if aside and begin < width:
        spans.extend(flow([Cell(cell.text, cell.style) for cell in aside], width, symbols, begin, whole=True))
    return tuple(spans)
