"""A crash leaves one redacted line on the terminal and a report in a 0600 file; never a local variable."""

from __future__ import annotations

import errno
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

MAX_REPORTS = 20
"""Reports kept; the oldest go."""

Redact = Callable[[str], str]


class CrashReporter:
    """Takes whatever nobody caught, once per error, from the app, threads, and the interpreter itself."""

    def __init__(
        self, directory: Callable[[], Path], redact: Redact, stamp: Callable[[], str], *, version: str
    ) -> None:
        """``redact`` masks secrets and makes text safe to print; ``stamp`` gives a time for the file's name.

        All three are called when something crashes and not before, so that they may import what the start must not.
        """
        self._directory = directory
        self._redact = redact
        self._stamp = stamp
        self._version = version
        self._lock = threading.Lock()
        self._seen: BaseException | None = None
        self.line = ""
        """What to print once the terminal is restored; empty while nothing went wrong."""

    def __call__(self, error: BaseException) -> None:
        """Write the report and remember the line to print; never raises."""
        with self._lock:
            if self._seen is error or (isinstance(error, OSError) and error.errno == errno.EIO):
                return  # EIO is how threads learn that the terminal is gone; the guard deals with that.
            self._seen = error
            summary = self._redact(f"{type(error).__name__}: {error}")[:300]
            try:
                path = self._write(error)
                self.line = f"harbortui crashed: {summary}; report: {path}"
            except OSError as problem:
                self.line = f"harbortui crashed: {summary}; no report could be written ({problem.strerror})"

    def install(self) -> None:
        """Catch what threads and the interpreter report, so that no traceback paints over the screen."""

        def in_thread(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None:
                self(args.exc_value)

        def at_top(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                sys.__excepthook__(kind, error, trace)
            else:
                self(error)
                os.write(2, f"{self.line}\n".encode(errors="replace"))

        threading.excepthook = in_thread
        sys.excepthook = at_top

    def _write(self, error: BaseException) -> Path:
        directory = self._directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"crash-{self._stamp()}-{os.getpid()}.txt"
        lines = "".join(traceback.format_exception(error)).splitlines()
        head = [f"harbortui {self._version}, Python {sys.version.split()[0]}, {sys.platform}", ""]
        text = "\n".join([*head, *(self._redact(line) for line in lines), ""])
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        _prune(directory)
        return path


def _prune(directory: Path) -> None:
    for old in sorted(directory.glob("crash-*.txt"))[:-MAX_REPORTS]:
        old.unlink(missing_ok=True)
