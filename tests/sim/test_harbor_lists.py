"""Pages, `q`, `sort`, and the JSON habits of go-swagger."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.sim.harbor import query
from harbortui.sim.harbor.cron import next_time, parse
from harbortui.sim.harbor.errors import ApiError
from tests.sim.harbor_site import START, serving

PAGED = (
    "/projects",
    "/repositories",
    "/projects/docker-cache/repositories",
    "/replication/executions",
    "/replication/policies",
    "/registries",
    "/audit-logs",
    "/quotas",
    "/system/gc",
    "/schedules",
    "/robots",
)


@pytest.mark.parametrize("path", PAGED)
async def test_walking_the_pages_gives_every_row_once(path: str) -> None:
    async with serving() as site:
        whole = await site.ask(f"{path}?page_size=100")
        total = int(whole.headers["X-Total-Count"])
        everything = list(whole.json)
        while len(everything) < total:
            everything += (await site.ask(f"{path}?page_size=100&page={len(everything) // 100 + 1}")).json
        rows: list[object] = []
        page = 1
        while True:
            answer = await site.ask(f"{path}?page_size=7&page={page}")
            assert int(answer.headers["X-Total-Count"]) == total
            rows += answer.json
            link = answer.headers.get("Link", "")
            assert ('rel="next"' in link) is (7 * page < total)
            assert ('rel="prev"' in link) is (page > 1 and 7 * (page - 1) < total)
            if 'rel="next"' not in link:
                break
            assert f"</api/v2.0{path}?page={page + 1}&page_size=7>" in link
            page += 1
        assert rows == everything
        assert len(rows) == total > 0


async def test_a_page_is_ten_rows_and_a_hundred_at_most() -> None:
    async with serving() as site:
        assert len((await site.ask("/replication/executions")).json) == 10
        assert len((await site.ask("/replication/executions?page_size=100")).json) == 100
        for text in ("101", "1000", "x"):
            refused = await site.ask(f"/replication/executions?page_size={text}")
            assert (refused.status, refused.code) == (422, "UNPROCESSABLE_ENTITY")
        everything = await site.ask("/audit-logs?page_size=0")
        assert len(everything.json) == int(everything.headers["X-Total-Count"]) > 100
        assert "Link" not in everything.headers
        beyond = await site.ask("/audit-logs?page=9999")
        assert (beyond.status, beyond.json) == (200, [])
        assert "Link" not in beyond.headers


async def test_the_link_is_relative_and_its_query_is_not_escaped() -> None:
    async with serving() as site:
        answer = await site.ask(
            "/audit-logs?q=operation%3Dcreate%2Cop_time%3D%5B2020-01-01%2000%3A00%3A00~%5D&page_size=1"
        )
        assert answer.headers["Link"] == (
            '</api/v2.0/audit-logs?page=2&page_size=1&q=operation=create,op_time=[2020-01-01 00:00:00~]>; rel="next"'
        )


async def test_q_selects_by_field() -> None:
    async with serving() as site:

        async def rows(path: str) -> list[dict[str, object]]:
            answer = await site.ask(path)
            assert answer.status == 200, answer.text
            return list(answer.json)

        everything = await rows("/audit-logs?page_size=100")
        created = await rows("/audit-logs?page_size=100&q=operation%3Dcreate")
        assert created and {row["operation"] for row in created} == {"create"}
        assert await rows("/audit-logs?page_size=100&q=Operation%3Dcreate") == created
        assert await rows("/audit-logs?page_size=100&q=unknown_key%3D1") == everything
        both = await rows("/audit-logs?page_size=100&q=operation%3D%7Bcreate%20delete%7D")
        assert {row["operation"] for row in both} == {"create", "delete"}
        cut = everything[20]["op_time"]
        text = str(cut).replace("T", " ").rstrip("Z")
        late = await rows(
            f"/audit-logs?page_size=100&q=op_time%3D%5B{text.replace(' ', '%20').replace(':', '%3A')}~%5D"
        )
        assert all(str(row["op_time"]) >= str(cut)[:19] for row in late)
        assert 20 <= len(late) <= 22
        assert [r["name"] for r in await rows("/projects?q=name%3D~cache&sort=-name")] == [
            "quay-cache", "lscr-cache", "ghcr-cache", "docker-cache",
        ]  # fmt: skip
        for bad in ("operation", "operation%3D", "op_time%3D%5Bx", "op_time%3D%5B~%5D", "%3D1"):
            refused = await site.ask(f"/audit-logs?q={bad}")
            assert (refused.status, refused.code) == (400, "BAD_REQUEST"), bad
        unreadable = await site.ask("/audit-logs?q=op_time%3D%5Byesterday~%5D")
        assert (unreadable.status, unreadable.message) == (500, "internal server error")


async def test_sorting() -> None:
    async with serving() as site:
        quotas = (await site.ask("/quotas?sort=-used.storage")).json
        used = [q["used"]["storage"] for q in quotas]
        assert used == sorted(used, reverse=True) and len(set(used)) > 1
        starts = [e["start_time"] for e in (await site.ask("/replication/executions?page_size=50")).json]
        assert starts == sorted(starts, reverse=True)
        ids = [e["id"] for e in (await site.ask("/replication/executions?sort=id")).json]
        assert ids == sorted(ids)
        names = [p["name"] for p in (await site.ask("/projects")).json]
        assert names == sorted(names)


async def test_absent_means_zero_and_some_zeros_are_always_there() -> None:
    async with serving("v2.14.4") as site:
        policy = next(iter(site.instance.policies.values()))
        policy.enabled = False
        row = (await site.ask(f"/replication/policies/{policy.id}")).json
        assert "enabled" not in row and "replicate_deletion" not in row and "deletion" not in row
        assert row["speed"] == 0 and row["single_active_replication"] is False and row["copy_by_chunk"] is False
        for queue in (await site.ask("/jobservice/queues")).json:
            assert queue["paused"] is False
            assert queue.get("count", 1) != 0 and queue.get("latency", 1) != 0
        execution = (await site.ask("/replication/executions?page_size=1")).json[0]
        assert {"total", "failed", "succeed", "in_progress", "stopped", "status_text"} <= set(execution)
        robot = (await site.ask("/robots")).json[0]
        assert robot["disable"] is False and "secret" not in robot
        local = row["src_registry"]
        assert local["id"] == 0 and local["creation_time"] == "0001-01-01T00:00:00.000Z"
        assert all(w.keys() == {"id", "pool_id"} for w in (await site.ask("/jobservice/pools/all/workers")).json)


async def test_times_have_milliseconds_and_the_unset_ones_are_gos_zero() -> None:
    async with serving() as site:
        name, repository = next(
            (r.name.partition("/")[2], r) for r in site.instance.repositories.values() if r.name.startswith("library/")
        )
        repository.artifacts[-1].pull_time = 0.0
        rows = (await site.ask(f"/projects/library/repositories/{name}/artifacts")).json
        assert rows[0]["pull_time"] == "0001-01-01T00:00:00.000Z"
        assert rows[0]["labels"] is None and rows[0]["references"] is None and rows[0]["accessories"] is None
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["push_time"]) for row in rows)


@given(st.text(max_size=40))
def test_any_q_is_parsed_or_refused(text: str) -> None:
    try:
        conditions = query.parse(text)
    except ApiError as error:
        assert error.status == 400
        return
    for pattern in conditions.values():
        for value in ("name", 3, 3.5, True):
            try:
                assert query.matches(value, pattern) in (True, False)
            except ApiError as error:
                assert error.status == 500


def test_crons_are_read_as_harbor_reads_them() -> None:
    sunday = next_time("0 0 3 * * 0", START)
    assert (sunday - START) / 3600 == 85.0
    assert next_time("0 30 14 * * *", START) == START + 1800
    assert next_time("0 0 14 * * *", START) == START + 86_400
    assert next_time("0 0 0 31 2 *", START) == 0.0
    for wrong in ("0 3 * * 0", "1 0 3 * * 0", "0 61 3 * * 0", "0 a * * * *", ""):
        with pytest.raises(ValueError):
            parse(wrong)
