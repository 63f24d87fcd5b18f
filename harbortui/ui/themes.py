"""Themes: one TOML file each, from the package and from folders of the person, checked before they are used.

A theme is painted in what the terminal has: its own colours, the nearest of 256, the terminal's sixteen, or none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from harbortui.config.errors import Problem, nearest
from harbortui.model.text import safe_text
from harbortui.resources import resource
from harbortui.ui.palette import Palette
from harbortui.ui.theme_depth import Depth, depth_of, has_light_ground
from harbortui.ui.theme_file import THEME_NAME, Sheet, ThemeError, read_sheet, style_problems

__all__ = ["BUNDLED", "Library", "Theme", "ThemeError", "choose", "load", "names", "read"]

DEFAULT = "dark"
DEFAULT_LIGHT = "light"
FEW_COLOURS = "ansi"
FEW_COLOURS_LIGHT = "ansi-light"
NO_COLOUR = "mono"

MAX_INHERITED = 8
MAX_FILES = 500


class Theme(NamedTuple):
    """A checked theme, ready to paint."""

    name: str
    dark: bool
    ansi: bool
    """True when it is painted in the terminal's own colours only."""
    palette: Palette
    ground: str
    """The background colour of the whole screen, for Textual."""
    about: str = ""
    files: tuple[Path, ...] = ()
    """What it was read from: its own file, then what it inherits."""


