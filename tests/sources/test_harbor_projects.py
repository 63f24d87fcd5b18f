"""Sums per repository over sockets: pages, lies about pages, accessories, impossible rows, rights that are missing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from harbortui.model.failure import Failure, FailureKind
from harbortui.model.project_usage import ProjectPlan, ProjectProgress, ProjectUsage
from harbortui.model.redact import Clean, Cleaner, Redactor
from harbortui.model.secret import Secret
from harbortui.sim.thread import SimThread
from harbortui.sim.world import SimOptions
from harbortui.sources.answer import Ok
from harbortui.sources.credentials import Credentials
from harbortui.sources.harbor import projects as module
from harbortui.sources.harbor.policy import allow_list
from harbortui.sources.harbor.projects import ProjectReader
from harbortui.sources.harbor.source import HarborSource
from harbortui.sources.harbor.tally import LARGEST, MOST, Tally
from harbortui.sources.harbor.wire import ArtifactRow
from harbortui.sources.http import HttpHost
from harbortui.sources.rows import read_rows
from tests.sources.conftest import Served, reply

K = FailureKind
API = "/api/v2.0"
NOW = 1_767_323_000.0
ARTIFACTS, REPOSITORIES = f"{API}/projects/library/artifacts", f"{API}/projects/library/repositories"
ME = {f"{API}/users/current": reply('{"username": "admin"}')}
Start = Callable[..., Awaitable[Served]]
Open = Callable[..., ProjectReader]


@pytest.fixture
async def reader(clean: Clean) -> AsyncIterator[Open]:
    made: list[HarborSource] = []

    def open_source(url: str, user: Credentials | None = None) -> ProjectReader:
        async def supply() -> Credentials:
            return user or Credentials("admin", Secret("PLANTED-admin"))

        http = HttpHost(url=url, allow=allow_list(url), clean=clean, now=lambda: NOW)
        made.append(HarborSource(url=url, credentials=supply, http=http, clean=clean, now=lambda: NOW))
        return made[-1].projects

    yield open_source
    for each in made:
        await each.aclose()


def row(number: int, repository: str = "shop/api", size: int = 10, **more: Any) -> dict[str, Any]:
    return {"id": number, "repository_name": f"library/{repository}", "size": size, **more}


def pages(rows: list[dict[str, Any]], total: int | None = None, **more: Any) -> Any:
    """Harbor's paging of these rows."""

    async def handler(request: web.Request) -> web.Response:
        page, size = int(request.query["page"]), int(request.query["page_size"])
        told = str(len(rows) if total is None else total)
        cut = rows[(page - 1) * size : page * size]
        return web.json_response(cut, headers={"X-Total-Count": told}, **more)

    return handler


async def summed(reader: ProjectReader, project: str = "library") -> tuple[list[ProjectProgress], Any]:
    events = [event async for event in reader.sums(project)]
    assert all(isinstance(each, ProjectProgress) for each in events[:-1])
    return events[:-1], events[-1]


async def usage_of(reader: ProjectReader) -> ProjectUsage:
    _, found = await summed(reader)
    assert isinstance(found, ProjectUsage), found
    return found


async def test_a_plan_names_what_there_is_and_what_it_takes(serve: Start, reader: Open) -> None:
    rows = [row(number) for number in range(1, 251)]
    served = await serve({**ME, ARTIFACTS: pages(rows), REPOSITORIES: pages([{}, {}, {}])})
    plan = await reader(served.url).plan("library")
    assert isinstance(plan, Ok)
    assert (plan.value.artifacts, plan.value.repositories, plan.value.calls) == (250, 3, 3)
    assert plan.value.left_out == 0 and plan.value.seconds > 0
    asked = [each for each in served.requests if "/projects/" in each.path]
    assert len(asked) == 2
    assert all(each.headers["X-Is-Resource-Name"] == "true" for each in asked), "a project may be called 2024"
    assert dict(asked[1].query) == {
        "page": "1",
        "page_size": "100",
        "sort": "id",
        "with_accessory": "true",
        "with_tag": "false",
    }


async def test_artifacts_add_up_per_repository_with_their_accessories(serve: Start, reader: Open) -> None:
    signed = row(3, "tools", 5, accessories=[{"size": 2}, {"size": 1, "type": "sbom.harbor"}])
    index = row(4, "tools", 500, references=[{"child_digest": "sha256:1"}, {"child_digest": "sha256:2"}])
    rows = [row(1), row(2, size=20), signed, index, row(5, "shop/web", accessories=None)]
    served = await serve({**ME, ARTIFACTS: pages(rows)})
    found = await usage_of(reader(served.url))
    told = [(each.name, each.artifacts, each.bytes) for each in found.repositories]
    assert told == [("tools", 2, 508), ("shop/api", 2, 30), ("shop/web", 1, 10)]
    assert (found.repositories[0].accessories, found.repositories[0].accessory_bytes) == (2, 3)
    assert (found.artifacts, found.bytes, found.complete, found.notes) == (5, 548, True, ())
    assert (found.calls, found.ended_at) == (1, NOW)


