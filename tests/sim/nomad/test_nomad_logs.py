from __future__ import annotations

import asyncio
import json
import zlib
from base64 import b64decode
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from harbortui.sim.nomad import app
from harbortui.sim.nomad.log_files import LogFiles, Position
from harbortui.sim.world import SimOptions, build_world

from .conftest import START, Api


def frames(text: str) -> list[dict[str, Any]]:
    """The objects of a framed body; they follow each other with nothing in between."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def joined(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(b64decode(row.get("Data", "")) for row in rows)


def logs(api: Api) -> str:
    return f"/v1/client/fs/logs/{api.alloc.id}"


def stored(api: Api, task: str = "core", kind: str = "stdout") -> bytes:
    stream = api.world.logs.stream(api.alloc.id, task, kind)
    assert stream is not None
    return stream.read(0, stream.size())


async def test_framed_and_plain_carry_the_same_bytes(api: Api) -> None:
    whole = stored(api)
    assert len(whole) > 65_536
    plain = await api.get(logs(api), task="core", type="stdout", plain="true")
    assert plain.body == whole
    answer = await api.get(logs(api), task="core", type="stdout")
    rows = frames(answer.text)
    assert joined(rows) == whole
    assert b"\n" not in answer.body
    assert len(rows) > 1
    assert all(len(b64decode(row["Data"])) <= 65_536 for row in rows)
    assert rows[-1]["Offset"] == len(whole)
    assert {row["File"] for row in rows} == {"alloc/logs/core.stdout.0"}


async def test_origin_and_offset(api: Api) -> None:
    whole = stored(api)

    async def read(**query: str) -> bytes:
        return (await api.get(logs(api), task="core", type="stdout", plain="true", **query)).body

    assert await read(origin="end", offset="300") == whole[-300:]
    assert await read(origin="start", offset="300") == whole[300:]
    assert await read(origin="end") == b""
    assert await read(origin="end", offset=str(len(whole) * 2)) == whole
    assert await read(origin="start", offset=str(len(whole) * 2)) == b""


async def test_following_sends_heartbeats_and_what_comes(api: Api) -> None:
    query = {"task": "core", "type": "stdout", "follow": "true", "origin": "end", "offset": "0"}
    headers = api.headers(None) | {"Accept-Encoding": "identity"}
    before = len(stored(api))
    async with api.session.get(api.url + logs(api), params=query, headers=headers) as response:
        assert await response.content.readexactly(2) == b"{}"
        api.fleet.set_clock({"advance": 180.0})
        text = ""
        while before + len(joined(_whole_frames(text))) < len(stored(api)):
            text += (await asyncio.wait_for(response.content.readany(), 10)).decode()
        assert joined(_whole_frames(text)) == stored(api)[before:]


def _whole_frames(text: str) -> list[dict[str, Any]]:
    try:
        return frames(text)
    except json.JSONDecodeError:
        return []


async def test_a_follow_goes_on_over_a_restart_of_the_task(api: Api) -> None:
    query = {"task": "core", "type": "stdout", "follow": "true", "origin": "end", "plain": "true"}
    before = len(stored(api))
    async with api.session.get(api.url + logs(api), params=query, headers=api.headers(None)) as response:
        api.world.nomad.crash_task(api.alloc.id, "core")
        api.fleet.set_clock({"advance": 60.0})
        got = b""
        while len(got) < len(stored(api)) - before:
            got += await asyncio.wait_for(response.content.readany(), 10)
        assert got == stored(api)[before:]
        assert b"migrated successfully" in got


async def test_a_follow_ends_with_plain_text_when_the_allocation_is_collected(api: Api) -> None:
    query = {"task": "core", "type": "stdout", "follow": "true", "origin": "end", "offset": "50"}
    old = api.alloc
    async with api.session.get(api.url + logs(api), params=query, headers=api.headers(None)) as response:
        first = await asyncio.wait_for(response.content.readany(), 10)
        api.world.nomad.stop_alloc(old.id)
        api.fleet.set_clock({"advance": 60.0})
        assert (await api.get(f"/v1/client/allocation/{old.id}/gc")).status == 200
        rest = first + await asyncio.wait_for(response.content.read(), 10)
    assert response.status == 200
    assert b"failed to list entries: open " in rest and rest.endswith(b"no such file or directory")


async def test_streams_are_compressed_piece_by_piece_when_accepted(api: Api) -> None:
    query = {"task": "core", "type": "stdout", "follow": "true", "origin": "end", "offset": "200", "plain": "true"}
    headers = api.headers(None) | {"Accept-Encoding": "gzip"}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(api.url + logs(api), params=query, headers=headers) as response,
    ):
        assert response.headers["Content-Encoding"] == "gzip"
        inflate, text = zlib.decompressobj(wbits=31), b""
        while len(text) < 200:
            text += inflate.decompress(await asyncio.wait_for(response.content.readany(), 10))
    assert text == stored(api)[-200:]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"type": "stdout"}, 400, "must provide task name"),
        ({"task": "core"}, 400, "must provide log type (stdout/stderr)"),
        ({"task": "core", "type": "both"}, 400, "must provide log type (stdout/stderr)"),
        ({"task": "core", "type": "stdout", "origin": "middle"}, 400, "origin must be start or end"),
        ({"task": "core", "type": "stdout", "offset": "x"}, 400, "error parsing offset"),
        ({"task": "nope", "type": "stdout"}, 400, 'unknown task name "nope"'),
    ],
)
async def test_bad_questions(api: Api, query: dict[str, str], status: int, text: str) -> None:
    answer = await api.get(logs(api), **query)
    assert answer.status == status
    assert text in answer.text


async def test_what_is_not_there(api: Api) -> None:
    nomad = api.world.nomad
    query = {"task": "core", "type": "stdout"}
    unknown = "0" * 8 + "-0000-0000-0000-" + "0" * 12
    answer = await api.get(f"/v1/client/fs/logs/{unknown}", **query)
    assert (answer.status, answer.text) == (404, f'Unknown allocation "{unknown}"')
    old = api.alloc
    nomad.stop_alloc(old.id)
    fresh = api.alloc
    answer = await api.get(f"/v1/client/fs/logs/{fresh.id}", **query)
    assert (answer.status, answer.text) == (404, 'task "core" not started yet. No logs available')
    api.fleet.set_clock({"advance": 60.0})
    assert (await api.get(f"/v1/client/allocation/{old.id}/gc")).status == 200
    answer = await api.get(f"/v1/client/fs/logs/{old.id}", **query)
    assert (answer.status, answer.text) == (404, f"state for allocation {old.id} not found on client")


async def test_denied_logs_are_a_500(api: Api) -> None:
    query = {"task": "core", "type": "stdout", "follow": "true"}
    for token in (api.world.secrets.nomad_nologs_token, ""):
        answer = await api.get(logs(api), token, **query)
        assert (answer.status, answer.text) == (500, "Permission denied")
    answer = await api.get(logs(api), "unknown", **query)
    assert (answer.status, answer.text) == (500, "Permission denied")


async def test_rotation_over_http() -> None:
    world = build_world(SimOptions(start=START))
    alloc = world.nomad.current_alloc("harbor-vm-06")
    assert alloc is not None
    application = app(world, world.options, log_file_bytes=10_000, log_files=3)
    async with TestClient(TestServer(application)) as client:
        answer = await client.get(
            f"/v1/client/fs/logs/{alloc.id}",
            params={"task": "core", "type": "stdout"},
            headers={"X-Nomad-Token": world.secrets.nomad_read_token},
        )
        rows = frames(await answer.text())
    stream = world.logs.stream(alloc.id, "core", "stdout")
    assert stream is not None
    newest = (stream.size() - 1) // 10_000
    assert [row["File"] for row in rows] == [f"alloc/logs/core.stdout.{n}" for n in range(newest - 2, newest + 1)]
    assert joined(rows) == stream.read((newest - 2) * 10_000, 30_000)
    assert rows[0]["Offset"] == 10_000


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, limit: int = 65_536) -> bytes:
        return self.data[offset : offset + limit]


@given(st.integers(0, 400), st.integers(0, 500), st.sampled_from(["start", "end"]), st.integers(1, 5))
def test_rotated_files_read_as_one_log(size: int, offset: int, origin: str, keep: int) -> None:
    data = bytes(n % 251 for n in range(size))
    files = LogFiles(Bytes(data), "core", "stdout", 40, keep)
    position, got = files.locate(origin, offset), b""
    while True:
        piece = files.read(position, 7)
        got += piece
        if piece:
            position = Position(position.file, position.offset + len(piece))
        elif position.file < files.newest():
            position = Position(position.file + 1, 0)
        else:
            break
    kept = data[files.oldest() * 40 :]
    assert got == (kept[offset:] if origin == "start" else kept[len(kept) - min(offset, len(kept)) :])
    assert len(kept) <= keep * 40


async def test_files_need_read_fs(api: Api) -> None:
    listing = f"/v1/client/fs/ls/{api.alloc.id}"
    denied = await api.get(listing, api.world.secrets.nomad_operator_token)
    assert (denied.status, denied.text) == (403, "Permission denied")
    cat = f"/v1/client/fs/cat/{api.alloc.id}"
    denied = await api.get(cat, api.world.secrets.nomad_operator_token, path="core/secrets/core.env")
    assert (denied.status, denied.text) == (200, "Permission denied")
    assert "alloc" in [row["Name"] for row in (await api.get(listing)).json()]
    names = [row["Name"] for row in (await api.get(listing, path="alloc/logs")).json()]
    assert "core.stdout.0" in names
    assert api.world.secrets.core_secret in (await api.get(cat, path="core/secrets/core.env")).text
    assert (await api.get(cat, path="alloc/logs/core.stdout.0")).body == stored(api)
    missing = await api.get(cat, path="nope")
    assert (missing.status, missing.text) == (200, "stat nope: no such file or directory")
