"""The shape of JSON answers (which keys, which types), and where two sets of answers differ in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import Any


class Shape:
    """What a set of documents looks like, keyed by paths such as ``[].components[].name``.

    ``maps`` are paths of objects whose keys are data (task names, group names): each key counts as ``*``.
    """

    def __init__(self, documents: Iterable[Any], maps: Collection[str] = ()) -> None:
        self._maps = frozenset(maps)
        self.objects: Counter[str] = Counter()
        """How many objects there were at each path."""
        self.types: dict[str, Counter[str]] = defaultdict(Counter)
        """How often each type was met at each path."""
        for document in documents:
            self._walk("", document)

    def _walk(self, path: str, value: Any) -> None:
        self.types[path][_type(value)] += 1
        if isinstance(value, list):
            for each in value:
                self._walk(f"{path}[]", each)
        elif isinstance(value, dict):
            self.objects[path] += 1
            for key, each in value.items():
                self._walk(f"{path}.{'*' if path in self._maps else key}", each)

    def always(self) -> set[str]:
        """Paths of keys that every object at their place had."""
        found = set()
        for path, types in self.types.items():
            parent = path.rpartition(".")[0]
            if path.endswith("[]") or not path or parent in self._maps:
                continue
            if types.total() == self.objects[parent]:
                found.add(path)
        return found


def differences(
    real: Iterable[Any], simulated: Iterable[Any], *, maps: Collection[str] = (), left_out: Collection[str] = ()
) -> list[str]:
    """Sentences about where the simulator's answers are not of the real ones' shape; empty when they are.

    A key that only the simulator has, a type that no real answer had, and a key that every real answer has and the
    simulator not. ``left_out`` are regular expressions of whole paths that the simulator need not have.
    """
    ours, theirs = Shape(simulated, maps), Shape(real, maps)
    found = []
    for path, types in sorted(ours.types.items()):
        parent = path.rpartition(".")[0] if not path.endswith("[]") else path[:-2]
        if path not in theirs.types:
            # Below an empty list or a null of the real answers nothing is known.
            if theirs.objects[parent] and not path.endswith("[]"):
                found.append(f"{path}: only the simulator has it")
            continue
        known = set(theirs.types[path])
        for kind in sorted(set(types) - known):
            if kind == "int" and "float" in known:
                continue
            found.append(f"{path}: simulated as {kind}, really {', '.join(sorted(known))}")
    for path in sorted(theirs.always()):
        parent = path.rpartition(".")[0]
        if path in ours.types or not ours.objects[parent] or any(re.fullmatch(each, path) for each in left_out):
            continue
        found.append(f"{path}: every real answer has it, the simulator not")
    return found


def _type(value: Any) -> str:
    if value is None:
        return "null"
    return {bool: "bool", int: "int", float: "float", str: "str", list: "list", dict: "object"}[type(value)]
