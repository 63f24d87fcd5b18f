from __future__ import annotations

import asyncio

from .conftest import JOB, Api, eventually


async def test_a_query_waits_for_its_index_to_pass(api: Api) -> None:
    index = (await api.get("/v1/allocations")).headers["X-Nomad-Index"]
    waiting = asyncio.create_task(api.get("/v1/allocations", index=index, wait="60s"))
    await eventually(lambda: api.fleet.listeners["nomad"].counts.requests >= 2)
    assert not waiting.done()
    api.world.nomad.crash_task(api.alloc.id, "core")
    answer = await asyncio.wait_for(waiting, 10)
    assert int(answer.headers["X-Nomad-Index"]) > int(index)
    states = {row["ID"]: row["TaskStates"] for row in answer.json()}
    assert states[api.alloc.id]["core"]["State"] == "pending"


async def test_a_wait_that_ends_gives_the_same_index(api: Api) -> None:
    index = (await api.get("/v1/jobs/statuses")).headers["X-Nomad-Index"]
    answer = await asyncio.wait_for(api.get("/v1/jobs/statuses", index=index, wait="40ms"), 10)
    assert answer.headers["X-Nomad-Index"] == index
    assert answer.headers["X-Nomad-LastContact"] == "0"
    assert answer.headers["X-Nomad-KnownLeader"] == "true"


async def test_an_index_of_zero_or_the_past_answers_at_once(api: Api) -> None:
    for index in ("0", "1"):
        assert (await asyncio.wait_for(api.get("/v1/jobs", index=index, wait="5m"), 10)).status == 200


async def test_a_single_object_waits_for_its_own_index(api: Api) -> None:
    other = api.world.nomad.current_alloc("harbor-nas")
    assert other is not None
    index = (await api.get(f"/v1/allocation/{api.alloc.id}")).headers["X-Nomad-Index"]
    assert int(index) == api.alloc.modify_index
    waiting = asyncio.create_task(api.get(f"/v1/allocation/{api.alloc.id}", index=index, wait="60s"))
    await eventually(lambda: api.fleet.listeners["nomad"].counts.requests >= 2)
    api.world.nomad.crash_task(other.id, "redis")
    table = (await api.get("/v1/allocations")).headers["X-Nomad-Index"]
    assert int(table) > int(index)
    assert not waiting.done()
    api.world.nomad.crash_task(api.alloc.id, "redis")
    assert (await asyncio.wait_for(waiting, 10)).json()["TaskStates"]["redis"]["State"] == "pending"


async def test_the_end_of_the_server_ends_the_waiting(api: Api) -> None:
    index = (await api.get(f"/v1/job/{JOB}")).headers["X-Nomad-Index"]
    waiting = asyncio.create_task(api.get(f"/v1/job/{JOB}", index=index))
    await eventually(lambda: api.fleet.listeners["nomad"].counts.requests >= 2)
    await asyncio.wait_for(api.fleet.stop(), 10)
    await asyncio.wait([waiting], timeout=10)
    assert waiting.done()
    waiting.exception()
