"""A walk through every screen of the console."""

from __future__ import annotations

import time
from collections.abc import Callable

import pyte

from tests.ptyharness import _UNKNOWN_TO_PYTE, DEADLINE, Terminal

BACK = "-"
"""Not escape, which together with a key that follows soon means another key."""
QUIET = 0.05
MOVING = "\ri?-0"
"""Keys that lead to another screen; the next key is for that one, however long it takes to open."""
PATIENCE = 2.0
"""Seconds for such a key to show something; where it leads nowhere, nothing more comes."""
STREAMS = 16
"""Eight tasks with stdout and stderr each."""


class Walk:
    """Types a key, lets the console paint, and hands each screen to ``see``."""

    def __init__(self, terminal: Terminal, see: Callable[[str], None], *, in_log: str = "") -> None:
        """``in_log`` is something that every log holds."""
        self._terminal, self._see, self._in_log = terminal, see, in_log
        self._screen = pyte.Screen(terminal._columns, terminal._rows)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0

    def keys(self, *keys: str) -> None:
        """Each key, and the screen after it."""
        for key in keys:
            before = self._now()
            self._terminal.write(key.encode())
            self._pause()
            end = time.monotonic() + PATIENCE
            while (now := self._now()) == before and key in MOVING and time.monotonic() < end:
                self._pause()
            self._see(now)

    def logs(self, *keys: str) -> None:
        """The same where a key opens a log: the screen once the log was opened (or could not be) and its lines came."""
        for key in keys:
            before = now = self._now()
            self._terminal.write(key.encode())
            end = time.monotonic() + DEADLINE
            while now == before or "opening" in now or self._in_log not in now:
                assert time.monotonic() < end, now
                self._pause()
                now = self._now()
            self._see(now)

    def _now(self) -> str:
        # Only what is new is parsed: the whole output again for each key would take minutes.
        new = bytes(self._terminal.output[self._fed :])
        self._fed += len(new)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", new))
        return "\n".join(line.rstrip() for line in self._screen.display)

    def _pause(self) -> None:
        """Until the screen stands still; what comes later is seen with the next key."""
        end = time.monotonic() + DEADLINE
        last = time.monotonic()
        while time.monotonic() - last < QUIET and self._terminal.alive:
            if self._terminal.pump(0.02):
                last = time.monotonic()
            assert last < end, "the console does not stop painting"

    def short(self) -> None:
        """Every kind of screen once."""
        self.keys("i", BACK, "j", "\r", "1", "2", "\r", BACK, "3", "4", "\r", BACK, "i", BACK)
        self.logs("5", "f", "f", "f")
        self.keys("z", "0")

    def everything(self) -> None:
        """Fleet, ages, help, each pane with each row's details, every log, and the way back."""
        self.keys("j", "j", "k", "\t", "j", "\r", BACK, "i", "G", BACK, "?", BACK, "\t", "g", "\r")
        for pane in "1234":
            self.keys(pane, "z", "j", "\r", BACK, "G", "\r", BACK, "z")
        self.keys("i", "G", BACK)
        self.logs("5", *("f" * STREAMS))
        self.keys("z", "z", "0", "j", "\r", "4", "\r", BACK, "0")
