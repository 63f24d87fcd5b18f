"""How a facet's state is said: which source, how old, what went wrong, which right is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from harbortui.model.facet import Facet, FacetState
from harbortui.model.failure import Failure, FailureKind
from harbortui.ui import words
from harbortui.ui.cell import Cell, Row, note
from harbortui.ui.symbols import UNICODE

T = TypeVar("T")

_BRIEF = {
    FailureKind.SEALED: "sealed",
    FailureKind.AUTH: "denied",
    FailureKind.FORBIDDEN: "denied",
    FailureKind.NO_CREDENTIALS: "denied",
    FailureKind.REFUSED: "refused",
    FailureKind.TIMEOUT: "silent",
    FailureKind.NOT_FOUND: "missing",
}


def failure_words(*failures: Failure) -> str:
    """Failures of one kind in one line: kind, rights that are missing, what the backend said."""
    first = failures[0]
    needs = list(dict.fromkeys(each.needs for each in failures if each.needs))
    detail = first.detail.removeprefix(first.words).lstrip(": ")
    return first.words + (f", needs {', '.join(needs)}" if needs else "") + (f": {detail}" if detail else "")


def notes(facets: Iterable[Facet[Any]], now: float) -> tuple[Row, ...]:
    """The sentences a pane shows above its rows; none while everything is fresh and whole, one for the same trouble."""
    alike: dict[tuple[FacetState, str], list[Facet[Any]]] = {}
    rows: list[Row] = []
    for facet in facets:
        state = facet.state(now)
        if state is not FacetState.FRESH:
            trouble = f"{facet.failure.words}: {facet.failure.detail}" if facet.failure is not None else ""
            alike.setdefault((state, trouble), []).append(facet)
        if facet.lost_rows:
            count = words.plural(len(facet.lost_rows), "row")
            text = f"{UNICODE.warning} {count} of {facet.source} unreadable: {'; '.join(facet.lost_rows)}"
            rows.append(note(f"{facet.source}?", text, "warning"))
    return (*(_note(state, group, now) for (state, _), group in alike.items()), *rows)


def _note(state: FacetState, facets: list[Facet[Any]], now: float) -> Row:
    sources = ", ".join(facet.source for facet in facets)
    key, told_by = f"{facets[0].source}!", f" ({sources})" if sources else ""
    failures = [facet.failure for facet in facets if facet.failure is not None]
    why = failure_words(*failures) if failures else "overdue"
    if state is FacetState.LOADING:
        return note(key, f"{UNICODE.unknown} loading: no answer yet from {sources}")
    if state is FacetState.ABSENT:
        return note(key, f"{UNICODE.unknown} not configured: {sources}")
    if state is FacetState.DENIED:
        return note(key, f"{UNICODE.unknown} not visible: {why}{told_by}", "unknown")
    if state is FacetState.FAILED:
        return note(key, f"{UNICODE.critical} failed: {why}{told_by}", "critical")
    age = words.age(max(facet.age(now) or 0.0 for facet in facets))
    return note(key, f"{UNICODE.warning} stale, {age} old: {why}{told_by}", "warning")


def is_old(facet: Facet[Any], now: float) -> bool:
    """True when there is a value that must not be shown as the present one."""
    return facet.state(now) is FacetState.STALE


def instead(facet: Facet[T], now: float) -> Cell:
    """What a single cell says in place of a value that is not there."""
    state = facet.state(now)
    if state is FacetState.LOADING:
        return Cell("loading", "muted")
    if state is FacetState.ABSENT:
        return Cell("not configured", "muted")
    if facet.failure is not None:
        return Cell(facet.failure.words, "unknown" if state is FacetState.DENIED else "critical")
    return Cell("unknown", "unknown")


def badge_instead(facet: Facet[T], now: float) -> Cell:
    """The same as a pane's badge, with the glyph that is all that narrow screens show of it."""
    cell = instead(facet, now)
    glyph = UNICODE.critical if cell.style == "critical" else UNICODE.unknown
    return Cell(f"{glyph} {cell.text}", cell.style)


def brief(facet: Facet[T], now: float) -> Cell:
    """What a narrow cell says in place of a value that is not there: one word; sentences say the rest."""
    cell = instead(facet, now)
    if facet.state(now) is FacetState.ABSENT:
        return Cell("none", "muted")
    return cell if facet.failure is None else Cell(_BRIEF.get(facet.failure.kind, "failed"), cell.style)


def known(facet: Facet[T], now: float, text: str, style: str = "text") -> Cell:
    """``text`` when the facet has a value, with a question mark while stale; else one word for why not."""
    state = facet.state(now)
    if state is FacetState.FRESH:
        return Cell(text, style)
    if state is FacetState.STALE:
        return Cell(f"{text}?", "muted")
    return brief(facet, now)
