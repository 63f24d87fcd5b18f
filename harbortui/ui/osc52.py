"""The terminal's clipboard through OSC 52: the sequence, wrapped for what stands between us and the terminal.

tmux and GNU screen keep the sequence to themselves unless it is wrapped in a device control string: tmux wants
``ESC P tmux;`` and every ESC doubled (and ``allow-passthrough on``), screen limits a string to 256 bytes in its older
versions, so it gets the sequence in pieces. Whether the terminal obeys is never answered.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping

MOST_ENCODED = 74_994
"""Bytes of Base64 that common terminals take in one sequence."""
MOST_BYTES = MOST_ENCODED // 4 * 3
SCREEN_CHUNK = 240
DEAF = ("", "dumb", "unknown", "linux", "cons25", "vt")
"""Beginnings of TERM, or all of it, whose terminals have no clipboard and may print the sequence as text."""


def refusal(environ: Mapping[str, str]) -> str:
    """Why nothing can be copied here, as the beginning of a sentence; empty when a try makes sense."""
    term = environ.get("TERM", "")
    if term in DEAF or term.startswith(("cons", "vt")):
        return f"a terminal of type {term or 'unknown'} has no clipboard"
    return ""


def sequence(text: str, environ: Mapping[str, str]) -> str:
    """What puts ``text`` (at most MOST_BYTES in UTF-8) into the clipboard of the terminal that ``environ`` describes.

    Raises ValueError for a longer text.
    """
    data = text.encode("utf-8", errors="replace")
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data)} bytes are more than a terminal takes")
    plain = f"\x1b]52;c;{b64encode(data).decode('ascii')}\x07"
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith("tmux"):
        # With set-clipboard on tmux takes the plain one, with allow-passthrough on the wrapped one.
        return plain + _through_tmux(plain)
    if environ.get("STY"):
        return _through_screen(plain)
    if term.startswith("screen"):
        # Over SSH only TERM tells, and both call themselves so; each passes over what is meant for the other.
        return plain + _through_screen(plain)
    return plain


def fitting(lines: list[str]) -> int:
    """How many of the lines, from the first on and joined by newlines, may be copied at once."""
    total = 0
    for number, line in enumerate(lines):
        total += len(line.encode("utf-8", errors="replace")) + 1
        if total - 1 > MOST_BYTES:
            return number
    return len(lines)


def _through_tmux(plain: str) -> str:
    doubled = plain.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def _through_screen(plain: str) -> str:
    return "".join(f"\x1bP{piece}\x1b\\" for piece in _pieces(plain))


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), SCREEN_CHUNK):
        yield text[start : start + SCREEN_CHUNK]
