"""Reading the little HCL that ACL policies are written in: blocks, texts and lists of texts, and the same as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"(?P<skip>\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)|(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<word>[A-Za-z_][\w-]*|-?\d+(?:\.\d+)?)"
    r"|(?P<sign>[{}\[\]=,:])",
    re.DOTALL,
)
MAX_DEPTH = 8
MAX_TOKENS = 20_000


class NotUnderstood(Exception):
    """The text is not of the kind that is read here; nothing may be concluded from it."""


@dataclass(slots=True)
class Block:
    """``kind "label" { … }``; the whole text is a block without kind."""

    kind: str = ""
    label: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[Block]:
        """The blocks of one kind."""
        return (each for each in self.blocks if each.kind == kind)


def parse(text: str) -> Block:
    """The blocks of a policy. Raises :class:`NotUnderstood`."""
    if text.lstrip().startswith("{"):
        return _of_json(text)
    tokens = list(_tokens(text))
    block, at = _body(tokens, 0, Block(), 0)
    if at != len(tokens):
        raise NotUnderstood("a bracket too many")
    return block


def _tokens(text: str) -> Iterator[str]:
    at = count = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        count += 1
        if match is None or count > MAX_TOKENS:
            raise NotUnderstood("not HCL as policies have it")
        at = match.end()
        if match.lastgroup != "skip":
            yield match.group()


def _body(tokens: list[str], at: int, into: Block, depth: int) -> tuple[Block, int]:
    """Everything up to the closing bracket of ``into``, or to the end at the top."""
    if depth > MAX_DEPTH:
        raise NotUnderstood("nested too deep")
    while at < len(tokens):
        if tokens[at] == "}":
            if not depth:
                raise NotUnderstood("a bracket too many")
            return into, at + 1
        if tokens[at] == ",":
            at += 1
            continue
        name, at = _plain(tokens[at]), at + 1
        at = _entry(tokens, at, into, name, depth)
    if depth:
        raise NotUnderstood("a block does not end")
    return into, at


def _entry(tokens: list[str], at: int, into: Block, name: str, depth: int) -> int:
    following = _at(tokens, at)
    if following in ("=", ":") and _at(tokens, at + 1) not in ("{", "["):
        into.texts[name] = _plain(_at(tokens, at + 1))
        return at + 2
    if following in ("=", ":") and _at(tokens, at + 1) == "[":
        into.lists[name], at = _list(tokens, at + 2)
        return at
    label = ""
    if following.startswith('"'):
        label, at = _plain(following), at + 1
    if _at(tokens, at) in ("=", ":"):
        at += 1
    if _at(tokens, at) != "{":
        raise NotUnderstood("neither a value nor a block")
    block, at = _body(tokens, at + 1, Block(name, label), depth + 1)
    into.blocks.append(block)
    return at


def _list(tokens: list[str], at: int) -> tuple[tuple[str, ...], int]:
    found: list[str] = []
    while _at(tokens, at) != "]":
        if tokens[at] != ",":
            found.append(_plain(tokens[at]))
        at += 1
    return tuple(found), at + 1


def _at(tokens: list[str], at: int) -> str:
    if at >= len(tokens):
        raise NotUnderstood("the text ends early")
    return tokens[at]


def _plain(token: str) -> str:
    if token in tuple("{}[]=,:"):
        raise NotUnderstood("a sign where a name was due")
    if not token.startswith('"'):
        return token
    try:
        return str(json.loads(token))
    except ValueError:
        raise NotUnderstood("an odd text in quotes") from None


def _of_json(text: str) -> Block:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise NotUnderstood("not JSON") from None
    root = Block()
    for kind, labelled in value.items():
        for label, body in _labelled(labelled):
            block = Block(kind, label)
            _fill(block, body)
            root.blocks.append(block)
    return root


def _labelled(value: object) -> Iterator[tuple[str, dict[str, object]]]:
    """``{"default": {"policy": "read"}}`` and, without a label, ``{"policy": "read"}``; lists of either."""
    if isinstance(value, list):
        for each in value:
            yield from _labelled(each)
    elif not isinstance(value, dict):
        raise NotUnderstood("a block that is no object")
    elif value and all(isinstance(each, dict) for each in value.values()):
        yield from ((str(label), body) for label, body in value.items())
    else:
        yield "", value


def _fill(block: Block, body: dict[str, object]) -> None:
    for key, value in body.items():
        if isinstance(value, str):
            block.texts[key] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            block.lists[key] = tuple(value)
        else:
            block.blocks.append(Block(key))
