"""One instance: five panes in reading order, all at once where there is room, else one at a time with tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from harbortui.ui.actions import Where, bindings
from harbortui.ui.cell import Block, Cell, Pane
from harbortui.ui.header import summary_cells, tab_cells
from harbortui.ui.screens.asking import SNAPSHOT, AskingScreen
from harbortui.ui.screens.trended import LOGS, TrendedScreen
from harbortui.ui.symbols import UNICODE
from harbortui.ui.widgets.lines import Lines
from harbortui.ui.widgets.log import LogTail
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table import FRAME, Table

if TYPE_CHECKING:
    from harbortui.engine.messages import LogLines, SumState
    from harbortui.model.snapshot import InstanceSnapshot, Snapshot
    from harbortui.ui.view import View

NAMES = ("Components", "Allocations", "Storage", "Replication", "Logs")
STORAGE = 3
ROOMY_WIDTH = 100
ROOMY_HEIGHT = 30
BARS = 3
TAIL_SIGNS = {"critical": UNICODE.critical, "unknown": UNICODE.unknown}
"""What the tab of the logs says of a tail, by its style."""
COMPONENT_ROWS = 8
NOTES_AT_MOST = 2
FIRST_ROW = COMPONENT_ROWS + FRAME
TALL = 46
"""Lines from which on the first two panes take some of the logs' lines for their plots."""
PLOT_ROOM = 10


