"""Where the package's data files are: inside the package in a wheel, beside it in an editable checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The data folder of that name. Raises FileNotFoundError when the installation lacks it."""
    for base in (_PACKAGE, _PACKAGE.parent):
        path = base / name
        if path.is_dir():
            return path
    raise FileNotFoundError(f"this installation of harbortui lacks its {name!r} folder")
