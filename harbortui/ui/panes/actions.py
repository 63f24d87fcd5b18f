"""Screen 9: what this console did; nothing, as long as it is read-only."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from harbortui.ui.actions import ACTIONS, key_name, keys_of
from harbortui.ui.cell import Block, Cell, Column, Pane
from harbortui.ui.modes import ListPage
from harbortui.ui.panes.asked_for import sentences
from harbortui.ui.symbols import UNICODE

if TYPE_CHECKING:
    from harbortui.ui.view import View

TITLE = "Actions"


@lru_cache(maxsize=1)
def audit_file() -> str:
    """Where actions are written to, as a person writes it."""
    from pathlib import Path

    import platformdirs

    path = platformdirs.user_state_path("harbortui", appauthor=False) / "audit.jsonl"
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def page(view: View, width: int) -> Pane:
    """That nothing was done, what will be here, and where it is kept."""
    acting = " ".join(key_name(key) for each in ACTIONS if each.acts for key in keys_of(each, view.start.keymap))
    why = "this is a snapshot: nothing can be changed from it" if view.is_snapshot else "this console is read-only"
    texts = (
        (f"{UNICODE.ok} nothing was changed from here: {why}", "ok"),
        ("", "muted"),
        ("Here will stand, newest first, what this console changed:", "text"),
        ("  when, who (the user and the SSH source) and on which instance", "muted"),
        ("  what was planned, in words, and what came of it; an action without a result stands out", "muted"),
        ("  how long it took, and whether its outcome is known", "muted"),
        ("", "muted"),
        (f"They are kept in {audit_file()}, one line of JSON each, readable by you only.", "text"),
        (f"Keys that will act: {acting}. In this version they say why they do nothing.", "muted"),
        ("What others changed in Harbor is in its own log: Audit.", "muted"),
    )
    rows = sentences("actions", texts, width)
    columns = (Column("", max(1, width)),)
    return Pane(TITLE, (Block(columns, rows),), Cell(f"{UNICODE.ok} none", "ok"), prose=True)


LIST = ListPage(page)
