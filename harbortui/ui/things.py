"""Things that have a page of their own, and how a row names the one it stands for."""

from __future__ import annotations

from typing import NamedTuple

_MARK = "\x1f"
"""Between the parts of a key: a control character, which no sanitised text can hold."""


class Thing(NamedTuple):
    """One thing of an instance; a kind of :data:`harbortui.ui.opening.PAGES` or one that leads to a screen."""

    kind: str
    instance: str = ""
    """Empty for what belongs to the fleet."""
    id: str = ""
    sub: str = ""


def key_of(thing: Thing, part: str = "") -> str:
    """The key of a row that stands for a thing; ``part`` tells rows of one thing in the same pane apart."""
    return _MARK.join(("", *thing, part))


def thing_of(key: str) -> Thing | None:
    """The thing that a row's key names; None for a row that stands for none."""
    parts = key.split(_MARK)
    return Thing(*parts[1:5]) if len(parts) == 6 and not parts[0] else None
