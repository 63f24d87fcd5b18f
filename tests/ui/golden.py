"""Screens as text files: what a screen shows is compared with what it showed when a person last agreed to it.

``HARBORTUI_GOLDENS=write pytest ...`` writes them anew; read the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "goldens"


def agree(name: str, text: str) -> None:
    """The text is what the golden of that name holds."""
    path = FOLDER / f"{name}.txt"
    shown = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("HARBORTUI_GOLDENS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, "utf-8")
    assert path.read_text("utf-8") == shown, f"{path.name} is not what is shown"
