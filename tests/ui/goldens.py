"""Screens as text, kept beside the tests; ``HARBORTUI_GOLDENS=write`` writes them again."""

from __future__ import annotations

import os
from pathlib import Path

HOME = Path(__file__).parent / "goldens"


def check(name: str, text: str) -> None:
    """Compare with the golden of that name; what differs is told by pytest."""
    path = HOME / f"{name}.txt"
    if os.environ.get("HARBORTUI_GOLDENS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.is_file(), f"{path.name} is missing: run with HARBORTUI_GOLDENS=write"
    assert text == path.read_text("utf-8")
