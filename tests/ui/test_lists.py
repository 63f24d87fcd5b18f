"""The list screens in the app, on answers that a test gives: keys, paging, searching, hostile names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from harbortui.engine.messages import CountStage, Look, PlanSums, StartSums, SumState, looked
from harbortui.model.asked import Query, Topic
from harbortui.model.facet import Facet
from harbortui.model.jobservice import JobQueue, JobService, ScheduledJob, Worker, WorkerPool
from harbortui.model.project_usage import ProjectPlan, ProjectProgress, ProjectUsage, RepositoryUsage
from harbortui.model.projects import Project, ProjectList, ScanBacklog
from harbortui.ui.port import Shown
from harbortui.ui.screens.listing import ListScreen
from harbortui.ui.screens.page import PageScreen
from tests.ui import samples
from tests.ui.asked import audit_page, entry, hurt_job_service, known, project_list, query, troubled_entries
from tests.ui.program import HOSTILE
from tests.ui.samples import NAMES, NOW
from tests.ui.test_keys import Console, console

NAME = NAMES[1]
"""The instance under the cursor of the hurt fleet."""


@asynccontextmanager
async def opened(
    key: str, answers: dict[Query, Facet[Any]], *, size: tuple[int, int] = (120, 35)
) -> AsyncIterator[Console]:
    """A list screen with these answers."""
    async with console(size=size) as it:
        await it.press(key)
        await it.until(lambda: isinstance(it.app.screen, ListScreen))
        for each, facet in answers.items():
            it.port.say(looked(each, facet))
        await it.until(lambda: set(answers) <= set(it.app.view.looks))
        await it.pilot.pause()
        yield it


def asked(it: Console) -> tuple[Query, ...]:
    return [each for each in it.port.sent if isinstance(each, Look)][-1].queries


def list_screen(it: Console) -> ListScreen:
    assert isinstance(it.app.screen, ListScreen)
    return it.app.screen


async def test_every_list_asks_for_what_it_shows_and_for_nothing_else() -> None:
    async with console() as it:
        for key, topic in (("6", Topic.JOB_SERVICE), ("7", Topic.PROJECTS), ("8", Topic.AUDIT)):
            await it.press(key)
            await it.until(lambda topic=topic: asked(it) == (query(topic, NAME),))  # type: ignore[misc]
            assert "loading" in it.text
        await it.press("9")
        await it.until(lambda: asked(it) == ())


async def test_enter_opens_a_row_in_full_and_escape_comes_back() -> None:
    async with opened("7", {query(Topic.PROJECTS, NAME): known(Topic.PROJECTS, project_list())}) as it:
        await it.press("j", "enter")
        await it.until_text("only what it has: anything new is not found")
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, ListScreen))
        await it.until_text("quay, unhealthy")
        assert list_screen(it).table.cursor_key == "project/4"


async def test_errors_are_walked_through_with_e() -> None:
    async with opened("6", {query(Topic.JOB_SERVICE, NAME): known(Topic.JOB_SERVICE, hurt_job_service())}) as it:
        await it.press("g", "e")
        assert list_screen(it).table.cursor_key.startswith(("trouble/", "pool/"))
        await it.press("f")
        assert "✖ critical only" in it.text


# The audit log


def audit(page: int = 1, find: str = "") -> Query:
    return query(Topic.AUDIT, NAME, page=page, find=find)


async def test_the_end_of_the_log_brings_the_next_page_and_the_cursor_goes_on_where_it_was() -> None:
    async with opened("8", {audit(): known(Topic.AUDIT, audit_page(total=130))}) as it:
        assert asked(it) == (audit(),)
        await it.press("G")
        await it.until(lambda: asked(it) == (audit(), audit(2)))
        assert "page 2 is loading" in it.text
        await it.press("G", "G")
        assert asked(it) == (audit(), audit(2)), "the next page waits for this one"
        it.port.say(looked(audit(2), known(Topic.AUDIT, audit_page(2, total=130))))
        await it.until_text("library/app-950:")
        assert list_screen(it).table.cursor_key == "entry/950", "the first of what came"
        await it.press("G")
        await it.until(lambda: asked(it) == (audit(), audit(2), audit(3)))
        it.port.say(looked(audit(3), known(Topic.AUDIT, audit_page(3, total=130))))
        await it.until_text("library/app-900:")
        await it.press("G")
        await it.until_text("no older row since")
        assert len(asked(it)) == 3


async def test_beyond_eight_pages_enter_goes_on_and_back() -> None:
    async with opened("8", {audit(): known(Topic.AUDIT, audit_page(total=5000))}) as it:
        for page in range(2, 9):
            await it.press("G")
            await it.until(lambda page=page: asked(it)[-1] == audit(page))  # type: ignore[misc]
            it.port.say(looked(audit(page), known(Topic.AUDIT, audit_page(page, total=5000))))
            await it.until(lambda page=page: audit(page) in it.app.view.looks)  # type: ignore[misc]
        table = list_screen(it).table
        await it.until(lambda: any(line.row and line.row.key == "older/8" for line in table._lines))
        while table.cursor_key != "older/8":
            await it.press("G" if not table.cursor_key.startswith("how") else "k")
        assert len(asked(it)) == 8
        await it.press("enter")
        await it.until(lambda: asked(it) == (audit(9),))
        it.port.say(looked(audit(9), known(Topic.AUDIT, audit_page(9, total=5000))))
        await it.until_text("newer rows: enter goes back")
        await it.press("g", "enter")
        await it.until(lambda: asked(it) == tuple(audit(page) for page in range(1, 9)))


async def test_a_filter_asks_harbor_once_it_is_typed_and_escape_takes_it_back() -> None:
    async with opened("8", {audit(): known(Topic.AUDIT, audit_page(total=130))}) as it:
        await it.press("slash", *"user:bob")
        assert asked(it) == (audit(),), "not while it is being typed"
        await it.press("enter")
        found = audit(find="user:bob")
        await it.until(lambda: asked(it) == (found,))
        assert "loading the audit log for user:bob" in it.text
        row = entry(5, user="bob", operation="delete")
        it.port.say(looked(found, known(Topic.AUDIT, audit_page(total=1, entries=(row,)))))
        await it.until_text("library/app-5:1.4")
        await it.press("escape")
        await it.until(lambda: asked(it) == (audit(),))
        assert isinstance(it.app.screen, ListScreen)


async def test_words_without_a_name_hide_rows_here_and_ask_nobody() -> None:
    async with opened("8", {audit(): known(Topic.AUDIT, audit_page(total=130, entries=troubled_entries()))}) as it:
        await it.press("slash", *"mallory", "enter")
        await it.until_text("/mallory")
        assert "1 of 50" in it.text and asked(it) == (audit(),)


async def test_another_instance_has_its_own_log_from_the_newest_page_on() -> None:
    async with opened("8", {audit(): known(Topic.AUDIT, audit_page(total=130))}) as it:
        await it.press("G")
        await it.until(lambda: asked(it) == (audit(), audit(2)))
        it.app.open_screen("audit", NAMES[2])
        await it.until(lambda: asked(it) == (query(Topic.AUDIT, NAMES[2]),))


async def test_an_entry_opens_in_full() -> None:
    async with opened("8", {audit(): known(Topic.AUDIT, audit_page(total=130, entries=troubled_entries()))}) as it:
        await it.press("e", "enter")
        await it.until(lambda: isinstance(it.app.screen, PageScreen))
        assert "login failed" in it.text and "mallory" in it.text


# What outsiders name


async def test_hostile_names_are_text_on_every_list() -> None:
    evil = HOSTILE
    answers: dict[str, tuple[Topic, Any]] = {
        "6": (
            Topic.JOB_SERVICE,
            JobService(
                pools=(WorkerPool(id=evil, alive=False, last_beat=NOW - 60),),
                workers=(Worker(id=evil, pool_id=evil, job_name=evil, job_id=evil, check_in=evil, started_at=0.0),),
                queues=(JobQueue(job_type=evil, count=10**15, latency=10**12, paused=True),),
                schedules=(ScheduledJob(id=1, vendor_type=evil, vendor_id=2**62, cron=evil),),
            ),
        ),
        "7": (
            Topic.PROJECTS,
            ProjectList(
                projects=(
                    Project(
                        id=1, name=evil, owner=evil, registry_id=1, registry=evil, registry_status=evil, used=9, hard=9
                    ),
                ),
                scan=ScanBacklog(total=3, trigger=evil, by_status={evil: 1}),
                has_scanner=True,
            ),
        ),
        "8": (
            Topic.AUDIT,
            audit_page(
                total=1,
                note=evil,
                entries=(entry(1, user=evil, operation=evil, resource_type=evil, resource=evil, description=evil),),
            ),
        ),
    }
    for size in ((200, 60), (80, 24), (7, 5), (1, 1)):
        async with console(size=size) as it:
            for key, (topic, value) in answers.items():
                await it.press(key)
                each = query(topic, NAME)
                await it.until(lambda each=each: asked(it) == (each,))  # type: ignore[misc]
                it.port.say(looked(each, known(topic, value)))
                await it.until(lambda each=each: each in it.app.view.looks)  # type: ignore[misc]
                await it.pilot.pause()
                shown = it.text
                assert it.app.is_running and all(text.isprintable() for text in shown.splitlines())
                assert size[0] < 200 or "[@click=app.quit]" in shown
                await it.press("enter", "escape")


async def test_a_snapshot_file_asks_nobody() -> None:
    from harbortui.model.snapshot import Origin

    snapshot, verdict = samples.hurt()
    async with console(Shown(samples.fleet(*snapshot.instances, origin=Origin.SNAPSHOT), verdict)) as it:
        for key, what in (("6", "the job service"), ("7", "the projects"), ("8", "the audit log")):
            await it.press(key)
            await it.until_text(f"a snapshot file does not hold {what}")
        assert not [each for each in it.port.sent if isinstance(each, Look) and each.queries]


# Sums of a project's repositories


def summed(stage: CountStage, **more: Any) -> SumState:
    return SumState(instance=NAME, project="quay", stage=stage, **more)


async def test_u_on_a_project_sums_its_repositories_as_on_the_storage_pane() -> None:
    listed = {query(Topic.PROJECTS, NAME): known(Topic.PROJECTS, project_list())}
    async with opened("7", listed, size=(120, 60)) as it:
        await it.press("j")
        assert list_screen(it).table.cursor_key == "project/4"
        await it.press("u")
        assert it.port.sent[-1] == PlanSums(instance=NAME, project="quay")
        it.port.say(summed(CountStage.PLANNED, plan=ProjectPlan(project="quay", artifacts=250, calls=3, seconds=2.0)))
        await it.until_text("about 3 calls to Harbor")
        await it.press("u")
        assert "about 3 calls" not in it.text and isinstance(it.app.screen, ListScreen)
        await it.press("u")
        it.port.say(summed(CountStage.PLANNED, plan=ProjectPlan(project="quay", artifacts=250, calls=3, seconds=2.0)))
        await it.until_text("about 3 calls to Harbor")
        await it.press("enter")
        assert it.port.sent[-1] == StartSums(instance=NAME, project="quay")
        it.port.say(summed(CountStage.COUNTING, progress=ProjectProgress(artifacts=100, calls=1, total=250)))
        await it.until_text("100 of 250 artifacts")
        it.port.say(summed(CountStage.DONE))
        usage = ProjectUsage(project="quay", repositories=(RepositoryUsage(name="[b]x", artifacts=250, bytes=7),))
        snapshot, verdict = samples.hurt()
        instances = [
            msgspec.structs.replace(each, project_usage=samples.fresh("Harbor artifacts", (usage,), every=0.0))
            for each in snapshot.instances
        ]
        it.port.say(Shown(samples.fleet(*instances), verdict))
        await it.until_text("[b]x · 7 B, 250 artifacts")
        await it.press("G")
        assert list_screen(it).table.cursor_key.startswith("repository/quay/")
        await it.press("u")
        assert it.port.sent[-1] == PlanSums(instance=NAME, project="quay")


async def test_where_there_is_no_project_u_says_so() -> None:
    async with opened("7", {}) as it:
        await it.press("u")
        assert "which project?" in it.text
        assert not [each for each in it.port.sent if isinstance(each, PlanSums)]
