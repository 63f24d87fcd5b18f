"""How a facet's state is said: which source, how old, what went wrong, which right is missing."""

from __future__ import annotations

from typing import TypeVar

from harbortui.model.facet import Facet, FacetState
from harbortui.model.failure import Failure, FailureKind
from harbortui.ui import words
from harbortui.ui.cell import Cell, Row, note
from harbortui.ui.symbols import UNICODE

T = TypeVar("T")

_KINDS = {
    FailureKind.DNS: "name not found",
    FailureKind.REFUSED: "connection refused",
    FailureKind.RESET: "connection lost",
    FailureKind.TIMEOUT: "no answer in time",
    FailureKind.TLS: "TLS failed",
    FailureKind.REDIRECT: "redirected elsewhere",
    FailureKind.PROTOCOL: "unreadable answer",
    FailureKind.LOGIN_PAGE: "a login page answered",
    FailureKind.TOO_LARGE: "answer too large",
    FailureKind.SERVER: "server error",
    FailureKind.RATE_LIMITED: "asked too often",
    FailureKind.SEALED: "Vault is sealed",
    FailureKind.AUTH: "credentials not accepted",
    FailureKind.FORBIDDEN: "not permitted",
    FailureKind.NO_CREDENTIALS: "no credentials",
    FailureKind.NOT_FOUND: "not found",
    FailureKind.CONFLICT: "conflict",
    FailureKind.BLOCKED: "refused by this console's read-only list",
    FailureKind.CANCELLED: "cancelled",
    FailureKind.LOCAL: "error in this console",
}


def kind_words(failure: Failure) -> str:
    """The failure in two or three words."""
    return _KINDS[failure.kind]


def failure_words(failure: Failure) -> str:
    """The failure in one line: kind, right that is missing, what the backend said."""
    needs = f", needs {failure.needs}" if failure.needs else ""
    detail = f": {failure.detail}" if failure.detail and failure.detail != kind_words(failure) else ""
    return f"{kind_words(failure)}{needs}{detail}"


def notes(key: str, facet: Facet[T], now: float) -> tuple[Row, ...]:
    """The sentences a pane shows above or in place of this facet's rows; none while it is fresh and whole."""
    state = facet.state(now)
    source = facet.source or key
    rows: list[Row] = []
    if state is FacetState.LOADING:
        rows.append(note(f"{key}!", f"{UNICODE.unknown} loading: {source} has not answered yet"))
    elif state is FacetState.DENIED and facet.failure is not None:
        rows.append(
            note(f"{key}!", f"{UNICODE.unknown} not visible: {source}: {failure_words(facet.failure)}", "unknown")
        )
    elif state is FacetState.FAILED and facet.failure is not None:
        rows.append(note(f"{key}!", f"{UNICODE.critical} failed: {source}: {failure_words(facet.failure)}", "critical"))
    elif state is FacetState.STALE:
        why = failure_words(facet.failure) if facet.failure is not None else "overdue"
        age = words.age(facet.age(now))
        rows.append(note(f"{key}!", f"{UNICODE.warning} stale: {source}, {age} old: {why}", "warning"))
    if facet.lost_rows:
        count = words.plural(len(facet.lost_rows), "row")
        rows.append(note(f"{key}?", f"{UNICODE.warning} {count} unreadable: {'; '.join(facet.lost_rows)}", "warning"))
    return tuple(rows)


def instead(facet: Facet[T], now: float) -> Cell:
    """What a single cell says in place of a value that is not there."""
    state = facet.state(now)
    if state is FacetState.LOADING:
        return Cell("loading", "muted")
    if facet.failure is not None:
        return Cell(kind_words(facet.failure), "unknown" if state is FacetState.DENIED else "critical")
    return Cell("unknown", "unknown")


def known(facet: Facet[T], now: float, text: str, style: str = "text") -> Cell:
    """``text`` when the facet has a value, marked with its age while stale; the state's word when it has none."""
    state = facet.state(now)
    if state is FacetState.FRESH:
        return Cell(text, style)
    if state is FacetState.STALE:
        return Cell(f"{text} ({words.age(facet.age(now))} old)", "muted")
    return instead(facet, now)


def worst(*facets: Facet[T], now: float) -> FacetState:
    """The state that a pane made of these facets has: anything wrong beats loading beats fresh."""
    order = (FacetState.FAILED, FacetState.DENIED, FacetState.STALE, FacetState.LOADING, FacetState.FRESH)
    states = {facet.state(now) for facet in facets}
    return next((state for state in order if state in states), FacetState.FRESH)
