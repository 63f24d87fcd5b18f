"""Glyphs for states, with an ASCII set for terminals and locales that cannot show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from harbortui.ui.plot_symbols import STAND_INS


class Symbols(NamedTuple):
    """One character each, so that columns stay aligned whichever set is in use."""

    ok: str
    warning: str
    critical: str
    unknown: str
    cursor: str
    ellipsis: str
    rule: str
    dot: str
    right: str
    left: str
    full: str
    empty: str


UNICODE = Symbols("●", "▲", "✖", "◌", "▌", "…", "─", "·", "→", "←", "■", "□")
ASCII = Symbols("o", "!", "X", "?", ">", "~", "-", "-", ">", "<", "#", ".")

LEVELS = "▁▂▃▄▅▆▇█"
"""Heights of a bar, the lowest first."""
PLAIN_LEVELS = "_.:;=+*#"

_OTHERS = {0xD7: "x", 0x2212: "-", 0x203A: ">", 0x2191: "^", 0x2193: "v"} | dict(
    zip(map(ord, LEVELS), PLAIN_LEVELS, strict=True)
)
"""What else we write: the sign of multiplication, minus, mark between crumbs, arrows of an order, heights of bars."""

_STATES = ("ok", "warning", "unknown", "critical")


def choose(environ: Mapping[str, str]) -> Symbols:
    """The set for this terminal: ASCII when the locale says another encoding than UTF-8, or on the Linux console.

    Python's own encoding is no guide, because it turns the C locale into UTF-8 by itself (PEP 538 and 540).
    """
    if environ.get("TERM") in ("linux", "vt100", "vt220"):
        return ASCII
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = environ.get(name)
        if value:
            return UNICODE if "utf" in value.lower() else ASCII
    return UNICODE


def to_ascii(text: str, symbols: Symbols) -> str:
    """``text`` for a terminal without Unicode: our own glyphs by their stand-ins, anything else as ``?``."""
    if symbols is UNICODE or text.isascii():
        return text
    table = {ord(nice): plain for nice, plain in zip(UNICODE, ASCII, strict=True)} | _OTHERS | STAND_INS
    return text.translate(table).encode("ascii", "replace").decode("ascii")


def state_name(state: int) -> str:
    """The palette's name of a :class:`harbortui.model.finding.State`, without importing it before the first paint."""
    return _STATES[state]


def state_glyph(state: int) -> str:
    """The glyph of a state; widgets turn it into ASCII where they must."""
    name = state_name(state)
    return {"ok": UNICODE.ok, "warning": UNICODE.warning, "unknown": UNICODE.unknown}.get(name, UNICODE.critical)


def state_word(glyph: str) -> str:
    """The word of a state's glyph."""
    known = zip((UNICODE.ok, UNICODE.warning, UNICODE.unknown, UNICODE.critical), _STATES, strict=True)
    return dict(known).get(glyph, "")
