"""What a person types after ``/``: words that all must occur, ``!`` before one that must not, ``column:`` before one
that must stand in that column. Capitals count as soon as one is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harbortui.ui.cell import Column, Row


class Term(NamedTuple):
    """One word of a filter."""

    text: str
    inverse: bool = False
    column: str = ""
    """The beginning of a column's title in lower case; empty for anywhere in the row."""


def terms_of(text: str) -> tuple[Term, ...]:
    """The words of a filter; a lone ``!`` or ``column:`` is being typed and means nothing yet."""
    found = []
    for word in text.split():
        inverse = word.startswith("!")
        word = word.removeprefix("!")
        column, colon, value = word.partition(":")
        if colon and column.isalpha():
            found.append(Term(value, inverse, column.lower()))
        elif word:
            found.append(Term(word, inverse))
    return tuple(found)


def contains(text: str, part: str) -> bool:
    """``part`` occurs in ``text``; capitals count when ``part`` has some."""
    return part in text if part != part.lower() else part in text.lower()


def matches(terms: Sequence[Term], columns: Sequence[Column], row: Row) -> bool:
    """True when the row satisfies every term."""
    return all(_satisfies(term, columns, row) for term in terms)


def _satisfies(term: Term, columns: Sequence[Column], row: Row) -> bool:
    cells, text = row.cells, term.text
    if term.column:
        named = [
            cell
            for column, cell in zip(columns, row.cells, strict=False)
            if column.title.lower().replace(" ", "").startswith(term.column)
        ]
        if named:
            cells = tuple(named)
        else:
            text = f"{term.column}:{text}"  # No such column: it was meant as it stands, as in sha256:abc.
    return any(contains(cell.text, text) for cell in cells) != term.inverse if text else True


def places(text: str, part: str) -> tuple[tuple[int, int], ...]:
    """Begin and end of every place where ``part`` occurs in ``text``."""
    if not part:
        return ()
    where = text if part != part.lower() else text.lower()
    if len(where) != len(text):  # A letter whose lower case is longer: better none than the wrong place.
        return ()
    found = []
    at = where.find(part)
    while at >= 0:
        found.append((at, at + len(part)))
        at = where.find(part, at + len(part))
    return tuple(found)
