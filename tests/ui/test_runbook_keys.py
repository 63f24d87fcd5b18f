"""``b`` and ``:runbook`` through Textual's Pilot."""

from __future__ import annotations

import pytest

from harbortui.model.asked import Query, Topic
from harbortui.model.finding import Finding, State
from harbortui.runbooks.catalogue import runbooks
from harbortui.ui.cell import Block, Cell, Pane, Row
from harbortui.ui.port import Shown
from harbortui.ui.runbook_context import About, about_query, about_row
from harbortui.ui.runbook_keys import ListPage, RunbookPage, open_list
from harbortui.ui.view import Start, View
from harbortui.ui.widgets.table import Table
from tests.ui import samples
from tests.ui.samples import NAMES, NOW
from tests.ui.test_keys import Console, console


def page_of(it: Console) -> RunbookPage:
    page = it.app.pages[-1].page
    assert isinstance(page, RunbookPage)
    return page


def table_of(it: Console) -> Table:
    listed = it.app.view_screen.listed
    assert isinstance(listed, Table)
    return listed


def view() -> View:
    snapshot, verdict = samples.hurt()
    return View(Start("f", NAMES), NOW, snapshot=snapshot, verdict=verdict)


def row(key: str, *more: tuple[str, str], wide: bool = False) -> Row:
    return Row(key, (Cell("x"),), more=more, wide=wide)


async def test_from_the_worst_instance_its_worst_finding_opens_with_names_in_it() -> None:
    async with console() as it:
        await it.press("b")
        page = page_of(it)
        assert page.about.finding is not None and page.about.instance == NAMES[1]
        assert page.book.id == "registry-not-reachable" and "Registry not reachable: harbor-vm-05" in it.text
        assert "registry is unhealthy and restarted" in it.text
        await it.press("escape")
        assert not it.app.pages and it.app.current_mode == "fleet"


async def test_from_a_finding_its_runbook() -> None:
    async with console() as it:
        await it.press("tab", "b")
        finding = page_of(it).about.finding
        assert finding is not None and page_of(it).names(it.app.view)["task"] == finding.subject


async def test_n_goes_from_command_to_command_and_the_row_says_what_is_copied() -> None:
    async with console() as it:
        await it.press("b", "n")
        first = table_of(it).row
        assert first is not None and first.copies.startswith("getent ahosts harbor-vm-05.example")
        await it.press("n")
        second = table_of(it).row
        assert second is not None and second.copies.startswith("curl") and "harbor-vm-05.example" in second.copies
        await it.press("N")
        assert table_of(it).row is first
        await it.press("enter")
        assert "y copies the command" in it.text
        await it.press("slash", *"pkcs", "enter", "n")
        found = table_of(it).row
        assert found is not None and "PKCS#1" in "".join(cell.text for cell in found.cells)


async def test_enter_follows_a_link_and_back_comes_back() -> None:
    async with console() as it:
        await it.press("b")
        page = page_of(it)
        key = next(key for key, target in page.links.items() if target == "prepare-this-shell.md")
        while table_of(it).cursor_key != key:
            await it.press("down")
        await it.press("enter")
        assert page_of(it).book.id == "prepare-this-shell" and page_of(it).about.instance == NAMES[1]
        await it.press("escape")
        assert page_of(it) is page and table_of(it).cursor_key == key


async def test_each_pane_has_its_runbook() -> None:
    async with console(Shown(*_well())) as it:
        await it.press("enter")
        for pane, id_ in (
            ("1", "registry-not-reachable"),
            ("2", "containers-do-not-start"),
            ("3", "s3-storage-problems"),
            ("4", "replication-failed"),
        ):
            await it.press(pane, "b")
            assert page_of(it).book.id == id_ and page_of(it).about.finding is None
            await it.press("escape")
        await it.press("4", "G", "b")
        assert page_of(it).names(it.app.view)["policy_name"] == "nightly-full"


async def test_without_context_there_is_the_list_and_b_on_a_runbook_leads_to_it() -> None:
    async with console(Shown(*_well())) as it:
        await it.press("b")
        assert isinstance(it.app.pages[-1].page, ListPage) and "Backup and restore" in it.text
        await it.press("down", "enter")
        assert page_of(it).book.id == list(runbooks())[1] and page_of(it).about.instance == NAMES[0]
        await it.press("b")
        assert isinstance(it.app.pages[-1].page, ListPage)


async def test_before_any_data_names_stay_placeholders() -> None:
    async with console() as it:
        it.app.view.snapshot = None
        page = RunbookPage(runbooks()["s3-storage-problems"], About())
        text = "\n".join("".join(c.text for c in r.cells) for r in page(it.app.view, 100).blocks[0].rows)
        assert "<bucket>" in text


