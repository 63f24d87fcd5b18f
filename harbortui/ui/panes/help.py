"""``?``: every key from the table of actions, those of the present screen first; signs and rules below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from harbortui.ui.actions import ACTIONS, BY_ID, Action, Keymap, Where, footer_actions, key_name, keys_of, shown_key
from harbortui.ui.cell import Block, Cell, Column, Pane, Row
from harbortui.ui.fit import wrap
from harbortui.ui.symbols import LEVELS, UNICODE

KEY = 16
"""Cells for keys."""
_GROUPS = (
    (Where.LIST, "Lists and logs"),
    (Where.TABLE, "Tables"),
    (Where.FLEET, "Fleet"),
    (Where.INSTANCE, "Instance"),
    (Where.PAGE, "Pages"),
    (Where.ALL, "Everywhere"),
)
SIGNS = (
    (UNICODE.ok, "ok", "ok"),
    (UNICODE.warning, "warning", "warning, or stale: the last known value, with its age"),
    (UNICODE.critical, "critical", "critical, or failed"),
    (UNICODE.unknown, "unknown", "unknown: loading, or not visible to us; a missing right is named"),
    ("12?", "muted", "a value that is no longer the present one"),
    (UNICODE.cursor, "accent", "the cursor; it stays on its row while others move"),
    ("*", "accent", "a marked row"),
    (f"{UNICODE.right} {UNICODE.left}", "muted", "replication to a peer, from a peer"),
    (f"{UNICODE.full}{UNICODE.full}{UNICODE.empty}{UNICODE.empty}", "muted", "a share of a limit"),
    (LEVELS[::2], "muted", "a trend; a gap is where nothing was recorded"),
    (UNICODE.ellipsis, "muted", "there is more: {open} shows a row in full, {say} says it in one line"),
)
RULES = (
    "Lowercase looks, uppercase acts; G and N only move.",
    "Read-only: keys that act say why they do nothing, and no change can leave the process.",
    "Enter never changes anything.",
    "Nothing calm is stale: what is overdue says so, with the error beside it; {ages} shows every source.",
    "While you move, rows keep their places; a minute after the last move they take their own order.",
)


class Here(NamedTuple):
    """The screen from which help was asked for."""

    title: str
    places: tuple[Where, ...]
    without: frozenset[str]
    """Ids of actions that mean little there."""


def help_pane(keymap: Keymap, here: Here, width: int) -> Pane:
    """All keys: first what the footer of the screen names, then the rest by place, each once."""
    first = tuple(footer_actions(here.places, here.without))
    named = {each.id for each in first}
    columns = (Column("", min(KEY, max(1, width))), Column("", max(1, width - KEY - 1)))
    blocks = [_block(columns, f"On this screen: {here.title}", first, keymap, width)]
    for where, title in _GROUPS:
        rest = [each for each in ACTIONS if each.where is where and each.id not in named and _is_offered(each)]
        if rest:
            blocks.append(_block(columns, title, rest, keymap, width))
    acting = " ".join(key_name(key) for each in ACTIONS if each.acts for key in keys_of(each, keymap))
    refused = "will change something one day; in read-only mode they say why they do nothing"
    blocks.append(Block(columns, tuple(_lines("acting", acting, refused, "key", width)), "Keys that act"))
    signs = (_lines(f"sign/{sign}", sign, _said(text, keymap), style, width) for sign, style, text in SIGNS)
    blocks.append(Block(columns, tuple(chain.from_iterable(signs)), "Signs"))
    rules = (_lines(f"rule/{number}", "", _said(text, keymap), "key", width) for number, text in enumerate(RULES))
    blocks.append(Block(columns, tuple(chain.from_iterable(rules)), "Rules"))
    find, onward, back = (shown_key(each, keymap) for each in ("filter", "next-match", "back"))
    badge = Cell(f"{find} finds, {onward} goes on, {back} leaves", "muted")
    return Pane("Help", tuple(blocks), badge, prose=True)


def _is_offered(action: Action) -> bool:
    return not action.acts and not action.later


def _block(columns: tuple[Column, ...], title: str, actions: Iterable[Action], keymap: Keymap, width: int) -> Block:
    rows = (row for each in actions for row in _action(each, keymap, width))
    return Block(columns, tuple(rows), title)


def _action(action: Action, keymap: Keymap, width: int) -> Iterator[Row]:
    keys = "  ".join(key_name(key) for key in keys_of(action, keymap))
    default = "  ".join(key_name(key) for key in action.keys.split(","))
    told = action.title if keys == default else f"{action.title} ({default} by default)"
    return _lines(action.id, keys, told, "key", width)


def _lines(key: str, left: str, text: str, style: str, width: int) -> Iterator[Row]:
    """Left and right text, each over as many lines as it needs."""
    lefts = wrap(left, min(KEY, max(1, width)))
    rights = wrap(text, max(1, width - KEY - 1))
    for number in range(max(len(lefts), len(rights))):
        one = lefts[number] if number < len(lefts) else ""
        other = rights[number] if number < len(rights) else ""
        yield Row(f"{key}/{number}", (Cell(one, style), Cell(other)))


def _said(text: str, keymap: Keymap) -> str:
    return text.format_map({id_: shown_key(id_, keymap) for id_ in ("open", "say", "ages") if id_ in BY_ID})
