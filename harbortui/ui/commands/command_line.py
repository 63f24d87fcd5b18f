"""``:``: a command with completion; what is not known is answered with what comes nearest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harbortui.ui.cell import Cell
from harbortui.ui.commands.fuzzy import score
from harbortui.ui.commands.prompt import Prompt
from harbortui.ui.commands.registry import Command, commands

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp

OFFERED = 8
"""Completions that are named beside the line."""


class CommandPrompt(Prompt):
    """The command line."""

    sign = ":"

    def __init__(self, shell: HarborApp) -> None:
        super().__init__(shell)
        self._commands = commands(shell)
        self._offers: tuple[str, ...] = ()
        self._at = -1
        """Which offer tab has put into the line; -1 for what was typed."""
        self.changed()

    def ghost(self) -> str:
        """The rest of the first offer that begins as typed."""
        if not self.line.text.strip() or self._at >= 0:
            return ""
        _, word = self._parts()
        first = self._offers[0] if self._offers else ""
        return first[len(word) :] if first.lower().startswith(word.lower()) else ""

    def aside(self) -> tuple[Cell, ...]:
        """The title of a whole command, else the offers."""
        command = self._commands.get(self.line.text)
        if command is not None:
            return (Cell(command.title, "muted"),)
        return tuple(
            Cell(each, "key" if number == self._at else "muted") for number, each in enumerate(self._offers[:OFFERED])
        )

    def changed(self) -> None:
        """Offer what fits."""
        self._at = -1
        head, word = self._parts()
        if not head:
            names = [each.name for each in self._commands.values() if each.offered]
            self._offers = best(word, names) if word else ()
            return
        command = self._commands.get(head.strip())
        offers = command.arguments(self.shell) if command is not None and command.arguments is not None else ()
        self._offers = best(word, offers)

    def complete(self, step: int) -> None:
        """Put the next offer into the line."""
        if not self._offers:
            return
        offers, at = self._offers, (self._at + step) % len(self._offers)
        head = self._parts()[0]
        self.line.set(head + offers[at])
        self._offers, self._at = offers, at
        if len(offers) == 1:
            if not head and self._commands[offers[0]].arguments is not None:
                self.line.insert(" ")
            self.changed()

    async def entered(self) -> None:
        """Run it; the line is closed first, because a command may open another one."""
        self.shell.close_prompt()
        text = self.line.text.strip()
        if text:
            why = await run(self.shell, text, self._commands)
            if why:
                self.shell.hint(why)

    def _parts(self) -> tuple[str, str]:
        """What stands before the word that is being typed, and that word; an argument is one word, blanks and all."""
        text = self.line.text.lstrip()
        name, blank, argument = text.partition(" ")
        return (name + blank, argument) if blank else ("", name)


async def run(shell: HarborApp, text: str, known: dict[str, Command] | None = None) -> str:
    """Run a command; why it did nothing, or nothing."""
    known = known if known is not None else commands(shell)
    name, _, argument = text.strip().partition(" ")
    command = known.get(name) or known.get(name.lower())
    if command is None:
        begun = [each for each in known.values() if each.offered and each.name.startswith(name.lower())]
        command = begun[0] if len(begun) == 1 else None
    if command is None:
        return unknown(name, known)
    argument = argument.strip()
    if argument and command.arguments is None:
        return f"{command.name} takes nothing after it"
    return await command.run(shell, argument)


def unknown(name: str, known: dict[str, Command]) -> str:
    """What is said of a name that is none."""
    from difflib import get_close_matches

    offered = [each.name for each in known.values() if each.offered]
    near = get_close_matches(name.lower(), offered, n=1, cutoff=0.6) or list(best(name, offered))[:1]
    return f"there is no command {name}; did you mean {near[0]}?" if near else f"there is no command {name}"


def best(word: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that fit what was typed: those that begin so first, then by how well the letters fit."""
    names = list(dict.fromkeys(names))
    if not word:
        return tuple(names)
    begun = [name for name in names if name.lower().startswith(word.lower())]
    rated = [(score(word, name), name) for name in names if name not in begun]
    return (*begun, *(name for rate, name in sorted(rated, key=lambda pair: -pair[0]) if rate > 0))
