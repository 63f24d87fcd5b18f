"""The fleet: verdict, instances, findings, replication."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Pane
from harbortui.ui.header import verdict_lines
from harbortui.ui.panes.columns import unjudged, waiting
from harbortui.ui.screens.base import ViewScreen
from harbortui.ui.widgets.lines import Lines
from harbortui.ui.widgets.log import LogTail
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import FRAME, Table

if TYPE_CHECKING:
    from harbortui.ui.view import View

VERDICT_LINES = 2
TALL = 20
"""Lines from which on the verdict may take a third one."""
BARS = 2
MATRIX_AT_LEAST = 6
"""Lines with which replication is worth being shown below the findings."""


class FleetScreen(ViewScreen):
    """The first screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.FLEET)]
    FOOTER = (Where.LIST, Where.TABLE, Where.FLEET, Where.ALL)
    NOT_IN_FOOTER = frozenset({"fleet", "back"})
    place = "fleet"

    def __init__(self, look: Look, names: tuple[str, ...]) -> None:
        super().__init__(look)
        self.verdict = Lines(look)
        self.instances = Table(look, waiting(names), id="instances", place="fleet/instances")
        self.trends = False
        self.findings = Table(look, unjudged(), id="findings", place="fleet/findings")
        self.replication = Table(look, Pane("Replication", ()), id="replication", place="fleet/replication")
        self.zoomed = False

    def compose(self) -> ComposeResult:
        """Header, verdict, three tables, footer."""
        yield self.header
        yield self.verdict
        yield self.instances
        yield self.findings
        yield self.replication
        yield self.footer
        yield self.choices

    def on_mount(self) -> None:
        """Keys go to the instances first."""
        self.instances.focus()
        self.restore_tables()

    def show(self, view: View) -> None:
        """Verdict, instances, findings, replication."""
        super().show(view)
        if view.snapshot is not None and view.verdict is not None:
            from harbortui.ui.panes.fleet import findings_pane, fleet_pane
            from harbortui.ui.panes.matrix import matrix_pane

            if self.trends:
                from harbortui.ui.panes.trends import fleet_trends

                width, height = self.size.width, self._most()
                self.instances.show(fleet_trends(view.snapshot, view.pasts, width, view.now, view.past_why_not, height))
            else:
                self.instances.show(fleet_pane(view.snapshot, view.verdict, view.now, view.pasts))
            self.findings.show(findings_pane(view.verdict, view.now))
            self.replication.show(matrix_pane(view.snapshot, view.verdict, view.now, self.size.width))
        self._show_verdict()
        self._arrange()

    def toggle_trends(self) -> None:
        """How the buckets grew, in place of how everything is; and back."""
        self.trends = not self.trends
        self.instances.reset()
        self.shell.historian.ask("")
        self.shell.paint()

    def _show_verdict(self) -> None:
        lines = verdict_lines(self.shell.view, self.size.width, self._entered(), self.named)
        self.verdict.styles.height = min(len(lines), VERDICT_LINES + (self.size.height >= TALL))
        self.verdict.show(*lines)

    def _entered(self) -> str:
        """What enter does now."""
        if self.focused is self.findings:  # The widget that loses the focus does not know it yet.
            return "shows the finding in full"
        if self.focused is self.replication:
            return "shows its replication"
        return f"opens {self.instance}" if self.instance else ""

    @property
    def instance(self) -> str:
        """The instance under the cursor; empty on a sentence, such as that of trends that are not known yet."""
        row = self.instances.row
        return row.key if row is not None and not row.wide else ""

    @property
    def named(self) -> str:
        """The instance that the row under the cursor is about; that of the first table where it names none."""
        from harbortui.ui.opening import thing_at

        spot, name = self.spot, ""
        if spot is not None and spot.where != "fleet/instances":
            thing = thing_at(self.shell.view, spot.where, spot.row)
            name = thing.instance if thing is not None else spot.row.key.partition("unseen/")[2]
        return name or self.instance

    def on_table_moved(self) -> None:
        """The key for the next step names what is under the cursor."""
        self._show_verdict()

    def on_descendant_focus(self) -> None:
        """The same, when keys go to the other table."""
        self._show_verdict()

    @property
    def _room(self) -> int:
        """Lines of both tables."""
        return self.size.height - VERDICT_LINES - (self.size.height >= TALL) - BARS

    def _most(self) -> int:
        """Lines that the instances may have."""
        return self._room if self.zoomed else self._room * 2 // 3

    def _arrange(self) -> None:
        """Instances get the lines they need, up to two thirds; findings what they need of the rest; replication what
        is left where that is enough, and the place of the findings while it has the keys."""
        room = self._room
        both = room >= 2 * (FRAME + 1) and not self.zoomed
        share = min(_wanted(self.instances) + 1, room * 2 // 3)
        told = _wanted(self.findings) + 1
        fits = self._replicates and room - share - told >= min(_wanted(self.replication), MATRIX_AT_LEAST)
        aside = self.replication.has_focus
        self.verdict.display = self.size.height >= 8
        self.instances.display = both or self.instances.has_focus or not (self.findings.has_focus or aside)
        self.findings.display = (both and (fits or not aside)) or self.findings.has_focus
        self.replication.display = (both and fits) or aside
        self.instances.styles.height = max(FRAME + 1, share) if both else "1fr"
        self.findings.styles.height = told if both and fits else "1fr"

    @property
    def _replicates(self) -> bool:
        """True when there is a word to say about replication."""
        return bool(self.replication.pane.blocks)

    def next_pane(self, step: int) -> None:
        """The next table, also when it is not displayed for want of room."""
        tables = [self.instances, self.findings, *([self.replication] if self._replicates else [])]
        at = next((n for n, table in enumerate(tables) if table.has_focus), 0)
        self.go_to(tables[(at + step) % len(tables)])

    def go_to(self, each: Table | LogTail) -> None:
        """Give a table the keys, in view."""
        each.display = True
        each.focus()
        self.call_after_refresh(self._arrange)

    def next_error(self) -> bool:
        """Go to the next finding, around the end; to the next hurt instance where there is none."""
        findings = self.findings
        found = findings.step_hurt(around=True) if findings.has_focus else findings.to_first_hurt()
        if not found:
            return super().next_error()
        if not findings.has_focus:
            self.go_to(findings)
        return True

    def zoom(self) -> bool:
        """The table that has the keys over the whole screen, and back."""
        self.zoomed = not self.zoomed
        self._arrange()
        if self.trends:
            self.shell.paint()
        return True

    def unzoom(self) -> bool:
        """Back to both tables."""
        return self.zoomed and self.zoom()

    def on_table_opened(self, event: Table.Opened) -> None:
        """Enter: an instance's screen, or a finding in full."""
        if event.row.wide and event.table is self.instances:
            return
        if event.table is self.instances:
            self.shell.open_instance(event.row.key)
        elif not event.row.wide:
            self.shell.open_row("fleet/findings" if event.table is self.findings else "fleet/replication", event)


def _wanted(table: Table) -> int:
    """Lines with which a table shows all it has."""
    return sum(len(block.rows) for block in table.pane.blocks) + table.frame
