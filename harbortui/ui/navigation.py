"""Where a person is: the fleet, an instance, a list, a page over one of them; and the ways between."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, cast

from harbortui.ui.follower import Follower
from harbortui.ui.history import Historian
from harbortui.ui.looks import Looker
from harbortui.ui.modes import LISTS
from harbortui.ui.paged_app import PagedApp
from harbortui.ui.screens.asking import AskingScreen
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.view import STREAMS, View

if TYPE_CHECKING:
    from harbortui.engine.messages import ToEngine
    from harbortui.ui.counting import Desk


class Place(NamedTuple):
    """A big view; pages are over one."""

    mode: str = "fleet"
    instance: str = ""
    """The instance looked at; empty on the fleet, and where a list belongs to none."""


class NavigatingApp(PagedApp, inherit_bindings=False):
    """An app with big views; ``send`` hands a command to the engine, which looks closer at what is on."""

    def __init__(self, on_crash: Callable[[BaseException], None], view: View, send: Callable[[ToEngine], None]) -> None:
        super().__init__(on_crash, view)
        self.send = send
        self.follower = Follower(view, send)
        self.historian = Historian(view, send)
        self.looker = Looker(view, send)
        self._desk: Desk | None = None
        self.at = Place()
        self._before: Place | None = None
        self._list_from = Place()
        """Where a person was before the lists."""

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

    @property
    def named(self) -> str:
        """The instance that keys are about: that of the open page, under the cursor of the fleet, or looked at."""
        screen = self.screen
        return screen.named if isinstance(screen, FleetScreen) else self.of_page or self.at.instance

    @property
    def of_page(self) -> str:
        """The instance that the newest page is about, as a runbook that sends its reader to panes; empty for none."""
        return self.pages[-1].page.instance if self.pages and self.current_mode == "page" else ""

    # Ways

    def open_instance(self, name: str, pane: int = 0, *, zoomed: bool | None = None) -> None:
        """Show an instance, at a pane, ``zoomed`` or not, where that is said; the engine looks at it more closely."""
        if not self._look_at(name):
            return
        self._arrive(Place("instance", name))
        self.historian.ask(name)
        self.call_after_refresh(self._settle, pane, zoomed)

    def _settle(self, pane: int, zoomed: bool | None) -> None:
        """What needs the instance's screen, which may have come into being only now."""
        screen = self.instance_screen
        if screen is not None and zoomed is not None:
            screen.zoomed = zoomed
        if screen is not None and pane:
            screen.go_to_pane(pane)
        self.follow()

    def open_screen(self, name: str, instance: str = "") -> None:
        """Show a list screen, of an instance where it belongs to one."""
        instance = instance or self.named
        if LISTS[name].of_instance and not self._look_at(instance):
            self.hint("which instance? move to one, or open it first")
            return
        if self.at.mode not in LISTS:
            self._list_from = self.at
        self.follower.stop()
        self._arrive(Place(name, instance))

    def action_open_screen(self, name: str) -> None:
        """A list screen of the instance at hand."""
        self.open_screen(name)

    def _look_at(self, name: str) -> bool:
        view = self.view
        if not name or (view.snapshot is not None and view.snapshot.instance(name) is None):
            return False
        if name != view.instance:
            view.instance, view.task, view.stream, view.tail = name, "", STREAMS[0], ""
        return True

    def _arrive(self, place: Place) -> None:
        from harbortui.engine.messages import Focus

        self.pages.clear()
        self.desk.dismiss()
        if place != self.at:
            self._before, self.at = self.at, place
        self.send(Focus(instance=place.instance))
        self.go(place.mode, self.crumbs)

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The way to the big view that is on, or under the pages."""
        mode, instance = self.at
        of_instance = mode == "instance" or (mode in LISTS and LISTS[mode].of_instance)
        return (*((instance,) if of_instance else ()), *((LISTS[mode].title,) if mode in LISTS else ()))

    def go(self, mode: str, crumbs: Iterable[str]) -> None:
        """Switch to a mode; the header shows the way there."""
        self.view.crumbs = tuple(crumbs)
        stays = mode == self.current_mode
        self.switch_mode(mode)
        if stays:  # The same screen of another instance: nothing is resumed, so nothing else paints.
            self.paint()

    def go_to_place(self, place: Place) -> None:
        """A place that was left before."""
        if place.mode == "instance":
            self.open_instance(place.instance)
        elif place.mode in LISTS:
            self.open_screen(place.mode, place.instance)
        else:
            self.action_fleet()

    def action_fleet(self) -> None:
        """The fleet."""
        self.follower.stop()
        self._arrive(Place())

    def action_pane(self, number: int) -> None:
        """A pane of the instance at hand."""
        screen = self.screen
        if isinstance(screen, InstanceScreen):
            screen.go_to_pane(number)
        elif not self.named:
            self.hint("panes belong to an instance: 0, then enter on one")
        else:
            self.open_instance(self.named, number)

    async def action_previous(self) -> None:
        """The view looked at before; pressed again, back to this one."""
        if self.current_mode == "page":
            self._leave_page()
        elif self._before is None:
            self.hint("there is no view before this one")
        else:
            self.go_to_place(self._before)

    async def action_back(self) -> None:
        """Take away what is laid over the view: marks, a filter; else back to the view before."""
        listed = self.view_screen.listed
        if not self.desk.is_asking and listed is not None and listed.clear_search():
            self.paint()
        else:
            self._back()

    def _back(self) -> None:
        screen = self.screen
        if self.current_mode == "page":
            self._leave_page()
        elif isinstance(screen, AskingScreen) and (self.desk.is_asking or screen.may_stop):
            self.desk.cancel()
            self.paint()
        elif self.view_screen.unzoom():
            self.paint()
        elif self.at.mode in LISTS:
            self.go_to_place(self._list_from)
        elif self.at.mode != "fleet":
            self.action_fleet()

    def _leave_page(self) -> None:
        self.close_page()
        if not self.pages:
            self.go(self._under, self.crumbs)

    async def action_leave(self) -> None:
        """Back; quit on the fleet screen."""
        if self.current_mode == "fleet":
            self.exit()
        else:
            self._back()

    def action_next_pane(self, step: int) -> None:
        """The next or previous pane."""
        self.view_screen.next_pane(step)

    def action_zoom(self) -> None:
        """One pane over the whole screen, and back."""
        if not self.view_screen.zoom():
            self.hint("there is one pane here, and it has the whole screen")
        self.paint()
