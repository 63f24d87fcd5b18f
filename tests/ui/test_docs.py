"""What docs/ says about the screen is what the code does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
MOST_BYTES = 150_000
HARBORS_OWN = "127.0.0.1:5000"
"""Where Harbor's core looks for its registry, as its health tells."""


def test_the_page_of_keys_is_made_from_the_action_table_and_is_current() -> None:
    made = runpy.run_path(str(DOCS / "make_keys.py"))["page"]()
    assert (DOCS / "keys.md").read_text("utf-8") == made, "run: python docs/make_keys.py"


def test_the_pictures_are_there_and_small() -> None:
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    for name in ("fleet", "instance", "component", "runbook"):
        text = (DOCS / "pictures" / f"{name}.svg").read_text("utf-8")
        assert len(text.encode()) < MOST_BYTES and "SIMULATED" in text
        assert set(re.findall(r"127\.0\.0\.1(?::\d+)?", text)) <= {HARBORS_OWN}, "a port of the simulator changes"
        assert f"docs/pictures/{name}.svg" in readme
