"""``b``: the runbook that fits what the keys are about, with its names in it; the list of all where none does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harbortui.runbooks.catalogue import Runbook, fitting, runbooks
from harbortui.runbooks.names import Names, Subject, names_of
from harbortui.ui.page import Page
from harbortui.ui.panes.runbook import Rendered, list_pane, runbook_pane
from harbortui.ui.runbook_context import About, about_object, about_query, about_row, about_thing

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp
    from harbortui.ui.cell import Pane, Row
    from harbortui.ui.view import View

CRUMB = "runbook"


class RunbookPage(Page):
    """One page on the stack; its names follow the snapshot while it is open, as when an allocation is replaced."""

    leads_on = True

    def __init__(self, book: Runbook, about: About) -> None:
        self.book = book
        self.about = about
        self._made: tuple[object, Rendered] | None = None

    @property
    def instance(self) -> str:
        """The instance whose names are filled in."""
        return self.about.instance

    def __call__(self, view: View, width: int) -> Pane:
        """The page at that width."""
        return self._render(view, width).pane

    def _render(self, view: View, width: int) -> Rendered:
        about, names = self.about, self.names(view)
        now = {"names": names, "width": width, "now": view.now}
        if self._made is None or self._made[0] != now:
            self._made = (now, runbook_pane(self.book, names, width, view.now, about.finding))
        return self._made[1]

    def names(self, view: View) -> Names:
        """What its placeholders stand for now."""
        about, snapshot = self.about, view.snapshot
        if snapshot is None:
            return {}
        return names_of(snapshot, about.instance, about.subject, about.finding)

    @property
    def links(self) -> Mapping[str, str]:
        """Where rows lead, by key."""
        return self._made[1].links if self._made is not None else {}

    def opened(self, shell: HarborApp, row: Row) -> bool:
        """Enter: another page, where the row has a link; a command says what can be done with it."""
        target = self.links.get(row.key, "")
        book = runbooks().get(target.removesuffix(".md"))
        if book is not None:
            open_page(shell, book, self.about._replace(finding=None))
        elif target:
            shell.hint(f"{target} is outside of this console")
        elif row.copies:
            shell.hint("nothing is run from here: y copies the command")
        return True


class ListPage(Page):
    """All runbooks, for one instance or none."""

    leads_on = True

    def __init__(self, about: About) -> None:
        self.about = about

    def __call__(self, view: View, width: int) -> Pane:
        """The list."""
        return list_pane(runbooks().values(), view.now)

    def opened(self, shell: HarborApp, row: Row) -> bool:
        """Enter: the page."""
        open_page(shell, runbooks()[row.key], self.about)
        return True


def open_for(shell: HarborApp) -> None:
    """``b``: the page that fits what the keys are about."""
    about = about_here(shell)
    book = fitting(about.name) if about.name else None
    if book is None:
        shell.open_page(ListPage(about), "runbooks")
    else:
        open_page(shell, book, about)


def open_named(shell: HarborApp, name: str) -> str:
    """The page of that id, or that fits that rule; why there is none, or nothing."""
    book = fitting(name)
    if book is None:
        return f"there is no runbook {name}; :runbooks shows all"
    about = about_here(shell)
    fits = about.finding is not None and about.finding.rule in book.front.fits
    open_page(shell, book, about if fits else about._replace(finding=None))
    return ""


def open_list(shell: HarborApp) -> None:
    """All of them."""
    shell.open_page(ListPage(about_here(shell)), "runbooks")


def open_page(shell: HarborApp, book: Runbook, about: About) -> None:
    """A page over what is on."""
    shell.open_page(RunbookPage(book, about), f"{CRUMB} {book.title}")


def about_here(shell: HarborApp) -> About:
    """What the keys are about now."""
    view, spot = shell.view, shell.view_screen.spot
    if shell.page is not None:
        return _about_page(view, shell.page, shell.named)
    if spot is not None:
        return about_row(view, shell.named, spot.where, spot.row)
    if shell.current_mode == "instance" and view.task:
        return about_object(view, shell.named, Subject("component", view.task))
    return About(instance=shell.named)


def _about_page(view: View, page: Page, instance: str) -> About:
    """What an open page is about: the thing it shows, or its question; a runbook leads to the list of all."""
    from harbortui.ui.opening import ThingPage

    if isinstance(page, RunbookPage | ListPage):
        return page.about._replace(name="")
    if isinstance(page, ThingPage):
        return about_thing(view, page.thing)
    subject = page.subject(view)
    return about_query(view, subject) if subject is not None else About(instance=instance)
