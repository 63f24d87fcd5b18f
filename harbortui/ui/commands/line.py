"""A line that is being typed: its text and its caret. No IO."""

from __future__ import annotations

from collections.abc import Callable, Mapping

MOST = 500
"""Characters; nobody types more, and a paste by mistake must not."""


class Line:
    """Text with a caret in it."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.caret = len(text)

    def set(self, text: str) -> None:
        """Another text, with the caret at its end."""
        self.text = text[:MOST]
        self.caret = len(self.text)

    def insert(self, text: str) -> None:
        """Type this; what cannot be printed is left out."""
        text = "".join(each for each in text if each.isprintable())[: MOST - len(self.text)]
        self.text = self.text[: self.caret] + text + self.text[self.caret :]
        self.caret += len(text)

    def edit(self, key: str) -> bool:
        """Do what an editing key does; False for another key."""
        does = _KEYS.get(key)
        if does is None:
            return False
        does(self)
        return True

    def _backspace(self) -> None:
        if self.caret:
            self.text = self.text[: self.caret - 1] + self.text[self.caret :]
            self.caret -= 1

    def _delete(self) -> None:
        self.text = self.text[: self.caret] + self.text[self.caret + 1 :]

    def _left(self) -> None:
        self.caret = max(0, self.caret - 1)

    def _right(self) -> None:
        self.caret = min(len(self.text), self.caret + 1)

    def _home(self) -> None:
        self.caret = 0

    def _end(self) -> None:
        self.caret = len(self.text)

    def _word(self) -> None:
        kept = self.text[: self.caret].rstrip()
        start = kept.rfind(" ") + 1
        self.text = self.text[:start] + self.text[self.caret :]
        self.caret = start

    def _before(self) -> None:
        self.text = self.text[self.caret :]
        self.caret = 0


_KEYS: Mapping[str, Callable[[Line], None]] = {
    "backspace": Line._backspace,
    "ctrl+h": Line._backspace,
    "delete": Line._delete,
    "left": Line._left,
    "right": Line._right,
    "home": Line._home,
    "end": Line._end,
    "ctrl+e": Line._end,
    "ctrl+w": Line._word,
    "ctrl+u": Line._before,
}
