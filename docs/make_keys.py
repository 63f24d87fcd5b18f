"""Writes docs/keys.md from the table of actions: ``python docs/make_keys.py``. A test says when it is out of date."""

from __future__ import annotations

from pathlib import Path

from harbortui.ui.actions import ACTIONS, key_name, keys_of

PAGE = Path(__file__).parent / "keys.md"
HEAD = """# Keys

<!-- Made by docs/make_keys.py from harbortui/ui/actions.py; do not edit. -->

Lowercase looks, uppercase acts; `G` and `N` only move. `h` and `r` are left unbound, because they are one slip away
from keys that act, and so is everything that a terminal, screen, tmux or ssh takes for itself. Every key can be
another one: `[keys]` in the [configuration](configuration.md#keys-of-your-own) names actions by their id.

| key | id | where | does |
|---|---|---|---|
"""
TAIL = """
Keys for later and keys that act say why they do nothing yet:

| key | id | will |
|---|---|---|
"""
TYPED = """
## Commands

`:` takes a command in the footer's line; `tab` completes, the right arrow takes what is offered, up and down bring
earlier lines back, `esc` leaves. An id of the table above is a command, and so are

| command | does |
|---|---|
| `INSTANCE`, `INSTANCE PANE` | goes to an instance, at a pane |
| `components`, `allocations`, `storage`, `replication`, `logs`, with an instance or without | goes to that pane |
| `jobs`, `projects`, `audit`, with an instance or without; `actions` | goes to that screen |
| `logs TASK` | follows that task's log |
| `sort COLUMN`, `sort -COLUMN`, `sort` | sorts, the other way round, no more |
| `filter TEXT`, `filter` | filters, no more |
| `theme NAME` | changes the colours |
| `zone UTC`, `zone local`, `zone Europe/Berlin` | shows times in that zone |

`ctrl-p` lists the same to choose from: a few letters of anything find it, and a theme shows while it is highlighted.

## Filters

`/` filters the table that has the keys while it is typed, and its title says how much is left. Every word has to
occur somewhere in the row; `!word` must not; `column:word` must stand in that column (the beginning of its title is
enough). Capitals count as soon as one is typed. Sentences about what is stale or cannot be seen are never hidden. In
text and logs `/` finds and hides nothing; `n` and `N` go on from there. `esc` takes it away.

## With the mouse

`--mouse`, or `mouse = true` under `[ui]`: a click goes to a row, a double click opens it, a click on a column's title
sorts by it and again the other way round, on a tab goes there, on a word of the footer does what it says; the wheel
moves. Selecting text then needs Shift in most terminals.
"""


def page() -> str:
    """The page as it should be."""
    looks, others = [], []
    for each in ACTIONS:
        keys = " ".join(f"`{key_name(key)}`" for key in keys_of(each, {}))
        if each.acts or each.later:
            others.append(f"| {keys} | `{each.id}` | {each.title} |\n")
        else:
            looks.append(f"| {keys} | `{each.id}` | {each.where.value} | {each.title} |\n")
    return "".join((HEAD, *looks, TAIL, *others, TYPED))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
