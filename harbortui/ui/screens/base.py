"""What all screens have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.screen import Screen

from harbortui.ui.actions import Where, footer_actions
from harbortui.ui.header import footer_cells, header_cells
from harbortui.ui.widgets.choices import Choices
from harbortui.ui.widgets.foot import Foot
from harbortui.ui.widgets.lines import Lines
from harbortui.ui.widgets.log import LogTail
from harbortui.ui.widgets.painted import Look, Painted
from harbortui.ui.widgets.table import Table

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.app import HarborApp
    from harbortui.ui.cell import Block, Row
    from harbortui.ui.view import View


class Spot(NamedTuple):
    """The row that keys are about, and where it is."""

    where: str
    title: str
    block: Block
    row: Row
    prose: bool = False
    """True for a line of text."""


class ViewScreen(Screen[None], inherit_bindings=False):
    """A big view. It shows what the app's view says, whenever it is resumed and whenever the app asks."""

    ALLOW_SELECT = False
    AUTO_FOCUS = ""
    """Screens focus for themselves: a key pressed while a screen is being built must not be undone."""
    FOOTER: ClassVar[tuple[Where, ...]] = (Where.LIST, Where.TABLE, Where.ALL)
    NOT_IN_FOOTER: ClassVar[frozenset[str]] = frozenset()
    """Ids of actions that mean little on this screen."""
    place = ""
    """The name of the screen in places."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.header = Lines(look, ground="bar")
        self.footer = Foot(look)
        self.choices = Choices(look)

    @property
    def shell(self) -> HarborApp:
        """The app, typed."""
        return cast("HarborApp", self.app)

    def show(self, view: View) -> None:
        """Show the view; subclasses add their panes."""
        left, right = header_cells(view)
        self.header.show(left, right=right)
        self.footer.show_prompt(self.shell.prompt)
        self.footer.show(footer_cells(view, self.FOOTER, self.not_in_footer))

    @property
    def not_in_footer(self) -> frozenset[str]:
        """Ids of actions that mean little on what is shown now."""
        return self.NOT_IN_FOOTER

    def looks(self, view: View) -> tuple[Query, ...]:
        """What is in view and not in the snapshot."""
        return ()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was on."""
        self.shell.paint()

    def on_resize(self) -> None:
        """Arrange for the new size."""
        self.shell.paint()

    def on_idle(self) -> None:
        """Everything that was said is done: what a key changed is painted now."""
        self.shell.haste.paint(self, self.query(Painted))

    def next_pane(self, step: int) -> None:
        """Move the focus by ``step`` panes."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def zoom(self) -> bool:
        """One pane over the whole screen, and back; False where there is only one."""
        return False

    def unzoom(self) -> bool:
        """Back to all panes; False when they are all there."""
        return False

    def restyle(self) -> None:
        """Paint everything again in new styles."""
        for widget in self.query(Painted):
            widget.restyle()

    def release(self) -> None:
        """A minute went by: tables take their own order again."""
        for table in self.query(Table):
            table.release()

    # What keys are about

    @property
    def lists(self) -> tuple[Table | LogTail, ...]:
        """Tables and logs in reading order, also those that are not displayed."""
        return tuple(each for each in self.query("*") if isinstance(each, Table | LogTail))

    @property
    def listed(self) -> Table | LogTail | None:
        """The table or log that has the keys."""
        return next((each for each in self.lists if each.has_focus), None)

    @property
    def spot(self) -> Spot | None:
        """The row under the cursor of the table that has the keys."""
        table = self.listed
        if not isinstance(table, Table) or table.row is None or table.block is None:
            return None
        return Spot(table.place or self.place, table.pane.title, table.block, table.row, table.pane.prose)

    def go_to(self, each: Table | LogTail) -> None:
        """Give a table or log the keys, in view."""
        each.focus()

    def next_error(self) -> bool:
        """Go to the next row or line that tells of trouble, in all panes in reading order; False when there is none."""
        lists = self.lists
        current = self.listed
        if current is not None and current.step_hurt(around=False):
            return True
        at = lists.index(current) if current is not None else -1
        for each in (*lists[at + 1 :], *lists[: at + 1]):
            if each.to_first_hurt():
                self.go_to(each)
                return True
        return False

    def on_table_rearranged(self, event: Table.Rearranged) -> None:
        """Keep how a person wants a table, for when it is shown again."""
        if event.table.place:
            self.shell.view.arrangements[event.table.place] = event.table.arrangement

    async def on_lines_clicked(self, event: Lines.Clicked) -> None:
        """A word of the footer does what its key does."""
        shell = self.shell
        if event.lines is not self.footer or shell.prompt is not None or shell.view.hint:
            return
        named = tuple(footer_actions(self.FOOTER, self.NOT_IN_FOOTER))
        if event.index < len(named):
            await shell.do(named[event.index])

    def restore_tables(self) -> None:
        """Have the tables as a person wanted them last."""
        for table in self.query(Table):
            kept = self.shell.view.arrangements.get(table.place)
            if kept is not None:
                table.set_arrangement(kept)
