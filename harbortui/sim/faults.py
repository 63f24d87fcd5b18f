"""Faults of the simulated fleet: what one backend does wrong, and named faults that act on the whole fleet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from harbortui.sim.fleet import SimFleet

Mode = Literal["up", "down", "slow", "hanging", "forbidden", "wrong"]
Wrong = Literal["html", "truncated", "types", "empty", "garbage"]
MODES: tuple[str, ...] = get_args(Mode)
WRONG_KINDS: tuple[str, ...] = get_args(Wrong)
LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Corporate network sign-in</h1>"
    b'<form method="post" action="/login"><input name="user"><input name="password" type="password"></form>'
    b"</body></html>"
)
GARBAGE = bytes(range(128, 256)) + b"\x00\x1b[2J{[}"


@dataclass(frozen=True, slots=True)
class FaultMode:
    """What a listener does: `seconds` (real) for slow, `wrong` for the kind of wrong answer."""

    mode: Mode = "up"
    seconds: float = 0.0
    wrong: Wrong = "html"


def parse_fault(body: dict[str, Any]) -> FaultMode:
    """A FaultMode from {"mode", "seconds"?, "wrong"?}; ValueError names the word that is not known."""
    mode, wrong = body.get("mode", "up"), body.get("wrong", "html")
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}")
    if wrong not in WRONG_KINDS:
        raise ValueError(f"wrong must be one of {', '.join(WRONG_KINDS)}")
    return FaultMode(mode, float(body.get("seconds", 1.0)), wrong)


def forbidden(backend: str) -> tuple[int, str, bytes]:
    """How the backend itself says 403: status, content type, body."""
    kind = backend.split(":", 1)[0]
    if kind == "harbor":
        return 403, "application/json", b'{"errors":[{"code":"FORBIDDEN","message":"forbidden"}]}\n'
    if kind == "vault":
        return 403, "application/json", b'{"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}\n'
    if kind == "s3":
        head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
        return (
            403,
            "application/xml",
            head + b"<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>",
        )
    return 403, "text/plain; charset=utf-8", b"Permission denied"


def spoil(wrong: Wrong, content_type: str, body: bytes) -> tuple[str, bytes]:
    """The wrong answer made of a right one: content type and body (the status stays 200)."""
    if wrong == "html":
        return "text/html", LOGIN_PAGE
    if wrong == "truncated":
        return content_type, body[: max(1, len(body) // 2)] if body else b'{"'
    if wrong == "empty":
        return content_type, b""
    if wrong == "garbage":
        return content_type, GARBAGE
    try:
        return content_type, json.dumps(_swap(json.loads(body))).encode()
    except ValueError:
        return content_type, b'{"unexpected":[1,2,3]}'


def _swap(value: object) -> object:
    """The same structure with scalars of other types."""
    if isinstance(value, dict):
        return {key: _swap(item) for key, item in value.items()} or []
    if isinstance(value, list):
        return [_swap(item) for item in value] or {}
    if isinstance(value, bool):
        return {"value": value}
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, str):
        return len(value)
    return {}


Act = Callable[["SimFleet", dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class NamedFault:
    """A fault with a name: how it is put in and how it is taken out. Both get the fleet and parameters."""

    name: str
    title: str
    put: Act
    clear: Act


REGISTRY: dict[str, NamedFault] = {}


def register(name: str, title: str, put: Act, clear: Act) -> None:
    """Add a named fault; ValueError when the name is taken."""
    if name in REGISTRY:
        raise ValueError(f"fault {name} is already registered")
    REGISTRY[name] = NamedFault(name, title, put, clear)


def _alloc(fleet: SimFleet, parameters: dict[str, Any]) -> str:
    alloc = fleet.world.nomad.current_alloc(str(parameters["instance"]))
    if alloc is None:
        raise ValueError(f"{parameters['instance']} has no allocation")
    return alloc.id


def _loop_on(fleet: SimFleet, parameters: dict[str, Any]) -> None:
    every = float(parameters.get("every", 20.0))
    fleet.world.nomad.restart_loop(_alloc(fleet, parameters), str(parameters["task"]), every)


def _loop_off(fleet: SimFleet, parameters: dict[str, Any]) -> None:
    fleet.world.nomad.stop_loop(_alloc(fleet, parameters), str(parameters["task"]))


def _node(fleet: SimFleet, parameters: dict[str, Any]) -> str:
    name = fleet.world.instance(str(parameters["instance"])).node_name
    node = fleet.world.nomad.node_by_name(name)
    if node is None:
        raise ValueError(f"no node {name}")
    return node.id


register("restart-loop", "a task crashes again and again (instance, task, every)", _loop_on, _loop_off)
register(
    "node-drain",
    "the instance's node is drained (instance)",
    lambda fleet, p: fleet.world.nomad.drain(_node(fleet, p), True),
    lambda fleet, p: fleet.world.nomad.drain(_node(fleet, p), False),
)
register(
    "node-down",
    "the instance's node stops answering (instance)",
    lambda fleet, p: fleet.world.nomad.node_down(_node(fleet, p), True),
    lambda fleet, p: fleet.world.nomad.node_down(_node(fleet, p), False),
)
register(
    "read-only",
    "Harbor is in read-only mode (instance)",
    lambda fleet, p: fleet.world.instance(str(p["instance"])).set_read_only(True),
    lambda fleet, p: fleet.world.instance(str(p["instance"])).set_read_only(False),
)
