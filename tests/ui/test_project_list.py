"""Screen 7 as a pure function: quotas, proxy caches and scans, and what of them our account may not see."""

from __future__ import annotations

import pytest

from harbortui.model.asked import Query, Topic
from harbortui.model.failure import Failure, FailureKind
from harbortui.model.finding import State
from harbortui.model.projects import Project, ProjectList, ScanBacklog
from harbortui.ui.cell import Pane
from harbortui.ui.panes import project_list as page
from tests.ui.asked import SCAN, all_text, known, project_list, query, view
from tests.ui.samples import GIB, NAMES

PROJECTS = query(Topic.PROJECTS)


def shown(value: ProjectList, **more: object) -> Pane:
    return page.page(view({PROJECTS: known(Topic.PROJECTS, value, **more)}), 160)  # type: ignore[arg-type]


def cells(pane: Pane) -> dict[str, list[str]]:
    return {row.cells[1].text: [cell.text for cell in row.cells] for row in pane.blocks[0].rows if not row.wide}


def test_projects_in_trouble_come_first_then_the_largest() -> None:
    pane = shown(project_list())
    assert list(cells(pane)) == ["team-blue", "quay", "library", "dockerhub"]
    assert cells(pane)["team-blue"] == ["✖", "team-blue", "97 GiB", "■■■■■■■□ 97%", "100 GiB", "12", "private", ""]
    assert cells(pane)["library"][3:7] == ["", "no limit", "41", "public"]
    assert cells(pane)["dockerhub"][7] == "docker.io, healthy" and cells(pane)["dockerhub"][0] == "●"
    assert cells(pane)["quay"][0] == "▲" and cells(pane)["quay"][7] == "quay, unhealthy"
    assert pane.badge == ("✖ team-blue: 97% of its quota · 1 more", "critical")


def test_a_project_in_full_tells_what_has_no_column() -> None:
    rows = {row.cells[1].text: dict(row.more) for row in shown(project_list()).blocks[0].rows}
    assert rows["team-blue"]["tag retention"] == "yes" and rows["library"]["owner"] == "admin"
    assert rows["dockerhub"]["upstream speed"] == "no limit"
    assert rows["dockerhub"]["serves"] == "what it has, and what the upstream has"
    assert rows["quay"]["serves"] == "only what it has: anything new is not found"
    assert "of a Harbor that is down it keeps the last" in rows["quay"]["upstream health"]


@pytest.mark.parametrize(
    ("used", "hard", "state", "bar"),
    [
        (0, 100, State.OK, "□□□□□□□□ 0%"),
        (79, 100, State.OK, "■■■■■■□□ 79%"),
        (80, 100, State.WARNING, "■■■■■■□□ 80%"),
        (95, 100, State.CRITICAL, "■■■■■■■□ 95%"),
        (250, 100, State.CRITICAL, "■■■■■■■■ 250%"),
    ],
)
def test_quotas(used: int, hard: int, state: State, bar: str) -> None:
    project = Project(id=1, name="p", used=used, hard=hard)
    assert page.project_state(project) is state
    assert page.quota_bar(used / hard) == bar


def test_an_upstream_nobody_told_of_is_unknown_not_broken() -> None:
    project = Project(id=1, name="p", registry_id=9)
    pane = shown(ProjectList(projects=(project,)))
    assert page.project_state(project) is State.OK
    assert cells(pane)["p"][7] == "registry 9, health unknown"


def test_what_may_not_be_seen_names_the_right_and_what_grants_it() -> None:
    def denied(right: str) -> Failure:
        return Failure(kind=FailureKind.FORBIDDEN, detail="forbidden", needs=right)

    well = Project(id=1, name="p", registry_id=9)
    pane = shown(
        ProjectList(
            projects=(well,),
            quota_failure=denied("quota:list"),
            registry_failure=denied("registry:list"),
            scan_failure=Failure(kind=FailureKind.TIMEOUT, detail="no answer within 10 s"),
            unseen=3,
        )
    )
    text = all_text(pane)
    assert "◌ quotas and usage not visible: our account lacks quota:list; harbortui doctor prints" in text
    assert "◌ upstreams of proxy caches not visible: our account lacks registry:list" in text
    assert "◌ scan backlog not known: no answer in time: no answer within 10 s" in text
    assert "◌ 3 projects more: our account lacks project:list" in text
    assert cells(pane)["p"][2:4] == ["?", "?"]
    assert pane.badge == ("◌ 1 project, not all visible", "unknown")


def test_scans() -> None:
    assert "Scanner | none: this Harbor scans nothing" in all_text(shown(project_list()))
    text = all_text(shown(project_list(has_scanner=True, scan=SCAN)))
    assert "▲ | Scan of all | 120 of 400 artifacts, 280 to go, 5 failed" in text and "Success 115, Error 5" in text
    assert "none has run" in all_text(shown(project_list(has_scanner=True, scan=ScanBacklog())))
    assert len(shown(project_list(has_scanner=None)).blocks) == 1


def test_no_project_at_all_is_said() -> None:
    assert "no project that our account may see" in all_text(shown(ProjectList()))


def test_a_stale_list_is_not_calm() -> None:
    pane = shown(project_list(), age=1000.0)
    assert pane.badge.text == "◌ stale" and "stale, 16 m old: overdue" in all_text(pane)


def test_a_project_has_an_object_to_show_raw_and_a_sentence_has_none() -> None:
    it = view({PROJECTS: known(Topic.PROJECTS, project_list())})
    pane = page.page(it, 100)
    row = pane.blocks[0].rows[0]
    assert page.raw_of(it, row) == Query(topic=Topic.RAW, instance=NAMES[0], sub="project", id="2")
    assert page.raw_of(it, pane.blocks[1].rows[0]) is None
    assert page.raw_of(it, row._replace(key="project/x")) is None


def test_sizes_and_shares_sort_as_numbers() -> None:
    rows = shown(project_list()).blocks[0].rows
    assert [row.cells[2].rank for row in rows] == [97 * GIB, GIB, 341 * GIB, 52 * GIB]
