"""Where the files are, whose they are, and which of them this host and user write."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from harbortui.collect.cache import state_directory
from harbortui.config.settings import Settings
from harbortui.private import private_directory

SUFFIX = ".history"
MAX_FILES = 64
"""Files of other hosts and users that are read, the newest first."""
SIMULATED = "simulated"

_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


class HistoryPlace(NamedTuple):
    """One directory of histories and our own file in it."""

    directory: Path
    writer: str
    """The name of our file, without suffix: one for each host and user, so that no two hosts write to one file."""
    shared: bool = False
    """True for a directory that somebody named: others may read there, and have files of their own."""
    keep_days: int = 730
    max_bytes: int = 200_000_000

    @property
    def own(self) -> Path:
        """Our file."""
        return self.directory / f"{self.writer}{SUFFIX}"


def usual_directory() -> Path:
    """Where the history is when nobody names a directory."""
    return state_directory() / "history"


def place_for(settings: Settings) -> HistoryPlace | None:
    """The place that the configuration means; None where nothing is to be kept."""
    history = settings.history
    if not history.enabled:
        return None
    return place_of(
        history.directory,
        simulated=settings.fleet.simulated,
        keep_days=history.keep,
        max_bytes=history.megabytes * 1_000_000,
    )


def place_of(directory: str, *, simulated: bool, keep_days: int, max_bytes: int) -> HistoryPlace | None:
    """The place for a fleet; None for a simulated one unless a directory is named, where it gets a place of its own.

    Real and simulated fleets never meet in one file, whatever their endpoints are called.
    """
    if simulated and not directory:
        return None
    root = Path(directory) if directory else usual_directory()
    return HistoryPlace(root / SIMULATED if simulated else root, writer_name(), bool(directory), keep_days, max_bytes)


def writer_name(*, node: str | None = None, machine_id: str | None = None, uid: int | None = None) -> str:
    """``node-hash-uid``; the hash keeps apart two machines that carry one name."""
    node = platform.node() if node is None else node
    machine_id = _machine_id() if machine_id is None else machine_id
    uid = os.geteuid() if uid is None else uid
    digest = hashlib.sha256(f"{machine_id}\n{node}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
    shown = re.sub(r"[^a-z0-9-]+", "-", node.lower())[:32].strip("-") or "host"
    return f"{shown}-{digest}-{uid}"


def _machine_id() -> str:
    for path in _MACHINE_IDS:
        try:
            return path.read_text("ascii").strip()
        except (OSError, ValueError):
            continue
    return ""


def make_ready(place: HistoryPlace) -> None:
    """Make the directory and our file where they are missing, for us alone or, in a named directory, for its group.

    Raises OSError where that is not permitted, and where our file's name is taken by something else.
    """
    if place.shared:
        place.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    else:
        private_directory(place.directory)
    if check_ours(place):
        return
    # Only where nothing is: closing a descriptor of ours would let go of SQLite's locks on that file.
    mode = 0o640 if _group_may_enter(place) else 0o600
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileExistsError):
        os.close(os.open(place.own, flags, mode))


def check_ours(place: HistoryPlace) -> bool:
    """True when our file is there; raises OSError when it, or its journal, is not a file of ours.

    SQLite does what a journal says, and in a shared directory somebody else could have put one there.
    """
    there = False
    for path in (place.own, journal_of(place.own)):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise NotADirectoryError(None, f"{path.name} is not a file of ours")
        there = there or path == place.own
    return there


def journal_of(path: Path) -> Path:
    """Where SQLite keeps what it needs to undo a write."""
    return path.with_name(f"{path.name}-journal")


def _group_may_enter(place: HistoryPlace) -> bool:
    return place.shared and bool(stat.S_IMODE(place.directory.stat().st_mode) & 0o050)


def others(place: HistoryPlace) -> list[Path]:
    """The files of other hosts and users, the newest first; in our private directory only those of this user."""
    found: list[tuple[float, Path]] = []
    with os.scandir(place.directory) as entries:
        for entry in entries:
            if not entry.name.endswith(SUFFIX) or entry.name == place.own.name:
                continue
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode) and (place.shared or status.st_uid == os.geteuid()):
                found.append((status.st_mtime, place.directory / entry.name))
    return [path for _, path in sorted(found, reverse=True)[:MAX_FILES]]
