"""The app's base: an error ends it without a word about values, and a theme of ours becomes one of Textual's."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual._time import get_time
from textual.app import App
from textual.theme import Theme as TextualTheme

from harbortui.ui.compat import Haste, Owed
from harbortui.ui.guard import LOST

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen

    from harbortui.ui.themes import Theme

BEHIND = 12
"""Writes that wait for the line from which on frames are held back. A frame has up to three, the end of the console
13, and the queue takes 30 before it blocks the event loop."""
CAUGHT_UP = 2
"""Writes that may still wait when frames are sent again."""
SWITCH_DELAY = 0.005
"""Seconds in which a screen that comes on gets its data, so that it is painted once."""
LOOK_FIRST, LOOK_MOST = 0.03, 0.5
"""Seconds between two looks at a line that is behind."""

_ANSI_VARIABLES = {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
"""What Textual's own style sheet needs of a theme that leaves colours to the terminal."""


class SafeApp(App[None], inherit_bindings=False):
    """Textual's own crash prints local variables, and with them secrets; this one reports instead."""

    def __init__(self, on_crash: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._on_crash = on_crash
        self._owed: Owed | None = None
        self.haste = Haste(get_time)

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

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice for this platform; on a terminal the one that sleeps until a key comes."""
        from textual.drivers.linux_driver import LinuxDriver

        from harbortui.ui.driver import SleepingDriver

        chosen = super().get_driver_class()
        return SleepingDriver if chosen is LinuxDriver else chosen

    def delay_update(self, delay: float = SWITCH_DELAY) -> None:
        """Hold paints back while a screen is switched, which Textual does for 50 ms: all that a switch may take."""
        super().delay_update(min(delay, SWITCH_DELAY))

    # A line that takes nothing

    @property
    def is_behind(self) -> bool:
        """True while the terminal has not taken what was painted: a person does not see what is so now."""
        return self._owed is not None

    def write_sequence(self, sequence: str) -> None:
        """Send the terminal a control sequence that paints nothing, such as for its clipboard."""
        if self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Paint, unless the line is behind: then what changed is painted once the line has caught up.

        Textual would wait in its writer's full queue and with it everything: keys, messages, signals.
        """
        driver = self._driver
        if renderable is None or self._batch_count or getattr(driver, "backlog", 0) < BEHIND:
            super()._display(screen, renderable)
            return
        if self._owed is None:
            self._owed = Owed()
            self.set_timer(LOOK_FIRST, partial(self._look_again, LOOK_FIRST))
        self._owed.add(screen, renderable)

    def _look_again(self, pause: float) -> None:
        """Paint what is owed when the line took nearly everything; else look again later, and later each time."""
        if self._owed is None:
            return
        if getattr(self._driver, "backlog", 0) > CAUGHT_UP:
            pause = min(2 * pause, LOOK_MOST)
            self.set_timer(pause, partial(self._look_again, pause))
            return
        owed, self._owed = self._owed, None
        owed.repay(self.screen)

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
