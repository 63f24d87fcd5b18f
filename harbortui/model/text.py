"""Outside text made safe for a terminal: one line, nothing invisible, nothing that moves a cursor, bounded."""

from __future__ import annotations

import unicodedata
from itertools import groupby

DEFAULT_LIMIT = 4096
"""Characters of one outside string that are kept."""

ELLIPSIS = "…"
REPLACEMENT = "\ufffd"
TAB = "    "

_MAX_MARKS = 2
_MAX_CACHED = 4096

# Printable by Unicode's categories, yet nothing of them is seen: fillers, joiners and variation selectors.
_FILLERS = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)
_INVISIBLE = frozenset((*_FILLERS, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


def _picture(code: int) -> str:
    """What is shown for one character: itself, or something visible in its place."""
    if code == 0x09:
        return TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    char = chr(code)
    if code in _INVISIBLE:
        return REPLACEMENT
    if char.isprintable():
        return char
    return " " if unicodedata.category(char) == "Zs" else REPLACEMENT


class _Pictures(dict[int, str]):
    """The translation table, filled as characters are met and bounded, because outside text chooses them."""

    def __missing__(self, code: int) -> str:
        shown = _picture(code)
        if len(self) < _MAX_CACHED:
            self[code] = shown
        return shown


_PICTURES = _Pictures()


def _is_mark(char: str) -> bool:
    return char >= "\u0300" and unicodedata.category(char) in ("Mn", "Me")


def _thin_marks(text: str) -> str:
    """At most two combining marks on a character: towers of them paint over the rows above and below."""
    parts: list[str] = []
    for marks, run in groupby(text, _is_mark):
        part = "".join(run)
        parts.append(part[:_MAX_MARKS] + REPLACEMENT * (len(part) - _MAX_MARKS) if marks else part)
    return "".join(parts)


def _cut(text: str, limit: int, beyond: int) -> str:
    """``text`` within ``limit`` characters, with the number of characters that are missing, ``beyond`` included."""
    if not beyond and len(text) <= limit:
        return text
    kept = limit
    suffix = ""
    for _ in range(3):
        suffix = f"{ELLIPSIS} (+{len(text) - kept + beyond})"
        kept = limit - len(suffix)
    if kept < 1:
        return (text[: max(0, limit - 1)] + ELLIPSIS)[: max(0, limit)]
    return text[:kept] + suffix


def safe_text(text: str, *, limit: int = DEFAULT_LIMIT) -> str:
    """One outside string as it may be shown: one line of at most ``limit`` characters.

    Every control, bidi, zero-width, separator, tag, surrogate, private and unassigned character is replaced by
    something visible, never deleted, so that evidence stays. C0 controls become their Unicode control pictures, TAB
    four spaces. A longer text ends in ``… (+N)``, N being the number of characters left out. The result holds no
    escape sequence; applying the function again changes nothing.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    shown = text[:limit].translate(_PICTURES)
    if not shown.isascii() and max(shown) >= "\u0300":
        shown = _thin_marks(shown)
    return _cut(shown, limit, max(0, len(text) - limit))


def is_safe(text: str) -> bool:
    """True when :func:`safe_text` would show each character of ``text`` as it is; length does not matter."""
    return (text.isascii() and text.isprintable()) or text.translate(_PICTURES) == text


def decode_text(data: bytes) -> str:
    """Bytes as text: UTF-8, each wrong byte as U+FFFD. The result is not yet sanitised."""
    return data.decode("utf-8", errors="replace")
