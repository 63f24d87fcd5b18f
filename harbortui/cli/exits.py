"""What the process says when it ends."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes. ``check`` speaks the language of monitoring plugins; everything else that of ordinary commands."""

    OK = 0
    """The command did its work; for ``check``: no fault was seen and everything was visible."""
    WARNING = 1
    """``check``: something deserves a look; ``doctor``: a change; ``init``: something is missing or was not written;
    ``usage``, ``history``: something is not known or cannot be told."""
    CRITICAL = 2
    """``check``: something is broken; ``doctor``: something the role needs is missing or cannot be reached."""
    USAGE = 2
    """Every command but ``check``: wrong arguments, a wrong or missing configuration, no usable terminal."""
    UNKNOWN = 3
    """``check`` only: not everything could be seen, or the check itself failed (usage, configuration, our bug)."""
    MISUSED = 64
    """``doctor`` only, where 2 says that something is missing: wrong arguments, a wrong or missing configuration."""
    FAILED = 70
    """Every command but ``check``: an internal error."""
    HANGUP = 129
    """Ended by SIGHUP: the terminal went away."""
    INTERRUPTED = 130
    """Ended by SIGINT before or after the console had the terminal."""
    PIPE = 141
    """The reader of our output went away."""
    TERMINATED = 143
    """Ended by SIGTERM."""
