"""The table: a title line, a header that stays, rows; the cursor stays on its row's key while data moves.

Textual's DataTable repaints all of itself (24-28 kB) for one changed cell, even when the value is equal; this one sends
the changed cells.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.message import Message

from harbortui.ui.actions import Where, bindings
from harbortui.ui.arrange import Arrangement, arranged, sortable, states_in
from harbortui.ui.cell import Pane, Row
from harbortui.ui.fit import place_columns
from harbortui.ui.widgets.painted import Look
from harbortui.ui.widgets.table_cursor import TableCursor
from harbortui.ui.widgets.table_draw import FRAME, GUTTER
from harbortui.ui.widgets.table_lines import flatten, in_order_of

__all__ = ["FRAME", "GUTTER", "Standing", "Table"]


class Standing(NamedTuple):
    """Where a person stands in a table, to come back to."""

    arrangement: Arrangement
    key: str
    top: int


class Table(TableCursor, can_focus=True):
    """Shows a :class:`Pane`. Order is held while a person moves in it, see :meth:`release`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST, Where.TABLE)]

    class Rearranged(Message):
        """Filter, state or order changed."""

        def __init__(self, table: Table) -> None:
            super().__init__()
            self.table = table

    class Resized(Message):
        """The table has another size: what was drawn for the old one has to be drawn again."""

        def __init__(self, table: Table) -> None:
            super().__init__()
            self.table = table

    def __init__(self, look: Look, pane: Pane, *, id: str | None = None, number: int = 0, place: str = "") -> None:
        """``place`` names the table where its arrangement is kept; empty keeps none."""
        super().__init__(look, id=id)
        self.number = number
        self.place = place
        self.arrangement = Arrangement()
        self.marks = {}
        self._whole = pane
        """What there is; ``pane`` is what of it is shown."""
        self.pane, self.shown, self.total = arranged(pane, self.arrangement)
        self._lines = flatten(self.pane)
        self._top = 0
        self._held = False
        self._moved = False
        self._wants = []
        self._cursor = self._home()
        self.measure()

    def on_resize(self) -> None:
        """Fit into the new room, and say so."""
        super().on_resize()
        self.post_message(self.Resized(self))

    # Data

    def show(self, pane: Pane, of: object = None) -> None:
        """Show this pane; equal panes send nothing."""
        self.of = of
        if pane == self._whole:
            return
        self._whole = pane
        self._take(held=self._held)

    def _take(self, *, held: bool = False) -> None:
        """Arrange what there is anew; the cursor stays on its row."""
        key = self.cursor_key
        pane, self.shown, self.total = arranged(self._whole, self.arrangement)
        self.pane = in_order_of(pane, self.pane) if held else pane
        self._lines = flatten(self.pane)
        self.measure()
        self._cursor = self._index_of(key) if self._moved else self._home()
        self._scroll_to_cursor()
        self.repaint()

    def set_arrangement(self, arrangement: Arrangement) -> None:
        """Show it filtered and sorted like this."""
        if arrangement != self.arrangement:
            self.arrangement = arrangement
            self._take()
            self.post_message(self.Rearranged(self))

    def reset(self, *, keep: bool = False) -> None:
        """Put the cursor on the first row, for data of another thing; what hid rows of the old one is forgotten,
        unless it is to be ``kept``."""
        self._top = 0
        self._held = self._moved = False
        self.marks.clear()
        if not keep:
            self.arrangement = Arrangement(sort=self.arrangement.sort, backwards=self.arrangement.backwards)
        self._wants.clear()
        self._take()

    @property
    def standing(self) -> Standing:
        """Where a person stands, for :meth:`stand`."""
        return Standing(self.arrangement, self.cursor_key if self._moved else "", self._top)

    def stand(self, standing: Standing | None) -> None:
        """Stand there again, or at the beginning of something new."""
        self.arrangement = standing.arrangement if standing is not None else Arrangement()
        self.reset(keep=True)
        if standing is not None and standing.key:
            self._moved = True
            self._cursor, self._top = self._index_of(standing.key), standing.top
            self._scroll_to_cursor()
            self.repaint()

    @property
    def chosen(self) -> tuple[Row, ...]:
        """The marked rows that are shown, in their order on the screen; without any, the row under the cursor."""
        marked = tuple(line.row for line in self._lines if line.row is not None and line.row.key in self.marks)
        return marked or (() if self.row is None else (self.row,))

    # Arranging

    def action_mark(self) -> None:
        """Mark the row or take its mark away, and go on to the next."""
        row = self.row
        if row is None or row.wide or self.pane.prose:
            return
        if row.key in self.marks:
            del self.marks[row.key]
        else:
            self.marks[row.key] = None
        self.action_move(1)

    def action_sort(self) -> None:
        """Sort by the next column in view, then in the pane's own order again."""
        able = sortable(self.pane)
        places = place_columns(self.pane.blocks[0].columns, max(0, self.size.width - GUTTER), self._wants[0])
        seen = [self.pane.blocks[0].columns[index].title for index, _, _ in places]
        titles = ["", *(title for title in seen if title in able)]
        now = self.arrangement.sort
        after = titles[(titles.index(now) + 1) % len(titles)] if now in titles else ""
        self.set_arrangement(self.arrangement._replace(sort=after, backwards=False))

    def sort_at(self, x: int) -> None:
        """Sort by the column whose title is there; again turns the order round."""
        columns = self.pane.blocks[0].columns if self.pane.blocks else ()
        for index, begin, room in place_columns(columns, max(0, self.size.width - GUTTER), self._wants[0]):
            title = columns[index].title
            if begin <= x - GUTTER < begin + room and title in sortable(self.pane):
                same = title == self.arrangement.sort
                self.set_arrangement(
                    self.arrangement._replace(sort=title, backwards=same and not self.arrangement.backwards)
                )

    def action_facet(self) -> None:
        """Only the worst state that occurs, then the next, then all again."""
        states = ("", *states_in(self._whole)) if not self.pane.prose else ("",)
        now = self.arrangement.state
        after = states[(states.index(now) + 1) % len(states)] if now in states else ""
        self.set_arrangement(self.arrangement._replace(state=after))

    @property
    def sought(self) -> str:
        """What is filtered by, or found."""
        return self.arrangement.sought

    def seek(self, text: str) -> None:
        """Filter by this; in a pane of prose go to the first line that has it."""
        self.set_arrangement(self.arrangement._replace(sought=text))
        if text and self.pane.prose and self.row is not None and not self.row_contains(self.row, text):
            self.step_match(1)

    def clear_search(self) -> bool:
        """Take marks away, else what hides rows; False when there was nothing."""
        if self.marks:
            self.marks.clear()
            self.repaint()
            return True
        if self.arrangement.hides:
            self.set_arrangement(self.arrangement._replace(sought="", state=""))
            return True
        return False
