"""Writes docs/keys.md from the table of actions: ``python docs/make_keys.py``. A test says when it is out of date."""

from __future__ import annotations

from pathlib import Path

from harbortui.ui.actions import help_rows

PAGE = Path(__file__).parent / "keys.md"
HEAD = """# Keys

<!-- Made by docs/make_keys.py from harbortui/ui/actions.py; do not edit. -->

Lowercase looks, uppercase acts; `G` only moves. `h` and `r` are left unbound, because they are one slip away from keys
that act, and so is everything that a terminal, screen, tmux or ssh takes for itself.

| key | where | does |
|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    lines = []
    for keys, where, title in help_rows({}):
        lines.append(f"| {' '.join(f'`{key}`' for key in keys.split())} | {where} | {title} |\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
