"""The theme a person chose in the console, kept for the next start: one name in a file of the state directory."""

from __future__ import annotations

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
    from harbortui.private import private_directory, write_private

    try:
        write_private(private_directory(folder) / FILE, f"{name}\n".encode("ascii"))
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
