"""The one table of what a person can do: it feeds bindings, footer, command line, palette, help and documentation.

Lowercase looks, uppercase acts; ``G`` and ``N`` only move. Nothing here acts yet: the keys that will are listed, so
that pressing one says why nothing happens. Unbound on purpose: ``h`` and ``r``, one slip from an acting key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from textual.binding import Binding


class Where(Enum):
    """Which node of the screen holds the binding."""

    ALL = "everywhere"
    LIST = "lists"
    TABLE = "tables"
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
    acts: bool = False
    """True for what changes something: only Shift and a letter may be its key."""
    later: bool = False
    """True for a key that only says that its time has not come; help leaves it out."""


_PANES = ("Components", "Allocations", "Storage", "Replication", "Logs")

_ACTING = (
    ("restart", "restart what the cursor is on", "R"),
    ("collect-garbage", "collect garbage", "C"),
    ("run", "run or retry a replication", "S"),
    ("toggle", "enable or disable, pause or resume", "E"),
    ("stop", "stop what runs", "X"),
    ("menu", "the menu of the rest", "M"),
    ("apply", "apply the step of a runbook", "A"),
    ("acknowledge", "acknowledge a finding", "K"),
    ("arm", "arm or disarm", "U"),
    ("confirm", "say yes", "Y"),
)
_LATER = (
    ("health-check", "check the health actively", "c"),
    ("bookmark", "bookmark a line", "m"),
    ("wrap", "wrap long lines", "w"),
    ("note", "write a note into the transcript", "a"),
    ("skip", "skip a step of a runbook", "x"),
)

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
        "out of this view; first closes the bar, takes filter and marks away, or stops a count on Storage",
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
        Action(f"pane-{n}", f"pane {n} of the instance: {title}", str(n), f"pane({n})", Where.ALL)
        for n, title in enumerate(_PANES, start=1)
    ),
    Action(
        "jobs", "the instance's job service: pools, workers, queues, schedules", "6", "open_screen('jobs')", Where.ALL
    ),
    Action("projects", "the instance's projects", "7", "open_screen('projects')", Where.ALL),
    Action("audit", "the instance's audit log", "8", "open_screen('audit')", Where.ALL),
    Action("actions", "what this console did", "9", "open_screen('actions')", Where.ALL),
    Action("zoom", "one pane over the whole screen, and back", "z", "zoom", Where.ALL, "zoom"),
    Action("logs", "live log of a task", "l", "logs", Where.ALL, "logs"),
    Action("pause", "hold the log still, without losing a line, and let it go on", "p", "pause", Where.ALL),
    Action("command", "type a command", "colon", "command", Where.ALL, "command"),
    Action("palette", "everything that can be done, to choose from", "ctrl+p", "palette", Where.ALL),
    Action("filter", "filter the table; find in text and logs", "slash", "filter", Where.ALL, "filter"),
    Action("next-match", "next line that matches", "n", "match(1)", Where.ALL),
    Action("previous-match", "previous line that matches", "N", "match(-1)", Where.ALL),
    Action("mark", "mark the row, or take its mark away", "space", "mark", Where.TABLE),
    Action("sort", "sort by the next column, then as before", "s", "sort", Where.TABLE, "sort"),
    Action("facet", "one state only; in the log the next task or stream", "f", "facet", Where.LIST, "facet"),
    Action("next-error", "next error, warning or finding", "e", "next_error", Where.ALL, "error"),
    Action("describe", "the object under the cursor as its API tells it, redacted", "d", "describe", Where.ALL, "raw"),
    Action("runbook", "the runbook that fits what the cursor is on", "b", "runbook", Where.ALL, "runbook"),
    Action(
        "count",
        "count the bucket by listing it, or sum a project's repositories (what it takes comes first), and stop that",
        "u",
        "count",
        Where.INSTANCE,
        "count",
    ),
    Action("trends", "how the pane's things went, as plots and figures, and back", "v", "trends", Where.ALL, "trends"),
    Action("ages", "verdict in full, sources and ages of everything", "i", "ages", Where.ALL, "ages"),
    Action("zone", "times in UTC, in this machine's zone, in the configured one", "t", "zone", Where.ALL),
    Action("copy", "copy the row or the marked rows to the terminal's clipboard", "y", "copy", Where.ALL),
    Action("save", "save the screen as text and picture, redacted", "o", "save", Where.ALL),
    Action("say", "the row under the cursor in words, in the footer", "full_stop", "say", Where.ALL),
    Action("refresh", "collect now", "ctrl+r", "refresh_now", Where.ALL),
    Action("redraw", "draw the screen again", "ctrl+l", "redraw", Where.ALL),
    Action("suspend", "suspend to the shell", "ctrl+z", "suspend_process", Where.ALL, "", True),
    Action("cancel", "cancel; twice quits", "ctrl+c", "cancel", Where.ALL, "", True),
    *(Action(id_, title, key, f"later('{id_}')", Where.ALL, later=True) for id_, title, key in _LATER),
    *(Action(id_, title, key, f"refuse('{id_}')", Where.ALL, acts=True) for id_, title, key in _ACTING),
)
BY_ID: Mapping[str, Action] = {each.id: each for each in ACTIONS}
ACTING_KEYS = "".join(key for _, _, key in _ACTING)

Keymap = Mapping[str, str]
"""Action id -> Textual key names, comma separated, in place of the table's."""

