"""What all three docked lines have in common: a sign, a line, keys, and what is said beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.ui.cell import Cell
from harbortui.ui.commands.line import Line

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp

HISTORY = 50
"""Lines that are remembered, of each kind."""


class Prompt:
    """A docked line that has the keys until it is closed. Subclasses say what typing does."""

    sign = ""

    def __init__(self, shell: HarborApp) -> None:
        self.shell = shell
        self.line = Line()
        self.past = shell.view.typed.setdefault(self.sign, [])
        """What was entered before, the newest last; shared by all prompts with this sign."""
        self._back = 0
        self._typed = ""

    # What is shown

    def ghost(self) -> str:
        """What tab or the right arrow would add."""
        return ""

    def aside(self) -> tuple[Cell, ...]:
        """What is said on the right."""
        return ()

    # What keys do

    async def key(self, key: str, character: str | None) -> None:
        """Take a key."""
        if key == "escape":
            self.left()
            self.shell.close_prompt()
        elif key == "enter":
            self._remember()
            await self.entered()
        elif key in ("up", "down"):
            self.move(-1 if key == "up" else 1)
        elif key in ("tab", "shift+tab"):
            self.complete(1 if key == "tab" else -1)
        elif key in ("right", "end") and self.line.caret == len(self.line.text) and self.ghost():
            self.line.insert(self.ghost())
            self.changed()
        elif key == "backspace" and not self.line.text:
            self.left()
            self.shell.close_prompt()
        elif self.line.edit(key):
            self.changed()
        elif character is not None and character.isprintable():
            self.line.insert(character)
            self.changed()

    def paste(self, text: str) -> None:
        """Take pasted text, its first line."""
        self.line.insert(text.splitlines()[0] if text else "")
        self.changed()

    def changed(self) -> None:
        """The text is another one."""

    def complete(self, step: int) -> None:
        """Tab."""

    async def entered(self) -> None:
        """Enter."""
        raise NotImplementedError

    def left(self) -> None:
        """Escape."""

    def move(self, step: int) -> None:
        """Up and down go through what was entered before."""
        if self._back == 0:
            self._typed = self.line.text
        self._back = max(0, min(len(self.past), self._back - step))
        self.line.set(self.past[-self._back] if self._back else self._typed)
        self.changed()

    def _remember(self) -> None:
        text = self.line.text.strip()
        if text:
            if text in self.past:
                self.past.remove(text)
            self.past.append(text)
            del self.past[:-HISTORY]
