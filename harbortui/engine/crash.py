"""Reports of our own faults: a traceback without local variables, redacted, in a file only we can read."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from harbortui import __version__
from harbortui.private import private_directory, write_private

KEPT_REPORTS = 10
LINE_LIMIT = 2000


class CrashReports:
    """Writes each distinct fault once per session."""

    def __init__(self, directory: Path, clean: Callable[..., str], now: Callable[[], float]) -> None:
        self._directory = directory
        self._clean = clean
        self._now = now
        self._seen: set[tuple[str, str]] = set()

    def write(self, error: BaseException) -> str:
        """Write a report; a sentence for the person, or empty when this fault was already reported."""
        kind = type(error).__name__
        place = _place(error)
        if (kind, place) in self._seen:
            return ""
        self._seen.add((kind, place))
        path = self._directory / f"engine-{int(self._now())}-{len(self._seen)}.txt"
        sentence = f"a fault in the console: {kind} at {place}"
        try:
            private_directory(self._directory)
            write_private(path, self._text(error).encode())
            self._forget_oldest()
        except OSError:
            return f"{sentence}; its report could not be written"
        return f"{sentence}; report in {self._clean(str(path))}"

    def _text(self, error: BaseException) -> str:
        lines = "".join(traceback.format_exception(error)).splitlines()
        head = f"HarborTUI {__version__}, engine, {self._now():.0f}"
        return "\n".join([head, *(self._clean(line, limit=LINE_LIMIT) for line in lines), ""])

    def _forget_oldest(self) -> None:
        reports = sorted(self._directory.glob("engine-*.txt"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in reports[KEPT_REPORTS:]:
            old.unlink(missing_ok=True)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
