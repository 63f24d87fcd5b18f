"""How many colours the terminal has, and what a theme's colours become where those are few.

Rich, which writes our colours, falls back to 16 colours for every TERM it does not know and maps a dark blue-grey
ground to navy on 256. So we say the depth ourselves, and hand it only colours that its mapping leaves as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from enum import Enum
from functools import cache

from harbortui.ui.colours import Rgb, contrast, luminance

COLOR_SYSTEM = "TEXTUAL_COLOR_SYSTEM"
"""The variable by which Textual is told the depth; a person may set it too."""


class Depth(Enum):
    """How many colours there are; the value is Textual's name of it."""

    NONE = "none"
    """NO_COLOR is set."""
    SIXTEEN = "standard"
    MANY = "256"
    TRUE = "truecolor"


_MANY = ("alacritty", "foot", "xterm-kitty", "xterm-ghostty", "ghostty", "wezterm", "contour", "rio", "st-256color")
"""Terminals whose TERM does not say that they have 256 colours; over ssh COLORTERM, which does, stays behind."""
_LIGHT_GROUNDS = ("7", "15")


def depth_of(environ: Mapping[str, str]) -> Depth:
    """The depth of the terminal that the environment describes."""
    if environ.get("NO_COLOR"):
        return Depth.NONE
    wished = environ.get(COLOR_SYSTEM, "").strip().lower()
    if wished in ("truecolor", "256", "standard"):
        return Depth(wished)
    term = environ.get("TERM", "").strip().lower()
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return Depth.TRUE
    return Depth.MANY if term.endswith("256color") or term.startswith(_MANY) else Depth.SIXTEEN


def tell_textual(environ: MutableMapping[str, str]) -> None:
    """Have Textual paint in as many colours as we mean; it reads these variables when it is imported.

    Textual counts an empty NO_COLOR as set; by no-color.org it is not.
    """
    if not environ.get("NO_COLOR"):
        environ.pop("NO_COLOR", None)
        environ[COLOR_SYSTEM] = depth_of(environ).value


def has_light_ground(environ: Mapping[str, str]) -> bool:
    """True when the terminal says, as Konsole, rxvt and some others do in COLORFGBG, that its ground is light."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_GROUNDS


_LEVELS = (0, 95, 135, 175, 215, 255)
_STEPS = (7.0, 4.5, 3.0)
"""Levels of contrast worth keeping."""


@cache
def many() -> Mapping[Rgb, Rgb]:
    """What to hand to Rich for each colour of 256 that it can be made to choose: the cube without its greys, the ramp.

    Rich finds a grey by its lightness in steps of 10.2, while the terminal's ramp has steps of 10.
    """
    cube = [(r, g, b) for r in _LEVELS for g in _LEVELS for b in _LEVELS if _is_coloured(r, g, b)]
    ramp = {(8 + 10 * step,) * 3: (round(10.2 * (step + 1)),) * 3 for step in range(24)}
    return {each: each for each in (*cube, (0, 0, 0), (255, 255, 255))} | ramp


def _is_coloured(red: int, green: int, blue: int) -> bool:
    """As Rich asks: is the saturation (of hue, lightness, saturation) at least 0.15?"""
    high, low = max(red, green, blue), min(red, green, blue)
    if high == low:
        return False
    both = high + low
    return (high - low) / (both if both <= 255 else 510 - both) >= 0.15


def _apart(one: Rgb, other: Rgb) -> int:
    """How far two colours are apart, squared; weighed by how red they are, which is near to how eyes see it."""
    red = one[0] + other[0]
    d_red, d_green, d_blue = one[0] - other[0], one[1] - other[1], one[2] - other[2]
    return (1024 + red) * d_red * d_red + 2048 * d_green * d_green + (1534 - red) * d_blue * d_blue


def nearest(colour: Rgb) -> Rgb:
    """The nearest of 256, for a ground."""
    return min(many(), key=lambda each: _apart(colour, each))


@cache
def _lights() -> tuple[tuple[Rgb, float], ...]:
    return tuple((each, luminance(each)) for each in many())


def nearest_text(colour: Rgb, before: Sequence[Rgb], after: Sequence[Rgb]) -> Rgb:
    """The nearest of 256 for a text that keeps its level of contrast; grounds are as they were and as they became."""
    walls = []
    for old, new in zip(before, after, strict=True):
        had = contrast(colour, old)
        needed = next((step for step in _STEPS if had >= step), 1.0)
        ground = luminance(new) + 0.05
        walls.append((ground * needed - 0.05, ground / needed - 0.05))
    fitting = [each for each, light in _lights() if all(light >= above or light <= below for above, below in walls)]
    return min(fitting or many(), key=lambda each: _apart(colour, each))
