"""``y``: what the keys are about goes to the clipboard of the person's terminal, and the way to a file is said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harbortui.ui import osc52, plain

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp

TO_A_FILE = "o writes the screen to a file"


def copy(shell: HarborApp, environ: Mapping[str, str] | None = None) -> None:
    """Copy and say so in the footer; nothing is ever asked of the terminal, so nobody knows whether it obeyed."""
    from harbortui.model.redact import Redactor

    shell.hint(_copied(shell, os.environ if environ is None else environ, Redactor()))


def _copied(shell: HarborApp, environ: Mapping[str, str], redact: plain.Redact) -> str:
    refusal = osc52.refusal(environ)
    if refusal:
        return f"{refusal}; {TO_A_FILE}"
    if shell.is_behind:
        return "the line to the terminal is behind; copy again when it has caught up"
    chosen = plain.chosen(shell.view_screen, shell.view, redact)
    if chosen is None:
        return f"nothing to copy here; {TO_A_FILE}"
    fits = osc52.fitting(chosen.lines)
    if fits == 0:
        return f"that is more than a terminal's clipboard takes; {TO_A_FILE}"
    shell.write_sequence(osc52.sequence("\n".join(chosen.lines[:fits]), environ))
    said = chosen.what if fits == len(chosen.lines) else f"the first {fits:,} of {len(chosen.lines):,} lines"
    return f"sent {said} to the clipboard; nothing there? {TO_A_FILE}"
