"""What opens from a row: ``enter`` goes into it, ``d`` shows it as its API tells it. Neither changes anything.

``where`` is the place of a table: ``fleet/instances``, ``fleet/findings``, ``fleet/replication``, ``instance/1`` to
``instance/5``, the name of a list screen, or ``page``. A page may know better, see :class:`harbortui.ui.page.Page`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from harbortui.ui.cell import block_of
from harbortui.ui.page import Page
from harbortui.ui.things import Thing, thing_of

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.app import HarborApp
    from harbortui.ui.cell import Block, Pane, Row
    from harbortui.ui.view import View

PAGES = {
    **{
        kind: kind
        for kind in (
            *("component", "allocation", "deployment", "node", "placement", "execution", "policy", "endpoint"),
            *("gc", "bucket", "finding", "raw"),
        )
    },
    "task-log": "joblog",
    "gc-log": "joblog",
}
"""Kinds of things that have a page -> its module in :mod:`harbortui.ui.panes`, imported when one is opened.

A module has ``page(view, thing, width)`` and ``crumb(thing)``, and ``looks(thing)`` where it asks for something.
"""
REPLICATION = 4
LOGS = 5


class _Module(Protocol):
    """What makes the page of a kind of thing."""

    def page(self, view: View, thing: Thing, width: int) -> Pane:
        """The page."""

    def crumb(self, thing: Thing) -> str:
        """Its name on the way there."""


@runtime_checkable
class _Asking(Protocol):
    """One whose page shows what is not in the snapshot."""

    def looks(self, thing: Thing) -> tuple[Query, ...]:
        """What it asks for."""


@dataclass(frozen=True)
class ThingPage(Page):
    """A page about one thing; a pure function of the view, so it lives as long as it is open."""

    thing: Thing
    leads_on = True

    def __call__(self, view: View, width: int) -> Pane:
        """The thing as the view knows it now."""
        return _module(self.thing).page(view, self.thing, width)

    def opened(self, shell: HarborApp, row: Row) -> bool:
        """Enter: what the row leads to, else the row in full."""
        thing = thing_of(row.key)
        if thing is not None:
            open_thing(shell, thing)
            return True
        from harbortui.ui.widgets.table import Table

        listed = shell.view_screen.listed
        pane = listed.pane if isinstance(listed, Table) and not listed.pane.prose else None
        # The block of the row itself: the cursor may have left it before the key was heard.
        block = block_of(pane, row.key) if pane is not None else None
        if pane is not None and block is not None:
            shell.open_detail(pane.title, block, row)
        return True

    def subject(self, view: View) -> Query | None:
        """What shows the thing itself raw."""
        return None if self.thing.kind == "raw" else raw_query(view, self.thing)

    def raw_of(self, view: View, row: Row) -> Query | None:
        """What shows a row's object raw."""
        thing = thing_of(row.key)
        return raw_query(view, thing) if thing is not None else None

    @property
    def instance(self) -> str:
        """The instance of the thing."""
        return self.thing.instance

    @property
    def live_log(self) -> tuple[str, str]:
        """The instance and task whose log ``l`` opens from here; the task is empty where none fits."""
        return self.thing.instance, self.thing.id if self.thing.kind == "component" else ""


class DetailPage(Page):
    """One row of a table in full, as it was when it was opened."""

    def __init__(self, title: str, block: Block, row: Row, raw: Query | None) -> None:
        """``raw`` is what shows its object raw."""
        self.title, self.block, self.row, self._raw = title, block, row, raw

    def __call__(self, _view: View, width: int) -> Pane:
        """Name and value of everything."""
        from harbortui.ui.panes.pages import detail_pane

        return detail_pane(self.title, self.block, self.row, width)

    def subject(self, _view: View) -> Query | None:
        """Its object."""
        return self._raw


def _module(thing: Thing) -> _Module:
    return cast(_Module, import_module(f"harbortui.ui.panes.{PAGES[thing.kind]}"))


def open_thing(shell: HarborApp, thing: Thing) -> None:
    """Go to what a row stands for: a page, or a screen."""
    if thing.kind == "instance":
        shell.open_instance(thing.instance)
    elif thing.kind == "replication":
        shell.open_instance(thing.instance, REPLICATION)
    elif thing.kind == "live-log":
        open_log(shell, thing.instance, thing.id)
    elif thing.kind == "ages":
        shell.action_ages()
    else:
        module = _module(thing)
        looks = module.looks(thing) if isinstance(module, _Asking) else ()
        shell.open_page(ThingPage(thing), module.crumb(thing), looks)


