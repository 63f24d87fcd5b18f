"""Task events as a timeline, of one task or all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from harbortui.model.nomad import Allocation, TaskEvent
from harbortui.ui import words
from harbortui.ui.cell import Block, Cell, Column, Row

EVENTS = (
    Column("When", 8, most=11),
    Column("Task", 11, 1),
    Column("Event", 11, most=16),
    Column("What", 10, 2, most=120),
)
MAX_EVENTS = 40


class Happened(NamedTuple):
    """An event, of which task, in which allocation."""

    event: TaskEvent
    task: str
    allocation: Allocation


def happened(allocations: Iterable[Allocation], task: str = "") -> list[Happened]:
    """What Nomad still tells of these allocations' tasks, or of one of them, the newest first."""
    found = [
        Happened(event, each.name, allocation)
        for allocation in allocations
        for each in allocation.tasks
        if task in ("", each.name)
        for event in each.events
    ]
    return sorted(found, key=lambda each: -each.event.at)


def event_rows(found: list[Happened], now: float, most: int = MAX_EVENTS) -> tuple[Row, ...]:
    """One row each."""
    return tuple(_row(number, each, now) for number, each in enumerate(found[:most]))


def timeline(found: list[Happened], older: Iterable[Row], now: float, most: int) -> tuple[Block, ...]:
    """A block of them, with what only the history knows behind; nothing where nothing is known."""
    rows = (*event_rows(found, now, most), *older)
    return (Block(EVENTS, rows, f"Events ({words.zone(now)})"),) if rows else ()


def exit_words(event: TaskEvent) -> list[str]:
    """How a task ended: killed for memory, its exit code, its signal."""
    said = ["OOM killed"] if event.oom_killed else []
    said += [f"exit {event.exit_code}"] if event.exit_code is not None else []
    return said + ([f"signal {event.signal}"] if event.signal else [])


def _row(number: int, each: Happened, now: float) -> Row:
    event, task, allocation = each
    bad = event.oom_killed or bool(event.exit_code) or "Fail" in event.type
    style = "critical" if event.oom_killed else "warning" if bad or event.type == "Restarting" else "text"
    said = [*exit_words(event), *([event.message] if event.message else [])]
    cells = (
        Cell(words.stamp(event.at, now), "muted"),
        Cell(task),
        Cell(event.type, style),
        Cell(", ".join(said), style),
    )
    key = f"event/{allocation.short_id}/{task}/{event.at}/{number}"
    return Row(key, cells, more=(("at", words.moment(event.at)), ("allocation", allocation.id)))
