"""The lines around the panes: header, verdict, summary of an instance, tabs, footer. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from harbortui.ui import words
from harbortui.ui.actions import Where, footer_actions, shown_key
from harbortui.ui.cell import Cell
from harbortui.ui.fit import wrap
from harbortui.ui.symbols import UNICODE, state_glyph, state_name

if TYPE_CHECKING:
    from harbortui.ui.view import View

SILENT_AFTER = 150.0
"""Seconds without any news from the engine before the header says so."""
READ_ONLY = "read-only"
SPACE = 2
"""Cells between two parts of the header."""
NOT_VISIBLE = "not visible:"

Cells = tuple[Cell, ...]


def header_cells(view: View, width: int = 0) -> tuple[Cells, Cells]:
    """Left and right part of the header.

    Where ``width`` cells (0: any) are short of them, our own name makes room for where one is, then the middle of the
    way there.
    """
    snapshot, start = view.snapshot, view.start
    left = [Cell("harbortui", "key"), Cell(view.start.fleet or "fleet", "bar")]
    marks = []
    origin = snapshot.origin.value if snapshot is not None else "simulated" if start.simulated else "live"
    if origin == "snapshot" and snapshot is not None:
        marks.append(Cell(f"SNAPSHOT of {words.minute(snapshot.taken_at)}", "warning"))
    elif origin == "simulated" or start.simulated:
        marks.append(Cell("SIMULATED", "warning"))
    if start.production:
        marks.append(Cell("PRODUCTION", "critical"))
    right = (Cell(READ_ONLY, "bar"), _as_of(view))
    if width and _length(left, marks, right) + sum(cell_len(each) + 2 + SPACE for each in view.crumbs) > width - 1:
        left = left[1:]
        marks = [mark._replace(text=mark.text.replace("SNAPSHOT of", "SNAPSHOT")) for mark in marks]
    crumbs = _way(view.crumbs, width - _length(left, marks, right) - SPACE) if width else view.crumbs
    return (*left, *marks, *(Cell(f"› {crumb}", "bar") for crumb in crumbs)), right


def _length(*parts: Iterable[Cell]) -> int:
    return sum(cell_len(cell.text) + SPACE for part in parts for cell in part)


def _way(crumbs: tuple[str, ...], room: int) -> tuple[str, ...]:
    """The whole way where there is room, else without steps in its middle: it begins with the instance, and its end is
    where one is."""
    kept = crumbs
    for left_out in range(1, len(crumbs) - 1):
        if sum(cell_len(each) + 2 + SPACE for each in kept) <= room:
            break
        kept = (crumbs[0], UNICODE.ellipsis, *crumbs[1 + left_out :])
    return kept


def _as_of(view: View) -> Cell:
    snapshot = view.snapshot
    if snapshot is None or not snapshot.taken_at:
        return Cell("no data yet", "bar")
    if snapshot.origin.value == "snapshot":
        return Cell("not live", "warning")
    at = words.clock(snapshot.taken_at)
    if view.cached:
        return Cell(f"last session, {at}", "warning")
    if view.now - snapshot.taken_at > SILENT_AFTER:
        return Cell(f"no news since {at}", "warning")
    return Cell(f"as of {at}", "bar")


def verdict_lines(view: View, width: int, enter: str = "", about: str = "") -> tuple[Cells, ...]:
    """The fleet's verdict, up to two lines, and the key for the next step; ``enter`` is what that key opens
    now, ``about`` the instance that keys are about."""
    if view.engine_note:
        return ((Cell(f"{UNICODE.critical} {view.engine_note}", "critical"),),)
    verdict = view.verdict
    if verdict is None or view.snapshot is None:
        return ((Cell(f"{UNICODE.unknown} asking every backend for the first time", "muted"),),)
    name, glyph, sentence = state_name(verdict.state), state_glyph(verdict.state), verdict.sentence
    if view.cached:
        sentence = f"last session, {words.clock(view.snapshot.taken_at)}: {sentence}"
        name, glyph = "unknown", UNICODE.unknown
    lines = wrap(sentence, max(1, width - 4))
    said = [(Cell(f"{glyph} {lines[0]}", name),)]
    if len(lines) > 1:
        said.append((Cell(f"  {' '.join(lines[1:])}", name),))
    keys = view.start.keymap
    steps = _step(shown_key("open", keys), enter)
    if any(each.instance == about for each in verdict.findings):
        steps += _step(shown_key("runbook", keys), "its runbook")
    return (*said, (*steps, *_step(shown_key("ages", keys), "what each source says" if verdict.state else "")))


def _step(key: str, does: str) -> Cells:
    return (Cell(f"  {key}", "key"), Cell(does, "muted")) if does else ()


def summary_cells(view: View) -> Cells:
    """One instance in a line: its verdict, then where it is."""
    instance, verdict = view.looked_at, view.instance_verdict
    if view.engine_note:
        return (Cell(f"{UNICODE.critical} {view.engine_note}", "critical"),)
    if instance is None or verdict is None:
        return (Cell(f"{UNICODE.unknown} loading", "muted"),)
    sentence = Cell(f"{state_glyph(verdict.state)} {verdict.sentence}", state_name(verdict.state))
    if view.cached:
        sentence = Cell(f"{UNICODE.unknown} last session: {verdict.sentence}", "unknown")
    target, system = instance.target, instance.system.value
    facts = (
        system.version if system is not None else "",
        f"job {target.job}" if target.job else "",
        f"bucket {target.bucket}" if target.bucket else "",
        target.url,
    )
    told = not verdict.not_visible or NOT_VISIBLE in verdict.sentence
    hidden = [] if told else [Cell(f"{NOT_VISIBLE} {', '.join(verdict.not_visible)}", "unknown")]
    return (sentence, *hidden, *(Cell(fact, "muted") for fact in facts if fact))


def tab_cells(panes: Sequence[tuple[int, str, Cell]], current: int) -> Cells:
    """Number, name and state glyph of each pane, for views that show one at a time."""
    cells = []
    for number, title, badge in panes:
        glyph = badge.text[:1] if badge.text[:1] in "●▲✖◌" else ""
        style = "title" if number == current else badge.style if glyph in ("▲", "✖") else "muted"
        cells.append(Cell(f"{number} {title} {glyph}".rstrip(), style))
    return tuple(cells)


def footer_cells(view: View, places: Sequence[Where], without: frozenset[str] = frozenset()) -> Cells:
    """Keys and words, ``without`` some actions; or the hint that stands in for them until the next key."""
    if view.hint:
        return (Cell(view.hint, "warning"),)
    keymap = view.start.keymap
    return tuple(Cell(f"{shown_key(each.id, keymap)} {each.footer}", "bar") for each in footer_actions(places, without))
