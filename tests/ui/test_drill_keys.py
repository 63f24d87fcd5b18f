"""Ways in and out of the pages of single things, through Textual's Pilot."""

from __future__ import annotations

import msgspec
import pytest

from harbortui.engine.messages import Follow, Look, looked
from harbortui.model.asked import Query, Topic
from harbortui.ui.opening import DetailPage, ThingPage, open_thing
from harbortui.ui.port import Shown
from harbortui.ui.runbook_keys import ListPage, RunbookPage
from harbortui.ui.screens.fleet import FleetScreen
from harbortui.ui.screens.instance import LOGS, InstanceScreen
from harbortui.ui.screens.page import PageScreen
from harbortui.ui.things import Thing, key_of
from harbortui.ui.widgets.table import Table
from tests.ui import samples
from tests.ui.drilling import CURRENT, FINDINGS, NAME, RAW_POLICY, TASK_LOG, TASKS, THINGS, answers, drilled, fleet
from tests.ui.samples import NOW, fresh
from tests.ui.test_keys import Console, console

replace = msgspec.structs.replace


def shown() -> Shown:
    snapshot = fleet()
    return Shown(snapshot, samples.verdict(snapshot, *FINDINGS))


def asked(it: Console) -> tuple[Query, ...]:
    """What is looked at now."""
    return next((each.queries for each in reversed(it.port.sent) if isinstance(each, Look)), ())


def table_of(it: Console) -> Table:
    """The page's table."""
    assert isinstance(it.app.screen, PageScreen), it.text
    return it.app.screen.table


async def move_to(it: Console, table: Table, key: str) -> None:
    """Move the cursor down to a row."""
    await it.press("g")
    for _ in range(100):
        if table.cursor_key == key:
            return
        await it.press("j")
    raise AssertionError(f"{key!r} is not there:\n{it.text}")


async def enter(it: Console, thing: Thing, text: str, part: str = "") -> None:
    """Enter on the page's row of a thing; ``text`` is on the page it opens."""
    await move_to(it, table_of(it), key_of(thing, part))
    await it.press("enter")
    await it.until_text(text)


async def on_pane(it: Console, number: int, key: str, *, wide: bool = False) -> None:
    """Open a row of a pane of the instance."""
    await it.press(str(number))
    await it.until(lambda: it.instance_screen.tables[number - 1].has_focus)
    await move_to(it, it.instance_screen.tables[number - 1], key)
    await it.press("enter")
    await it.until(lambda: isinstance(it.app.screen, PageScreen))


async def test_from_a_finding_to_what_it_is_about_and_back_step_by_step() -> None:
    async with console(shown()) as it:
        await it.press("e")
        assert isinstance(it.app.screen, FleetScreen) and it.app.screen.findings.has_focus
        await it.press("e")
        assert it.app.screen.findings.row is not None and "replication-failing" in it.app.screen.findings.row.key
        await it.press("enter")
        await it.until_text("Look at")
        assert "› replication-failing" in it.text and "For users:" in it.text
        await it.press("enter")
        await it.until_text("Execution 201")
        assert "› replication-failing  › execution 201" in it.text and asked(it) == (TASKS,)
        await it.press("escape")
        await it.until_text("Look at")
        assert asked(it) == ()
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, FleetScreen))
        assert it.app.screen.findings.has_focus


async def test_an_execution_its_tasks_and_the_next_error_of_a_log() -> None:
    async with console(shown(), instance=NAME) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await on_pane(it, 4, "execution/201")
        await it.until_text("loading: no answer yet")
        assert asked(it) == (TASKS,)
        it.port.say(looked(TASKS, answers()[TASKS]))
        await it.until_text("library/postgres:[16]")
        await enter(it, Thing("task-log", NAME, "201", "3"), "Log of task 3")
        assert asked(it) == (TASK_LOG,)
        it.port.say(looked(TASK_LOG, answers()[TASK_LOG]))
        await it.until_text("http 401 unauthorized")
        await it.press("e")
        row = table_of(it).row
        assert row is not None and "[ERROR]" in row.cells[0].text
        await it.press("e")
        row = table_of(it).row
        assert row is not None and "[WARNING]" in row.cells[0].text
        await it.press("d")
        await it.until_text("raw execution")
        await it.press("escape", "escape", "escape")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert asked(it) == ()