UNBOUND = "unbound"
"""The name of a key that no terminal sends: for an action whose keys a person took away."""

_SHOWN = {
    UNBOUND: "none",
    "escape": "esc",
    "minus": "-",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "full_stop": ".",
    "comma": ",",
    "semicolon": ";",
    "plus": "+",
    "equals_sign": "=",
    "underscore": "_",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "shift+tab": "shift-tab",
}


def key_name(key: str) -> str:
    """A key as a person writes it."""
    return _SHOWN.get(key, key.replace("ctrl+", "ctrl-"))


def keys_of(action: Action, keymap: Keymap) -> tuple[str, ...]:
    """The keys an action has, the one that is shown first."""
    return tuple(keymap.get(action.id, action.keys).split(","))


def shown_key(id_: str, keymap: Keymap) -> str:
    """The key of an action as a sentence names it."""
    return key_name(keys_of(BY_ID[id_], keymap)[0])


def bindings(*places: Where) -> list[Binding]:
    """Textual's bindings for one node; a keymap finds them by id."""
    return [
        Binding(each.keys, each.call, each.title, show=False, id=each.id, priority=each.priority)
        for each in ACTIONS
        if each.where in places
    ]


_FOOTER_FIRST = (
    "open",
    "back",
    "help",
    "next-error",
    "runbook",
    "logs",
    "filter",
    "ages",
    "fleet",
    "next-pane",
    "zoom",
)
"""What a person in trouble wants first: a narrow footer has room for eight or nine."""


def footer_actions(places: Sequence[Where], without: frozenset[str]) -> Iterator[Action]:
    """What the footer names, the most wanted first, then in table order."""
    named = [each for each in ACTIONS if each.footer and each.where in places and each.id not in without]
    rank = {id_: at for at, id_ in enumerate(_FOOTER_FIRST)}
    yield from sorted(named, key=lambda each: rank.get(each.id, len(rank)))


def help_rows(keymap: Keymap) -> Iterator[tuple[str, str, str]]:
    """Keys, where and title of everything; keys that act as one row, keys whose time has not come not at all."""
    for each in ACTIONS:
        if not each.acts and not each.later:
            yield "  ".join(key_name(key) for key in keys_of(each, keymap)), each.where.value, each.title
    acting = [key_name(key) for each in ACTIONS if each.acts for key in keys_of(each, keymap)]
    yield (
        " ".join(acting),
        Where.ALL.value,
        "will change something one day; in read-only mode they say so and do nothing",
    )
