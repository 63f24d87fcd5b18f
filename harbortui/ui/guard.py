"""The terminal guard: whatever ends the session, the terminal is given back within two seconds and nothing spins.

Textual handles no signals: SIGTERM leaves the alternate screen on, and once the terminal is gone its input thread spins
at 100 % while its writer's full queue blocks the event loop for ever. So a thread of its own waits here, for signals
(through a pipe) and for the terminal's hang-up (poll reports it without reading), and has the last word.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

GRACE = 1.4
"""Seconds an orderly end may take before the guard ends the process."""
ASK_EVERY = 5_000.0
"""Milliseconds between two looks at a terminal that cannot be polled."""
RESTORE_TRIES = 20
RESTORE_PAUSE = 0.01
LOST = 129
"""Exit code when the terminal is gone, as for SIGHUP."""

# CAN ends a sequence that was cut in the middle; then everything that Textual switches on goes off.
RESET = (
    b"\x18\x1b[?2026l\x1b[<u\x1b[?2048l\x1b[?1004l\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"
)

Handler = Callable[[int, FrameType | None], object] | int | None


class TerminalGuard:
    """Ends the app in order on SIGHUP, SIGTERM, SIGINT or a lost terminal, and by force when that takes too long.

    ``request_end`` gets the exit code from the guard's thread, so it must be safe to call from there; ``at_force`` runs
    just before a forced end.
    """

    def __init__(
        self,
        request_end: Callable[[int], None],
        *,
        terminal: int = 0,
        grace: float = GRACE,
        at_force: Callable[[], None] | None = None,
        end_process: Callable[[int], None] = os._exit,
    ) -> None:
        self._request_end = request_end
        self._terminal = terminal
        self._grace = grace
        self._at_force = at_force
        self._end_process = end_process
        self._reader, self._writer = os.pipe()
        self._finished = threading.Event()
        self._attributes = termios.tcgetattr(terminal)
        self._name = os.ttyname(terminal)
        self._before: dict[int, Handler] = {}
        self._thread = threading.Thread(target=self._watch, name="terminal-guard", daemon=True)

    def start(self) -> None:
        """Take the signals and begin to watch; call it from the main thread. A SIGHUP that is ignored stays so."""
        os.set_blocking(self._writer, False)
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue
            self._before[number] = signal.signal(number, self._on_signal)
        self._thread.start()

    def close(self) -> None:
        """The end came in order: watch no more, and give the signals back."""
        self._finished.set()
        with suppress(OSError):
            os.write(self._writer, b"\0")
        self._thread.join(1.0)
        for number, handler in self._before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        for descriptor in (self._reader, self._writer):
            os.close(descriptor)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # Runs in the main thread, also while that is blocked in the writer's queue; a pipe needs no lock.
        with suppress(OSError):
            os.write(self._writer, bytes([number]))

    def _watch(self) -> None:
        poller = select.poll()
        poller.register(self._reader, select.POLLIN)
        poller.register(self._terminal, 0)
        pause: float | None = None
        while True:
            events = dict(poller.poll(pause))
            if self._reader in events:
                number = os.read(self._reader, 1)[0]
                if number:
                    self._end(128 + number, lost=False)
                return
            if events.get(self._terminal, 0) & select.POLLNVAL and os.isatty(self._terminal):
                # Some systems cannot poll terminals; there the terminal is asked now and then.
                poller.unregister(self._terminal)
                pause = ASK_EVERY
            elif events or not os.isatty(self._terminal):
                self._end(LOST, lost=True)
                return

    def _end(self, code: int, *, lost: bool) -> None:
        with suppress(RuntimeError):  # The loop may be closed already.
            self._request_end(code)
        if self._finished.wait(self._grace):
            return
        if self._at_force is not None:
            with suppress(Exception):
                self._at_force()
        if not lost:
            self._restore()
        self._end_process(code)

    def _restore(self) -> None:
        """Give the terminal back without Textual, on a descriptor of our own that a stalled line cannot block."""
        try:
            descriptor = os.open(self._name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            null = os.open(os.devnull, os.O_WRONLY)
        except OSError:
            return
        # What the writer thread still holds goes nowhere; only the write that is stuck competes for the line.
        for output in (1, 2):
            os.dup2(null, output)
        for _ in range(RESTORE_TRIES):
            with suppress(OSError, termios.error):
                termios.tcflush(descriptor, termios.TCOFLUSH)
                termios.tcsetattr(descriptor, termios.TCSANOW, self._attributes)
                if os.write(descriptor, RESET) == len(RESET):
                    break
            time.sleep(RESTORE_PAUSE)
