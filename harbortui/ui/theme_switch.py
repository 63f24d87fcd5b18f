"""The theme in use: tried on, chosen, and read again when its file changes, without a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harbortui.ui import themes
from harbortui.ui.theme_depth import Depth
from harbortui.ui.themes import BUNDLED, Library, Theme, ThemeError

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp
    from harbortui.ui.theme_watch import FolderWatch

_Stamp = tuple[int, int, int] | None


class Shelf(NamedTuple):
    """What themes there are for this console, and what becomes of a choice."""

    library: Library = BUNDLED
    depth: Depth = Depth.TRUE
    fixed_by: str = ""
    """What names the theme of the next start whatever is chosen here (``--theme``); empty when nothing does."""
    remember: Callable[[str], str] = lambda _name: ""
    """Keeps a name for the next start; returns why not."""


class ThemeSwitch:
    """Changes the theme of a running console."""

    def __init__(self, shell: HarborApp, theme: Theme, shelf: Shelf) -> None:
        self.theme = theme
        self.shelf = shelf
        self._shell = shell
        self._before: Theme | None = None
        """What to go back to from a preview."""
        self._watch: FolderWatch | None = None
        self._stamps = _stamps(theme)

    @property
    def is_previewing(self) -> bool:
        """True until a preview was accepted or cancelled."""
        return self._before is not None

    def preview(self, name: str) -> bool:
        """Show the theme of that name; False after saying why that is not possible."""
        before = self._before or self.theme
        if not self._change_to(name):
            return False
        self._before = before
        return True

    def accept(self, name: str) -> bool:
        """Use the theme of that name, at the next start too; False after saying why that is not possible."""
        if name != self.theme.name and not self._change_to(name):
            return False
        self._before = None
        if self.shelf.fixed_by:
            said = f"until the console ends: {self.shelf.fixed_by} says which one it starts with"
        elif why := self.shelf.remember(name):
            said = f"until the console ends; it cannot be remembered: {why}"
        else:
            said = "also at the next start"
        self._shell.hint(f"theme {name}, {said}")
        return True

    def cancel(self) -> None:
        """Go back to the theme from before the preview."""
        if self._before is not None:
            before, self._before = self._before, None
            self._wear(before)

    def check(self) -> None:
        """Read the theme again when one of its files changed; a broken one changes nothing."""
        stamps = _stamps(self.theme)
        if stamps == self._stamps:
            return
        self._stamps = stamps
        try:
            theme = themes.load(self.theme.name, self.shelf.library, self.shelf.depth)
        except ThemeError as error:
            self._shell.hint(f"{_first(error)}; the theme stays as it was")
            return
        self._wear(theme)
        self._shell.hint(f"theme {theme.name} was read again")

    def watch(self) -> None:
        """Have changes of the person's own files told from now on; those that came with the program do not change."""
        if not any(self.shelf.library.is_own(path) for path in self.theme.files):
            if self._watch is not None:
                self._watch.follow(())
            return
        if self._watch is None:
            from harbortui.ui.theme_watch import FolderWatch

            self._watch = FolderWatch(self.check)
        # A theme may be a link into a folder under version control; the file changes there.
        places = {folder for path in self.theme.files for folder in (path.parent, _real(path).parent)}
        self._watch.follow(places)

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _change_to(self, name: str) -> bool:
        try:
            theme = themes.load(name, self.shelf.library, self.shelf.depth)
        except ThemeError as error:
            self._shell.hint(_first(error))
            return False
        self._wear(theme)
        return True

    def _wear(self, theme: Theme) -> None:
        """Paint everything in the theme, on the screens that are not on as well."""
        self.theme = theme
        self._stamps = _stamps(theme)
        self._shell.look.palette = theme.palette
        self._shell.use_theme(theme)
        self._shell.restyle()
        self.watch()


def _first(error: ThemeError) -> str:
    more = len(error.problems) - 1
    return f"{error.problems[0]}" + (f", and {more} more" if more else "")


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _stamps(theme: Theme) -> tuple[_Stamp, ...]:
    """What tells whether a file changed: time of change, size, number."""
    return tuple(_stamp(path) for path in theme.files)


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    # The time of the inode's change tells of a mended mode too.
    return found.st_ctime_ns, found.st_size, found.st_ino
