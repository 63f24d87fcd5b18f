"""What all screens have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.screen import Screen

from harbortui.ui.actions import Where
from harbortui.ui.header import footer_cells, header_cells
from harbortui.ui.widgets.lines import Lines
from harbortui.ui.widgets.painted import Look, Painted
from harbortui.ui.widgets.table import Table

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp
    from harbortui.ui.view import View


class ViewScreen(Screen[None], inherit_bindings=False):
    """A big view. It shows what the app's view says, whenever it is resumed and whenever the app asks."""

    ALLOW_SELECT = False
    AUTO_FOCUS = ""
    """Screens focus for themselves: a key pressed while a screen is being built must not be undone."""
    FOOTER: ClassVar[tuple[Where, ...]] = (Where.LIST, Where.ALL)
    NOT_IN_FOOTER: ClassVar[frozenset[str]] = frozenset()
    """Ids of actions that mean little on this screen."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.header = Lines(look, ground="bar")
        self.footer = Lines(look, ground="bar", whole=True)

    @property
    def shell(self) -> HarborApp:
        """The app, typed."""
        return cast("HarborApp", self.app)

    def show(self, view: View) -> None:
        """Show the view; subclasses add their panes."""
        left, right = header_cells(view)
        self.header.show(left, right=right)
        self.footer.show(footer_cells(view, self.FOOTER, self.NOT_IN_FOOTER))

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was on."""
        self.shell.paint()

    def on_resize(self) -> None:
        """Arrange for the new size."""
        self.shell.paint()

    def next_pane(self, step: int) -> None:
        """Move the focus by ``step`` panes."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def restyle(self) -> None:
        """Paint everything again in new styles."""
        for widget in self.query(Painted):
            widget.restyle()

    def release(self) -> None:
        """A minute went by: tables take their own order again."""
        for table in self.query(Table):
            table.release()
