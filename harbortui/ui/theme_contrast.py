"""How well a theme can be read: contrast of its texts, distance of its state colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style

from harbortui.ui.colours import Rgb, contrast, distance
from harbortui.ui.palette import GROUNDS, NAMES, Palette

TEXT_CONTRAST = 4.5
"""Of every text on every ground (WCAG 2, level AA)."""
HIGH_CONTRAST = 7.0
"""Of the high contrast themes (level AAA)."""
RULE_CONTRAST = 3.0
"""Of what is no text: the rules between panes."""
STATE_DISTANCE = 0.08
"""Between the colours of two states, for eyes that see all colours."""
BLIND_DISTANCE = 0.06
"""The same, for the eyes a colour-blind theme is made for."""
GROUND_DISTANCE = 0.03
"""Between the cursor's ground and the panes'."""

STATES = ("ok", "warning", "critical", "unknown")


def shown(colour: Color, depth: ColorSystem = ColorSystem.TRUECOLOR) -> Rgb:
    """The colour as a terminal of that depth shows it."""
    return tuple(colour.downgrade(depth).get_truecolor())  # type: ignore[return-value]


def pair(style: Style, depth: ColorSystem = ColorSystem.TRUECOLOR) -> tuple[Rgb, Rgb]:
    """Text and ground of a style that has both."""
    assert style.color is not None and style.bgcolor is not None
    text, ground = shown(style.color, depth), shown(style.bgcolor, depth)
    return (ground, text) if style.reverse else (text, ground)


class Weak(NamedTuple):
    """One thing that is hard to read."""

    name: str
    """The style or ground."""
    says: str


def weak_spots(palette: Palette, depth: ColorSystem, *, high: bool = False) -> Iterator[Weak]:
    """What is hard to read in a palette of RGB colours on a terminal of that depth."""
    needed = HIGH_CONTRAST if high else TEXT_CONTRAST
    for name in NAMES:
        least = RULE_CONTRAST if name == "rule" else needed
        for ground in GROUNDS:
            got = contrast(*pair(palette.style(name, ground), depth))
            if got < least:
                yield Weak(name, f"contrast {got:.1f} on {ground}, less than {least:g}")
    for one, other in near_states(palette, depth):
        yield Weak(one, f"looks like {other}")
    grounds = {ground: pair(palette.style("text", ground), depth)[1] for ground in GROUNDS}
    if distance(grounds["cursor"], grounds["background"]) < GROUND_DISTANCE:
        yield Weak("cursor", "looks like background")


def near_states(
    palette: Palette,
    depth: ColorSystem = ColorSystem.TRUECOLOR,
    seen: Callable[[Rgb], Rgb] = lambda colour: colour,
    least: float = STATE_DISTANCE,
) -> Iterator[tuple[str, str]]:
    """Pairs of states whose colours are nearer than ``least`` for somebody who sees colours as ``seen`` says."""
    colours = {name: seen(pair(palette.style(name), depth)[0]) for name in STATES}
    for one, other in combinations(STATES, 2):
        if distance(colours[one], colours[other]) < least:
            yield one, other
