"""Output for terminals and files that cannot spell our signs: another sign in their place, never an error."""

from __future__ import annotations

import codecs
import io
import sys

NAME = "harbortui-signs"
SIGNS = {"●": "*", "·": ".", "▲": "!", "✖": "x", "◌": "o", "→": ">", "←": "<", "─": "-", "…": "...", "–": "-"}


def spell_out() -> None:
    """From now on standard output writes what it can, whatever the locale's encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in ("strict", "surrogateescape"):
        codecs.register_error(NAME, _instead)
        sys.stdout.reconfigure(errors=NAME)


def _instead(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(SIGNS.get(char, "?") for char in text), error.end
