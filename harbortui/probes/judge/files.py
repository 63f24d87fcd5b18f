"""Who else may read the files that the console reads."""

from __future__ import annotations

from collections.abc import Iterable

from harbortui.model.text import safe_text
from harbortui.probes.files import SYSTEM_PLACES, FileSeen
from harbortui.probes.result import Check, Level, Part

GROUP_OR_WORLD = 0o077


def part(files: Iterable[FileSeen], *, uid: int) -> Part:
    """The checks of all files."""
    checks = [_check(each, uid) for each in files]
    return Part(source="files", checks=tuple(checks))


def _check(file: FileSeen, uid: int) -> Check:
    shown = safe_text(file.path, limit=300)
    if file.mode is None:
        return Check(id="file-missing", level=Level.MISSING, text=f"{file.what} {shown}: not there, or not readable")
    if file.uid not in (uid, 0):
        text = f"{file.what} {shown} belongs to user id {file.uid}, who can change it"
        return Check(id="file-owner", level=Level.WARNING, text=text, hint=f"chown it to you, then chmod 600 {shown}")
    if file.what == "configuration" and shown.startswith(SYSTEM_PLACES):
        return Check(id="file", level=Level.OK, text=f"{file.what} {shown} (mode {file.mode:04o})")
    if file.mode & GROUP_OR_WORLD:
        who = "everybody" if file.mode & 0o007 else "its group"
        text = f"{file.what} {shown} has mode {file.mode:04o}: open to {who} on this machine"
        return Check(id="file-open", level=Level.WARNING, text=text, hint=f"chmod 600 {shown}")
    return Check(id="file", level=Level.OK, text=f"{file.what} {shown} is only yours (mode {file.mode:04o})")
