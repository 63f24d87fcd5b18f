"""``o``: the screen as plain text and as a picture, redacted, in files that only we can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from time import gmtime, strftime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.strip import Strip

    from harbortui.ui.app import HarborApp

MOST = 100
"""Files kept, a text and a picture for each screen; the oldest go."""
_MOST_TRIES = 20
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")

Redact = Callable[[str], str]


def save(shell: HarborApp, *, directory: Path | None = None, now: Callable[[], float] = time) -> None:
    """Write what is on the screen and say where in the footer."""
    from harbortui.model.text import safe_text
    from harbortui.private import private_directory

    folder = _folder() if directory is None else directory
    text, picture = rendered(shell)
    try:
        path = _write(private_directory(folder), _stem(shell, now()), text, picture)
        _forget_oldest(folder)
    except OSError as error:
        shell.hint(f"the screen cannot be written to {folder}: {error.strerror or type(error).__name__}")
        return
    shell.hint(safe_text(f"wrote {_short(path)} and .svg"))


def rendered(shell: HarborApp) -> tuple[str, str]:
    """The screen that is on as plain text and as SVG, both redacted."""
    from harbortui.model.redact import Redactor

    redact = Redactor()
    strips = shell.screen._compositor.render_strips()
    cleaned = [_clean(strip, redact) for strip in strips]
    text = "\n".join(strip.text.rstrip() for strip in cleaned).rstrip("\n") + "\n"
    return text, _picture(cleaned, shell.view.start.fleet)


def _clean(strip: Strip, redact: Redact) -> Strip:
    """The line as it is, or as one plain piece of text when something in it had to be masked."""
    from rich.segment import Segment
    from textual.strip import Strip

    text = redact(strip.text)
    return strip if text == strip.text else Strip([Segment(text)]).adjust_cell_length(strip.cell_length)


def _picture(strips: list[Strip], fleet: str) -> str:
    """SVG that asks nobody for a font: opening it must not tell anyone."""
    import io

    from rich.console import Console

    console = Console(
        width=max((strip.cell_length for strip in strips), default=1) or 1,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    console.print(_Lines(strips), end="")
    title = "HarborTUI" + (f" {fleet}" if fleet else "")
    return _FONT_FACE.sub("", console.export_svg(title=title))


class _Lines:
    """Strips as something that Rich prints."""

    def __init__(self, strips: list[Strip]) -> None:
        self._strips = strips

    def __rich_console__(self, _console: object, _options: object) -> list[RenderableType]:
        from rich.segment import Segment, Segments

        line = Segment.line()
        return [Segments([segment for strip in self._strips for segment in (*strip, line)])]


def _folder() -> Path:
    import platformdirs

    return platformdirs.user_state_path("harbortui", appauthor=False) / "screens"


def _stem(shell: HarborApp, at: float) -> str:
    """Fleet, place and UTC time; only letters, digits and ``._-``, because outsiders choose names."""
    parts = (shell.view.start.fleet or "fleet", *shell.view.crumbs)
    named = "-".join(re.sub(r"[^A-Za-z0-9._-]+", "_", part).strip("._-")[:40] or "x" for part in parts)
    return f"{named[:100]}-{strftime('%Y%m%dT%H%M%SZ', gmtime(at))}"


def _write(folder: Path, stem: str, text: str, picture: str) -> Path:
    """Write both under a name that is free and return the text's; raises OSError."""
    from harbortui.private import write_private

    for number in range(_MOST_TRIES):
        path = folder / f"{stem}{f'-{number + 1}' if number else ''}.txt"
        if not path.exists():
            break
    write_private(path, text.encode("utf-8", errors="replace"))
    write_private(path.with_suffix(".svg"), picture.encode("utf-8", errors="replace"))
    return path


def _forget_oldest(folder: Path) -> None:
    files = [each for each in folder.iterdir() if each.suffix in (".txt", ".svg") and not each.is_symlink()]
    files.sort(key=lambda each: (each.stat().st_mtime, each.name), reverse=True)
    for old in files[MOST:]:
        old.unlink(missing_ok=True)


def _short(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