class Library(NamedTuple):
    """Where themes are looked for: the person's folders, the first wins, then the package's."""

    own: tuple[Path, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders, the most important first."""
        return (*self.own, resource("themes"))

    def names(self) -> list[str]:
        """The themes there are, sorted."""
        return sorted({name for folder in self.folders for name in _names_in(folder)})

    def find(self, name: str, below: Path | None = None) -> Path | None:
        """The file of a theme; ``below``: only in folders less important than this one."""
        folders = self.folders
        if below in folders:
            folders = folders[folders.index(below) + 1 :]
        if THEME_NAME.fullmatch(name):
            for folder in folders:
                path = folder / f"{name}.toml"
                if os.path.lexists(path):
                    return path
        return None

    def is_own(self, path: Path) -> bool:
        """True when the file did not come with the program."""
        return path.parent != resource("themes")


BUNDLED = Library()


def _names_in(folder: Path) -> Iterator[str]:
    """Names of the themes in a folder, which may be missing or closed to us."""
    try:
        with os.scandir(folder) as entries:
            for entry, _ in zip(entries, range(MAX_FILES), strict=False):
                stem, dot, ending = entry.name.rpartition(".")
                if dot and ending == "toml" and THEME_NAME.fullmatch(stem):
                    yield stem
    except OSError:
        return


def names() -> list[str]:
    """The themes that came with the program, sorted."""
    return BUNDLED.names()


def choose(wanted: str, environ: Mapping[str, str]) -> str:
    """The theme's name: as wanted, else by what the terminal can show."""
    if wanted:
        return wanted
    depth, light = depth_of(environ), has_light_ground(environ)
    if depth is Depth.NONE:
        return NO_COLOUR
    if depth is Depth.SIXTEEN:
        return FEW_COLOURS_LIGHT if light else FEW_COLOURS
    return DEFAULT_LIGHT if light else DEFAULT


def load(name: str, library: Library = BUNDLED, depth: Depth = Depth.TRUE) -> Theme:
    """Read the theme of that name. Raises ThemeError when there is none or a file is wrong."""
    path = library.find(name)
    if path is None:
        raise ThemeError([_unknown(name, library)])
    return read(path, library, depth)


def _unknown(name: str, library: Library) -> Problem:
    known = library.names()
    return Problem(
        f"no theme named {safe_text(name, limit=60)!r}", hint=nearest(name, known) or f"there are {', '.join(known)}"
    )


def read(path: Path, library: Library = BUNDLED, depth: Depth = Depth.TRUE) -> Theme:
    """Read one theme file and what it inherits. Raises ThemeError that names file and line."""
    sheets = _sheets(path, library)
    own = sheets[0]
    ansi = bool(sheets[-1].ansi)
    dark = next((each.dark for each in sheets if each.dark is not None), True)
    problems = [problem for each in sheets for problem in _checked(each, ansi)]
    styles = {name: value for each in reversed(sheets) for name, value in each.styles.items()}
    grounds = {"bar": "reverse", "cursor": "reverse"}
    grounds |= {name: value for each in reversed(sheets) for name, value in each.grounds.items()}
    if not ansi and not problems:
        if "background" not in grounds:
            problems.append(own.problem("[grounds] background is missing: write on #rrggbb, or say ansi = true"))
        if "#" not in styles.get("text", ""):
            problems.append(own.problem("[styles] text is missing or without a colour: write #rrggbb", "styles"))
    if problems:
        raise ThemeError(problems)
    about = own.about or (f"like {own.inherit}" if own.inherit else "")
    files = tuple(each.path for each in sheets)
    return _fitted(Theme(path.stem, dark, ansi, Palette(styles, grounds), "", about, files), styles, grounds, depth)


def _checked(sheet: Sheet, ansi: bool) -> Iterator[Problem]:
    if sheet.ansi is not None and sheet.ansi is not ansi:
        yield sheet.problem("ansi: what is inherited says otherwise", "ansi")
    yield from style_problems(sheet, ansi)


def _sheets(path: Path, library: Library) -> list[Sheet]:
    """The file, what it inherits, what that inherits."""
    sheets = [read_sheet(path, trusted=not library.is_own(path))]
    while parent := sheets[-1].inherit:
        child = sheets[-1]
        # A theme of the name it inherits means the one it stands in for.
        below = child.path.parent if parent == child.path.stem else None
        found = library.find(parent, below)
        if found is None:
            problem = _unknown(parent, library)
            raise ThemeError([child.problem(f"inherit: {problem.message}", "inherit", hint=problem.hint)])
        if len(sheets) > MAX_INHERITED or any(found == each.path for each in sheets):
            raise ThemeError([child.problem("inherit: this goes in a circle, or too deep", "inherit")])
        sheets.append(read_sheet(found, trusted=not library.is_own(found)))
    return sheets


def _fitted(theme: Theme, styles: Mapping[str, str], grounds: Mapping[str, str], depth: Depth) -> Theme:
    """The theme in as many colours as there are."""
    if depth is Depth.NONE:
        plain = read_sheet(resource("themes") / f"{NO_COLOUR}.toml", trusted=True)
        return theme._replace(ansi=True, palette=Palette(plain.styles, plain.grounds), ground="ansi_default")
    if theme.ansi:
        return theme._replace(ground="ansi_default")
    if depth is Depth.SIXTEEN:
        few = read_sheet(resource("themes") / f"{FEW_COLOURS if theme.dark else FEW_COLOURS_LIGHT}.toml", trusted=True)
        text, ground = ("white", "black") if theme.dark else ("black", "bright_white")
        palette = Palette({**few.styles, "text": text}, {**few.grounds, "background": f"on {ground}"})
        return theme._replace(ansi=True, palette=palette, ground=f"ansi_{ground}")
    if depth is Depth.MANY:
        theme = theme._replace(palette=_of_many(theme.palette, styles, grounds))
    colour = theme.palette.style("text").bgcolor
    assert colour is not None
    return theme._replace(ground=colour.get_truecolor().hex)


def _of_many(palette: Palette, styles: Mapping[str, str], grounds: Mapping[str, str]) -> Palette:
    """The palette in the nearest of 256 colours; texts keep their level of contrast."""
    from harbortui.ui.palette import GROUNDS
    from harbortui.ui.theme_depth import many, nearest, nearest_text

    handed = many()
    places = [each for each in GROUNDS if grounds[each].lower().startswith("on ")]
    before = [_rgb(grounds[each].split()[1]) for each in places]
    after = [nearest(each) for each in before]
    new_grounds = dict(grounds) | {
        place: f"on {_hex(handed[colour])}" for place, colour in zip(places, after, strict=True)
    }
    new_styles = {
        name: " ".join(
            _hex(handed[nearest_text(_rgb(word), before, after)]) if word.startswith("#") else word
            for word in value.split()
        )
        for name, value in styles.items()
    }
    return Palette(new_styles, new_grounds)


def _rgb(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
