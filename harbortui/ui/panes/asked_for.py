"""What a page says in place of an answer that is asked for while it is open, and beside one that is not whole.

Loading, failed, not permitted (which right, as Harbor calls it, and what grants it), nobody to ask: sentences that are
wrapped, because they are read on narrow screens too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from harbortui.model.facet import Facet, FacetState
from harbortui.model.failure import Failure, FailureKind
from harbortui.ui import words
from harbortui.ui.actions import shown_key
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.facets import badge_instead
from harbortui.ui.fit import wrap
from harbortui.ui.symbols import UNICODE

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.view import View

T = TypeVar("T")

DOCTOR = "harbortui doctor prints the robot account with every right that the console uses"
_INDENT = 2


def answer(view: View, query: Query) -> Facet[Any] | None:
    """What is known of the answer; None while nothing is, and on a snapshot, which can ask nobody."""
    return None if view.is_snapshot else view.looks.get(query)


def sentence(key: str, text: str, style: str, width: int) -> tuple[Row, ...]:
    """A sentence with a glyph in front, over as many lines as it needs."""
    lines = wrap(text, max(1, width - _INDENT))
    return tuple(
        note(f"{key}/{number}" if number else key, line if not number else f"{' ' * _INDENT}{line}", style)
        for number, line in enumerate(lines)
    )


def sentences(key: str, texts: Iterable[tuple[str, str]], width: int) -> tuple[Row, ...]:
    """Several of them: text and style."""
    told = (sentence(f"{key}/{number}", text, style, width) for number, (text, style) in enumerate(texts))
    return tuple(row for rows in told for row in rows)


def nothing_yet(view: View, facet: Facet[Any] | None, title: str, what: str, width: int) -> Pane:
    """The whole page while there is no value: why. ``what`` is what the page shows."""
    texts = tuple(_why(view, facet, what))
    badge = _badge(view, facet)
    rows = sentences("state", texts, width)
    return Pane(title, (Block((Column("", max(1, width)),), rows),), badge)


def _badge(view: View, facet: Facet[Any] | None) -> Cell:
    if view.is_snapshot:
        return Cell(f"{UNICODE.unknown} not in a snapshot", "muted")
    return Cell(f"{UNICODE.unknown} loading", "muted") if facet is None else badge_instead(facet, view.now)


def _why(view: View, facet: Facet[Any] | None, what: str) -> Iterator[tuple[str, str]]:
    refresh = shown_key("refresh", view.start.keymap)
    if view.is_snapshot:
        yield f"{UNICODE.unknown} a snapshot file does not hold {what}", "unknown"
        yield "it is read live, only while somebody looks at it; a snapshot has nobody to ask", "muted"
    elif facet is None or facet.failure is None:
        yield f"{UNICODE.unknown} loading {what}: asked, no answer yet", "muted"
    elif facet.state(view.now) is FacetState.DENIED:
        yield from _denied(facet.failure, what)
    elif facet.failure.kind is FailureKind.LOCAL:
        yield f"{UNICODE.warning} {facet.failure.detail}", "warning"
    else:
        yield f"{UNICODE.critical} failed to read {what}: {_reason(facet.failure)}", "critical"
        yield f"{facet.source}, last tried {words.clock(facet.tried_at or view.now)}", "muted"
        yield f"it is asked again by itself; {refresh} asks at once", "muted"


def _denied(failure: Failure, what: str) -> Iterator[tuple[str, str]]:
    if failure.kind is FailureKind.FORBIDDEN:
        yield f"{UNICODE.unknown} not permitted to read {what}", "unknown"
        if failure.needs:
            yield f"our account lacks {failure.needs}: grant it to our robot account in Harbor", "text"
        yield DOCTOR, "muted"
        if failure.detail:
            yield f"Harbor's answer: {failure.detail}", "muted"
    elif failure.kind is FailureKind.AUTH:
        yield f"{UNICODE.unknown} {what} cannot be read: Harbor does not accept our credentials", "unknown"
        yield from ((text, "muted") for text in (failure.detail, "harbortui doctor says what is wrong") if text)
    else:
        yield f"{UNICODE.unknown} {what} cannot be read without credentials for this Harbor", "unknown"
        yield from ((text, "muted") for text in (_reason(failure), _place(failure)) if text)
        yield "name a robot account for it in the configuration; harbortui doctor prints one to create", "muted"


def _place(failure: Failure) -> str:
    return f"expected in Vault at {failure.secret}" if failure.secret else ""


def _reason(failure: Failure) -> str:
    """Kind and detail, without saying the kind twice."""
    detail = failure.detail.removeprefix(failure.words).lstrip(": ")
    return f"{failure.words}: {detail}" if detail else failure.words


def beside(view: View, facet: Facet[Any], width: int) -> tuple[Row, ...]:
    """What is to be said above a value: that it is old and why, and what of it could not be read."""
    texts = []
    if facet.state(view.now) is FacetState.STALE:
        why = _reason(facet.failure) if facet.failure is not None else "overdue"
        age = words.age(facet.age(view.now))
        texts.append((f"{UNICODE.warning} stale, {age} old: {why} ({facet.source})", "warning"))
    if facet.lost_rows:
        count = words.plural(len(facet.lost_rows), "row")
        texts.append((f"{UNICODE.warning} {count} unreadable: {'; '.join(facet.lost_rows)}", "warning"))
    return sentences("beside", texts, width)


def missing(failure: Failure | None, what: str) -> tuple[tuple[str, str], ...]:
    """A part of an answer that could not be learned, as a sentence; none when it could."""
    if failure is None:
        return ()
    if failure.kind is FailureKind.FORBIDDEN:
        right = f": our account lacks {failure.needs}; harbortui doctor prints what to grant" if failure.needs else ""
        return ((f"{UNICODE.unknown} {what} not visible{right}", "unknown"),)
    return ((f"{UNICODE.unknown} {what} not known: {_reason(failure)}", "unknown"),)
