"""What the palette and the command line do with themes: list them, show one for a look, keep it or go back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harbortui.ui import themes
from harbortui.ui.themes import ThemeError

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp


class Choice(NamedTuple):
    """One theme to choose."""

    name: str
    about: str
    """What it is like, or what is wrong with its file."""
    is_well: bool = True
    is_current: bool = False


def choices(shell: HarborApp) -> tuple[Choice, ...]:
    """The themes there are, with those that cannot be used and why."""
    switch = shell.theme_switch
    return tuple(_choice(name, shell) for name in switch.shelf.library.names())


def _choice(name: str, shell: HarborApp) -> Choice:
    switch = shell.theme_switch
    current = name == switch.theme.name
    try:
        return Choice(name, themes.load(name, switch.shelf.library).about, True, current)
    except ThemeError as error:
        return Choice(name, str(error.problems[0]), False, current)


def names(shell: HarborApp) -> tuple[str, ...]:
    """The names only, for completion; no file is read."""
    return tuple(shell.theme_switch.shelf.library.names())


def preview(shell: HarborApp, name: str) -> bool:
    """Show a theme until it is accepted or cancelled; False after a hint that says why not."""
    return shell.theme_switch.preview(name)


def accept(shell: HarborApp, name: str) -> bool:
    """Use a theme and remember it for the next start; False after a hint that says why not."""
    return shell.theme_switch.accept(name)


def cancel(shell: HarborApp) -> None:
    """Go back to the theme from before the first preview."""
    shell.theme_switch.cancel()