async def test_raw_from_a_row_from_a_page_and_of_the_raw_page_itself() -> None:
    async with console(shown(), instance=NAME) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await it.press("4")
        await move_to(it, it.instance_screen.tables[3], "policy/1")
        await it.press("d")
        await it.until_text("› raw policy")
        assert asked(it) == (RAW_POLICY,)
        it.port.say(looked(RAW_POLICY, answers()[RAW_POLICY]))
        await it.until_text('"secret": "****"')
        await it.press("d")
        assert "this is the raw object" in it.text
        await it.press("escape")
        await it.press("enter")
        await it.until_text("Policy sync-to-nas")
        await it.press("d")
        await it.until_text("› policy 1  › raw policy")
        await it.press("escape")
        await enter(it, Thing("endpoint", NAME, "4"), "Registry harbor-nas")
        await it.press("d")
        registry = Query(topic=Topic.RAW, instance=NAME, sub="registry", id="4")
        await it.until(lambda: asked(it) == (registry,))


@pytest.mark.parametrize(
    ("pane", "key", "title"),
    [
        (1, "core", "─ core"),
        (2, "deployment", "─ Deployment dd3a19c2"),
        (2, "placement/harbor", "─ Placement"),
        (2, CURRENT, "─ Allocation 1f3a19c2"),
        (3, "gc/7", "─ Garbage collection 7"),
        (4, "policy/2", "─ Policy nightly-full"),
    ],
)
async def test_enter_on_rows_of_the_panes_and_escape_back_to_the_row(pane: int, key: str, title: str) -> None:
    async with console(shown(), instance=NAME, size=(80, 24)) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await on_pane(it, pane, key)
        await it.until_text(title)
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        assert it.instance_screen.current == pane and it.instance_screen.tables[pane - 1].cursor_key == key


async def test_from_component_to_component_and_its_log_with_l() -> None:
    async with console(shown(), instance=NAME) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await on_pane(it, 1, "core")
        assert "l logs" in it.text and "enter open" in it.text
        await enter(it, Thing("component", NAME, "registry"), "› core  › registry", "Needs")
        await it.press("l")
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen) and it.app.screen.current == LOGS)
        await it.until(lambda: Follow(instance=NAME, task="registry", stream="stdout") in it.port.sent)
        assert asked(it) == () and not it.app.pages


async def test_a_page_follows_the_snapshot_while_it_is_open() -> None:
    async with console(shown(), instance=NAME) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await on_pane(it, 1, "registry")
        await it.until_text("s3aws: AccessDenied")
        each = drilled()
        health = replace(
            each.health.value, components=tuple(replace(one, status="healthy") for one in each.health.value.components)
        )
        snapshot = fleet(replace(each, health=fresh("Harbor /health", health, every=15.0)))
        it.port.say(Shown(snapshot, samples.verdict(snapshot)))
        await it.until(lambda: "s3aws" not in it.text)
        assert "● healthy" in it.text


async def test_tables_of_a_page_filter_and_mark_and_a_fact_opens_in_full() -> None:
    async with console(shown(), instance=NAME, size=(60, 20)) as it:
        await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
        await on_pane(it, 1, "registry")
        await it.press("slash", *"memory", "enter")
        await it.until_text("/memory")
        table = table_of(it)
        assert table.row is not None and table.row.key == "memory"
        await it.press("enter")
        await it.until_text("reserved 256 MiB (|)")
        assert it.app.pages[-1].crumbs[-1] == "Memory"
        await it.press("escape")
        await it.until_text("/memory")
        await it.press("escape", "space")
        assert table.marks


async def test_from_a_node_to_the_instance_on_it() -> None:
    async with console(shown()) as it:
        await it.press("e")
        screen = it.app.screen
        assert isinstance(screen, FleetScreen)
        await move_to(it, screen.findings, f"node-draining/{NAME}/client-05")
        await it.press("enter", "enter")
        await it.until_text("─ Node client-05")
        assert "▲ draining" in it.text
        await enter(it, Thing("instance", NAME), "1 Components")
        assert it.app.view.instance == NAME and not it.app.pages


