"""The app's base: an error ends it without a word about values, and a theme of ours becomes one of Textual's."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App
from textual.theme import Theme as TextualTheme

from harbortui.ui.guard import LOST

if TYPE_CHECKING:
    from rich.console import RenderableType

    from harbortui.ui.themes import Theme

_ANSI_VARIABLES = {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
"""What Textual's own style sheet needs of a theme that leaves colours to the terminal."""


class SafeApp(App[None], inherit_bindings=False):
    """Textual's own crash prints local variables, and with them secrets; this one reports instead."""

    def __init__(self, on_crash: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._on_crash = on_crash

    def use_theme(self, theme: Theme) -> None:
        """Let Textual paint its part in this theme, before the app runs or while it does."""
        name = f"harbortui-{theme.name}"
        accent = theme.palette.style("accent").color
        self.register_theme(
            TextualTheme(
                name=name,
                primary="ansi_blue" if theme.ansi or accent is None else accent.get_truecolor().hex,
                background=theme.ground,
                surface=theme.ground,
                dark=theme.dark,
                ansi=theme.ansi,
                variables=_ANSI_VARIABLES if theme.ansi else {},
            )
        )
        if not self.is_running:
            self.set_reactive(App.theme, name)
        elif self.theme != name:
            self.theme = name
        else:
            self.mutate_reactive(App.theme)
        # No watcher runs before the start: without this a theme of the terminal's own colours is still sent as RGB.
        self._watch_ansi_color(None)

    @property
    def crashed(self) -> bool:
        """True when an error nobody handled ended the app."""
        return self._exception is not None

    def _handle_exception(self, error: Exception) -> None:
        """End the app and report the error; Textual's tests see it as they are used to."""
        self._return_code = 1
        if not self.crashed:
            self._on_crash(error)
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        """Textual calls this where it has no exception at hand; nothing of it is printed either."""
        self._return_code = 1
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """The same for what Textual would print as it is; a lost terminal is no crash, only the end."""
        if not self.is_headless and not os.isatty(0):
            self.exit(return_code=LOST)
        else:
            self._handle_exception(RuntimeError("the terminal's input or Textual failed"))
