"""Recording, replaying and comparing themselves: a guard that cannot fail would guard nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from tests.recorded.capture import Capture
from tests.recorded.exchange import ROOT, every, scenario
from tests.recorded.replay import replaying
from tests.recorded.shape import differences

SECRET = "hunter2-hunter2-hunter2"


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(
            {"name": "a", "SecretID": "0123", "note": f"uses {SECRET}", "rows": [{"n": 1}]},
            headers={"Set-Cookie": "sid=abcdef; Path=/", "X-Total-Count": "1", "X-Own": "left out"},
        )

    app = web.Application()
    app.router.add_get("/v1/thing", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def test_an_answer_is_kept_without_secrets_and_comes_back(server: str, tmp_path: Path) -> None:
    ask = Capture("thing", "1.0", "healthy", secrets=[SECRET], root=tmp_path)
    await asyncio.to_thread(ask, "one", f"{server}/v1/thing?a=1&b=x%20y", note="why")
    text = (tmp_path / "thing-1.0/healthy/exchanges.json").read_text()
    assert SECRET not in text and "abcdef" not in text and "0123" not in text and "x-own" not in text.lower()
    kept = scenario("thing-1.0/healthy", tmp_path)["one"]
    assert kept.json()["name"] == "a" and kept.headers["x-total-count"] == "1" and kept.note == "why"
    async with replaying([kept]) as replay, httpx.AsyncClient() as client:
        again = await client.get(f"{replay.url}{kept.target}")
        assert again.json() == kept.json() and again.headers["x-total-count"] == "1"
        assert (await client.get(f"{replay.url}/v1/other")).status_code == 404
        assert replay.missing == ["GET /v1/other"]


async def test_a_refused_exchange_is_replayed_as_one(tmp_path: Path) -> None:
    ask = Capture("thing", "1.0", "down", root=tmp_path)
    # Port 1 of the loopback is reserved and never listened on.
    kept = await asyncio.to_thread(ask, "one", "http://127.0.0.1:1/v1/thing")
    assert kept.failure == "refused"
    async with replaying([scenario("thing-1.0/down", tmp_path)["one"]]) as replay, httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.get(f"{replay.url}/v1/thing")


def test_differences_of_shape_are_named() -> None:
    real = [{"a": 1, "b": [{"c": "x", "d": None}, {"c": "y"}], "m": {"web": {"n": 1}}, "e": []}]
    assert differences(real, real, maps=[".m"]) == []
    ours = [{"a": "1", "b": [{"c": "x", "z": 1}], "m": {"core": {"n": 1.5}}, "e": [{"q": 1}]}]
    assert differences(real, ours, maps=[".m"]) == [
        ".a: simulated as str, really int",
        ".b[].z: only the simulator has it",
        ".m.*.n: simulated as float, really int",
    ]
    assert differences(real, [{"a": 1, "b": [], "m": {}}], maps=[".m"]) == [
        ".e: every real answer has it, the simulator not"
    ]
    assert differences(real, [{"a": 1, "b": [], "m": {}}], maps=[".m"], left_out=[r"\.e"]) == []


def test_no_recording_holds_what_looks_like_a_secret() -> None:
    found = []
    for path in sorted(ROOT.glob("*/*/*.json")):
        text = path.read_text(encoding="utf-8")
        for pattern in (
            r"(?i)\"authorization\"",
            r"BEGIN [A-Z ]*PRIVATE KEY",
            r"hvs\.[\w-]{20,}",
            r"s\.[A-Za-z0-9]{24}\b",
        ):
            if re.search(pattern, text):
                found.append(f"{path.relative_to(ROOT)}: {pattern}")
    assert found == []


def test_every_recording_can_be_read_and_sits_where_it_says() -> None:
    recorded = list(every())
    assert {each.folder for each in recorded} == {
        str(path.parent.relative_to(ROOT)) for path in ROOT.glob("*-*/*/*") if path.name != "README.md"
    }
    assert all(each.failure or each.status >= 100 for each in recorded)


def test_every_scenario_says_what_was_done() -> None:
    missing = [str(folder.relative_to(ROOT)) for folder in ROOT.glob("*-*/*") if not (folder / "README.md").exists()]
    assert missing == []
