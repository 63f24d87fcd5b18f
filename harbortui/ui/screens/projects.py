"""Screen 7: the projects, of which one's repositories can be summed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from harbortui.ui.actions import Where, bindings
from harbortui.ui.screens.asking import SNAPSHOT, AskingScreen
from harbortui.ui.screens.listing import ListScreen
from harbortui.ui.view import View


class ProjectsScreen(ListScreen, AskingScreen):
    """The list with the bar that asks first."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.INSTANCE)]
    FOOTER = (Where.LIST, Where.TABLE, Where.INSTANCE, Where.ALL)

    def compose(self) -> ComposeResult:
        """Header, table, bar, footer."""
        yield self.header
        yield self.table
        yield self.bar
        yield self.footer
        yield self.choices

    def show(self, view: View) -> None:
        """The list, and the bar while it asks."""
        super().show(view)
        self.show_bar(view)

    def take_keys(self) -> None:
        """To the table."""
        self.set_focus(self.table)

    def action_count(self) -> None:
        """Say in the bar what summing the repositories of the project takes; close the bar, or stop the sum."""
        from harbortui.ui.panes.project_list import project_of

        shell, row = self.shell, self.table.row
        project = project_of(shell.view, row) if row is not None else ""
        if shell.view.is_snapshot:
            shell.hint(SNAPSHOT)
        elif project or shell.desk.is_asking:
            shell.desk.sums.toggle(project)
        else:
            shell.hint("which project? move to one")
        shell.paint()
