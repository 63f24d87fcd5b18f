"""Screen 8: Harbor's own audit log, newest first; the end of it brings the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harbortui.model.asked import Query, Topic
from harbortui.model.audit import AUDIT_PAGE_SIZE, AuditEntry, AuditPage
from harbortui.model.facet import Facet, FacetState
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Ranked, Row, note
from harbortui.ui.matching import terms_of
from harbortui.ui.modes import ListPage
from harbortui.ui.panes.asked_for import answer, beside, nothing_yet, sentences
from harbortui.ui.symbols import UNICODE
from harbortui.ui.view import Reading

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp
    from harbortui.ui.view import View

TITLE = "Audit"
COLUMNS = (
    Column("", 1),
    Column("Time", 11),
    Column("User", 12, most=40),
    Column("Operation", 9, most=24),
    Column("Type", 10, 2, most=20),
    Column("Resource", 18, most=120),
    Column("Description", 20, 4, most=120),
)
MOST_PAGES = 8
"""Pages that are read side by side; each is asked every 30 s while the screen is open."""
WITHOUT_RESULTS = "audit-logs"
"""The generation before Harbor 2.13."""
ASKED = {"user": "user", "op": "op", "operation": "op", "type": "type", "resource": "resource", "days": "days"}
"""What may stand before a colon in a filter and is asked of Harbor, with Harbor's search's name for it."""
ONLY_ASKED = ("days",)
"""Those of them that no column of ours can tell."""
OLDER, NEWER = "older/", "newer/"
HOW = "after /, user: op: type: resource: days: ask Harbor; other words hide rows that are here"


def search_of(sought: str) -> str:
    """The part of a filter that Harbor is asked for, once for each name; the rest only hides rows that are here."""
    found: dict[str, str] = {}
    for term in terms_of(sought):
        if term.column in ASKED and term.text and not term.inverse:
            found.setdefault(ASKED[term.column], term.text)
    return " ".join(f"{name}:{text}" for name, text in found.items())


def reading(view: View) -> Reading:
    """Which part of which log a person reads; another instance's begins at its newest page."""
    kept = view.audit
    return kept if kept.instance == view.instance else Reading(view.instance)


def _query(at: Reading, page: int) -> Query:
    return Query(topic=Topic.AUDIT, instance=at.instance, page=page, find=at.find)


def looks(view: View) -> tuple[Query, ...]:
    """The pages that are read."""
    at = reading(view)
    return tuple(_query(at, page) for page in range(at.first, at.last + 1)) if view.instance else ()


def page(view: View, width: int) -> Pane:
    """The rows of all pages that are read, each once: new rows push old ones on to the next page."""
    at = reading(view)
    facets = [answer(view, query) for query in looks(view)]
    first = facets[0] if facets else None
    if first is None or first.value is None:
        return nothing_yet(view, first, TITLE, _what(at), width)
    known = [each for each in facets if each is not None and each.value is not None]
    pages: list[AuditPage] = [each.value for each in known if each.value is not None]
    entries = {entry.id: entry for each in pages for entry in each.entries}
    ordered = sorted(entries.values(), key=lambda each: (-(each.at or 0.0), -each.id))
    above = [row for each in known for row in beside(view, each, width)][: MOST_PAGES * 2]
    above += sentences("note", _notes(pages[0]), width)
    if at.first > 1:
        above.append(note(f"{NEWER}{at.first}", f"newer rows: enter goes back before page {at.first}", "accent"))
    rows = [_row(each, view.now) for each in ordered]
    rows += _end(at, facets[-1], pages, width)
    return Pane(TITLE, (Block(COLUMNS, (*above, *rows)),), _badge(view, first, pages), asks=ONLY_ASKED)


def _what(at: Reading) -> str:
    return f"the audit log for {at.find}" if at.find else "the audit log"


def _notes(newest: AuditPage) -> list[tuple[str, str]]:
    texts = []
    if newest.note:
        texts.append((f"{UNICODE.unknown} {newest.note}", "unknown"))
    if newest.generation == WITHOUT_RESULTS and newest.entries:
        texts.append(("Harbor before 2.13 does not tell whether an operation succeeded", "muted"))
    return texts


def _badge(view: View, first: Facet[Any], pages: list[AuditPage]) -> Cell:
    if first.state(view.now) is FacetState.STALE:
        return Cell(f"{UNICODE.unknown} stale", "unknown")
    failed = sum(entry.ok is False for each in pages for entry in each.entries)
    newest = pages[0]
    total = "" if newest.total is None else f"{words.number(newest.total)} "
    since = "" if newest.since is None else f" since {words.minute(newest.since)}"
    if failed:
        return Cell(f"{UNICODE.warning} {failed} failed {UNICODE.dot} {total}rows{since}", "warning")
    return Cell(f"{total}rows{since}", "muted")


