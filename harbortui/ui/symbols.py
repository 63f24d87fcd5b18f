"""Glyphs for states, with an ASCII set for terminals and locales that cannot show them."""

from __future__ import annotations

import unicodedata
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

_PAIRS = """
×x −- –- —- ‐- ‑- ‘' ’' “" ”" •* ◦o ∙* ‣> ›> ‹< »> «< ≈~ ≤< ≥> ≠= ±+ °o µu √v ✓v ✔v ✗x ✘x ␡?
▶> ▸> ►> ◀< ◂< ◄< ▼v ▾v △^ ▽v ○o ◆* ◇o ★* ☆* ↑^ ↓v ↔- ↕| ↻@ ↺@
│| ┃| ┆| ┊| ║| ╎| ╷| ╵| ━- ┄- ┈- ═= ╌- ╴- ╶- ╸- ╺- ╱/ ╲\\ ╳X
┌+ ┐+ └+ ┘+ ├+ ┤+ ┬+ ┴+ ┼+ ╭+ ╮+ ╯+ ╰+ ╔+ ╗+ ╚+ ╝+ ╠+ ╣+ ╦+ ╩+ ╬+ ┏+ ┓+ ┗+ ┛+ ┣+ ┫+ ┳+ ┻+ ╋+
░. ▒: ▓% ▀' ▔' ▐| ▏| ▎| ▍| ▋| ▊| ▉# ▖. ▗. ▘' ▝' ▙# ▚\\ ▛# ▜# ▞/ ▟#
"""
_OTHERS = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
"""What else we, plots or the systems write that has a plain likeness."""
_OTHERS |= dict(zip(map(ord, LEVELS), PLAIN_LEVELS, strict=True))
_INKS = " ..::++##"
"""A braille cell by how many of its eight dots are set."""
_OTHERS |= {0x2800 + dots: _INKS[dots.bit_count()] for dots in range(256)}
_TABLE = _OTHERS | {ord(nice): plain for nice, plain in zip(UNICODE, ASCII, strict=True)} | STAND_INS

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
    """``text`` for a terminal without Unicode: glyphs by their stand-ins, letters without accents, the rest as ``?``.

    One character stays one character.
    """
    if symbols is UNICODE or text.isascii():
        return text
    return "".join(each if each.isascii() else _plain(each) for each in text.translate(_TABLE))


def _plain(character: str) -> str:
    """A letter without its accent, else a question mark."""
    letter = unicodedata.normalize("NFD", character)[0]
    return letter if letter.isascii() else "?"


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