def open_log(shell: HarborApp, instance: str, task: str) -> None:
    """The live log of a task in pane 5."""
    shell.open_instance(instance, LOGS)
    if task:
        shell.follower.choose(task)


def opened(shell: HarborApp, where: str, title: str, block: Block, row: Row) -> None:
    """Enter on a row of the table at ``where``, whose pane has that title."""
    thing = thing_at(shell.view, where, row)
    if thing is None:
        shell.open_detail(title, block, row)
    else:
        open_thing(shell, thing)


def thing_at(view: View, where: str, row: Row) -> Thing | None:
    """The thing that a row of a big view stands for; None where the row itself is all there is."""
    named = thing_of(row.key)
    if named is not None:
        return named
    finder = _AT.get(where)
    return finder(view, row) if finder is not None else None


def _finding(view: View, row: Row) -> Thing | None:
    known = view.verdict.findings if view.verdict is not None else ()
    found = next((each for each in known if f"{each.rule}/{each.instance}/{each.subject}" == row.key), None)
    return Thing("finding", found.instance, found.rule, found.subject) if found is not None else None


def _component(view: View, row: Row) -> Thing | None:
    return None if row.wide else Thing("component", view.instance, row.key)


def _allocation(view: View, row: Row) -> Thing | None:
    instance = view.looked_at
    if instance is None:
        return None
    if row.key == "deployment":
        latest = instance.deployment.value.latest if instance.deployment.value is not None else None
        return Thing("deployment", view.instance, latest.id) if latest is not None else None
    if row.key.startswith("placement/"):
        return Thing("placement", view.instance)
    known = any(each.id == row.key for each in instance.allocations.value or ())
    return Thing("allocation", view.instance, row.key) if known else None


def _numbered(view: View, row: Row) -> Thing | None:
    kind, _, number = row.key.partition("/")
    kinds = {"gc": "gc", "execution": "execution", "past": "execution", "policy": "policy"}
    return Thing(kinds[kind], view.instance, number) if kind in kinds and number.isdecimal() else None


_AT = {
    "fleet/findings": _finding,
    "instance/1": _component,
    "instance/2": _allocation,
    "instance/3": _numbered,
    "instance/4": _numbered,
}


# Raw


def raw_of(view: View, where: str, row: Row) -> Query | None:
    """What to ask for to see the row's object raw; None when it stands for none."""
    if where == "fleet/instances":
        return raw_query(view, Thing("instance", row.key))
    if where == "instance/3" and not row.wide and thing_at(view, where, row) is None:
        return raw_query(view, Thing("bucket", view.instance))
    if where == "instance/2" and (id_ := dict(row.more).get("allocation")):
        return raw_query(view, Thing("allocation", view.instance, id_))
    thing = thing_at(view, where, row)
    return raw_query(view, thing) if thing is not None else None


def raw_query(view: View, thing: Thing) -> Query | None:
    """What shows a thing raw."""
    from harbortui.ui.raws import kind_and_id

    found = kind_and_id(view, thing)
    if found is None:
        return None
    from harbortui.model.asked import Query, Topic

    return Query(topic=Topic.RAW, instance=thing.instance, sub=found[0], id=found[1])


def raw_here(shell: HarborApp, row: Row) -> Query | None:
    """What shows the object raw that the row under the cursor stands for; None for another row."""
    spot = shell.view_screen.spot
    return shell.view_screen.raw_of(spot.where, row) if spot is not None and spot.row.key == row.key else None


def describe(shell: HarborApp, where: str, title: str, block: Block, row: Row) -> None:
    """``d`` on a row: its object raw, else that of its page; the row in full where there is none."""
    page = shell.page
    if isinstance(page, ThingPage) and page.thing.kind == "raw":
        shell.hint("this is the raw object")
        return
    query = shell.view_screen.raw_of(where, row)
    if query is not None:
        open_thing(shell, Thing("raw", query.instance, query.id, query.sub))
    elif page is None or row.more:
        shell.open_detail(title, block, row)
    else:
        shell.hint("there is no raw object behind this")


def describe_page(shell: HarborApp) -> bool:
    """``d`` where there is no row: what the page is about; False where it is about no object."""
    query = shell.page.subject(shell.view) if shell.page is not None else None
    if query is not None:
        open_thing(shell, Thing("raw", query.instance, query.id, query.sub))
    return query is not None
