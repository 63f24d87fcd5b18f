"""The one table of what a person can do: it feeds the bindings, the footer, the help page and the documentation.

Lowercase looks, uppercase acts; ``G`` and ``N`` only move. Nothing here acts yet: the keys that will are listed, so
that pressing one says why nothing happens. Unbound on purpose: ``h`` and ``r``, one slip from an acting key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from textual.binding import Binding


class Where(Enum):
    """Which node of the screen holds the binding."""

    ALL = "everywhere"
    LIST = "lists"
    FLEET = "fleet"
    INSTANCE = "instance"
    PAGE = "pages"


class Action(NamedTuple):
    """One thing a person can do."""

    id: str
    title: str
    keys: str
    """Textual key names, comma separated; the first is the one shown."""
    call: str
    """The handler, with its argument when one serves several keys."""
    where: Where
    footer: str = ""
    """The word in the footer; empty keeps it out of there."""
    priority: bool = False


_PANES = ("Components", "Allocations", "Storage", "Replication", "Logs")
ACTING_KEYS = "ACEKMRSUXY"

ACTIONS: tuple[Action, ...] = (
    Action("open", "open what the cursor is on; yes to a count in the bar", "enter", "open", Where.LIST, "open"),
    Action("up", "one row up", "up,k", "move(-1)", Where.LIST),
    Action("down", "one row down", "down,j", "move(1)", Where.LIST),
    Action("page-up", "one page up", "pageup", "page(-1)", Where.LIST),
    Action("page-down", "one page down", "pagedown", "page(1)", Where.LIST),
    Action("first", "first row", "g,home", "first", Where.LIST),
    Action("last", "last row", "G,end", "last", Where.LIST),
    Action(
        "back",
        "out of this view; first closes the bar, or stops a count on Storage",
        "escape",
        "back",
        Where.ALL,
        "back",
    ),
    Action("previous", "the view looked at before, and back again", "minus", "previous", Where.ALL),
    Action("help", "this help", "question_mark", "help", Where.ALL, "help"),
    Action("quit", "back; quits on the fleet screen", "q", "leave", Where.ALL),
    Action("fleet", "the fleet", "0", "fleet", Where.ALL, "fleet"),
    Action("next-pane", "next pane", "tab", "next_pane(1)", Where.ALL, "next", True),
    Action("previous-pane", "previous pane", "shift+tab", "next_pane(-1)", Where.ALL, "", True),
    *(
        Action(f"pane-{n}", f"pane {n}: {title}", str(n), f"pane({n})", Where.INSTANCE)
        for n, title in enumerate(_PANES, start=1)
    ),
    Action("zoom", "one pane over the whole screen, and back", "z", "zoom", Where.INSTANCE, "zoom"),
    Action("logs", "live log of a task", "l", "logs", Where.ALL, "logs"),
    Action("facet", "next task or stream of the log", "f", "facet", Where.INSTANCE, "task"),
    Action(
        "count",
        "count the bucket by listing it, or sum a project's repositories (what it takes comes first), and stop that",
        "u",
        "count",
        Where.INSTANCE,
        "count",
    ),
    Action("trends", "trends of the pane from the history, and back", "v", "trends", Where.ALL, "trends"),
    Action("ages", "verdict in full, sources and ages of everything", "i", "ages", Where.ALL, "ages"),
    Action("refresh", "collect now", "ctrl+r", "refresh_now", Where.ALL),
    Action("redraw", "draw the screen again", "ctrl+l", "redraw", Where.ALL),
    Action("suspend", "suspend to the shell", "ctrl+z", "suspend_process", Where.ALL, "", True),
    Action("cancel", "cancel; twice quits", "ctrl+c", "cancel", Where.ALL, "", True),
    *(
        Action(f"acting-{key}", "changes something: not in read-only mode", key, f"refuse('{key}')", Where.ALL)
        for key in ACTING_KEYS
    ),
)

_SHOWN = {
    "escape": "esc",
    "minus": "-",
    "question_mark": "?",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "shift+tab": "shift-tab",
}


def key_name(key: str) -> str:
    """A key as a person writes it."""
    return _SHOWN.get(key, key.replace("ctrl+", "ctrl-"))


def bindings(where: Where) -> list[Binding]:
    """Textual's bindings for one node."""
    return [
        Binding(each.keys, each.call, each.title, show=False, id=each.id, priority=each.priority)
        for each in ACTIONS
        if each.where is where
    ]


def footer_actions(places: Sequence[Where], without: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Key and word of what the footer names, in table order."""
    for each in ACTIONS:
        if each.footer and each.where in places and each.id not in without:
            yield key_name(each.keys.split(",")[0]), each.footer


def help_rows() -> Iterator[tuple[str, str, str]]:
    """Keys, where and title of everything, acting keys as one row."""
    for each in ACTIONS:
        if each.id.startswith("acting-"):
            continue
        yield "  ".join(key_name(key) for key in each.keys.split(",")), each.where.value, each.title
    yield (
        " ".join(ACTING_KEYS),
        Where.ALL.value,
        "will change something one day; in read-only mode they say so and do nothing",
    )
