"""Says when something in a few folders changed: Linux' inotify tells, so that nothing wakes up in between.

Where there is no inotify, and for files on a network share that another machine changed, the console's look at the
files once a minute remains.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

SETTLE = 0.1
"""Seconds to wait for the rest of what an editor does when it saves."""

# From linux/inotify.h: attributes (a mended mode), close after writing, moved in, created (a link), deleted.
_MASK = 0x4 | 0x8 | 0x80 | 0x100 | 0x200
_ROOM = 4096


class FolderWatch:
    """Calls ``changed`` in the event loop, a moment after anything happened to the files of the folders."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._descriptor = -1
        self._pending: asyncio.TimerHandle | None = None
        self._folders: frozenset[Path] = frozenset()

    def follow(self, folders: Iterable[Path]) -> None:
        """Watch these folders and no others. Has to be called in the event loop."""
        wanted = frozenset(folders)
        if wanted == self._folders:
            return
        self.close()
        self._folders = wanted
        if wanted and sys.platform == "linux":
            self._open(wanted)

    def close(self) -> None:
        """Watch nothing any more."""
        self._folders = frozenset()
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self, folders: Iterable[Path]) -> None:
        import ctypes

        try:
            library = ctypes.CDLL(None, use_errno=True)
            descriptor = int(library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        except (OSError, AttributeError):
            return
        if descriptor < 0:  # As many as the user may have are in use.
            return
        for folder in folders:
            library.inotify_add_watch(descriptor, os.fsencode(folder), _MASK)
        self._descriptor = descriptor
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            while os.read(self._descriptor, _ROOM):
                pass
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(SETTLE, self._settled)

    def _settled(self) -> None:
        self._pending = None
        self._changed()
