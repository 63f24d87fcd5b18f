"""How well a few typed letters fit a title: the letters must occur in order, best at the beginnings of words."""

from __future__ import annotations

_START, _WORD, _NEXT, _PLAIN = 12.0, 8.0, 5.0, 1.0


def score(typed: str, title: str) -> float:
    """0 for no fit; the more, the better. Spaces in what was typed only separate."""
    wanted = typed.lower().replace(" ", "")
    if not wanted:
        return 1.0
    text = title.lower()
    best = max((_from(wanted, text, start) for start in _starts(text, wanted[0])), default=0.0)
    return best / (1.0 + len(text) / 200.0)


def _starts(text: str, first: str) -> list[int]:
    return [index for index, letter in enumerate(text) if letter == first]


def _from(wanted: str, text: str, start: int) -> float:
    """The score of the letters when the first one is at ``start``; words' beginnings are preferred greedily."""
    at, total = start, _worth(text, start, -1)
    for letter in wanted[1:]:
        found = _next(text, letter, at)
        if found < 0:
            return 0.0
        total += _worth(text, found, at)
        at = found
    return total


def _next(text: str, letter: str, at: int) -> int:
    near = text.find(letter, at + 1)
    if near == at + 1 or near < 0:
        return near
    word = next(
        (index for index in range(near, len(text)) if text[index] == letter and not text[index - 1].isalnum()), -1
    )
    return word if word >= 0 else near


def _worth(text: str, index: int, before: int) -> float:
    if index == 0:
        return _START
    if index == before + 1:
        return _NEXT
    return _PLAIN if text[index - 1].isalnum() else _WORD
