"""The app: modes, keys, and the one place where messages of the engine become a view.

Imported before the first paint, so it imports Textual and little else; panes and the model follow with the first data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.actions import ActionParseResult
from textual.binding import BindingType

from harbortui.ui import compat
from harbortui.ui.actions import Where, bindings
from harbortui.ui.paged_app import PagedApp
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import LOGS, InstanceScreen
from harbortui.ui.screens.page import PageScreen
from harbortui.ui.view import STREAMS, Start, View
from harbortui.ui.widgets.painted import Look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.dom import DOMNode

    from harbortui.engine.messages import LogLines, ToEngine
    from harbortui.ui.port import EnginePort, Shown
    from harbortui.ui.symbols import Symbols
    from harbortui.ui.themes import Theme

MINUTE = 60.0
"""Seconds between two looks at the clock; ages change no more often."""
DEFAULT_TASK = "core"
QUIT_HINT = "ctrl-c again quits"


class HarborApp(PagedApp, inherit_bindings=False):
    """The console. ``clock`` gives unix seconds; ``on_crash`` gets the error that ends the app."""

    DEFAULT_MODE = "fleet"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.ALL)]
    CSS = """
    Screen { background: $background; layout: vertical; overflow: hidden; }
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
    ) -> None:
        compat.install()
        super().__init__(on_crash, View(start, now=clock()))
        self.look = Look(theme.palette, symbols)
        self._port = port
        self._clock = clock
        self._on_painted = on_painted
        self._listener: asyncio.Task[None] | None = None
        self._following: tuple[str, str, str] | None = None
        self.use_theme(theme)
        self.add_mode("fleet", lambda: FleetScreen(self.look, start.names))
        self.add_mode("instance", lambda: InstanceScreen(self.look))
        self.add_mode("page", lambda: PageScreen(self.look))

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
        if self.view.start.instance:
            self.open_instance(self.view.start.instance)

    def _arm_clock(self) -> None:
        self.set_timer(MINUTE - self._clock() % MINUTE, self._next_minute)

    def _next_minute(self) -> None:
        """Move the ages on; the only thing here that happens without a message or a key."""
        self.view.now = self._now()
        self.view_screen.release()
        self.paint()
        self._arm_clock()

    def _now(self) -> float:
        snapshot = self.view.snapshot
        if snapshot is not None and snapshot.origin.value == "snapshot":
            return snapshot.taken_at
        return self._clock()

    async def _listen(self) -> None:
        from harbortui.engine.messages import LogLines
        from harbortui.ui.port import Shown

        async for message in self._port.messages():
            if isinstance(message, Shown):
                self._take_snapshot(message)
            elif isinstance(message, LogLines):
                self._take_lines(message)
            else:
                self.view.engine_note = message.text
                self.paint()
            await asyncio.sleep(0)  # Messages that are there already must not keep keys and paints waiting.

    def _listener_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._handle_exception(error if isinstance(error, Exception) else RuntimeError(type(error).__name__))

    async def on_unmount(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.cancel()

    def send(self, message: ToEngine) -> None:
        """A command for the engine."""
        self._port.send(message)

    # What is shown

    @property
    def view_screen(self) -> ViewScreen:
        """The screen that is on."""
        return cast(ViewScreen, self.screen)

    def paint(self) -> None:
        """Show the view on the screen that is on, in one update; others catch up when they come on."""
        if self.is_running and isinstance(self.screen, ViewScreen) and self.screen.is_mounted:
            with self.batch_update():
                self.screen.show(self.view)

    def _take_snapshot(self, shown: Shown) -> None:
        view = self.view
        first = view.snapshot is None
        view.snapshot, view.verdict, view.cached = shown.snapshot, shown.verdict, shown.cached
        view.engine_note = ""
        if first or shown.snapshot.origin.value == "snapshot":
            view.now = self._now()
        self.paint()

    def _take_lines(self, message: LogLines) -> None:
        view = self.view
        if (message.instance, message.task, message.stream) != (view.instance, view.task, view.stream):
            return
        from harbortui.ui.tail import tail_words

        view.tail, view.tail_style = tail_words(message)
        screen = self._instance_screen()
        if screen is not None:
            with self.batch_update():
                screen.take_lines(message)
                if screen is self.screen:
                    screen.show(view)

    def _instance_screen(self) -> InstanceScreen | None:
        stack = self._screen_stacks.get("instance", [])
        return cast(InstanceScreen, stack[0]) if stack else None

    # Where a person is

    def open_instance(self, name: str, pane: int = 0) -> None:
        """Show an instance; the engine looks at it more closely from then on."""
        from harbortui.engine.messages import Focus

        view = self.view
        if view.snapshot is not None and view.snapshot.instance(name) is None:
            return
        if name != view.instance:
            view.instance, view.task, view.stream, view.tail = name, "", STREAMS[0], ""
        self._pages.clear()
        self.go("instance", (name,))
        self.send(Focus(instance=name))
        screen = self._instance_screen()
        if screen is not None and pane:
            screen.current = pane
            self.call_after_refresh(screen.action_pane, pane)
        self.call_after_refresh(self.follow)

    def go(self, mode: str, crumbs: Iterable[str]) -> None:
        """Switch to a mode; the header shows the way there."""
        self.view.crumbs = tuple(crumbs)
        self.switch_mode(mode)

    def action_fleet(self) -> None:
        """The fleet."""
        from harbortui.engine.messages import Focus, Unfollow

        self._pages.clear()
        if self._following is not None:
            self._following = None
            self.send(Unfollow())
        self.send(Focus())
        self.go("fleet", ())

    async def action_back(self) -> None:
        """Back to the view before."""
        screen = self.screen
        if self.current_mode == "page":
            self._pages.pop()
            if self._pages:
                self.page = self._pages[-1]
                self.paint()
            elif self._before_page == "instance":
                self.go("instance", (self.view.instance,))
            else:
                self.go("fleet", ())
        elif isinstance(screen, InstanceScreen):
            if screen.zoomed:
                screen.action_zoom()
            else:
                self.action_fleet()

    async def action_leave(self) -> None:
        """Back; quit on the fleet screen."""
        if self.current_mode == "fleet":
            self.exit()
        else:
            await self.action_back()

    def action_next_pane(self, step: int) -> None:
        """The next or previous pane."""
        self.view_screen.next_pane(step)

    # Logs

    def action_logs(self) -> None:
        """The live log: of the component under the cursor, of the task followed before, or of core."""
        screen = self.screen
        if isinstance(screen, FleetScreen):
            self.open_instance(screen.instances.cursor_key, LOGS)
        elif isinstance(screen, InstanceScreen):
            components = screen.tables[0]
            if components.has_focus and components.row is not None and not components.row.wide:
                self.view.task, self.view.stream = components.cursor_key, STREAMS[0]
            screen.action_pane(LOGS)

    def next_stream(self) -> None:
        """The other stream of the task, then the next task."""
        from harbortui.ui.tail import next_stream

        view = self.view
        view.task, view.stream = next_stream(view.looked_at, view.task or DEFAULT_TASK, view.stream)
        self.follow()

    def follow(self) -> None:
        """Have the engine follow what the log pane shows, while a person can see it."""
        from harbortui.engine.messages import Follow

        screen, view = self.screen, self.view
        if not isinstance(screen, InstanceScreen) or not screen.logs_in_view or not view.instance:
            return
        view.task = view.task or DEFAULT_TASK
        wanted = (view.instance, view.task, view.stream)
        if wanted != self._following:
            self._following = wanted
            view.tail, view.tail_style = "opening", "muted"
            screen.log_tail.clear()
            self.send(Follow(instance=view.instance, task=view.task, stream=view.stream))
        self.paint()

    # Other keys

    def action_refresh_now(self) -> None:
        """Have the engine collect now."""
        from harbortui.engine.messages import Refresh

        self.send(Refresh(instance=self.view.instance if self.current_mode == "instance" else ""))
        self.hint("asked every source again")

    def action_redraw(self) -> None:
        """Send the whole screen again."""
        self.view_screen.restyle()
        self.refresh(layout=True)

    def action_refuse(self, key: str) -> None:
        """Say why a key that changes something does nothing."""
        self.hint(f"{key}: this console is read-only; nothing was changed")

    def action_cancel(self) -> None:
        """Twice in a row quits."""
        if self.view.hint == QUIT_HINT:
            self.exit()
        else:
            self.hint(QUIT_HINT)

    def hint(self, text: str) -> None:
        """Say something in place of the footer, until the next key."""
        self.view.hint = text
        self.paint()

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
