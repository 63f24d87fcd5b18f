"""Pages over the big views: help, sources and ages, one thing in full; they stack, and back closes the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, cast

from harbortui.ui.page import Page, Plain
from harbortui.ui.safe_app import SafeApp
from harbortui.ui.screens.page import OpenPage

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.app import HarborApp
    from harbortui.ui.cell import Block, Pane, Row
    from harbortui.ui.panes.help import Here
    from harbortui.ui.screens.base import ViewScreen
    from harbortui.ui.view import View
    from harbortui.ui.widgets.table import Table


class PagedApp(SafeApp, inherit_bindings=False):
    """An app with a view and a stack of pages."""

    def __init__(self, on_crash: Callable[[BaseException], None], view: View) -> None:
        super().__init__(on_crash)
        self.view = view
        self.pages: list[OpenPage] = []
        """The pages that are open, the newest last."""
        self._under = "fleet"
        """The mode that the pages cover."""

    def paint(self) -> None:
        """Show the view."""
        raise NotImplementedError

    def go(self, mode: str, crumbs: Iterable[str]) -> None:
        """Switch to a mode."""
        raise NotImplementedError

    def hint(self, text: str) -> None:
        """Say something until the next key."""
        raise NotImplementedError

    @property
    def page(self) -> Page | None:
        """The page that is on."""
        return self.pages[-1].page if self.pages and self.current_mode == "page" else None

    def open_page(self, page: Page | Callable[[View, int], Pane], crumb: str, looks: tuple[Query, ...] = ()) -> None:
        """Show a page over what is on; ``looks`` are asked for while it is open."""
        if self.current_mode != "page":
            self._under = self.current_mode
        before = self.pages[-1].crumbs if self.pages and self.current_mode == "page" else self.view.crumbs
        self.pages.append(OpenPage(page if isinstance(page, Page) else Plain(page), (*before, crumb), looks))
        self.go("page", self.pages[-1].crumbs)
        self.paint()

    def covered_looks(self) -> Iterator[Query]:
        """What pages and the view under them ask for, covered or not."""
        if self.pages:
            yield from (query for page in self.pages for query in page.looks)
            for screen in self._screen_stacks.get(self._under, [])[:1]:
                yield from cast("ViewScreen", screen).looks(self.view)

    def close_page(self) -> None:
        """Close the newest page; what it covered comes back as it was."""
        self.pages.pop()
        if self.pages:
            self.view.crumbs = self.pages[-1].crumbs
            self.paint()

    def open_row(self, where: str, event: Table.Opened) -> None:
        """Enter on a row that its screen knows nothing better for."""
        raise NotImplementedError

    def open_detail(self, title: str, block: Block, row: Row) -> None:
        """A row in full."""
        from harbortui.ui.opening import DetailPage, raw_here

        page = DetailPage(title, block, row, raw_here(cast("HarborApp", self), row))
        named = next((cell.text for cell in row.cells if any(map(str.isalnum, cell.text))), title)
        self.open_page(page, named.strip()[:20])

    def open_lines(self, title: str, lines: tuple[str, ...]) -> None:
        """Lines in full."""
        from harbortui.ui.panes.pages import lines_pane

        self.open_page(lambda _view, width: lines_pane(title, lines, width), "lines")

    def action_help(self) -> None:
        """All keys, those of the screen that is on first."""
        if self.current_mode == "page" and self.view.crumbs[-1:] == ("help",):
            self.hint("this is the help: esc leaves it")
            return
        from harbortui.ui.panes.help import help_pane

        here = self.here
        self.open_page(lambda view, width: help_pane(view.start.keymap, here, width), "help")

    @property
    def here(self) -> Here:
        """The screen that is on, for its help."""
        raise NotImplementedError

    def action_ages(self) -> None:
        """Sources and ages of everything, or of the instance looked at."""
        if self.view.snapshot is None:
            self.hint("nothing has been asked yet")
            return
        from harbortui.ui.panes.ages import ages_pane

        only = self.view.instance if self.current_mode == "instance" else ""
        snapshot = self.view.snapshot

        def page(view: View, width: int) -> Pane:
            return ages_pane(view.snapshot or snapshot, view.verdict, view.now, width, only)

        self.open_page(page, "ages")
