"""Harbor's objects as it tells them, masked. Robots and users are not among them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from harbortui.model.asked import RawObject
from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.answer import Answer, Ok
from harbortui.sources.harbor.policy import API
from harbortui.sources.harbor.reader import HarborReader
from harbortui.sources.http import Query, encode_query
from harbortui.sources.raw import RAW_CAP, raw_object
from harbortui.sources.rows import Unreadable
from harbortui.sources.veil import Shape

SHAPE = Shape(hidden=frozenset({"credential", "redis_url_reg"}))
"""Registries' credentials (also inside policies) and the Redis address with its password in GC parameters."""


@dataclass(frozen=True, slots=True)
class _Kind:
    title: str
    path: Callable[[str], str]
    key: str = ""
    """The field a list is searched by, when the object is one row of it."""
    numbered: bool = True


_KINDS: dict[str, _Kind] = {
    "execution": _Kind("replication execution {}", lambda number: f"/replication/executions/{number}"),
    "gc-run": _Kind("garbage collection {}", lambda number: f"/system/gc/{number}"),
    # Out of their lists, which the console may read anyway; one alone would take another right.
    "policy": _Kind("replication policy {}", lambda _: "/replication/policies", key="id"),
    "registry": _Kind("registry {}", lambda _: "/registries", key="id"),
    "project": _Kind("project {}", lambda _: "/projects", key="project_id"),
    "system": _Kind("system information", lambda _: "/systeminfo", numbered=False),
    "health": _Kind("health", lambda _: "/health", numbered=False),
}


async def read_raw(reader: HarborReader, kind: str, number: str) -> Answer[RawObject]:
    """One object; LOCAL for a kind that is none of Harbor's, NOT_FOUND when there is none of that number."""
    known = _KINDS.get(kind)
    if known is None:
        return reader.client.failure(FailureKind.LOCAL, "nothing of Harbor's that can be shown raw")
    if known.numbered and re.fullmatch(r"[1-9]\d{0,18}", number, re.ASCII) is None:
        return reader.client.failure(FailureKind.NOT_FOUND, "not a number of Harbor's")
    path = known.path(number)
    query: Query = [("page", "1"), ("page_size", "1"), ("q", f"{known.key}={number}")] if known.key else []
    # Health is everybody's, and credentials go only with what needs them.
    ask = reader.client.get if kind == "health" else reader.get
    reply = await ask(path, query=query, cap=RAW_CAP)
    if isinstance(reply, Failure):
        return reply
    body = reply.body
    try:
        if known.key:
            row = _row(body, known.key, number)
            if row is None:
                return reader.client.failure(FailureKind.NOT_FOUND, f"no {known.title.format(number)} that we may see")
            body = row
        source = f"GET {API}{path}" + (f"?{encode_query(query)}" if known.key else "")
        found = raw_object(body, SHAPE, reader.clean, title=known.title.format(number), source=source)
    except Unreadable as error:
        return reader.client.unreadable(error)
    return Ok(found, server_time=reply.server_time)


def _row(body: bytes, key: str, number: str) -> bytes | None:
    """The row of that number: a Harbor that ignores the search would answer another one."""
    try:
        rows = json.loads(body, parse_constant=str)
    except (ValueError, RecursionError):
        raise Unreadable("not valid JSON") from None
    if rows is not None and not isinstance(rows, list):
        raise Unreadable("not a list")
    found = next((row for row in rows or () if isinstance(row, dict) and str(row.get(key)) == number), None)
    return None if found is None else json.dumps(found).encode(errors="surrogatepass")
