"""One TOML file as checked values by key path, or the list of everything that is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from harbortui.config.errors import ConfigError, Problem, nearest
from harbortui.config.kinds import REFERENCE_FORMS, Kind, Value
from harbortui.config.locate import Step, line_of
from harbortui.config.schema import ANY, INSTANCE, SCHEMA, SECRET_WORDS, KeyPath, Table
from harbortui.config.settings import Origin
from harbortui.config.trust import Mistrust, Rules, read_trusted
from harbortui.model.text import safe_text

MAX_INSTANCES = 2000


class Layer(NamedTuple):
    """The values of one place, with where they came from."""

    origin: Origin
    where: str
    values: dict[KeyPath, Value]


class _Reader:
    """Walks a parsed file beside the schema and collects values and problems."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.values: dict[KeyPath, Value] = {}
        self.problems: list[Problem] = []

    def problem(self, message: str, at: tuple[Step, ...], hint: str = "") -> None:
        self.problems.append(Problem(message, str(self.path), line_of(self.text, at), hint))

    def document(self, data: dict[str, object]) -> None:
        """Everything in the file."""
        instances = data.pop("instance", [])
        self.table(data, SCHEMA, (), ())
        if not isinstance(instances, list) or not all(isinstance(each, dict) for each in instances):
            self.problem("instances are written as [[instance]], with double brackets", ("instance",))
        elif len(instances) > MAX_INSTANCES:
            self.problem(f"more than {MAX_INSTANCES} instances", ("instance",))
        else:
            seen: set[str] = set()
            for index, entry in enumerate(instances):
                self.instance(entry, index, seen)

    def instance(self, entry: dict[str, object], index: int, seen: set[str]) -> None:
        """One ``[[instance]]``; ``seen`` are the names before it."""
        at: tuple[Step, ...] = ("instance", index)
        name = entry.get("name")
        if not isinstance(name, str) or not name:
            self.problem(f'[[instance]] number {index + 1} needs a name = "…"', at)
            name = f"number {index + 1}"
        elif name in seen:
            self.problem(f"a second [[instance]] is named {safe_text(name)!r}", (*at, "name"), "names are unique")
        seen.add(name)
        self.table(entry, INSTANCE, ("instance", name), at)

    def table(self, data: dict[str, object], table: Table, path: KeyPath, at: tuple[Step, ...]) -> None:
        """The keys of one table, which stands at ``path`` among the values and at ``at`` in the file."""
        for key, value in data.items():
            kind = table.get(key, table.get(ANY))
            here = (*at, key)
            if kind is None:
                self.unknown(key, value, table, path, here)
            elif isinstance(kind, Kind):
                self.value(kind, value, (*path, key), here)
            elif isinstance(value, dict):
                self.table(value, kind, (*path, key), here)
            else:
                self.problem(f"{key} is a table: write {_title((*path, key))} and its keys below", here)

    def value(self, kind: Kind, value: object, path: KeyPath, at: tuple[Step, ...]) -> None:
        """One value of a known key."""
        if kind.secret and isinstance(value, str):
            self.literal_secret(path, at, kind.expected)
            return
        try:
            self.values[path] = kind.read(value, self.path.parent)
        except ValueError as error:
            self.problem(f"{_title(path[:-1])} {path[-1]}: {error}", at)

    def unknown(self, key: str, value: object, table: Table, path: KeyPath, at: tuple[Step, ...]) -> None:
        """A key that this table does not have: name the nearest that it has, or the table that has it."""
        shown = safe_text(key, limit=60)
        if not path:
            hint = nearest(key, (*table, "instance")) or f"known here: {', '.join((*table, 'instance'))}"
            self.problem(f"unknown table or key {shown!r}", at, hint)
            return
        if isinstance(value, str) and any(word in key.lower() for word in SECRET_WORDS):
            self.literal_secret((*path, shown), at, REFERENCE_FORMS)
            return
        hint = nearest(key, table) or _elsewhere(key, table)
        self.problem(f"{_title(path)} unknown key {shown!r}", at, hint or f"known here: {', '.join(table)}")

    def literal_secret(self, path: KeyPath, at: tuple[Step, ...], forms: str) -> None:
        """A secret written down."""
        message = f"{_title(path[:-1])} {path[-1]}: a secret does not belong in this file; point to where it is"
        self.problem(message, at, f"write {path[-1]} = {forms}")


def _title(path: KeyPath) -> str:
    """A table as a person writes it: ``[vault.tls]``, ``[[instance]] 'harbor-nas' [instance.nomad]``."""
    if not path or path[0] != "instance":
        return f"[{'.'.join(path)}]"
    inner = f" [instance.{'.'.join(path[2:])}]" if path[2:] else ""
    return f"[[instance]] {safe_text(path[1])!r}{inner}"


def _elsewhere(key: str, table: Table) -> str:
    """A hint at a table that has this key or one like it; tables inside the asked one first."""
    inside = {f"[instance.{name}]": keys for name, keys in table.items() if not isinstance(keys, Kind)}
    homes = {**(inside if table is INSTANCE else {}), **{f"[{name}]": keys for name, keys in _homes()}}
    exact = next((name for name, keys in homes.items() if key in keys), "")
    if exact:
        return f"{exact} has one"
    for name, keys in homes.items():
        if hint := nearest(key, keys):
            return f"{hint[:-1]} of {name}?"
    return ""


def _homes() -> Iterator[tuple[str, Table]]:
    """Names and keys of all tables at the top level."""
    for name, keys in SCHEMA.items():
        if not isinstance(keys, Kind):
            yield name, keys


def _parse(path: Path, data: bytes) -> tuple[str, dict[str, object]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem("this is not UTF-8 text", str(path), line)]) from None
    try:
        return text, tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        message, line = _where(str(error), text)
        raise ConfigError([Problem(f"this is not TOML: {message}", str(path), line)]) from None


def _where(message: str, text: str) -> tuple[str, int]:
    """The parser's message without its position, and the line; it quotes no more of the file than a key."""
    head, _, position = message.rpartition(" (at ")
    words = position.replace(",", " ").replace(")", " ").split()
    if len(words) >= 2 and words[0] == "line" and words[1].isdigit():
        return safe_text(head, limit=120), int(words[1])
    return safe_text(head or message, limit=120), max(1, len(text.splitlines()))


def read_layer(path: Path, origin: Origin, rules: Rules) -> Layer:
    """A file's values. Raises :class:`ConfigError` with all its problems, ``FileNotFoundError`` when there is none."""
    try:
        data = read_trusted(path, rules)
    except FileNotFoundError:
        raise
    except Mistrust as error:
        raise ConfigError([Problem(str(error), str(path))]) from None
    except OSError as error:
        raise ConfigError([Problem(f"cannot be read: {error.strerror}", str(path))]) from None
    text, document = _parse(path, data)
    reader = _Reader(path, text)
    reader.document(document)
    if reader.problems:
        raise ConfigError(sorted(reader.problems, key=lambda each: each.line or 0))
    return Layer(origin, str(path), reader.values)
