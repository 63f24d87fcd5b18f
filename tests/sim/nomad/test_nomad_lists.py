from __future__ import annotations

from typing import Any

import pytest

from .conftest import JOB, START, Api


async def pages(api: Api, path: str, **query: str) -> list[Any]:
    rows: list[Any] = []
    token = ""
    while True:
        answer = await api.get(path, **query, **({"next_token": token} if token else {}))
        page = answer.json()
        assert len(page) <= int(query["per_page"])
        rows += page
        token = answer.headers.get("X-Nomad-NextToken", "")
        if not token:
            return rows


@pytest.mark.parametrize(
    "path", ["/v1/jobs", "/v1/jobs/statuses", "/v1/allocations", "/v1/evaluations", "/v1/deployments", "/v1/nodes"]
)
@pytest.mark.parametrize("order", [{}, {"reverse": "true"}])
async def test_pages_add_up_to_the_list(api: Api, path: str, order: dict[str, str]) -> None:
    whole = (await api.get(path, **order)).json()
    assert len(whole) >= 3
    paged = await pages(api, path, per_page="2", **order)
    assert [row["ID"] for row in paged] == [row["ID"] for row in whole]


async def test_only_the_exact_word_true_reverses(api: Api) -> None:
    ids = [row["ID"] for row in (await api.get("/v1/allocations")).json()]
    for ignored in ("True", "1", "TRUE"):
        assert [row["ID"] for row in (await api.get("/v1/allocations", reverse=ignored)).json()] == ids
    turned = (await api.get("/v1/allocations", reverse="true")).json()
    assert [row["ID"] for row in turned] == ids[::-1]


async def test_allocation_prefix_needs_an_even_number_of_digits(api: Api) -> None:
    wanted = api.alloc.id
    assert wanted in [row["ID"] for row in (await api.get("/v1/allocations", prefix=wanted[:8])).json()]
    odd = await api.get("/v1/allocations", prefix=wanted[:7])
    assert odd.status == 500
    assert "must be even length" in odd.text
    assert (await api.get("/v1/allocations", prefix="zz")).status == 500


async def test_a_short_id_is_a_500(api: Api) -> None:
    answer = await api.get(f"/v1/allocation/{api.alloc.id[:8]}")
    assert answer.status == 500
    assert "UUID must be 36 characters" in answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")


async def test_filters_run_on_whole_objects(api: Api) -> None:
    found = (await api.get("/v1/allocations", filter=f'JobID == "{JOB}" and ClientStatus == "running"')).json()
    assert [row["ID"] for row in found] == [api.alloc.id]
    by_spec = (await api.get("/v1/allocations", filter="Job.Priority == 50", per_page="1")).json()
    assert len(by_spec) == 1
    jobs = (await api.get("/v1/jobs", filter='Meta["app"] == "harbor"')).json()
    assert len(jobs) == 3
    done = (await api.get("/v1/deployments", filter='TaskGroups["harbor"].HealthyAllocs == 1')).json()
    assert done
    assert all(row["Status"] == "successful" for row in done)


@pytest.mark.parametrize(
    ("path", "query", "text"),
    [
        ("/v1/jobs", {"per_page": "x"}, "Expect a number for `per_page`"),
        ("/v1/jobs", {"index": "x"}, "Invalid index"),
        ("/v1/jobs", {"index": "-1"}, "Invalid index"),
        ("/v1/jobs", {"index": "1", "wait": "soon"}, "Invalid wait time"),
        ("/v1/jobs", {"filter": "ID =="}, "failed to create result paginator: failed to read filter expression"),
        ("/v1/jobs", {"filter": "Nope == 1"}, "failed to read result page: error finding value in datum"),
        ("/v1/jobs", {"meta": "maybe"}, "ParseBool"),
        (
            "/v1/evaluations",
            {"filter": "ID != a", "job": JOB},
            "Filter expression cannot be used with other filter parameters",
        ),
    ],
)
async def test_bad_input_is_a_400_in_plain_text(api: Api, path: str, query: dict[str, str], text: str) -> None:
    answer = await api.get(path, **query)
    assert answer.status == 400
    assert text in answer.text


async def test_namespaces_and_regions(api: Api) -> None:
    assert len((await api.get("/v1/jobs", namespace="*")).json()) == 3
    assert (await api.get("/v1/jobs", namespace="elsewhere")).json() == []
    assert (await api.get(f"/v1/job/{JOB}", namespace="elsewhere")).status == 404
    assert [row["Name"] for row in (await api.get("/v1/namespaces")).json()] == ["default"]
    unknown = await api.get("/v1/jobs", region="mars")
    assert (unknown.status, unknown.text) == (500, "No path to region")
    assert (await api.get("/v1/jobs", region="global")).status == 200
    assert (await api.get("/v1/regions", region="mars")).json() == ["global"]


async def test_without_a_leader_only_stale_reads_answer(api: Api) -> None:
    api.world.nomad.leader = False
    answer = await api.get("/v1/jobs")
    assert (answer.status, answer.text) == (500, "No cluster leader")
    assert (await api.get("/v1/status/leader")).status == 500
    stale = await api.get("/v1/jobs", stale="true")
    assert stale.headers["X-Nomad-KnownLeader"] == "false"
    assert len(stale.json()) == 3
    health = await api.get("/v1/agent/health", type="server")
    assert health.status == 500
    assert b'"ok":false' in health.body


async def test_unknown_paths_and_methods(api: Api) -> None:
    assert (await api.get("/v1/nothing")).status == 404
    refused = await api.call("DELETE", "/v1/jobs")
    assert (refused.status, refused.text) == (405, "Invalid method")
    assert (await api.get("/")).headers["Location"] == "/ui/"
    assert (await api.get("/v1/job/a%2Fb")).text == "job not found"
    assert (await api.get("/v1/job/none/allocations")).json() == []
    assert (await api.get("/v1/job/none/deployment")).body == b"null"


async def test_answers_are_compressed_when_asked_for(api: Api) -> None:
    answer = await api.call("GET", "/v1/allocations", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.json()) >= 3
    assert "Content-Encoding" not in (await api.get("/v1/allocations")).headers


async def test_statuses_by_post_name_the_jobs(api: Api) -> None:
    body = {"Jobs": [{"ID": JOB, "Namespace": "default"}]}
    (row,) = (await api.call("POST", "/v1/jobs/statuses", json=body)).json()
    assert row["ID"] == JOB
    assert [alloc["ID"] for alloc in row["Allocs"] if alloc["ClientStatus"] == "running"] == [api.alloc.id]
    assert row["LatestDeployment"]["Status"] == "successful"


async def test_search(api: Api) -> None:
    found = (await api.put("/v1/search", {"Prefix": "harbor-vm", "Context": "jobs"})).json()
    assert found["Matches"] == {"jobs": ["harbor-vm-05", "harbor-vm-06"]}
    fuzzy = (await api.put("/v1/search/fuzzy", {"Text": "jobservice"})).json()
    assert {row["ID"] for row in fuzzy["Matches"]["tasks"]} == {"jobservice"}
    assert (await api.put("/v1/search/fuzzy", {"Text": "x"})).status == 400


async def test_the_world_is_held(api: Api) -> None:
    assert api.world.now == START
