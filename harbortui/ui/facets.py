"""How a facet's state is said: which source, how old, what went wrong, which right is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from harbortui.model.facet import Facet, FacetState
from harbortui.model.failure import Failure
from harbortui.ui import words
from harbortui.ui.cell import Cell, Row, note
from harbortui.ui.symbols import UNICODE

T = TypeVar("T")


def failure_words(failure: Failure) -> str:
    """The failure in one line: kind, right that is missing, what the backend said."""
    needs = f", needs {failure.needs}" if failure.needs else ""
    detail = f": {failure.detail}" if failure.detail and failure.detail != failure.words else ""
    return f"{failure.words}{needs}{detail}"


def notes(facets: Iterable[Facet[Any]], now: float) -> tuple[Row, ...]:
    """The sentences a pane shows above its rows; none while everything is fresh and whole, one for the same trouble."""
    alike: dict[tuple[FacetState, str], list[Facet[Any]]] = {}
    rows: list[Row] = []
    for facet in facets:
        state = facet.state(now)
        if state is not FacetState.FRESH:
            why = failure_words(facet.failure) if facet.failure is not None else ""
            alike.setdefault((state, why), []).append(facet)
        if facet.lost_rows:
            count = words.plural(len(facet.lost_rows), "row")
            text = f"{UNICODE.warning} {count} of {facet.source} unreadable: {'; '.join(facet.lost_rows)}"
            rows.append(note(f"{facet.source}?", text, "warning"))
    return (*(_note(state, why, group, now) for (state, why), group in alike.items()), *rows)


def _note(state: FacetState, why: str, facets: list[Facet[Any]], now: float) -> Row:
    sources = ", ".join(facet.source for facet in facets)
    key = f"{facets[0].source}!"
    if state is FacetState.LOADING:
        return note(key, f"{UNICODE.unknown} loading: no answer yet from {sources}")
    if state is FacetState.DENIED:
        return note(key, f"{UNICODE.unknown} not visible: {why} ({sources})", "unknown")
    if state is FacetState.FAILED:
        return note(key, f"{UNICODE.critical} failed: {why} ({sources})", "critical")
    age = words.age(max(facet.age(now) or 0.0 for facet in facets))
    return note(key, f"{UNICODE.warning} stale, {age} old: {why or 'overdue'} ({sources})", "warning")


def is_old(facet: Facet[Any], now: float) -> bool:
    """True when there is a value that must not be shown as the present one."""
    return facet.state(now) is FacetState.STALE


def instead(facet: Facet[T], now: float) -> Cell:
    """What a single cell says in place of a value that is not there."""
    state = facet.state(now)
    if state is FacetState.LOADING:
        return Cell("loading", "muted")
    if facet.failure is not None:
        return Cell(facet.failure.words, "unknown" if state is FacetState.DENIED else "critical")
    return Cell("unknown", "unknown")


def known(facet: Facet[T], now: float, text: str, style: str = "text") -> Cell:
    """``text`` when the facet has a value, with a question mark and its age while stale; else the state's word."""
    state = facet.state(now)
    if state is FacetState.FRESH:
        return Cell(text, style)
    if state is FacetState.STALE:
        age = facet.age(now) or 0.0
        return Cell(f"{text}? {words.age(age)}" if age >= 60 else f"{text}?", "muted")
    return instead(facet, now)
