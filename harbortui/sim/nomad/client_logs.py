"""GET /v1/client/fs/logs/:alloc_id: a task's output, framed or plain, once or followed."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from contextlib import suppress

from aiohttp import web

from harbortui.sim.nomad.context import Call
from harbortui.sim.nomad.errors import Refused, bad_request, internal, not_found
from harbortui.sim.nomad.log_files import LogFiles, Position
from harbortui.sim.nomad.streams import ByteStream

FRAME_BYTES = 65_536
HEARTBEAT_SECONDS = 1.0
BATCH_SECONDS = 0.2
_GONE = "failed to list entries: open /opt/nomad/data/alloc/{}/alloc/logs: no such file or directory"


async def stream_logs(call: Call) -> web.StreamResponse:
    """Answer a log request: framed JSON objects without anything between them, or the plain bytes."""
    task = call.query.get("task", "")
    if not task:
        raise bad_request("must provide task name")
    follow = call.flag("follow")
    kind = call.query.get("type", "")
    if kind not in ("stdout", "stderr"):
        raise bad_request("must provide log type (stdout/stderr)")
    offset = _offset(call.query.get("offset", ""))
    origin = call.query.get("origin") or "start"
    if origin not in ("start", "end"):
        raise bad_request("origin must be start or end")
    plain = call.flag("plain")
    files = open_files(call, call.path("alloc_id"), task, kind)
    sender = _Sender(call, files, plain)
    await sender.stream.open()
    await sender.run(files.locate(origin, offset), follow)
    return await sender.stream.finish()


def open_files(call: Call, alloc_id: str, task: str, kind: str) -> LogFiles:
    """The log files of a task. Raises Refused as the node's file system endpoint does."""
    _allow_logs(call)
    alloc = call.allocation(alloc_id)
    node = call.nomad.nodes.get(alloc.node_id)
    if node is None or node.status != "ready":
        raise not_found("No path to node")
    if alloc.id in call.server.collected:
        raise not_found(f"state for allocation {alloc.id} not found on client")
    if task not in alloc.tasks:
        raise bad_request(f'unknown task name "{task}"')
    stream = call.world.logs.stream(alloc.id, task, "stdout" if kind == "stdout" else "stderr")
    if stream is None:
        raise not_found(f'task "{task}" not started yet. No logs available')
    return LogFiles(stream, task, kind, call.server.log_file_bytes, call.server.log_files)


def _allow_logs(call: Call) -> None:
    # The error of a streaming RPC carries no code on the way through a server: 500, whatever it was.
    try:
        call.allow("read-logs", "read-fs")
    except Refused as refused:
        raise internal(refused.text) from None


def _offset(text: str) -> int:
    if not text:
        return 0
    try:
        value = int(text)
    except ValueError:
        raise bad_request(f'error parsing offset: strconv.ParseInt: parsing "{text}": invalid syntax') from None
    return max(0, value)


class _Sender:
    """Sends one log to one client until its end (or for ever)."""

    def __init__(self, call: Call, files: LogFiles, plain: bool) -> None:
        self._call = call
        self._files = files
        self._alloc_id = call.path("alloc_id")
        self._plain = plain
        self.stream = ByteStream(call, "text/plain" if plain else "application/json")

    async def run(self, position: Position, follow: bool) -> None:
        loop = asyncio.get_running_loop()
        beat = loop.time() + HEARTBEAT_SECONDS
        last = self._files.newest()
        while not self.stream.lost and not self._call.server.closing.is_set():
            if self._alloc_id in self._call.server.collected:
                # The status has been sent: what fails now is plain text behind the last frame.
                await self.stream.send(_GONE.format(self._alloc_id).encode())
                return
            data = self._files.read(position, FRAME_BYTES)
            if data:
                # A frame's offset is where its data ends (client/fs_endpoint.go, streamFile).
                position = Position(position.file, position.offset + len(data))
                if not await self._send(position, data):
                    return
                continue
            if position.file < (self._files.newest() if follow else last):
                position = Position(max(position.file + 1, self._files.oldest()), 0)
                continue
            if not follow:
                return
            if loop.time() >= beat:
                beat = loop.time() + HEARTBEAT_SECONDS
                if not self._plain and not await self.stream.send(b"{}"):
                    return
            await self._rest()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._call.server.closing.wait(), BATCH_SECONDS)
        self._call.world.sync()

    async def _send(self, position: Position, data: bytes) -> bool:
        if self._plain:
            return await self.stream.send(data)
        frame = {"Offset": position.offset, "Data": b64encode(data).decode(), "File": self._files.name(position.file)}
        return await self.stream.send(json.dumps(frame, separators=(",", ":")).encode())
