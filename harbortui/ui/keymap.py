"""A person's own keys: read from ``[keys]`` of the configuration, checked, and brought into Textual's names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from string import punctuation
from typing import NamedTuple

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from harbortui.ui.actions import ACTIONS, BY_ID, UNBOUND, Action, Where, key_name, keys_of

NONE = "none"
"""Written in place of a key, it takes an action's keys away."""
MOVING = "GN"
"""Capital letters that only move; every other one is for what changes something."""

_NEVER = {
    **dict.fromkeys(("ctrl+a", "ctrl+b"), "screen and tmux take it"),
    **dict.fromkeys(("ctrl+s", "ctrl+q"), "it stops the terminal's output"),
    **dict.fromkeys(("ctrl+i", "ctrl+j", "ctrl+m", "ctrl+backslash"), "terminals send another key for it"),
    "ctrl+d": "it ends a shell's session",
    "tilde": "ssh takes it",
}
_ALTGR = "[]{}\\|@"
_ALIASES = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "del": "delete"}
_NAMED = frozenset(key.value for key in Keys)
_NAMES = {each: unicodedata.name(each).lower().replace("-", "_").replace(" ", "_") for each in punctuation}
_CHARACTERS = {each: KEY_NAME_REPLACEMENTS.get(name, name) for each, name in _NAMES.items()}
_ALTGR_NAMES = frozenset(_CHARACTERS[each] for each in _ALTGR)
_INNER = (Where.LIST, Where.TABLE)


class Wrong(NamedTuple):
    """What is wrong with one entry."""

    id: str
    message: str


class Checked(NamedTuple):
    """What is left of the entries, and what is wrong with the others."""

    keymap: dict[str, str]
    wrong: tuple[Wrong, ...]


def check(given: Mapping[str, str]) -> Checked:
    """Action id -> keys as a person writes them (``"g, Home"``); wrong entries are named and not used."""
    keymap: dict[str, str] = {}
    wrong: list[Wrong] = []
    for id_, text in given.items():
        action = BY_ID.get(id_)
        if action is None:
            wrong.append(Wrong(id_, f"there is no action {id_!r}{_near(id_)}"))
            continue
        keys, problem = _read(action, text)
        if problem:
            wrong.append(Wrong(id_, problem))
        else:
            keymap[id_] = keys
    return Checked(keymap, (*wrong, *_clashes(keymap)))


def normal(key: str) -> str:
    """Textual's name of a key as a person writes it; empty when it is none."""
    key = key.strip()
    if len(key) == 1:
        return key if key.isalnum() and key.isascii() else _CHARACTERS.get(key, "")
    name = key.lower()
    if name.startswith(("ctrl-", "shift-", "alt-")):
        name = name.replace("-", "+", 1)
    name = _ALIASES.get(name, name)
    known = name in _NAMED or name in _CHARACTERS.values() or name.startswith("alt+")
    return name if known else ""


def _read(action: Action, text: str) -> tuple[str, str]:
    """The keys of one entry in Textual's names, or what is wrong with it."""
    if text.strip().lower() == NONE:
        return UNBOUND, ""
    keys = []
    for written in text.split(","):
        key = normal(written)
        if not key:
            return "", f"{written.strip()!r} is no key; a comma is written as comma, no key at all as {NONE}"
        if why := _refused(action, key):
            return "", f"{written.strip()} cannot be a key of {action.id}: {why}"
        keys.append(key)
    return ",".join(dict.fromkeys(keys)), ""


def _refused(action: Action, key: str) -> str:
    """Why a key may not be given to an action; empty when it may."""
    capital = len(key) == 1 and key.isupper()
    if key in _NEVER:
        return _NEVER[key]
    if key.startswith("alt+") or (key[0] == "f" and key[1:].isdigit()):
        return "not every terminal sends it"
    if key in _ALTGR_NAMES:
        return "common keyboards need AltGr for it"
    if action.acts and not (capital and key not in MOVING):
        return "what changes something takes Shift and a letter, and not G or N"
    if not action.acts and capital and key not in MOVING:
        return "Shift and a letter is for what changes something"
    return ""


def _clashes(keymap: Mapping[str, str]) -> Iterator[Wrong]:
    """Two meanings of one key where both could be meant."""
    for number, one in enumerate(ACTIONS):
        for other in ACTIONS[number + 1 :]:
            if not (one.id in keymap or other.id in keymap) or not overlap(one.where, other.where):
                continue
            shared = sorted(set(keys_of(one, keymap)) & set(keys_of(other, keymap)) - {UNBOUND})
            if shared:
                mine, theirs = (one, other) if one.id in keymap else (other, one)
                yield Wrong(mine.id, f"{key_name(shared[0])} is also a key of {theirs.id} ({theirs.title})")


def overlap(one: Where, other: Where) -> bool:
    """True when a key could mean both: on the same screen, or on a list of that screen."""
    return one is other or Where.ALL in (one, other) or one in _INNER or other in _INNER


def _near(id_: str) -> str:
    from difflib import get_close_matches

    found = get_close_matches(id_, list(BY_ID), n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""
