"""Themes: one TOML file each, found through the resource locator, checked before they are used."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from harbortui.resources import resource
from harbortui.ui.palette import GROUNDS, NAMES, Palette

DEFAULT = "dark"
FEW_COLOURS = "ansi"
NO_COLOUR = "mono"


class ThemeError(ValueError):
    """A theme that cannot be used; the message names the file and what is wrong with it."""


class Theme(NamedTuple):
    """A checked theme."""

    name: str
    dark: bool
    ansi: bool
    """True when it uses the terminal's own colours only."""
    palette: Palette
    ground: str
    """The background colour of the whole screen, for Textual."""


def names() -> list[str]:
    """The themes there are, sorted."""
    return sorted(path.stem for path in resource("themes").glob("*.toml"))


def choose(wanted: str, environ: Mapping[str, str]) -> str:
    """The theme's name: as wanted, else by what the terminal can show."""
    if wanted:
        return wanted
    if environ.get("NO_COLOR"):
        return NO_COLOUR
    term = environ.get("TERM", "")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "256" in term or "direct" in term:
        return DEFAULT
    return FEW_COLOURS


def load(name: str) -> Theme:
    """Read the theme of that name.

    Raises ThemeError when there is none of that name or the file is wrong.
    """
    path = resource("themes") / f"{name}.toml"
    if name != Path(name).name or not path.is_file():
        raise ThemeError(f"no theme named {name!r}; there are: {', '.join(names())}")
    return read(path)


def read(path: Path) -> Theme:
    """Read and check one theme file. Raises ThemeError naming the file and the key."""
    from rich.errors import StyleSyntaxError

    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ThemeError(f"{path}: {error}") from None
    styles, grounds = _table(path, raw, "styles", NAMES), _table(path, raw, "grounds", GROUNDS)
    extra = sorted(set(raw) - {"dark", "ansi", "styles", "grounds"})
    if extra:
        raise ThemeError(f"{path}: unknown key {extra[0]!r}")
    try:
        palette = Palette(styles, grounds)
    except StyleSyntaxError as error:
        raise ThemeError(f"{path}: {error}") from None
    ansi = bool(raw.get("ansi", False))
    colour = palette.style("text").bgcolor
    if colour is None and not ansi:
        raise ThemeError(f"{path}: grounds.background needs a colour (on #rrggbb), or ansi = true")
    ground = "ansi_default" if ansi or colour is None else colour.get_truecolor().hex
    return Theme(path.stem, bool(raw.get("dark", True)), ansi, palette, ground)


def _table(path: Path, raw: dict[str, object], key: str, known: tuple[str, ...]) -> dict[str, str]:
    table = raw.get(key, {})
    if not isinstance(table, dict):
        raise ThemeError(f"{path}: [{key}] must be a table")
    for name, value in table.items():
        if name not in known:
            raise ThemeError(f"{path}: unknown name {key}.{name}; known: {', '.join(known)}")
        if not isinstance(value, str):
            raise ThemeError(f"{path}: {key}.{name} must be a string such as 'bold #7fd1ff'")
    return table
