from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from harbortui.sim.clock import Clock
from harbortui.sim.nomad import app
from harbortui.sim.world import SimOptions, build_world

from .conftest import JOB, START, Api


class Stream:
    """A subscription read line by line."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def line(self) -> dict[str, Any] | None:
        raw = await asyncio.wait_for(self.response.content.readline(), 10)
        return json.loads(raw) if raw else None

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            line = await self.line()
            assert line is not None
            for event in line.get("Events", []):
                if event["Type"] == kind:
                    return dict(event)


def subscribe(api: Api, token: str | None = None, **query: Any) -> Any:
    headers = api.headers(token) | {"Accept-Encoding": "identity"}
    params = [(key, one) for key, value in query.items() for one in (value if isinstance(value, list) else [value])]
    return api.session.get(api.url + "/v1/event/stream", params=params, headers=headers)


async def start(api: Api) -> str:
    return str(int((await api.get("/v1/allocations")).headers["X-Nomad-Index"]) + 1)


async def test_the_first_line_is_empty_and_changes_follow(api: Api) -> None:
    first = await start(api)
    async with subscribe(api, topic=["Allocation", "Job"], index=first) as response:
        stream = Stream(response)
        assert await stream.line() == {}
        api.world.nomad.crash_task(api.alloc.id, "core")
        while True:
            line = await stream.line()
            assert line is not None
            (event,) = line["Events"]
            if line["Index"] >= int(first):
                break
    assert event["Topic"] == "Allocation"
    assert event["Key"] == api.alloc.id
    assert JOB in event["FilterKeys"]
    payload = event["Payload"]["Allocation"]
    assert "Job" not in payload
    assert payload["TaskStates"]["core"]["Events"][-1]["Type"] == "Restarting"


async def test_the_buffer_is_replayed_and_its_last_entry_comes_twice(api: Api) -> None:
    async with subscribe(api, index="0") as response:
        stream = Stream(response)
        assert await stream.line() == {}
        seen: list[int] = []
        newest = api.world.nomad.events[-1].index
        while not seen or seen[-1] < newest:
            line = await stream.line()
            assert line is not None
            seen.append(line["Index"])
    assert seen == sorted(seen)
    assert len(seen) == min(100, len({event.index for event in api.world.nomad.events}))
    async with subscribe(api, index=str(newest + 1)) as response:
        stream = Stream(response)
        assert await stream.line() == {}
        again = await stream.line()
        assert again is not None
        assert again["Index"] == newest


async def test_a_topic_can_name_a_job(api: Api) -> None:
    other = api.world.nomad.current_alloc("harbor-nas")
    assert other is not None
    async with subscribe(api, topic=f"Allocation:{JOB}", index=await start(api)) as response:
        stream = Stream(response)
        assert await stream.line() == {}
        api.world.nomad.crash_task(other.id, "core")
        api.world.nomad.crash_task(api.alloc.id, "core")
        event = await stream.until("AllocationUpdated")
        while event["Index"] < api.alloc.modify_index:
            assert event["Payload"]["Allocation"]["JobID"] == JOB
            event = await stream.until("AllocationUpdated")
    assert event["Key"] == api.alloc.id


async def test_all_topics_of_a_stopped_job(api: Api) -> None:
    async with subscribe(
        api, topic=["Job", "Evaluation", "Deployment", "Allocation", "Node"], index=await start(api)
    ) as response:
        stream = Stream(response)
        assert await stream.line() == {}
        api.world.nomad.stop_job(JOB)
        job = await stream.until("JobDeregistered")
        assert job["Payload"]["Job"]["ID"] == JOB
        evaluation = await stream.until("EvaluationUpdated")
        assert evaluation["Payload"]["Evaluation"]["TriggeredBy"] == "job-deregister"
        assert (await stream.until("AllocationUpdateDesiredStatus"))["Key"]
        api.world.nomad.start_job(JOB)
        assert (await stream.until("DeploymentStatusUpdate"))["Payload"]["Deployment"]["Status"] == "running"
        api.world.nomad.drain(next(iter(api.world.nomad.nodes)))
        node = await stream.until("NodeDrain")
        assert node["Payload"]["Node"]["SecretID"] == ""


async def test_rights(api: Api) -> None:
    secrets = api.world.secrets
    for token, query, status in (
        (secrets.nomad_read_token, {"topic": "Job"}, 200),
        (secrets.nomad_read_token, {"topic": "Job", "namespace": "*"}, 200),
        (secrets.nomad_read_token, {"topic": "Node"}, 200),
        (secrets.nomad_read_token, {}, 403),
        (secrets.nomad_read_token, {"topic": "NodePool"}, 403),
        (secrets.nomad_read_token, {"topic": "Job", "namespace": "elsewhere"}, 403),
        ("", {"topic": "Job"}, 403),
        (None, {}, 200),
    ):
        async with subscribe(api, token, **query) as response:
            assert response.status == status, (token, query)
            if status == 200:
                assert await Stream(response).line() == {}
            else:
                assert await response.text() == "Permission denied"


async def test_bad_questions(api: Api) -> None:
    assert (await api.get("/v1/event/stream", index="x")).status == 400
    assert (await api.get("/v1/event/stream", topic="Job:a:b")).status == 400


async def test_from_1_11_2_on_a_denied_stream_is_an_empty_200(api: Api) -> None:
    for node in api.world.nomad.nodes.values():
        node.version = "1.11.2"
    async with subscribe(api, api.world.secrets.nomad_read_token) as response:
        assert response.status == 200
        assert "Transfer-Encoding" not in response.headers
        assert response.headers["Connection"] == "close"
        assert await Stream(response).line() is None
    async with subscribe(api, api.world.secrets.nomad_read_token, topic="Job") as response:
        assert await Stream(response).line() == {}


async def test_heartbeats_while_nothing_happens() -> None:
    options = SimOptions(start=START, speed=0.0)
    held = build_world(options, Clock(START, 0.0))
    async with TestClient(TestServer(app(held, options, event_heartbeat=0.05))) as client:
        headers = {"X-Nomad-Token": held.secrets.nomad_token, "Accept-Encoding": "identity"}
        response = await client.get("/v1/event/stream", params={"topic": "NodePool"}, headers=headers)
        for _ in range(3):
            assert await asyncio.wait_for(response.content.readline(), 10) == b"{}\n"
        response.close()


async def test_the_end_of_the_server_ends_the_streams(api: Api) -> None:
    async with subscribe(api, topic="NodePool") as response:
        stream = Stream(response)
        assert await stream.line() == {}
        await asyncio.wait_for(api.fleet.stop(), 10)
        with suppress(aiohttp.ClientError):
            assert await stream.line() is None
