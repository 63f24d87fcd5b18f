"""Keys that work alike on every screen: raw, errors, runbooks, copy, save, time zone; what they need comes on use."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from harbortui.ui.actions import BY_ID, shown_key
from harbortui.ui.navigation import NavigatingApp
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import InstanceScreen
from harbortui.ui.screens.trended import LOGS

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp
    from harbortui.ui.panes.help import Here
    from harbortui.ui.widgets.table import Table

QUIT_HINT = "ctrl-c again quits"
ZONES = ("UTC", "local")


class KeyedApp(NavigatingApp, inherit_bindings=False):
    """An app whose keys look."""

    def hint(self, text: str) -> None:
        """Say something in place of the footer, until the next key."""
        self.view.hint = text
        self.paint()

    @property
    def _shell(self) -> HarborApp:
        return cast("HarborApp", self)

    @property
    def here(self) -> Here:
        """The screen that is on, for its help."""
        from harbortui.ui.panes.help import Here

        screen = self.view_screen
        title = self.view.crumbs[-1] if self.view.crumbs and screen.place == "page" else screen.place
        return Here(title.capitalize(), screen.FOOTER, screen.NOT_IN_FOOTER)

    # Rows

    def open_row(self, where: str, event: Table.Opened) -> None:
        """Enter on a row that its screen knows nothing better for."""
        from harbortui.ui.opening import opened

        opened(self._shell, where, event.table.pane.title, event.block, event.row)

    def action_describe(self) -> None:
        """The object under the cursor as its API tells it."""
        from harbortui.ui.opening import describe, describe_page

        spot = self.view_screen.spot
        if spot is not None:
            describe(self._shell, spot.where, spot.title, spot.block, spot.row)
        elif not describe_page(self._shell):
            self.hint("there is no row here to show raw")

    def action_say(self) -> None:
        """The row under the cursor in words: what a screen reader can read in one line."""
        spot = self.view_screen.spot
        if spot is None:
            self.hint("there is no row here")
        elif spot.row.wide:
            self.hint("".join(cell.text for cell in spot.row.cells))
        else:
            named = zip(spot.block.columns, spot.row.cells, strict=False)
            self.hint(", ".join(f"{column.title} {cell.text}".strip() for column, cell in named if cell.text))

    def action_next_error(self) -> None:
        """The next row or line that tells of trouble."""
        if not self.view_screen.next_error():
            self.hint("no error or warning in view")

    # Logs

    def action_logs(self) -> None:
        """The live log: of the component under the cursor, of the task followed before, or of core."""
        from harbortui.ui.opening import open_log

        screen = self.screen
        instance, task = self.page.live_log if self.page is not None else ("", "")
        if instance:
            open_log(self._shell, instance, task)
        elif isinstance(screen, FleetScreen):
            self.open_instance(screen.named, LOGS)
        elif isinstance(screen, InstanceScreen):
            if screen.component:
                self.follower.choose(screen.component)
            screen.go_to_pane(LOGS)
        elif self.named:
            self.open_instance(self.named, LOGS)
        else:
            self.hint("logs belong to an instance: esc first")

    def action_pause(self) -> None:
        """Hold the log still, or let it go on."""
        screen = self.screen
        if isinstance(screen, InstanceScreen) and screen.logs_in_view:
            screen.log_tail.pause()
        else:
            self.hint("there is no log in view to hold still")

    def action_runbook(self) -> None:
        """The runbook that fits what the cursor is on."""
        from harbortui.ui.runbook_keys import open_for

        open_for(self._shell)

    def action_copy(self) -> None:
        """The chosen rows to the terminal's clipboard."""
        from harbortui.ui.clipboard import copy

        copy(self._shell)

    def action_save(self) -> None:
        """The screen as text and picture."""
        from harbortui.ui.dump import save

        save(self._shell)

    # Time

    def action_zone(self) -> None:
        """Times in UTC, in this machine's zone, in the configured one."""
        zones = tuple(dict.fromkeys((*ZONES, self.view.start.timezone)))
        now = self.view.zone
        self.use_zone(zones[(zones.index(now) + 1) % len(zones)] if now in zones else zones[0])

    def use_zone(self, name: str) -> None:
        """Show times in this zone from now on, and say so; raises ValueError for one that does not exist."""
        from harbortui.ui import words

        self.set_zone(name)
        self.hint(f"times are in {words.zone(self.view.now)}" + (" (this machine's)" if name == "local" else ""))

    def set_zone(self, name: str) -> None:
        """Show times in this zone from now on; raises ValueError for one that does not exist."""
        from harbortui.ui import words

        words.use_zone(name)
        self.view.zone = name

    # What does nothing yet

    def action_refuse(self, id_: str) -> None:
        """Say why a key that changes something does nothing."""
        why = "this is a snapshot" if self.view.is_snapshot else "this console is read-only"
        self.hint(f"{shown_key(id_, self.view.start.keymap)}: {why}; nothing was changed")

    def action_later(self, id_: str) -> None:
        """Say that a key does nothing in this version."""
        self.hint(f"{shown_key(id_, self.view.start.keymap)} will {BY_ID[id_].title}; this version cannot yet")

    def action_cancel(self) -> None:
        """Twice in a row quits."""
        if self.view.hint == QUIT_HINT:
            self.exit()
        else:
            self.hint(QUIT_HINT)
