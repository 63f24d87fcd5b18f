"""Who may have written a file that we are about to believe."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

MAX_BYTES = 1_048_576
"""A larger file is refused."""


class Mistrust(Exception):
    """A file that cannot be believed; the message says why and how to mend it."""


class Rules(NamedTuple):
    """What a file must be like."""

    owners: frozenset[int]
    """User ids that may own it, and a link that leads to it."""
    forbidden_bits: int
    """Permission bits that must not be set."""
    remedy: str
    """The command that sets them right: ``chmod 600``."""
    strict_parent: bool = False
    """True when the directory must keep the same rules."""


ROOT = 0


def config_rules(uid: int) -> Rules:
    """A configuration: ours or root's, written by nobody else."""
    return Rules(frozenset((uid, ROOT)), 0o022, "chmod go-w")


def secret_rules(uid: int) -> Rules:
    """A secret: ours or root's, and nobody else may even read it."""
    return Rules(frozenset((uid, ROOT)), 0o077, "chmod 600")


def policy_rules(administrator: int = ROOT) -> Rules:
    """The policy: only the administrator's."""
    return Rules(frozenset((administrator,)), 0o022, "chmod go-w", strict_parent=True)


def check_mode(mode: int, uid: int, rules: Rules, what: str) -> None:
    """Raise :class:`Mistrust` unless a regular file with this ``st_mode`` and owner keeps the rules."""
    if not stat.S_ISREG(mode):
        raise Mistrust(f"{what} is not a regular file")
    if uid not in rules.owners:
        raise Mistrust(f"{what} belongs to user id {uid}, who could change it")
    if mode & rules.forbidden_bits:
        bits = stat.S_IMODE(mode)
        others = "read" if rules.forbidden_bits & 0o044 and mode & 0o044 else "changed"
        raise Mistrust(f"{what} has mode {bits:04o} and can be {others} by others; run: {rules.remedy} {what}")


def check_parent(mode: int, uid: int, rules: Rules, what: str) -> None:
    """Raise :class:`Mistrust` when anybody could put another file in the place of one in this directory."""
    if mode & 0o002 and not mode & stat.S_ISVTX:
        raise Mistrust(f"the directory {what} can be changed by everybody; run: chmod o-w {what}")
    if rules.strict_parent and (uid not in rules.owners or mode & rules.forbidden_bits):
        raise Mistrust(f"the directory {what} has to belong to root and be closed to others")


def read_trusted(path: Path, rules: Rules) -> bytes:
    """The content of a file that keeps the rules, checked on the open file so that it cannot be swapped in between.

    Raises :class:`Mistrust` when it does not, and ``OSError`` when it cannot be read.
    """
    link = os.lstat(path)
    if stat.S_ISLNK(link.st_mode) and link.st_uid not in rules.owners:
        raise Mistrust(f"{path} is a symbolic link of user id {link.st_uid}")
    # Without O_NONBLOCK a named pipe would hang us before its kind can be seen.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        check_mode(found.st_mode, found.st_uid, rules, str(path))
        parent = os.stat(path.resolve().parent)
        check_parent(parent.st_mode, parent.st_uid, rules, str(path.resolve().parent))
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Mistrust(f"{path} is larger than {MAX_BYTES} bytes")
    return data