async def test_pages_are_walked_to_the_last_one_with_progress(serve: Start, reader: Open) -> None:
    rows = [row(number, f"r{number % 7}") for number in range(1, 351)]
    served = await serve({**ME, ARTIFACTS: pages(rows)})
    progress, found = await summed(reader(served.url))
    assert [(each.artifacts, each.calls, each.total) for each in progress] == [
        (100, 1, 350),
        (200, 2, 350),
        (300, 3, 350),
    ]
    assert found.artifacts == 350 and found.calls == 4 and found.bytes == 3500 and found.complete


async def test_what_is_pushed_meanwhile_counts_once(serve: Start, reader: Open) -> None:
    rows = [row(number) for number in range(1, 151)]

    async def shifting(request: web.Request) -> web.Response:
        page = int(request.query["page"])
        cut = rows[:100] if page == 1 else rows[90:]  # ten come again
        return web.json_response(cut, headers={"X-Total-Count": "150"})

    served = await serve({**ME, ARTIFACTS: shifting})
    found = await usage_of(reader(served.url))
    assert (found.artifacts, found.bytes, found.complete) == (150, 1500, True)


async def test_a_server_that_repeats_itself_is_left_alone(serve: Start, reader: Open) -> None:
    rows = [row(number) for number in range(1, 101)]

    async def again(_: web.Request) -> web.Response:
        return web.json_response(rows, headers={"X-Total-Count": "100000"})

    served = await serve({**ME, ARTIFACTS: again})
    found = await usage_of(reader(served.url))
    assert (found.artifacts, found.calls, found.complete) == (100, 2, False)
    assert any("brings no new" in note for note in found.notes)
    assert any("99900 of 100000" in note for note in found.notes)


async def test_calls_are_bounded_and_what_is_left_out_is_said(
    serve: Start, reader: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 2)
    monkeypatch.setattr(module, "MAX_ARTIFACTS", 200)
    rows = [row(number) for number in range(1, 451)]
    served = await serve({**ME, ARTIFACTS: pages(rows), REPOSITORIES: pages([])})
    plan = await reader(served.url).plan("library")
    assert isinstance(plan, Ok) and (plan.value.calls, plan.value.left_out) == (2, 250)
    found = await usage_of(reader(served.url))
    assert (found.artifacts, found.calls, found.complete) == (200, 2, False)
    assert "250 of 450 artifacts are not in the sums" in found.notes


async def test_rows_that_cannot_be_are_left_out_and_said(serve: Start, reader: Open) -> None:
    rows = [
        row(1),
        row(2, size=-1),
        row(3, size=LARGEST + 1),
        row(4, accessories=[{"size": -5}]),
        {**row(5), "repository_name": "other/x"},
        {"id": "six"},
        row(7, size=2**64),
    ]
    served = await serve({**ME, ARTIFACTS: pages(rows)})
    found = await usage_of(reader(served.url))
    assert (found.artifacts, found.bytes, found.complete) == (1, 10, False)
    assert len(found.notes) == 7


async def test_a_hostile_name_is_text_without_power(serve: Start, reader: Open) -> None:
    name = "[@click=app.quit]x[/]\x1b[2J\u202e" + "n" * 500
    served = await serve({**ME, ARTIFACTS: pages([row(1, name)])})
    (found,) = (await usage_of(reader(served.url))).repositories
    assert found.name.startswith("[@click=app.quit]x[/]") and "\x1b" not in found.name and "\u202e" not in found.name


@pytest.mark.parametrize("project", ["", "../configurations", "a/b", "a%2fb", "A", "-a", "a b", "a?x=1", "x" * 256])
async def test_only_the_name_of_a_project_becomes_part_of_a_path(serve: Start, reader: Open, project: str) -> None:
    served = await serve(ME)
    plan = await reader(served.url).plan(project)
    _, found = await summed(reader(served.url), project)
    assert isinstance(plan, Failure) and isinstance(found, Failure)
    assert plan.kind is found.kind is K.LOCAL and served.requests == []


async def test_without_the_right_to_list_repositories_the_sums_are_the_same(serve: Start, reader: Open) -> None:
    refused = reply('{"errors":[{"code":"FORBIDDEN","message":"forbidden"}]}', status=403)
    served = await serve({**ME, ARTIFACTS: pages([row(1)]), REPOSITORIES: refused})
    plan = await reader(served.url).plan("library")
    assert isinstance(plan, Ok) and plan.value.repositories is None and plan.value.artifacts == 1
    served = await serve({**ME, ARTIFACTS: refused, REPOSITORIES: refused})
    for answer in (await reader(served.url).plan("library"), (await summed(reader(served.url)))[1]):
        assert isinstance(answer, Failure)
        assert (answer.kind, answer.needs) == (K.FORBIDDEN, "artifact:list")


