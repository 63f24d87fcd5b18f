"""Projects below the storage pane, and ``u`` on one: plan, confirmation, progress, result, cancel, hostile names."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harbortui.engine.messages import CancelSums, CountStage, EngineNote, PlanCount, PlanSums, StartSums, SumState
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.harbor import Quota
from harbortui.model.project_usage import ProjectPlan, ProjectProgress, ProjectUsage, RepositoryUsage
from harbortui.model.snapshot import InstanceSnapshot
from harbortui.ui.cell import Row
from harbortui.ui.panes.project_usage import MAX_PROJECTS, MAX_REPOSITORIES, project_at, projects_block
from harbortui.ui.port import Shown
from harbortui.ui.screens.instance import STORAGE, InstanceScreen
from harbortui.ui.sums import plan_words
from tests.ui import samples
from tests.ui.samples import GIB, NAMES, NOW, fresh, instance
from tests.ui.test_keys import Console, console

NAME = NAMES[1]
QUOTAS = (Quota(project="small", used=GIB), Quota(project="library", used=30 * GIB, hard=31 * GIB))
PLAN = ProjectPlan(project="library", artifacts=1234, repositories=17, calls=13, seconds=4.2)
USAGE = ProjectUsage(
    project="library",
    repositories=(
        RepositoryUsage(name="shop/api", artifacts=900, bytes=80 * GIB, accessories=3, accessory_bytes=1024),
        RepositoryUsage(name="[@click=app.quit]x[/]", artifacts=1, bytes=GIB),
    ),
    artifacts=901,
    bytes=81 * GIB,
    calls=13,
    ended_at=NOW - 120,
)


def state(stage: CountStage, project: str = "library", **more: object) -> SumState:
    return SumState(instance=NAME, project=project, stage=stage, **more)  # type: ignore[arg-type]


def of(usage: tuple[ProjectUsage, ...] = (), quotas: tuple[Quota, ...] = QUOTAS) -> InstanceSnapshot:
    known = fresh("Harbor artifacts", usage, every=0.0)
    return instance(NAME, quotas=fresh("Harbor /quotas", quotas), project_usage=known)


def rows(each: InstanceSnapshot, sums: Mapping[tuple[str, str], SumState] | None = None) -> dict[str, Row]:
    blocks = projects_block(each, NOW, sums or {})
    return {row.key: row for block in blocks for row in block.rows}


def value(row: Row) -> str:
    return row.cells[2].text


def test_the_fullest_project_comes_first_and_says_how_full_it_is() -> None:
    found = rows(of())
    assert list(found) == ["project/library", "project/small"]
    assert value(found["project/library"]) == "library · 30 GiB of 31 GiB (97%)"
    assert found["project/library"].cells[2].style == "critical"
    assert value(found["project/small"]) == "small · 1.0 GiB"


def test_repositories_stand_below_their_project_with_what_they_mean() -> None:
    found = rows(of((USAGE,)))
    assert list(found)[:3] == ["project/library", "repository/library/all", "repository/library/of/shop/api"]
    assert value(found["repository/library/all"]) == "81 GiB referenced, shared layers counted for each artifact"
    assert sum(name == "inexact" for name, _ in found["repository/library/all"].more) >= 5
    assert value(found["repository/library/of/shop/api"]) == "shop/api · 80 GiB, 900 artifacts"
    assert found["repository/library/of/shop/api"].cells[4].text == "2 m"
    assert ("  shop/api", "80 GiB, 900 artifacts") in found["project/library"].more


def test_many_projects_and_repositories_are_cut_with_a_word() -> None:
    many = tuple(Quota(project=f"p{number}", used=number) for number in range(MAX_PROJECTS + 3))
    assert value(rows(of(quotas=many))["projects-more"]) == "3 smaller projects"
    usage = ProjectUsage(
        project="library",
        repositories=tuple(RepositoryUsage(name=f"r{n}", artifacts=1, bytes=n) for n in range(MAX_REPOSITORIES + 2)),
        smaller=5,
    )
    assert value(rows(of((usage,)))["repository/library/more"]) == "7 smaller repositories"


def test_without_quotas_there_are_no_projects() -> None:
    assert rows(instance(quotas=samples.failed("Harbor /quotas", FailureKind.FORBIDDEN))) == {}


def test_each_row_knows_its_project() -> None:
    assert {project_at(key) for key in rows(of((USAGE,)))} == {"library", "small"}
    assert project_at("usage") == "" == project_at("gc/1")


def test_a_plan_says_calls_seconds_and_what_is_left_out() -> None:
    assert plan_words(PLAN) == "about 13 calls to Harbor, 4 s for 1234 artifacts in 17 repositories"
    most = ProjectPlan(project="p", artifacts=60_000, calls=500, seconds=0.1, left_out=10_000)
    assert plan_words(most) == "about 500 calls to Harbor, <1 s for 60000 artifacts; 10 k more are left out"


# The key


async def zoomed(it: Console) -> None:
    """On the row of the fullest project."""
    await it.until(lambda: isinstance(it.app.screen, InstanceScreen))
    await it.press("3", "z")
    await it.until_text("Projects")
    table = it.instance_screen.tables[STORAGE - 1]
    for _ in range(60):
        if table.cursor_key == "project/library":
            return
        await it.press("j")
    raise AssertionError(table.cursor_key)


def first(usage: tuple[ProjectUsage, ...] = ()) -> Shown:
    snapshot = samples.fleet(instance(NAMES[0]), of(usage), instance(NAMES[2]))
    return Shown(snapshot, samples.verdict(snapshot))


@pytest.mark.parametrize("size", [(120, 35), (80, 24)])
async def test_u_on_a_project_says_what_it_takes_and_enter_begins_it(size: tuple[int, int]) -> None:
    async with console(first(), instance=NAME, size=size) as it:
        await zoomed(it)
        await it.press("u")
        assert it.port.sent[-1] == PlanSums(instance=NAME, project="library")
        await it.until_text("asking what that takes")
        await it.press("enter")
        assert it.port.sent[-1] == PlanSums(instance=NAME, project="library"), "not before the plan is there"
        it.port.say(state(CountStage.PLANNED, plan=PLAN))
        await it.until_text("about 13 calls to Harbor")
        assert "enter sum" in it.text
        await it.press("enter")
        assert it.port.sent[-1] == StartSums(instance=NAME, project="library")
        it.port.say(state(CountStage.COUNTING, progress=ProjectProgress(artifacts=400, calls=4, total=1234)))
        await it.until_text("400 of 1234 artifacts")
        it.port.say(state(CountStage.DONE))
        it.port.say(first((USAGE,)))
        await it.until_text("shop/api · 80 GiB")
        assert "400 of 1234" not in it.text
        assert "[@click=app.quit]x[/]" in it.text, "a name is text and never markup"


async def test_esc_leaves_the_plan_and_u_or_esc_stop_a_sum() -> None:
    async with console(first(), instance=NAME) as it:
        await zoomed(it)
        for key in ("escape", "u"):
            await it.press("u")
            await it.until_text("asking what that takes")
            if key == "escape":
                await it.press(key)
                assert it.port.sent[-1] == CancelSums(instance=NAME, project="library")
                assert it.instance_screen.zoomed and "asking what" not in it.text
        it.port.say(state(CountStage.PLANNED, plan=PLAN))
        await it.until_text("about 13 calls")
        await it.press("enter", "u")
        assert it.port.sent[-1] == CancelSums(instance=NAME, project="library")
        await it.press("escape")
        assert it.port.sent[-1] == CancelSums(instance=NAME, project="library") and it.instance_screen.zoomed
        it.port.say(state(CountStage.CANCELLED))
        await it.until_text("cancelled")


async def test_a_plan_that_fails_closes_the_bar_and_says_why() -> None:
    async with console(first(), instance=NAME) as it:
        await zoomed(it)
        await it.press("u")
        refused = Failure(kind=FailureKind.FORBIDDEN, detail="not permitted", needs="artifact:list")
        it.port.say(state(CountStage.FAILED, failure=refused))
        await it.until_text("not summed: ")
        assert "artifact:list" in it.text and not it.app.view.asking_project


async def test_the_end_of_the_engine_ends_a_sum() -> None:
    async with console(first(), instance=NAME) as it:
        await zoomed(it)
        await it.press("u")
        it.port.say(state(CountStage.PLANNED, plan=PLAN))
        await it.until_text("about 13 calls")
        await it.press("enter")
        it.port.say(EngineNote(text="restarted", restarted=True))
        await it.until_text("the engine ended")


async def test_elsewhere_u_counts_the_bucket() -> None:
    async with console(first(), instance=NAME) as it:
        await zoomed(it)
        await it.press("g", "u")
        assert it.port.sent[-1] == PlanCount(instance=NAME)
