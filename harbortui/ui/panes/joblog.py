"""The log of a replication task or of a garbage collection, line by line; lines of trouble stand out."""

from __future__ import annotations

import re
from functools import lru_cache

from harbortui.model.asked import LogText, Query, Topic
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Pane, Row, note
from harbortui.ui.fit import wrap
from harbortui.ui.panes.parts import look_badge, look_notes, looked, said
from harbortui.ui.symbols import UNICODE
from harbortui.ui.things import Thing
from harbortui.ui.view import View

_ERROR = re.compile(r"\b(?:error|fatal|panic|critical|fail(?:ed|ure)?)\b", re.IGNORECASE)
_WARNING = re.compile(r"\bwarn(?:ing)?\b", re.IGNORECASE)
KEPT = "Harbor keeps a job's log for a day"
NOT_BEGUN = "a job that still waits in the queue has none"


def query(thing: Thing) -> Query:
    """What brings the log."""
    if thing.kind == "gc-log":
        return Query(topic=Topic.GC_LOG, instance=thing.instance, id=thing.id)
    return Query(topic=Topic.TASK_LOG, instance=thing.instance, id=thing.id, sub=thing.sub)


def looks(thing: Thing) -> tuple[Query, ...]:
    """What is asked for while the page is open."""
    return (query(thing),)


def crumb(thing: Thing) -> str:
    """What the header calls it."""
    return "log" if thing.kind == "gc-log" else f"task {thing.sub} log"


def page(view: View, thing: Thing, width: int) -> Pane:
    """The newest lines; ``e`` goes to the next line of trouble."""
    gc = thing.kind == "gc-log"
    title = f"Log of garbage collection {thing.id}" if gc else f"Log of task {thing.sub}, execution {thing.id}"
    facet = looked(view, query(thing), "Harbor GC log" if gc else "Harbor task log")
    rows = [*look_notes(view, facet, width)]
    text: LogText | None = facet.value
    if text is None:
        if facet.failure is not None and facet.failure.status == 404:
            rows += said("kept", f"{KEPT}, and {NOT_BEGUN}", width, "muted")
        return Pane(title, (Block((Column("", max(1, width)),), tuple(rows)),), look_badge(view, facet), prose=True)
    if text.cut:
        rows += said(
            "cut", f"{UNICODE.warning} only the newest {len(text.lines)} lines: the log is longer", width, "muted"
        )
    if not text.lines:
        rows.append(note("empty", "the log is empty"))
    troubles = sum(1 for each in text.lines if style_of(each) != "text")
    counted = words.plural(len(text.lines), "line")
    shown = Cell(
        f"{counted} {UNICODE.dot} {troubles} of trouble" if troubles else counted, "warning" if troubles else "muted"
    )
    block = Block((Column("", max(1, width)),), (*rows, *log_rows(text.lines, width)))
    return Pane(title, (block,), shown, prose=True)


@lru_cache(maxsize=4)
def log_rows(lines: tuple[str, ...], width: int) -> tuple[Row, ...]:
    """The lines wrapped; the first part of one of trouble carries its colour, so that it counts as one."""
    rows = []
    for number, line in enumerate(lines):
        style = style_of(line)
        for part, text in enumerate(wrap(line, width)):
            rows.append(Row(f"{number}/{part}", (Cell(text, style if not part else "text"),)))
    return tuple(rows)


def style_of(line: str) -> str:
    """How bad a line sounds."""
    return "critical" if _ERROR.search(line) else "warning" if _WARNING.search(line) else "text"
