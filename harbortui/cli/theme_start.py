"""Which theme a console starts with, and where this person's own themes are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harbortui.ui import themes
from harbortui.ui.theme_depth import depth_of
from harbortui.ui.theme_switch import Shelf
from harbortui.ui.themes import Library, Theme, ThemeError

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.config.load import Places
    from harbortui.config.settings import Settings

FOLDER = "themes"


class FirstTheme(NamedTuple):
    """What the console starts with."""

    theme: Theme
    shelf: Shelf
    problem: str = ""
    """Why it is another theme than the configuration or the last choice says."""


def own_folders(config: str | None, environ: Mapping[str, str], places: Places) -> tuple[Path, ...]:
    """``themes`` beside each configuration file there may be: the named one, the person's, the system's."""
    from harbortui.config.environment import CONFIG_VARIABLE

    named = config or environ.get(CONFIG_VARIABLE, "")
    files = (Path(named).absolute() if named else None, places.user_file, places.system_file)
    return tuple(dict.fromkeys(file.parent / FOLDER for file in files if file is not None))


def first_theme(
    args: Arguments, settings: Settings | None, environ: Mapping[str, str], places: Places, state: Path
) -> FirstTheme:
    """The theme asked for, else the one chosen last time, else one for this terminal.

    A theme that is named on the command line and cannot be used raises ThemeError; a broken file that the configuration
    names must not keep anybody from the console: another one is shown, with the reason.
    """
    from harbortui.ui.theme_memory import keep, recall

    library = Library(own_folders(args.config, environ, places))
    configured = settings.ui.theme if settings is not None else ""
    source = settings.sources.get("ui.theme") if settings is not None else None
    fixed_by = "--theme" if args.theme else (source.where if configured and source is not None else "")
    shelf = Shelf(library, depth_of(environ), fixed_by, lambda name: keep(state, name))
    if args.theme:
        return FirstTheme(themes.load(args.theme, library, shelf.depth), shelf)
    try:
        wanted = configured or recall(state)
        return FirstTheme(themes.load(themes.choose(wanted, environ), library, shelf.depth), shelf)
    except ThemeError as error:
        # From the package alone: the person's own theme of that name may be what is broken.
        theme = themes.load(themes.choose("", environ), depth=shelf.depth)
        return FirstTheme(theme, shelf, f"{error.problems[0]}; this is {theme.name}")
