"""``harbortui themes``: lists the themes, checks one before it is used, and shows what each looks like."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from harbortui.cli.exits import ExitCode
from harbortui.cli.theme_start import own_folders
from harbortui.ui import symbols, themes
from harbortui.ui.theme_depth import Depth, depth_of
from harbortui.ui.themes import Library, Theme, ThemeError

if TYPE_CHECKING:
    from rich.text import Text

    from harbortui.cli.arguments import Arguments
    from harbortui.config.load import Places

WIDTH = 72
_ROWS = (
    ("ok", "harbor-vm-06", "8 of 8 healthy", "2 d ago"),
    ("critical", "harbor-vm-05", "7 of 8 healthy", "31 failed"),
    ("warning", "harbor-nas", "8 of 8 healthy", "overdue"),
    ("unknown", "harbor-dmz", "not visible", "unknown"),
)


def run(args: Arguments, places: Places | None) -> int:
    """List all themes, or check those that are named, as names or as files."""
    from harbortui.config.load import Places

    environ = os.environ
    library = Library(own_folders(args.config, environ, places or Places.usual()))
    if not args.themes:
        return _list(library, environ, show=args.show)
    return max(_check(each, library, environ, show=args.show) for each in args.themes)


def _list(library: Library, environ: Mapping[str, str], *, show: bool) -> int:
    names = library.names()
    wide = max(map(len, names))
    code = ExitCode.OK
    for name in names:
        path = library.find(name)
        where = str(path.parent) if path is not None and library.is_own(path) else "bundled"
        try:
            theme = themes.load(name, library)
        except ThemeError as error:
            code = ExitCode.WARNING
            print(f"{name:<{wide}}  wrong: {error.problems[0]}")
            continue
        print(f"{name:<{wide}}  {where}: {theme.about}".rstrip(" :"))
        if show:
            _sample(name, library, environ)
    return code


def _check(wanted: str, library: Library, environ: Mapping[str, str], *, show: bool) -> int:
    """Say what is wrong with a theme, and what is hard to read in it."""
    is_file = os.sep in wanted or wanted.endswith(".toml")
    path = Path(wanted).absolute() if is_file else library.find(wanted)
    if is_file and path is not None:
        # Beside the file being written is where its name and what it inherits are looked for first.
        library = Library((path.parent, *library.own))
    try:
        if path is None:
            themes.load(wanted, library)
            return ExitCode.USAGE
        theme = themes.read(path, library)
        weak = [] if theme.ansi else list(_weak(path, library))
    except ThemeError as error:
        for problem in error.problems:
            print(f"harbortui: {problem}", file=sys.stderr)
        return ExitCode.WARNING if path is not None and os.path.lexists(path) else ExitCode.USAGE
    for line in weak:
        print(f"{theme.files[0]}: {line}")
    if not weak:
        said = "the contrast is your terminal's" if theme.ansi else "every text can be read, every state told apart"
        print(f"{theme.files[0]}: well; {said}")
    if show:
        _sample(theme.name, library, environ, path)
    return ExitCode.WARNING if weak else ExitCode.OK


def _weak(path: Path, library: Library) -> Iterator[str]:
    """What is hard to read, in true colour and in 256 colours."""
    from rich.color import ColorSystem

    from harbortui.ui.theme_contrast import weak_spots

    told = set()
    for depth, system, where in (
        (Depth.TRUE, ColorSystem.TRUECOLOR, ""),
        (Depth.MANY, ColorSystem.EIGHT_BIT, " in 256 colours"),
    ):
        for name, says in weak_spots(themes.read(path, library, depth).palette, system):
            if (name, says) not in told:
                told.add((name, says))
                yield f"{name}: {says}{where}"


def _sample(name: str, library: Library, environ: Mapping[str, str], path: Path | None = None) -> None:
    """A few lines as the console would paint them here; without colours where stdout is no terminal."""
    from rich.console import Console

    depth = depth_of(environ)
    theme = themes.load(name, library, depth) if path is None else themes.read(path, library, depth)
    # What NO_COLOR and the depth mean for the theme is decided already.
    colours = depth is not Depth.NONE and sys.stdout.isatty()
    console = Console(
        color_system=depth.value if colours else None,  # type: ignore[arg-type]
        highlight=False,
        soft_wrap=True,
        no_color=depth is Depth.NONE,
    )
    for line in _painted(theme, symbols.choose(environ)):
        console.print(line, end="\n")
    console.print()


def _painted(theme: Theme, glyphs: symbols.Symbols) -> Iterator[Text]:
    from rich.text import Text

    def line(ground: str, *parts: tuple[str, str]) -> Text:
        text = Text("  ", style=theme.palette.style("text", ground))
        for words, name in parts:
            text.append(symbols.to_ascii(words, glyphs), theme.palette.style(name, ground))
        text.append(" " * max(0, WIDTH - text.cell_len), theme.palette.style("text", ground))
        return text

    yield line("bar", ("harbortui", "key"), (f"  {theme.name}", "bar"))
    yield line("background", (f"{symbols.UNICODE.rule} Instances ", "title"), (symbols.UNICODE.rule * 40, "rule"))
    yield line("background", (f"{'':2}{'Instance':16}{'Components':18}Replication", "header"))
    for number, (state, name, components, replication) in enumerate(_ROWS):
        ground = "cursor" if number == 1 else "background"
        glyph = getattr(symbols.UNICODE, state)
        yield line(
            ground,
            (f"{glyph} ", state),
            (f"{name:16}", "strong"),
            (f"{components:18}", "text"),
            (f"{replication:12}", state),
            ("5 min ago", "muted"),
        )
    yield line("bar", ("enter open  esc back  ? help", "bar"))