@pytest.mark.parametrize(
    ("status", "kind"), [(404, K.NOT_FOUND), (500, K.SERVER), (422, K.PROTOCOL), (429, K.RATE_LIMITED)]
)
async def test_a_refusal_is_a_failure_of_its_kind(serve: Start, reader: Open, status: int, kind: FailureKind) -> None:
    served = await serve({**ME, "*": reply('{"errors":[{"code":"X","message":"no"}]}', status=status, Retry_After="0")})
    for answer in (await reader(served.url).plan("library"), (await summed(reader(served.url)))[1]):
        assert isinstance(answer, Failure) and answer.kind is kind


async def test_what_passes_is_asked_once_more(serve: Start, reader: Open) -> None:
    bad = [True]

    async def hurt(request: web.Request) -> web.StreamResponse:
        if bad and bad.pop():
            return web.Response(status=503, headers={"Retry-After": "0"})
        return await pages([row(1)])(request)  # type: ignore[no-any-return]

    served = await serve({**ME, ARTIFACTS: hurt})
    assert (await usage_of(reader(served.url))).artifacts == 1
    assert served.asked.count(f"GET {ARTIFACTS}") == 2


@pytest.mark.parametrize("body", ["{}", "[1", '"x"', "[[]]"])
async def test_a_page_that_is_none(serve: Start, reader: Open, body: str) -> None:
    served = await serve({**ME, ARTIFACTS: reply(body)})
    _, found = await summed(reader(served.url))
    if isinstance(found, Failure):
        assert found.kind is K.PROTOCOL
    else:
        assert not found.complete and found.artifacts == 0


async def test_a_harbor_that_does_not_say_how_many_cannot_be_planned(serve: Start, reader: Open) -> None:
    served = await serve({**ME, ARTIFACTS: reply("[]"), REPOSITORIES: reply("[]")})
    plan = await reader(served.url).plan("library")
    assert isinstance(plan, Failure) and plan.kind is K.PROTOCOL


SIZES = st.integers(-(2**70), 2**70)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(-5, 40), "repository_name": st.sampled_from(["p/a", "p/b/c", "p/", "q/a", "p", ""])},
        optional={"size": SIZES, "accessories": st.none() | st.lists(st.fixed_dictionaries({"size": SIZES}))},
    ),
    max_size=30,
)


@given(st.lists(ROWS, max_size=4))
def test_no_rows_break_the_sums(given_pages: list[list[dict[str, Any]]]) -> None:
    tally = Tally("p", Cleaner(Redactor()))
    for rows in given_pages:
        tally.take(read_rows(json.dumps(rows).encode(), ArtifactRow, name="artifact"))
    found = tally.usage(0, calls=1, at=NOW)
    assert found.artifacts == sum(each.artifacts for each in found.repositories) == tally.artifacts
    assert 0 <= found.bytes <= MOST
    sizes = [each.bytes for each in found.repositories]
    assert sizes == sorted(sizes, reverse=True)
    assert all(each.accessory_bytes <= each.bytes for each in found.repositories)


# On the simulator


@pytest.fixture(scope="module", params=["v2.11.2", "v2.15.2"])
def sim(request: pytest.FixtureRequest) -> Any:
    with SimThread(SimOptions(start=NOW, speed=0.0, harbor_version=request.param), only={"harbor"}) as running:
        yield running


async def test_the_simulated_projects_add_up_to_their_worlds_truth(sim: SimThread, reader: Open) -> None:
    instance = sim.world.instances[0]
    robot = Credentials("robot$ops-console", Secret(sim.control.secrets()["console_password"]))
    source = reader(sim.url(f"harbor:{instance.name}"), robot)
    for project in instance.projects.values():
        repositories = [each for each in instance.repositories.values() if each.project_id == project.id]
        plan = await source.plan(project.name)
        assert isinstance(plan, Ok) and isinstance(plan.value, ProjectPlan)
        assert plan.value.repositories == len(repositories)
        _, found = await summed(source, project.name)
        assert isinstance(found, ProjectUsage) and found.complete
        truth = {
            each.name.partition("/")[2]: sum(artifact.image.size for artifact in each.artifacts)
            for each in repositories
            if each.artifacts
        }
        assert {each.name: each.bytes for each in found.repositories} == truth
        assert found.bytes >= instance.project_usage(project.id), "shared layers count again"
    assert all(not each["writes"] for each in sim.control.counts().values())
