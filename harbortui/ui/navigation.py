"""Where a person is: the fleet, an instance, a page over one of them; and the ways between."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

from harbortui.ui.follower import Follower
from harbortui.ui.history import Historian
from harbortui.ui.paged_app import PagedApp
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.screens.instance import STORAGE, InstanceScreen
from harbortui.ui.view import STREAMS, View

if TYPE_CHECKING:
    from harbortui.engine.messages import ToEngine
    from harbortui.ui.counting import Desk


class NavigatingApp(PagedApp, inherit_bindings=False):
    """An app with big views; ``send`` hands a command to the engine, which looks closer at what is on."""

    def __init__(self, on_crash: Callable[[BaseException], None], view: View, send: Callable[[ToEngine], None]) -> None:
        super().__init__(on_crash, view)
        self.send = send
        self.follower = Follower(view, send)
        self.historian = Historian(view, send)
        self._desk: Desk | None = None
        self._place = ""
        """The instance looked at; empty on the fleet."""
        self._place_before: str | None = None

    def follow(self) -> None:
        """Follow the log that is in view."""
        raise NotImplementedError

    @property
    def desk(self) -> Desk:
        """Where counts are asked for; made when first needed, because nothing of it is in the first paint."""
        from harbortui.ui.counting import Desk

        if self._desk is None:
            self._desk = Desk(self.view, self.send)
        return self._desk

    @property
    def view_screen(self) -> ViewScreen:
        """The screen that is on."""
        return cast(ViewScreen, self.screen)

    @property
    def instance_screen(self) -> InstanceScreen | None:
        """The instance's screen, once it was on."""
        stack = self._screen_stacks.get("instance", [])
        return cast(InstanceScreen, stack[0]) if stack else None

    def open_instance(self, name: str, pane: int = 0) -> None:
        """Show an instance; the engine looks at it more closely from then on."""
        from harbortui.engine.messages import Focus

        view = self.view
        if view.snapshot is not None and view.snapshot.instance(name) is None:
            return
        self.desk.dismiss()
        if name != view.instance:
            view.instance, view.task, view.stream, view.tail = name, "", STREAMS[0], ""
        self._pages.clear()
        self._note_place(name)
        self.go("instance", (name,))
        self.send(Focus(instance=name))
        self.historian.ask(name)
        screen = self.instance_screen
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
        from harbortui.engine.messages import Focus

        self._pages.clear()
        self.desk.dismiss()
        self.follower.stop()
        self.send(Focus())
        self._note_place("")
        self.go("fleet", ())

    def _note_place(self, place: str) -> None:
        if place != self._place:
            self._place_before, self._place = self._place, place

    async def action_previous(self) -> None:
        """The fleet or instance looked at before; pressed again, back to this one."""
        if self.current_mode == "page":
            await self.action_back()
        elif self._place_before is None:
            self.hint("there is no view before this one")
        elif self._place_before:
            self.open_instance(self._place_before)
        else:
            self.action_fleet()

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
            if self.desk.is_asking or (screen.current == STORAGE and self.desk.is_busy):
                self.desk.cancel()
                self.paint()
            elif screen.zoomed:
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
