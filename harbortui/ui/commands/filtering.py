"""``/``: filters the table that has the keys while it is typed; in text and logs it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harbortui.ui.cell import Cell
from harbortui.ui.commands.prompt import Prompt
from harbortui.ui.widgets.table import Table

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp
    from harbortui.ui.widgets.log import LogTail


class FilterPrompt(Prompt):
    """Works on one table or log."""

    sign = "/"

    def __init__(self, shell: HarborApp, listed: Table | LogTail) -> None:
        super().__init__(shell)
        self._listed = listed
        self.line.set(listed.sought)

    def aside(self) -> tuple[Cell, ...]:
        """How much is left, or how it is typed."""
        listed = self._listed
        if not self.line.text:
            finds = not isinstance(listed, Table) or listed.pane.prose
            return (Cell("find; n and N go on" if finds else "filter: words, !not, column:word", "muted"),)
        if isinstance(listed, Table) and not listed.pane.prose:
            return (Cell(f"{listed.shown} of {listed.total}", "bar"),)
        return ()

    def changed(self) -> None:
        """Filter by what is there so far."""
        self._listed.seek(self.line.text)

    async def entered(self) -> None:
        """Keep it."""
        self.shell.close_prompt()

    def left(self) -> None:
        """Seek nothing."""
        self._listed.seek("")