async def test_a_finding_that_is_over_says_so_and_still_leads_on() -> None:
    async with console(shown()) as it:
        await it.press("e", "enter")
        await it.until_text("Look at")
        snapshot = fleet()
        it.port.say(Shown(snapshot, samples.verdict(snapshot)))
        await it.until_text("is not found any more")
        await it.press("enter")
        await it.until(lambda: len(it.app.pages) == 2)


async def test_pages_at_any_size() -> None:
    for size in ((1, 1), (10, 4), (30, 8), (200, 60)):
        async with console(shown(), size=size) as it:
            for thing in (Thing("component", NAME, "core"), Thing("execution", NAME, "201"), Thing("bucket", NAME)):
                from harbortui.ui.opening import open_thing

                open_thing(it.app, thing)
                await it.pilot.pause()
                await it.press("j", "G", "d", "escape")
            assert len(it.app.pages) == 3 and it.app.view.now == NOW


RUNBOOKS = {
    "component": "registry-not-reachable",
    "allocation": "containers-do-not-start",
    "deployment": "containers-do-not-start",
    "placement": "containers-do-not-start",
    "execution": "replication-failed",
    "task-log": "replication-failed",
    "policy": "replication-failed",
    "endpoint": "replication-failed",
    "gc": "garbage-collection",
    "gc-log": "garbage-collection",
    "bucket": "s3-storage-problems",
    "finding": "replication-failed",
    "raw": "replication-failed",
}


@pytest.mark.parametrize("name", RUNBOOKS)
async def test_b_on_the_page_of_a_thing_opens_the_runbook_that_fits(name: str) -> None:
    async with console(shown()) as it:
        open_thing(it.app, THINGS[name])
        await it.press("b")
        page = it.app.pages[-1].page
        assert isinstance(page, RunbookPage), it.text
        assert page.book.id == RUNBOOKS[name] and page.about.instance == NAME
        assert (page.about.finding is not None) or name not in ("finding", "component")


async def test_keys_on_a_finding_opened_from_the_fleet_are_about_its_instance() -> None:
    async with console(shown()) as it:
        open_thing(it.app, THINGS["finding"])
        await it.press("4")
        assert isinstance(it.app.screen, InstanceScreen) and it.app.at.instance == NAME
        await it.press("0")
        open_thing(it.app, THINGS["finding"])
        await it.press("7")
        assert it.app.at == ("projects", NAME)


async def test_a_row_in_full_leads_to_its_raw_object_and_its_runbook() -> None:
    async with console(shown()) as it:
        await it.press("enter", "2", "G", "enter")
        assert isinstance(it.app.pages[-1].page, DetailPage), it.text
        await it.press("d")
        assert asked(it)[-1].sub == "allocation", it.text
        await it.press("escape", "b")
        page = it.app.pages[-1].page
        assert isinstance(page, RunbookPage) and page.book.id == "containers-do-not-start"


async def test_a_row_that_was_left_when_it_opens_is_shown_under_its_own_columns() -> None:
    async with console(shown()) as it:
        open_thing(it.app, THINGS["component"])
        await it.press("g")
        page, row = it.app.pages[-1].page, table_of(it).row
        assert isinstance(page, ThingPage) and row is not None
        await it.press("G")
        page.opened(it.app, row)
        detail = it.app.pages[-1].page
        assert isinstance(detail, DetailPage) and detail.row is row and len(detail.block.columns) == len(row.cells)


async def test_enter_that_is_heard_on_the_next_page_only_opens_nothing_there() -> None:
    async with console(shown()) as it:
        open_thing(it.app, THINGS["policy"])
        await it.press("b")
        table = table_of(it)
        assert table.row is not None and table.block is not None
        late = Table.Opened(table, table.row, table.block)
        await it.press("b")
        assert isinstance(it.app.pages[-1].page, ListPage)
        table.post_message(late)
        await it.pilot.pause()
        assert isinstance(it.app.pages[-1].page, ListPage)