class InstanceScreen(TrendedScreen, AskingScreen):
    """Five panes; the focused one is the current one."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.INSTANCE)]
    FOOTER = (Where.LIST, Where.TABLE, Where.INSTANCE, Where.ALL)
    place = "instance"

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.summary = Lines(look)
        self.tabs = Lines(look)
        self.tables = [
            Table(look, Pane(name, (Block((), ()),)), number=number, place=f"instance/{number}")
            for number, name in enumerate(NAMES[:-1], start=1)
        ]
        self.log_tail = LogTail(look, number=LOGS)
        self.rows = (Horizontal(), Horizontal())
        self.zoomed = False
        self._shown = ""
        self._badges: dict[int, Cell] = {}
        """Of the panes as they are, also while one shows how it went."""

    def compose(self) -> ComposeResult:
        """Header, summary, tabs, two rows of two panes, logs, footer."""
        yield self.header
        yield self.summary
        yield self.tabs
        with self.rows[0]:
            yield self.tables[0]
            yield self.tables[1]
        with self.rows[1]:
            yield self.tables[2]
            yield self.tables[3]
        yield self.log_tail
        yield self.bar
        yield self.footer
        yield self.choices

    def on_mount(self) -> None:
        """Keys go to the current pane."""
        self.take_keys()
        self.restore_tables()

    # What is shown

    def show(self, view: View) -> None:
        """All panes, also the hidden ones: their badges are in the tabs."""
        super().show(view)
        view.pane, view.zoomed = self.current, self.zoomed
        if view.instance != self._shown:
            self.log_tail.clear()
            for table in self.tables:
                table.reset(keep=not self._shown)
            self._shown = view.instance
        self.summary.show(summary_cells(view))
        if view.snapshot is not None and view.looked_at is not None:
            self._show_panes(view, view.snapshot, view.looked_at)
        if view.task:
            self.log_tail.label(f"Logs  {view.task} {view.stream}", Cell(view.tail, view.tail_style))
        badges = [(number, NAMES[number - 1], self._badges.get(number, Cell(""))) for number in range(1, LOGS)]
        tail = Cell(TAIL_SIGNS.get(view.tail_style, ""), view.tail_style)
        self.tabs.show(tab_cells([*badges, (LOGS, NAMES[-1], tail)], self.current))
        self._arrange()
        self.show_bar(view)

    def _show_panes(self, view: View, snapshot: Snapshot, instance: InstanceSnapshot) -> None:
        from harbortui.ui.panes.allocations import allocations_pane
        from harbortui.ui.panes.components import components_pane
        from harbortui.ui.panes.parts import nodes_of
        from harbortui.ui.panes.replication import replication_pane
        from harbortui.ui.panes.storage import storage_pane

        now, past = view.now, view.detail
        panes = (
            components_pane(instance, now, past, view.judged),
            allocations_pane(instance, now, past, nodes_of(snapshot, instance).value or (), view.judged),
            storage_pane(snapshot, instance, now, view.counts.get(view.instance), past, self._sums(view)),
            replication_pane(instance, now, past),
        )
        for table, pane in zip(self.tables, panes, strict=True):
            self._badges[table.number] = pane.badge
            if table.number in self.trends:
                self.show_trends(table, instance, past, now)
            else:
                table.show(pane)

    def _sums(self, view: View) -> dict[tuple[str, str], SumState] | None:
        """How sums of projects are, where there is room to list projects."""
        return view.sums if self.zoomed and self.current == STORAGE else None

    def take_lines(self, message: LogLines) -> None:
        """New lines of the tail."""
        if message.reset:
            self.log_tail.clear()
        if message.lines:
            self.log_tail.extend(message.lines)

    # Which pane, and where

    @property
    def roomy(self) -> bool:
        """True where all panes fit at once."""
        return self.size.width >= ROOMY_WIDTH and self.size.height >= ROOMY_HEIGHT

    @property
    def may_stop(self) -> bool:
        """On the storage pane, while something is counted or summed."""
        return self.current == STORAGE and self.shell.desk.is_busy

    @property
    def component(self) -> str:
        """The component under the cursor, when keys go to the components."""
        table = self.tables[0]
        return table.cursor_key if table.has_focus and table.row is not None and not table.row.wide else ""

    @property
    def logs_in_view(self) -> bool:
        """True while a person can see the log pane."""
        return self.current == LOGS or (self.roomy and not self.zoomed)

    def go_to_pane(self, number: int) -> None:
        """Go to a pane."""
        self.shell.desk.dismiss()
        self.current = number
        self._arrange()
        self.take_keys()
        self.shell.paint()
        self.shell.follow()

    def go_to(self, each: Table | LogTail) -> None:
        """Give a pane the keys, in view."""
        self.go_to_pane(each.number)

    def zoom(self) -> bool:
        """One pane over the whole screen, and back."""
        self.zoomed = not self.zoomed
        self.go_to_pane(self.current)
        return True

    def unzoom(self) -> bool:
        """Back to all panes."""
        return self.zoomed and self.zoom()

    def on_log_tail_next_wanted(self) -> None:
        """The next task or stream of the log."""
        self.shell.next_stream()

    def action_count(self) -> None:
        """Say in the bar what counting the bucket takes, or on a project's row what summing its repositories takes.

        Closes the bar, or stops what is under way there.
        """
        from harbortui.ui.panes.project_usage import project_at

        shell = self.shell
        if shell.view.is_snapshot:
            shell.hint(SNAPSHOT)
            return
        project = project_at(self.tables[STORAGE - 1].cursor_key) if self.current == STORAGE and self.zoomed else ""
        if project and not shell.view.asking:
            shell.desk.sums.toggle(project)
        elif shell.desk.is_asking or shell.desk.is_counting:
            shell.desk.cancel()
        else:
            self.go_to_pane(STORAGE)
            shell.desk.ask()
        shell.paint()

    def next_pane(self, step: int) -> None:
        """The next pane in reading order."""
        self.go_to_pane((self.current - 1 + step) % LOGS + 1)

    def _pane(self, number: int) -> Widget:
        return self.log_tail if number == LOGS else self.tables[number - 1]

    def take_keys(self) -> None:
        """To the current pane."""
        # At once: Textual gives the focus of a widget that hides to any other, which would become the current pane.
        self.set_focus(self._pane(self.current))

    def on_descendant_focus(self) -> None:
        """Follow a focus that came by mouse."""
        for number in range(1, LOGS + 1):
            if self._pane(number).has_focus and number != self.current:
                self.current = number
                self.shell.paint()

    def _arrange(self) -> None:
        single = self.zoomed or not self.roomy
        for number in range(1, LOGS + 1):
            self._pane(number).display = not single or number == self.current
        self.rows[0].display = not single or self.current in (1, 2)
        self.rows[1].display = not single or self.current in (3, 4)
        self.tabs.display = single and self.size.height >= 10
        self.summary.display = self.size.height >= 8
        if single:
            for row in self.rows:
                row.styles.height = "1fr"
            for table in self.tables:
                table.styles.width = "1fr"
                table.styles.margin = 0
            return
        lines = sum(len(block.rows) for block in self.tables[0].pane.blocks)
        first = FIRST_ROW + max(0, min(lines - COMPONENT_ROWS, NOTES_AT_MOST))
        if self.trends & {1, 2} and self.size.height >= TALL:
            first += PLOT_ROOM
        rest = self.size.height - BARS - first
        second = max(8, min(18, rest * 45 // 100))
        for row, height in zip(self.rows, (first, second), strict=True):
            row.styles.height = height
        for table, share in zip(self.tables, ("58fr", "42fr", "46fr", "54fr"), strict=True):
            table.styles.width = share
            table.styles.margin = (0, 1 if table.number in (1, 3) else 0, 0, 0)

    # Keys that a pane sends up

    async def on_lines_clicked(self, event: Lines.Clicked) -> None:
        """A tab goes to its pane."""
        if event.lines is self.tabs:
            self.go_to_pane(event.index + 1)
        else:
            await super().on_lines_clicked(event)

    def on_table_opened(self, event: Table.Opened) -> None:
        """Enter: what the row opens, or the row in full."""
        self.shell.open_row(f"instance/{event.table.number}", event)

    def on_log_tail_opened(self, event: LogTail.Opened) -> None:
        """Enter on the log: the lines in view in full."""
        self.shell.open_lines(event.title, event.lines)
