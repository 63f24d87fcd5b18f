"""GET /v1/event/stream: what changes in the cluster, one line of JSON per index."""

from __future__ import annotations

import asyncio
import json
from itertools import groupby

from aiohttp import web

from harbortui.sim.nomad.alloc_views import full_allocation
from harbortui.sim.nomad.answers import pause
from harbortui.sim.nomad.context import Call, NomadServer
from harbortui.sim.nomad.deploy_views import deployment_json, evaluation_json
from harbortui.sim.nomad.encoding import Json
from harbortui.sim.nomad.errors import Refused, bad_request, permission_denied
from harbortui.sim.nomad.jobspec import full_job
from harbortui.sim.nomad.node_views import full_node
from harbortui.sim.nomad.streams import ByteStream
from harbortui.sim.world.nomad_types import Allocation, ClusterEvent, Deployment, Evaluation, Job, Node
from harbortui.sim.world.options import NAMESPACE

BUFFER_INDEXES = 100
"""event_buffer_size: how many indexes a server remembers; lost on its restart."""

Topics = dict[str, set[str]]
Batch = tuple[int, list[ClusterEvent]]

_JOB_TOPICS = frozenset({"Job", "Allocation", "Deployment", "Evaluation", "Service"})


async def stream_events(call: Call) -> web.StreamResponse:
    """Answer a subscription. From 1.11.2 on a denied one is a 200 without the first `{}` and then the end."""
    topics = _topics(call)
    index = _index(call)
    hijacked = call.server.at_least(1, 11, 2)
    stream = ByteStream(call, "application/json", hijacked)
    try:
        _allow(call, topics)
    except Refused:
        if not hijacked:
            raise
        await stream.open()
        return await stream.finish()
    await stream.open()
    await _Subscription(call, stream, topics).run(index)
    return await stream.finish()


def _topics(call: Call) -> Topics:
    wanted: Topics = {}
    for topic in call.query.getall("topic", ["*"]):
        name, _, key = topic.partition(":")
        if ":" in key:
            raise bad_request(
                f"Invalid topic query: error parsing topics: Invalid key value pair for topic, topic: {topic}"
            )
        wanted.setdefault(name, set()).add(key or "*")
    return wanted


def _index(call: Call) -> int:
    text = call.query.get("index") or "0"
    try:
        return int(text)
    except ValueError:
        raise bad_request(f'Unable to parse index: strconv.Atoi: parsing "{text}": invalid syntax') from None


def _allow(call: Call, topics: Topics) -> None:
    try:
        token = call.token
    except Refused as refused:
        raise Refused(403, refused.text) from None
    for topic in topics:
        if topic in _JOB_TOPICS:
            # "*" asks for the capability in every namespace; this cluster has the default one only.
            allowed = token.may("read-job", call.namespace)
        elif topic == "Node":
            allowed = token.may_node()
        else:
            allowed = token.management
        if not allowed:
            raise permission_denied()


class _Subscription:
    """One client's view of the event log."""

    def __init__(self, call: Call, stream: ByteStream, topics: Topics) -> None:
        self._call = call
        self._stream = stream
        self._topics = topics

    async def run(self, index: int) -> None:
        """Send heartbeats and events until either side ends."""
        loop = asyncio.get_running_loop()
        if not await self._stream.send(b"{}\n"):
            return
        beat = loop.time() + self._call.server.event_heartbeat
        sent = self._start(index)
        while not self._stream.lost and not self._call.server.closing.is_set():
            for number, events in self._batches():
                if number > sent:
                    sent = number
                    if (line := self._line(number, events)) and not await self._stream.send(line):
                        return
            if loop.time() >= beat:
                beat = loop.time() + self._call.server.event_heartbeat
                if not await self._stream.send(b"{}\n"):
                    return
            await pause(self._call, min(1.0, max(0.0, beat - loop.time())))

    def _start(self, index: int) -> int:
        """The index after which events are sent: the buffer's entry closest to the one asked for comes again."""
        numbers = [number for number, _ in self._batches()]
        if index <= 0 or not numbers:
            return 0 if index <= 0 else index - 1
        closest = max((number for number in numbers if number <= index), default=numbers[0])
        return closest - 1

    def _batches(self) -> list[Batch]:
        grouped = groupby(self._call.nomad.events_since(0), key=lambda event: event.index)
        return [(number, list(events)) for number, events in grouped][-BUFFER_INDEXES:]

    def _line(self, number: int, events: list[ClusterEvent]) -> bytes:
        if not self._call.in_namespace and any(event.topic != "Node" for event in events):
            return b""
        wanted = [event_json(self._call.server, event) for event in events if self._wants(event)]
        if not wanted:
            return b""
        return json.dumps({"Index": number, "Events": wanted}, separators=(",", ":")).encode() + b"\n"

    def _wants(self, event: ClusterEvent) -> bool:
        keys = self._topics.get("*", set()) | self._topics.get(event.topic, set())
        return "*" in keys or event.key in keys or bool(keys.intersection(event.filter_keys))


def event_json(server: NomadServer, event: ClusterEvent) -> Json:
    """One event with its payload."""
    return {
        "Topic": event.topic,
        "Type": event.type,
        "Key": event.key,
        "Namespace": "" if event.topic == "Node" else NAMESPACE,
        "FilterKeys": [key for key in event.filter_keys if key] or None,
        "Index": event.index,
        "Payload": {event.topic: _payload(server, event.obj)},
    }


def _payload(server: NomadServer, obj: object) -> Json | None:
    if isinstance(obj, Allocation):
        return full_allocation(server, obj, with_job=False)
    if isinstance(obj, Deployment):
        return deployment_json(server, obj)
    if isinstance(obj, Evaluation):
        return evaluation_json(obj)
    if isinstance(obj, Job):
        return full_job(server, obj)
    return full_node(server, obj) if isinstance(obj, Node) else None
