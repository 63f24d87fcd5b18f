"""The app: modes, keys, and the one place where messages of the engine become a view.

Imported before the first paint, so it imports Textual and little else; panes and the model follow with the first data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.actions import ActionParseResult
from textual.binding import BindingType

from harbortui.ui import compat
from harbortui.ui.actions import Where, bindings
from harbortui.ui.follower import NO_LOGS
from harbortui.ui.modes import LISTS
from harbortui.ui.prompted_app import PromptedApp
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.screens.listing import ListScreen
from harbortui.ui.screens.page import PageScreen
from harbortui.ui.screens.projects import ProjectsScreen
from harbortui.ui.theme_switch import Shelf, ThemeSwitch
from harbortui.ui.view import Start, View
from harbortui.ui.widgets.painted import Look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.dom import DOMNode

    from harbortui.engine.messages import CountState, EngineNote, LogLines, SumState
    from harbortui.ui.port import EnginePort, Shown
    from harbortui.ui.state import Memory
    from harbortui.ui.symbols import Symbols
    from harbortui.ui.themes import Theme

MINUTE = 60.0
"""Seconds between two looks at the clock; ages change no more often."""
WATCH_AFTER = 1.0
"""Seconds until a person's own theme is watched for changes: first data comes first."""


class HarborApp(PromptedApp, inherit_bindings=False):
    """The console. ``clock`` gives unix seconds; ``on_crash`` gets the error that ends the app.

    ``memory`` opens what one session leaves for the next, after the first paint.
    """

    DEFAULT_MODE = "fleet"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.ALL)]
    CSS = """
    Screen { background: $background; layout: vertical; overflow: hidden; layers: default over; }
    Horizontal { width: 1fr; overflow: hidden; }
    Table, LogTail { width: 1fr; height: 1fr; }
    Lines { width: 1fr; height: 1; }
    """

    def __init__(
        self,
        start: Start,
        port: EnginePort,
        *,
        theme: Theme,
        symbols: Symbols,
        clock: Callable[[], float],
        on_crash: Callable[[BaseException], None] = lambda _error: None,
        on_painted: Callable[[], None] | None = None,
        memory: Callable[[], Memory | None] = lambda: None,
        shelf: Shelf = Shelf(),  # noqa: B008 - a tuple
    ) -> None:
        compat.install()
        super().__init__(on_crash, View(start, now=clock(), zone=start.timezone), port.send)
        self.set_keymap(start.keymap)
        self.look = Look(theme.palette, symbols)
        self._port = port
        self._clock = clock
        self._on_painted = on_painted
        self._open_memory = memory
        self._memory: Memory | None = None
        self._listener: asyncio.Task[None] | None = None
        self.theme_switch = ThemeSwitch(self, theme, shelf)
        self.use_theme(theme)
        self.add_mode("fleet", lambda: FleetScreen(self.look, start.names))
        self.add_mode("instance", lambda: InstanceScreen(self.look))
        self.add_mode("page", lambda: PageScreen(self.look))
        for name in LISTS:
            self.add_mode(name, partial(ProjectsScreen if name == "projects" else ListScreen, self.look, name))

    # Start and end

    def on_mount(self) -> None:
        """Listen once the names are on the screen: whatever is imported before delays them."""
        self.call_after_refresh(self._painted)
        # Textual switches to the empty alternate screen on SIGCONT and paints only what changes after that.
        self.app_resume_signal.subscribe(self, lambda _app: self.action_redraw())

    def _painted(self) -> None:
        if self._on_painted is not None:
            self._on_painted()
        self._listener = asyncio.create_task(self._listen(), name="engine messages")
        self._listener.add_done_callback(self._listener_ended)
        self._arm_clock()
        self.set_timer(WATCH_AFTER, self.theme_switch.watch)
        if self.view.start.instance:
            self.open_instance(self.view.start.instance)
        self._restore()

    def _arm_clock(self) -> None:
        self.set_timer(MINUTE - self._clock() % MINUTE, self._next_minute)

    def _next_minute(self) -> None:
        """Move the ages on; the only thing here that happens without a message or a key."""
        self.view.now = self._now()
        self.view_screen.release()
        self.historian.ask(self.at.instance)
        self.theme_switch.check()
        self.paint()
        self._remember()
        self._arm_clock()

    def _restore(self) -> None:
        """Bring back what the last session left; after the first paint, because it reads a file."""
        self._memory = self._open_memory()
        if self._memory is None:
            return
        from harbortui.ui.state import restore

        session, why = self._memory.load()
        if why:
            self.hint(f"the last view is not restored: {why}")
        elif session is not None:
            restore(self, session, place=not self.view.start.instance)

    def _remember(self) -> None:
        """Keep for the next session what there is now; once a minute, so that a lost terminal loses little."""
        if self._memory is not None and not self.view.is_snapshot:
            from harbortui.ui.state import session_of

            self._memory.save(session_of(self))

    def _now(self) -> float:
        snapshot = self.view.snapshot
        return snapshot.taken_at if snapshot is not None and self.view.is_snapshot else self._clock()

    async def _listen(self) -> None:
        from harbortui.engine import messages
        from harbortui.ui import words
        from harbortui.ui.port import Shown

        words.use_zone(self.view.zone)
        takers: dict[type, Callable[[Any], bool]] = {
            Shown: self._take_snapshot,
            messages.LogLines: self._take_lines,
            messages.CountState: self._take_count,
            messages.SumState: self._take_sum,
            messages.FleetPast: self.historian.take_fleet,
            messages.InstancePast: self.historian.take_instance,
            messages.Looked: self.looker.take,
            messages.LookedAgain: self.looker.take_again,
            messages.EngineNote: self._take_note,
        }
        async for message in self._port.messages():
            if takers[type(message)](message):
                self.paint()
            await asyncio.sleep(0)  # Messages that are there already must not keep keys and paints waiting.

    def _listener_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._handle_exception(error if isinstance(error, Exception) else RuntimeError(type(error).__name__))

    async def on_unmount(self) -> None:
        """Stop listening, and leave a trace for the next session."""
        self._remember()
        self.theme_switch.close()
        if self._listener is not None:
            self._listener.cancel()

    # What is shown

    def paint(self) -> None:
        """Show the view on the screen that is on, in one update; others catch up when they come on."""
        if self.is_running and isinstance(self.screen, ViewScreen) and self.screen.is_mounted:
            self.looker.look(self.screen.looks(self.view), self.covered_looks())
            with self.batch_update():
                self.screen.show(self.view)

    def _take_snapshot(self, shown: Shown) -> bool:
        view = self.view
        first = view.snapshot is None
        view.snapshot, view.verdict, view.cached = shown.snapshot, shown.verdict, shown.cached
        view.engine_note = ""
        if view.is_snapshot:
            view.tail = NO_LOGS
        if first or view.is_snapshot:
            view.now = self._now()
        if first:
            for name in dict.fromkeys(("", self.at.instance)):
                self.historian.ask(name)
        return True

    def _take_count(self, message: CountState) -> bool:
        self.view.hint = self.desk.take(message) or self.view.hint
        return True

    def _take_sum(self, message: SumState) -> bool:
        self.view.hint = self.desk.sums.take(message) or self.view.hint
        return True

    def _take_note(self, message: EngineNote) -> bool:
        if message.restarted:
            self.desk.engine_ended()
        self.view.engine_note = message.text
        return True

    def _take_lines(self, message: LogLines) -> bool:
        screen = self.instance_screen
        if self.follower.take(message) and screen is not None:
            with self.batch_update():
                screen.take_lines(message)
                if screen is self.screen:
                    screen.show(self.view)
        return False

    # Logs

    def next_stream(self) -> None:
        """The other stream of the task, then the next task."""
        self.follower.choose_next()
        self.follow()

    def follow(self) -> None:
        """Have the engine follow what the log pane shows, while a person can see it."""
        screen = self.screen
        if not isinstance(screen, InstanceScreen) or not screen.logs_in_view or not self.view.instance:
            return
        if self.follower.follow():
            screen.log_tail.clear()
        self.paint()

    # Other keys

    def action_trends(self) -> None:
        """How it went, in place of what the focused pane shows; pressed again, what is."""
        screen = self.screen
        if self.view.is_snapshot:
            self.hint("a snapshot holds no history")
        elif isinstance(screen, FleetScreen | InstanceScreen):
            screen.toggle_trends()
        else:
            self.hint("trends belong to the fleet and to an instance: esc first")

    def action_refresh_now(self) -> None:
        """Have the engine collect now."""
        from harbortui.engine.messages import Refresh

        if self.view.is_snapshot:
            self.hint("a snapshot stays what it was: there is nobody to ask")
            return
        self.send(Refresh(instance=self.view.instance if self.current_mode == "instance" else ""))
        self.hint("asked every source again")

    def action_redraw(self) -> None:
        """Send the whole screen again."""
        self.view_screen.restyle()
        self.refresh(layout=True)

    def restyle(self) -> None:
        """Paint everything in new styles, on screens that are not on as well."""
        with self.batch_update():
            for screen in (screen for stack in self._screen_stacks.values() for screen in stack):
                if isinstance(screen, ViewScreen):
                    screen.restyle()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Any key but the second ctrl+c takes the hint away."""
        if self.view.hint and action != "cancel":
            self.view.hint = ""
            self.paint()
        return await super().run_action(action, default_namespace, namespaces)
