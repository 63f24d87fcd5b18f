"""What the engine's process gives up first: terminal, console's signals, core dumps, some of its priority."""

from __future__ import annotations

import os
import resource
import signal

NICENESS = 5
"""The screen's process goes first on a busy jump host."""

PR_SET_DUMPABLE = 4
M_ARENA_MAX = -8


def leave_terminal() -> None:
    """Detach from the terminal: own session, standard streams on /dev/null, keyboard signals ignored.

    Being outside the console's session keeps ctrl+c, ctrl+z and a lost line from reaching the engine: it ends when its
    socket does.
    """
    # A process that leads its group cannot start a session, and then has none of the console's either.
    if os.getpgrp() != os.getpid():
        os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    if null > 2:
        os.close(null)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTSTP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)


def forbid_core_files() -> None:
    """No core files: the engine's memory holds credentials."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def keep_memory_private() -> None:
    """No ptrace and no ``/proc`` memory for others of the same user, where the C library offers it."""
    import ctypes

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def share_one_arena() -> None:
    """Keep glibc from giving each lane thread a heap of its own, which never shrinks."""
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def give_memory_back() -> None:
    """Return to the system what start-up and decoding needed and no longer do, where the C library can."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def be_nice() -> None:
    """Lower our priority once; a container that forbids it changes nothing."""
    try:
        os.nice(NICENESS)
    except OSError:
        return
