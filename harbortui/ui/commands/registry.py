"""Everything that can be typed after ``:``, from the table of actions, the instances and the panes; nothing acts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from harbortui.ui.actions import ACTIONS, Action
from harbortui.ui.arrange import sortable
from harbortui.ui.modes import LISTS
from harbortui.ui.screens.instance import NAMES
from harbortui.ui.screens.trended import LOGS
from harbortui.ui.widgets.table import Table

if TYPE_CHECKING:
    from harbortui.ui.app import HarborApp

PANES: Mapping[str, int] = {name.lower(): number for number, name in enumerate(NAMES, start=1)}
NOT_TYPED = frozenset({"open", "up", "down", "page-up", "page-down", "first", "last", "cancel", "command", "palette"})
"""Ids of actions that mean nothing as words."""
ZONES = ("UTC", "local")


class Command(NamedTuple):
    """One thing to type; ``run`` gets what stands after the name and returns why it did nothing, or nothing."""

    name: str
    title: str
    run: Callable[[HarborApp, str], Awaitable[str]]
    arguments: Callable[[HarborApp], Iterable[str]] | None = None
    """What may stand after the name; None for commands that take nothing."""
    offered: bool = True
    """False for what completion does not offer, because it only says why it does nothing."""


def commands(shell: HarborApp) -> dict[str, Command]:
    """All commands by name; instances come last, so that none of them can take a command's place."""
    found = {
        each.id: _of_action(each) for each in ACTIONS if each.id not in NOT_TYPED and not each.id.startswith("pane-")
    }
    for each in (*_panes(), *_lists(), *_words()):
        found[each.name] = each
    for name in instances(shell):
        found.setdefault(name, Command(name, f"instance {name}", _instance(name), lambda _shell: PANES))
    return found


def instances(shell: HarborApp) -> tuple[str, ...]:
    """The names of all instances."""
    snapshot = shell.view.snapshot
    return tuple(each.name for each in snapshot.instances) if snapshot is not None else shell.view.start.names


def _of_action(action: Action) -> Command:
    async def run(shell: HarborApp, _argument: str) -> str:
        return await shell.do(action)

    return Command(action.id, action.title, run, offered=not (action.acts or action.later))


def _panes() -> Iterable[Command]:
    for name, number in PANES.items():
        yield Command(name, f"pane {number} of an instance", _pane(number), instances)


def _pane(number: int) -> Callable[[HarborApp, str], Awaitable[str]]:
    async def run(shell: HarborApp, argument: str) -> str:
        name = argument or shell.named
        if name not in instances(shell):
            return f"there is no instance {name}" if name else "which instance?"
        if argument or shell.at.instance != name or shell.current_mode != "instance":
            shell.open_instance(name, number)
        else:
            shell.action_pane(number)
        return ""

    return run


def _lists() -> Iterable[Command]:
    for name, mode in LISTS.items():
        yield Command(name, f"{mode.title}, of an instance" if mode.of_instance else mode.title, _list(name), instances)


def _list(name: str) -> Callable[[HarborApp, str], Awaitable[str]]:
    async def run(shell: HarborApp, argument: str) -> str:
        if argument and argument not in instances(shell):
            return f"there is no instance {argument}"
        shell.open_screen(name, argument)
        return ""

    return run


def _instance(name: str) -> Callable[[HarborApp, str], Awaitable[str]]:
    async def run(shell: HarborApp, argument: str) -> str:
        pane = PANES.get(argument.lower(), 0)
        if argument and not pane:
            return f"an instance has the panes {', '.join(PANES)}"
        shell.open_instance(name, pane)
        return ""

    return run


def _words() -> Iterable[Command]:
    """Commands that take an argument of their own kind."""
    yield Command("logs", "live log of a task", _logs, lambda shell: (*tasks(shell), *instances(shell)))
    yield Command("sort", "sort by a column; -COLUMN the other way round; nothing: as it was", _sort, columns)
    yield Command("filter", "filter the table; nothing: show all", _filter, lambda _shell: ())
    yield Command(
        "zone", "show times in this zone", _zone, lambda shell: dict.fromkeys((*ZONES, shell.view.start.timezone))
    )
    yield Command("runbook", "the runbook that fits, or of that name", _runbook, lambda _shell: _runbooks())
    yield Command("runbooks", "all runbooks", _runbook_list)
    yield Command("theme", "change the colours", _theme, lambda shell: shell.theme_names())


def columns(shell: HarborApp) -> tuple[str, ...]:
    """The titles of the columns of the table that has the keys."""
    listed = shell.view_screen.listed
    return sortable(listed.pane) if isinstance(listed, Table) else ()


def tasks(shell: HarborApp) -> tuple[str, ...]:
    """The tasks of the instance looked at."""
    from harbortui.model.harbor import COMPONENTS
    from harbortui.ui.panes.join import task_states

    looked_at = shell.view.looked_at if shell.at.instance else None
    return tuple(each.name for each in task_states(looked_at)) or COMPONENTS if looked_at is not None else ()


async def _logs(shell: HarborApp, argument: str) -> str:
    if argument in instances(shell):
        shell.open_instance(argument, LOGS)
    elif argument and argument not in tasks(shell):
        return f"there is no task {argument} here"
    else:
        if argument:
            shell.follower.choose(argument)
        shell.action_logs_pane()
    return ""


async def _sort(shell: HarborApp, argument: str) -> str:
    listed = shell.view_screen.listed
    if not isinstance(listed, Table):
        return "there is no table here to sort"
    wanted = argument.removeprefix("-").lower()
    titles = sortable(listed.pane)
    found = next((title for title in titles if title.lower() == wanted), None) or next(
        (title for title in titles if wanted and title.lower().startswith(wanted)), None
    )
    if wanted and found is None:
        return f"there is no column {argument.removeprefix('-')}: {', '.join(titles)}"
    listed.set_arrangement(listed.arrangement._replace(sort=found or "", backwards=argument.startswith("-")))
    return ""


async def _filter(shell: HarborApp, argument: str) -> str:
    listed = shell.view_screen.listed
    if listed is None:
        return "there is nothing here to filter"
    listed.seek(argument)
    return ""


def _runbooks() -> Iterable[str]:
    from harbortui.runbooks.catalogue import runbooks

    return runbooks()


async def _runbook(shell: HarborApp, argument: str) -> str:
    from harbortui.ui.runbook_keys import open_for, open_named

    if argument:
        return open_named(shell, argument)
    open_for(shell)
    return ""


async def _runbook_list(shell: HarborApp, _argument: str) -> str:
    from harbortui.ui.runbook_keys import open_list

    open_list(shell)
    return ""


async def _zone(shell: HarborApp, argument: str) -> str:
    if not argument:
        shell.action_zone()
        return ""
    try:
        shell.use_zone(argument)
    except ValueError as error:
        return str(error)
    return ""


async def _theme(shell: HarborApp, argument: str) -> str:
    if not argument:
        return f"themes: {', '.join(shell.theme_names())}"
    shell.accept_theme(argument)
    return ""
