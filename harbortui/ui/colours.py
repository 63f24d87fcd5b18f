"""Colour arithmetic: contrast, distance, and how colour-blind eyes see a colour.

Contrast is WCAG 2's ratio (1 to 21). Distances are Euclidean in Oklab (Ottosson 2020), where 0.02 is just noticeable
and black to white is 1. Colour blindness is simulated with the matrices of Machado, Oliveira and Fernandes (2009) for
a missing cone, applied to linear RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]
_Matrix: TypeAlias = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

BLINDNESS: Mapping[str, _Matrix] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Simulations: red, green or blue cones missing."""


def _linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _channel(value: float) -> int:
    clipped = min(1.0, max(0.0, value))
    part = 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055
    return round(255 * part)


def _apply(matrix: _Matrix, parts: tuple[float, float, float]) -> tuple[float, float, float]:
    one, two, three = (sum(factor * part for factor, part in zip(row, parts, strict=True)) for row in matrix)
    return one, two, three


def luminance(colour: Rgb) -> float:
    """WCAG 2's relative luminance, 0 to 1."""
    red, green, blue = (_linear(each) for each in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2's contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def simulated(colour: Rgb, blindness: str) -> Rgb:
    """The colour as somebody with that kind of :data:`BLINDNESS` sees it."""
    red, green, blue = (_linear(each) for each in colour)
    seen = _apply(BLINDNESS[blindness], (red, green, blue))
    return _channel(seen[0]), _channel(seen[1]), _channel(seen[2])


def distance(one: Rgb, other: Rgb) -> float:
    """How far two colours are apart in Oklab."""
    pairs = zip(_oklab(one), _oklab(other), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def _oklab(colour: Rgb) -> tuple[float, float, float]:
    red, green, blue = (_linear(each) for each in colour)
    cones = _apply(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ),
        (red, green, blue),
    )
    long, medium, short = (each ** (1 / 3) for each in cones)
    return _apply(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ),
        (long, medium, short),
    )
