"""``ctrl+p``: everything that can be done, instances and themes, in a list above the footer; a theme shows while it
is highlighted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from harbortui.ui.actions import ACTIONS, Action, shown_key
from harbortui.ui.cell import Cell
from harbortui.ui.commands.fuzzy import score
from harbortui.ui.commands.prompt import Prompt
from harbortui.ui.commands.registry import NOT_TYPED, instances
from harbortui.ui.modes import LISTS

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp

ROOM = 10
"""Entries in view."""


class Entry(NamedTuple):
    """One line of the palette."""

    title: str
    kind: str
    key: str
    run: Callable[[HarborApp], Awaitable[str]]
    theme: str = ""
    """The theme to show while the entry is highlighted."""


class PalettePrompt(Prompt):
    """The palette; its list is painted by :class:`harbortui.ui.widgets.choices.Choices`."""

    sign = ">"

    def __init__(self, shell: HarborApp) -> None:
        super().__init__(shell)
        self._entries = tuple(entries(shell))
        self.found: tuple[Entry, ...] = self._entries
        self.at = 0
        self._previewed = False

    @property
    def top(self) -> int:
        """The first entry in view."""
        return max(0, min(self.at - ROOM // 2, len(self.found) - ROOM))

    def aside(self) -> tuple[Cell, ...]:
        """How many there are."""
        return (Cell(f"{len(self.found)} of {len(self._entries)}", "bar"),)

    def changed(self) -> None:
        """Only what fits, the best first."""
        typed = self.line.text.strip()
        rated = [(_rate(typed, entry), entry) for entry in self._entries]
        if typed:
            rated = sorted(((rate, entry) for rate, entry in rated if rate > 0), key=lambda pair: -pair[0])
        self.found = tuple(entry for _, entry in rated)
        self.at = 0
        self._preview()

    def move(self, step: int) -> None:
        """Up and down go through the list."""
        if self.found:
            self.at = (self.at + step) % len(self.found)
            self._preview()

    def complete(self, step: int) -> None:
        """Tab goes through the list as well."""
        self.move(step)

    async def entered(self) -> None:
        """Do what is highlighted."""
        entry = self.found[self.at] if self.found else None
        if entry is None or not entry.theme:
            self.left()
        self.shell.close_prompt()
        if entry is not None and (why := await entry.run(self.shell)):
            self.shell.hint(why)

    def left(self) -> None:
        """Back to the theme from before."""
        if self._previewed:
            self._previewed = False
            self.shell.cancel_theme()

    def _preview(self) -> None:
        entry = self.found[self.at] if self.found else None
        if entry is not None and entry.theme:
            self._previewed = True
            self.shell.preview_theme(entry.theme)
        else:
            self.left()


def _rate(typed: str, entry: Entry) -> float:
    """How well it fits; ``theme light`` is typed as often as ``light``."""
    return max(score(typed, f"{entry.title} {entry.kind}"), score(typed, f"{entry.kind} {entry.title}"))


def entries(shell: HarborApp) -> Iterator[Entry]:
    """Screens, instances, what else keys do in table order, themes; nothing that acts."""
    screens = [each for each in ACTIONS if each.id in LISTS or each.id == "fleet"]
    rest = [each for each in ACTIONS if each not in screens and not (each.acts or each.later or each.id in NOT_TYPED)]
    for action in screens:
        yield _action(shell, action, "screen")
    for name in instances(shell):
        yield Entry(name, "instance", "", partial(_open, name=name))
    for action in rest:
        yield _action(shell, action, "action")
    for name in shell.theme_names():
        yield Entry(name, "theme", "", partial(_theme, name=name), theme=name)


def _action(shell: HarborApp, action: Action, kind: str) -> Entry:
    return Entry(action.title, kind, shown_key(action.id, shell.view.start.keymap), partial(_do, action=action))


async def _do(shell: HarborApp, action: Action) -> str:
    return await shell.do(action)


async def _open(shell: HarborApp, name: str) -> str:
    shell.open_instance(name)
    return ""


async def _theme(shell: HarborApp, name: str) -> str:
    shell.accept_theme(name)
    return ""
