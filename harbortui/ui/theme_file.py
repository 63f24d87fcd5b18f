"""One theme file, checked: what is wrong is said with file and line, and no word of a style reaches Rich unchecked.

Rich's own style language knows more than a theme may say: links and blinking, and colours whose contrast nobody can
tell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from harbortui.config.errors import ConfigError, Problem, nearest
from harbortui.config.locate import Step, line_of
from harbortui.config.parse import parse_toml
from harbortui.config.trust import Mistrust, config_rules, read_trusted
from harbortui.model.text import safe_text
from harbortui.ui.palette import GROUNDS, NAMES

MAX_BYTES = 65_536
MAX_WORDS = 8
MAX_ABOUT = 60
THEME_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
"""What a theme may be named; other files in the folder (an editor's) are none."""

WEIGHTS = ("bold", "italic", "underline", "strike", "reverse")
ANSI_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
"""Each also as ``bright_…``."""

_KEYS = ("inherit", "about", "dark", "ansi", "grounds", "styles")
_RGB = re.compile(r"#[0-9a-fA-F]{6}")
_ANSI = frozenset((*ANSI_COLOURS, *(f"bright_{each}" for each in ANSI_COLOURS), "default"))


class ThemeError(ConfigError):
    """A theme that cannot be used, with every problem of its file."""


class Sheet(NamedTuple):
    """What one theme file says; nothing is inherited yet, and no style is checked."""

    path: Path
    text: str
    inherit: str = ""
    about: str = ""
    dark: bool | None = None
    ansi: bool | None = None
    styles: Mapping[str, str] = {}
    grounds: Mapping[str, str] = {}

    def problem(self, message: str, *at: Step, hint: str = "") -> Problem:
        """Something that is wrong with a key of this file."""
        return Problem(message, safe_text(str(self.path)), line_of(self.text, at) if at else None, hint)


def read_sheet(path: Path, *, trusted: bool = False) -> Sheet:
    """Read one file. Raises :class:`ThemeError`.

    ``trusted``: it came with the program; any other has to be ours or root's and closed to changes by others, because a
    theme can make a state invisible.
    """
    try:
        data = path.read_bytes() if trusted else read_trusted(path, config_rules(os.geteuid()))
    except Mistrust as error:
        raise ThemeError([Problem(safe_text(str(error)), safe_text(str(path)))]) from None
    except OSError as error:
        raise ThemeError([Problem(f"cannot be read: {error.strerror}", safe_text(str(path)))]) from None
    if len(data) > MAX_BYTES:
        raise ThemeError([Problem(f"is larger than {MAX_BYTES} bytes", safe_text(str(path)))])
    try:
        text, document = parse_toml(path, data)
    except ConfigError as error:
        raise ThemeError(error.problems) from None
    sheet = Sheet(path, text)
    problems = list(_problems_of(sheet, document))
    if problems:
        raise ThemeError(sorted(problems, key=lambda each: each.line or 0))
    return sheet._replace(**document)  # type: ignore[arg-type]


def _problems_of(sheet: Sheet, document: Mapping[str, object]) -> Iterator[Problem]:
    """Unknown keys and values of the wrong type."""
    for key, value in document.items():
        if key not in _KEYS:
            hint = nearest(key, _KEYS) or f"known here: {', '.join(_KEYS)}"
            yield sheet.problem(f"unknown key {safe_text(key, limit=60)!r}", key, hint=hint)
        elif key in ("dark", "ansi"):
            if not isinstance(value, bool):
                yield sheet.problem(f"{key}: expected true or false", key)
        elif key in ("grounds", "styles"):
            yield from _table(sheet, key, value, GROUNDS if key == "grounds" else NAMES)
        elif not isinstance(value, str):
            yield sheet.problem(f"{key}: expected a text in quotes", key)
        elif key == "inherit" and not THEME_NAME.fullmatch(value):
            yield sheet.problem("inherit: expected the name of a theme", key)
        elif key == "about" and (len(value) > MAX_ABOUT or not value.isprintable()):
            yield sheet.problem(f"about: expected one line of at most {MAX_ABOUT} characters", key)


def _table(sheet: Sheet, key: str, value: object, known: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield sheet.problem(f"{key} is a table: write [{key}] and its names below", key)
        return
    for name, style in value.items():
        if name not in known:
            hint = nearest(name, known) or f"known here: {', '.join(known)}"
            yield sheet.problem(f"[{key}] unknown name {safe_text(name, limit=60)!r}", key, name, hint=hint)
        elif not isinstance(style, str):
            yield sheet.problem(f"[{key}] {name}: expected a text in quotes, such as 'bold #7fd1ff'", key, name)


def style_problems(sheet: Sheet, ansi: bool) -> Iterator[Problem]:
    """What is wrong with the styles of one file; ``ansi`` is inherited."""
    for name, value in sheet.styles.items():
        if wrong := _wrong(value, ansi, can_have_ground=ansi and name != "text"):
            yield sheet.problem(f"[styles] {name}: {wrong}", "styles", name)
    for name, value in sheet.grounds.items():
        if wrong := _wrong_ground(name, value, ansi):
            yield sheet.problem(f"[grounds] {name}: {wrong}", "grounds", name)


def _wrong_ground(name: str, value: str, ansi: bool) -> str:
    words = value.lower().split()
    if words == ["reverse"] and (ansi or name != "background"):
        return ""
    if not words and ansi:
        return ""
    if len(words) == 2 and words[0] == "on":
        return _wrong(value, ansi, can_have_ground=True)
    reverse = "" if name == "background" else ", or reverse"
    return f"expected on and a colour{reverse}"


def _wrong(value: str, ansi: bool, *, can_have_ground: bool) -> str:
    """What is wrong with a style, or nothing. A value is never repeated: it could be anything."""
    words = value.lower().split()
    if len(words) > MAX_WORDS:
        return f"expected at most {MAX_WORDS} words"
    colours = 0
    expects_ground = False
    for number, word in enumerate(words, 1):
        if word == "on" and not expects_ground:
            if not can_have_ground:
                return "the colour behind a text comes from [grounds]"
            expects_ground = True
        elif word in WEIGHTS and not expects_ground:
            continue
        elif not (word in _ANSI if ansi else _RGB.fullmatch(word)):
            form = f"one of {', '.join(ANSI_COLOURS)}, or bright_ and one of these" if ansi else "#rrggbb"
            return f"word {number} is neither {', '.join(WEIGHTS)} nor a colour ({form})"
        elif expects_ground:
            expects_ground = False
        else:
            colours += 1
    if expects_ground:
        return "a colour is missing after on"
    return "one colour is enough" if colours > 1 else ""
