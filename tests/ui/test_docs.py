"""What docs/ says about the screen is what the code does."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 150_000


def test_the_page_of_keys_is_made_from_the_action_table_and_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_keys.py"))["page"]()
    assert (DOCS / "keys.md").read_text("utf-8") == made, "run: python docs/make_keys.py"


def test_the_pictures_are_there_and_small() -> None:
    for name in ("fleet", "instance"):
        text = (DOCS / "pictures" / f"{name}.svg").read_text("utf-8")
        assert len(text.encode()) < MOST_BYTES and "SIMULATED" in text and "127.0.0.1" not in text