def _row(entry: AuditEntry, now: float) -> Row:
    failed = entry.ok is False
    style = "critical" if failed else "text"
    glyph = Cell("") if entry.ok is None else Cell(UNICODE.critical, style) if failed else Cell(UNICODE.ok, "ok")
    time = "" if entry.at is None else words.stamp(entry.at, now)
    cells = (
        glyph,
        Ranked(time, "muted", rank=entry.at or 0.0),
        Cell(entry.user or "anonymous", "strong" if entry.user else "muted"),
        Cell(f"{entry.operation} failed" if failed else entry.operation, style),
        Cell(entry.resource_type, "muted"),
        Cell(entry.resource, style),
        Cell(entry.description, "muted"),
    )
    result = {True: "succeeded", False: "failed", None: "not told by this Harbor"}[entry.ok]
    more = (("at", words.moment(entry.at)), ("result", result), ("row", str(entry.id)))
    return Row(f"entry/{entry.id}", cells, more=tuple(pair for pair in more if pair[1]))


def _end(at: Reading, last: Facet[Any] | None, pages: list[AuditPage], width: int) -> tuple[Row, ...]:
    """The row that brings what is older, or says that there is nothing."""
    key = f"{OLDER}{at.last}"
    before = f"{OLDER}{at.last - 1}"  # The key it had: the cursor then goes on with the first row that comes.
    if last is None or last.value is None:
        why = "" if last is None or last.failure is None else f": {last.failure.words}"
        text, style = (f"page {at.last} failed{why}", "critical") if why else (f"page {at.last} is loading", "muted")
        return (note(before, text, style),)
    newest = pages[0]
    if not has_older(at, last.value):
        since = "" if newest.since is None else f" since {words.minute(newest.since)}"
        text = f"no older row{since}" if any(each.entries for each in pages) else f"nothing found{since}"
        return sentences("end", ((f"{text}; days:30 after / searches further back", "muted"), (HOW, "muted")), width)
    number = "" if newest.pages is None else f" of {words.number(newest.pages)}"
    if at.last - at.first + 1 >= MOST_PAGES:
        text = f"page {at.last}{number}: enter goes on with older rows, in place of these"
        return (note(key, text, "accent"), *sentences("how", ((HOW, "muted"),), width))
    return (note(key, f"page {at.last}{number}: older rows come when the cursor is here", "accent"),)


def has_older(at: Reading, page: AuditPage) -> bool:
    """Whether there is a page after the last one that is read."""
    return at.last < page.pages if page.pages is not None else len(page.entries) >= AUDIT_PAGE_SIZE


# What moves it


def moved(shell: HarborApp, row: Row) -> None:
    """The cursor is on a row: at the end the next page is read too."""
    at = reading(shell.view)
    if row.key == f"{OLDER}{at.last}" and at.last - at.first + 1 < MOST_PAGES and _may_go_on(shell.view, at):
        _read(shell, at._replace(last=at.last + 1))


def opened(shell: HarborApp, row: Row) -> None:
    """Enter: an entry in full; at the ends, what comes before or after, in place of what is here."""
    at = reading(shell.view)
    if row.key.startswith(NEWER):
        first = max(1, at.first - MOST_PAGES)
        _read(shell, at._replace(first=first, last=max(first, at.first - 1)))
    elif row.key.startswith(OLDER):
        if _may_go_on(shell.view, at):
            _read(shell, at._replace(first=at.last + 1, last=at.last + 1))
    elif not row.wide:
        shell.open_detail(TITLE, Block(COLUMNS, (row,)), row)


def _may_go_on(view: View, at: Reading) -> bool:
    last = answer(view, _query(at, at.last))
    return last is not None and last.value is not None and has_older(at, last.value)


def sought(shell: HarborApp, text: str) -> None:
    """A filter was typed to its end: what of it Harbor can search for is asked of Harbor, from the newest page on."""
    at = reading(shell.view)
    find = search_of(text)
    if find != at.find:
        _read(shell, Reading(at.instance, find))


def _read(shell: HarborApp, at: Reading) -> None:
    shell.view.audit = at
    shell.paint()


LIST = ListPage(page, looks, opened, moved=moved, sought=sought)
