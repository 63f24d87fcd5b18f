"""A walk through every screen of the console."""

from __future__ import annotations

from collections.abc import Callable

from tests.ptyharness import Terminal

STREAMS = 16
"""Eight tasks with stdout and stderr each."""


class Walk:
    """Types a key, lets the console paint, and hands each screen to ``see``."""

    def __init__(self, terminal: Terminal, see: Callable[[str], None] = lambda _: None, quiet: float = 0.12) -> None:
        self._terminal, self._see, self._quiet = terminal, see, quiet

    def keys(self, *keys: str) -> None:
        for key in keys:
            self._terminal.write(key.encode())
            self._terminal.until_quiet(self._quiet)
            self._see("\n".join(self._terminal.screen()))

    def everything(self) -> None:
        """Fleet, ages, help, each pane with each row's details, every log, and the way back."""
        self.keys("j", "j", "k", "\t", "j", "\r", "\x1b", "i", "G", "\x1b", "?", "\x1b", "\t", "g", "\r")
        for pane in "1234":
            self.keys(pane, "z", "j", "\r", "\x1b", "G", "\r", "\x1b", "z")
        self.keys("i", "G", "\x1b", "5", "z")
        self.keys(*("f" * STREAMS))
        self.keys("z", "0", "j", "\r", "4", "\r", "\x1b", "0")