async def test_the_command_line_opens_by_name_by_rule_and_by_context() -> None:
    async with console() as it:
        for typed, id_ in (
            ("runbook backup-and-restore", "backup-and-restore"),
            ("runbook gc-failed", "garbage-collection"),
        ):
            await it.press("colon", *(_key(each) for each in typed), "enter")
            assert page_of(it).book.id == id_
            await it.press("escape")
        await it.press("colon", *(_key(each) for each in "runbook nothing"), "enter")
        assert "there is no runbook nothing" in it.text
        await it.press("colon", *"runbooks", "enter")
        assert isinstance(it.app.pages[-1].page, ListPage)


def _key(character: str) -> str:
    return {" ": "space", "-": "minus"}.get(character, character)


def _well() -> tuple[samples.Snapshot, samples.Verdict]:
    snapshot = samples.fleet()
    return snapshot, samples.verdict(snapshot)


def test_rows_know_what_they_are_about() -> None:
    each = view()
    about = about_row(each, NAMES[0], "instance/3", row("gc/7"))
    assert about.name == "gc-run" and about.subject.id == "7"
    assert about_row(each, NAMES[0], "instance/3", row("store")).name == "store"
    event = about_row(each, NAMES[0], "instance/2", row("event/7f3a19c2/redis/1.0/0", ("allocation", "full-id")))
    assert (event.subject.kind, event.subject.id, event.subject.task) == ("allocation", "full-id", "redis")
    assert about_row(each, NAMES[0], "instance/2", row("deployment", wide=True)).name == "deployment"
    assert about_row(each, NAMES[0], "instance/2", row("placement/harbor", wide=True)).name == "evaluation"
    assert about_row(each, NAMES[0], "jobs", row("x")).name == "jobs"
    assert about_row(each, "", "fleet/findings", row(f"unseen/{NAMES[2]}")).name == "unseen"
    assert about_row(each, NAMES[0], "projects", row("x")).name == ""


def test_the_worst_finding_about_a_thing_comes_before_what_it_is() -> None:
    snapshot, _ = samples.hurt()
    finding = Finding(rule="task-oom", state=State.WARNING, instance=NAMES[0], subject="redis", title="killed")
    each = View(Start("f", NAMES), NOW, snapshot=snapshot, verdict=samples.verdict(snapshot, finding))
    about = about_row(each, NAMES[0], "instance/1", row("redis"))
    assert about.name == "task-oom" and about.finding is finding and about.subject.id == "redis"
    assert about_row(each, NAMES[0], "instance/1", row("core")).name == "component"
    assert about_row(each, NAMES[2], "instance/1", row("redis")).name == "component"


def test_a_page_that_shows_an_object_is_about_it() -> None:
    each = view()
    raw = about_query(each, Query(topic=Topic.RAW, instance=NAMES[0], sub="node", id="n"))
    assert (raw.name, raw.instance, raw.subject.id) == ("node", NAMES[0], "n")
    log = about_query(each, Query(topic=Topic.TASK_LOG, instance=NAMES[0], id="100", sub="4"))
    assert (log.name, log.subject.kind, log.subject.id) == ("execution", "execution", "100")
    assert about_query(each, Query(topic=Topic.AUDIT, instance=NAMES[0])).name == ""


def test_a_wide_row_is_drawn_cell_by_cell() -> None:
    from harbortui.ui import symbols, themes
    from harbortui.ui.widgets.painted import Look

    look = Look(themes.load("dark").palette, symbols.UNICODE)
    rows = (Row("a", (Cell("see ", "muted"), Cell("core", "accent"), Cell(" first")), wide=True),)
    drawn = Table(look, Pane("x", (Block((), rows),))).draw(30, 5)[2]
    assert [(span.x, span.text.rstrip(), span.style) for span in drawn.spans[1:]] == [
        (2, "see", "muted"),
        (6, "core", "accent"),
        (10, " first", "text"),
    ]
    assert sum(span.width for span in drawn.spans) == 30


@pytest.mark.parametrize(("keys", "rule"), [(("tab", "enter", "b"), True), (("enter", "1", "enter", "b"), False)])
async def test_from_the_page_of_a_finding_or_a_component_its_runbook(keys: tuple[str, ...], rule: bool) -> None:
    async with console() as it:
        await it.press(*keys)
        about = page_of(it).about
        assert about.instance == NAMES[1]
        assert (about.finding is not None) if rule else about.subject.kind == "component"


async def test_an_enter_that_another_page_overtakes_opens_nothing() -> None:
    async with console() as it:
        await it.press("question_mark", "j")
        table = it.app.view_screen.listed
        assert isinstance(table, Table)
        table.action_open()
        open_list(it.app)  # Before the table's message is taken, as with keys that come in one piece.
        await it.press("j")
        assert isinstance(it.app.page, ListPage) and len(it.app.pages) == 2
