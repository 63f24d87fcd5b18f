"""Writing TOML values."""

from __future__ import annotations

import textwrap

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def text(value: str) -> str:
    """A basic string; whatever a terminal might obey is escaped."""
    return f'"{"".join(_ESCAPES.get(char) or (char if char.isprintable() else _escaped(char)) for char in value)}"'


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        return "\\uFFFD"  # TOML has no way to write half a character
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def comment(words: str, width: int = 78) -> list[str]:
    """Words as comment lines; characters that would end the comment are replaced."""
    safe = "".join(char if char.isprintable() else " " for char in words)
    return textwrap.wrap(safe, width, initial_indent="# ", subsequent_indent="# ") or ["#"]
