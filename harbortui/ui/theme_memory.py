"""The theme a person chose in the console, kept for the next start: one name in a file of the state directory."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from harbortui.ui.theme_file import THEME_NAME

FILE = "theme"


def recall(folder: Path) -> str:
    """The name that was kept; empty when there is none or it is no name."""
    try:
        with (folder / FILE).open("rb") as file:
            name = file.read(64).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return name if THEME_NAME.fullmatch(name) else ""


def keep(folder: Path, name: str) -> str:
    """Keep the name; returns why that was not possible, empty when it was."""
    path, new = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{name}\n")
        os.replace(new, path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        return error.strerror or type(error).__name__
    return ""
