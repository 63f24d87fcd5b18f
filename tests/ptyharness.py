"""A program on a pseudo terminal: what it writes, byte by byte, and the screen that makes of it.

Waiting is always for a condition with a deadline. The harness answers the questions a real terminal answers.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

DEADLINE = 20.0
"""Seconds anything may take on a busy machine before a test fails."""

_ANSWERS = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\[c|\x1b\[0c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
)
# What pyte would take for text: private modes, keyboard protocols, mode queries, strings.
_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$[a-z]|\x1b\[\?[0-9;]*u|\x1b[P_^][^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)


_NOT_INHERITED = ("TMUX", "SSH_", "TEXTUAL", "COLUMNS", "LINES", "NO_COLOR")


class Terminal:
    """One program on one pty. Use as a context manager: the program is gone at the end.

    ``environ`` goes over what every program here gets; None takes a variable away.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        rows: int = 35,
        columns: int = 120,
        environ: Mapping[str, str | None] | None = None,
        ignore_hangup: bool = False,
        cwd: str | None = None,
    ) -> None:
        self.output = bytearray()
        self.arrivals: list[tuple[float, int]] = []
        """When output came (``time.perf_counter``) and how much there was in all by then."""
        self.alive = True
        self.status: int | None = None
        self._answered = 0
        self._rows, self._columns = rows, columns
        environment: dict[str, str | None] = {
            **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            **(environ or {}),
        }
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            given = {name: value for name, value in environment.items() if value is not None}
            self._exec(argv, given, ignore_hangup, cwd)
        self.resize(rows, columns)
        os.set_blocking(self.fd, False)

    def _exec(self, argv: Sequence[str], environment: dict[str, str], ignore_hangup: bool, cwd: str | None) -> None:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self._rows, self._columns, 0, 0))
            # Whoever started the tests may have ignored them (nohup, a shell's background job), which is inherited.
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            if cwd is not None:
                os.chdir(cwd)
            os.execvpe(argv[0], list(argv), environment)
        finally:
            os._exit(127)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def write(self, data: bytes) -> None:
        """Type."""
        os.write(self.fd, data)

    def resize(self, rows: int, columns: int) -> None:
        """Change the terminal's size; the program gets SIGWINCH."""
        self._rows, self._columns = rows, columns
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        self.alive = False

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def pump(self, seconds: float) -> int:
        """Read what comes within ``seconds``, at most one piece; how many bytes."""
        if self.fd < 0 or not select.select([self.fd], [], [], max(0.0, seconds))[0]:
            return 0
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self.alive = False
        self.output += data
        if data:
            self.arrivals.append((time.perf_counter(), len(self.output)))
        self._answer()
        return len(data)

    def _answer(self) -> None:
        for pattern, answer in _ANSWERS:
            for match in pattern.finditer(bytes(self.output), self._answered):
                with contextlib.suppress(OSError):
                    os.write(self.fd, answer)
                self._answered = max(self._answered, match.end())

    def until(self, condition: Callable[[], bool], *, seconds: float = DEADLINE) -> None:
        """Read until the condition holds. Raises AssertionError with the screen when it does not in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or not self.alive:
                raise AssertionError("it did not happen; the screen:\n" + "\n".join(self.screen()))
            self.pump(0.05)

    def until_text(self, text: str, *, seconds: float = DEADLINE) -> None:
        """Read until ``text`` is on the screen."""
        seen = -1

        def there() -> bool:
            nonlocal seen
            if len(self.output) == seen:
                return False
            seen = len(self.output)
            return any(text in line for line in self.screen())

        self.until(there, seconds=seconds)

    def press_until_text(self, key: bytes, text: str, *, seconds: float = DEADLINE) -> None:
        """Press ``key`` until ``text`` is on the screen; for a key that may be pressed twice.

        A starved program reads an escape and the key after it in one piece, and takes them for Alt and that key.
        """
        end = time.monotonic() + seconds
        while True:
            self.write(key)
            with contextlib.suppress(AssertionError):
                self.until_text(text, seconds=min(2.0, seconds))
                return
            assert time.monotonic() < end and self.alive, "\n".join(self.screen())

    def until_quiet(self, quiet: float = 0.4, *, seconds: float = DEADLINE) -> None:
        """Read until nothing came for ``quiet`` seconds."""
        end = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() - last < quiet and self.alive:
            if self.pump(0.05):
                last = time.monotonic()
            assert time.monotonic() < end, "the program does not stop writing"

    def wait(self, *, seconds: float = DEADLINE) -> int:
        """Wait for the program's end, reading meanwhile; its exit code, negative for a signal."""
        end = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                break
            assert time.monotonic() < end, "the program does not end"
            if self.fd >= 0 and self.alive:
                self.pump(0.05)
            else:
                time.sleep(0.02)
        while self.fd >= 0 and self.pump(0.0):
            pass
        return self.status

    def screen(self, size: int | None = None) -> list[str]:
        """The screen as lines of text, as it is now or as it was after the first ``size`` bytes."""
        screen = pyte.Screen(self._columns, self._rows)
        pyte.ByteStream(screen).feed(_UNKNOWN_TO_PYTE.sub(b"", bytes(self.output[:size])))
        return [line.rstrip() for line in screen.display]

    def is_raw(self) -> bool:
        """True while the program has the terminal in raw mode."""
        return not termios.tcgetattr(self.fd)[3] & termios.ICANON
