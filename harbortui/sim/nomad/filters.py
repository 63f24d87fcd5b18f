"""The part of go-bexpr that Nomad's `filter` parameter is used with.

Grammar: comparisons (==, !=, in, not in, contains, not contains, matches, not matches, is empty, is not empty) joined
by `not`, `and`, `or` and parentheses; selectors are dotted, indexed (`Meta["app"]`) or JSON pointers in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from harbortui.sim.nomad.encoding import Json, go_bool

Predicate = Callable[[Json], bool]

MAP_FIELDS = frozenset(
    {"Meta", "Env", "Config", "Details", "Attributes", "TaskGroups", "TaskStates", "Links", "Drivers"}
)
"""Fields that are maps in Go: a missing key there is "not present", in a struct it is an error."""

_LEX = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?P<op>==|!=|\(|\)|\[|\])|(?P<word>[^\s()\[\]"`=!]+))"""
)


class FilterError(ValueError):
    """The expression cannot be read, or a selector does not fit the object."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


class _Missing(Exception):
    """A key that a map does not hold."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled expression and the top-level fields it looks at (so that a caller need not build the others)."""

    matches: Predicate
    fields: frozenset[str]


def compile_filter(expression: str) -> Filter:
    """Read an expression. Raises FilterError when it cannot be read; so may its predicate."""
    parser = _Parser(_lex(expression))
    predicate = parser.either()
    parser.end()
    return Filter(predicate, frozenset(parser.fields))


def _lex(expression: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    text = expression.rstrip()
    while position < len(text):
        found = _LEX.match(text, position)
        if found is None:
            raise FilterError(f"1:{position + 1} ({position}): no match found")
        kind = str(found.lastgroup)
        value = found.group(kind)
        if kind == "string":
            value = value[1:-1] if value[0] == "`" else re.sub(r"\\(.)", r"\1", value[1:-1])
        tokens.append(_Token(kind, value))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self.fields: set[str] = set()

    def _peek(self, ahead: int = 0) -> _Token:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else _Token("end", "")

    def _take(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _word(self, *words: str) -> bool:
        for ahead, word in enumerate(words):
            token = self._peek(ahead)
            if token.kind == "string" or token.text.lower() != word:
                return False
        self._at += len(words)
        return True

    def end(self) -> None:
        if self._peek().kind != "end":
            raise FilterError(f"1:1 (0): no match found, expected end of expression, found {self._peek().text!r}")

    def either(self) -> Predicate:
        left = self._both()
        if not self._word("or"):
            return left
        right = self.either()
        return lambda datum: left(datum) or right(datum)

    def _both(self) -> Predicate:
        left = self._negated()
        if not self._word("and"):
            return left
        right = self._both()
        return lambda datum: left(datum) and right(datum)

    def _negated(self) -> Predicate:
        if self._word("not"):
            inner = self._negated()
            return lambda datum: not inner(datum)
        if self._word("("):
            inner = self.either()
            if not self._word(")"):
                raise FilterError('1:1 (0): no match found, expected: ")"')
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        first = self._take()
        if first.kind not in ("word", "string"):
            raise FilterError(f"1:1 (0): no match found, expected a selector, found {first.text!r}")
        # "value in Selector" and "value not in Selector" begin with the value.
        if self._word("in"):
            return _membership(first.text, self._selector(self._take()), True)
        if self._word("not", "in"):
            return _membership(first.text, self._selector(self._take()), False)
        path = self._selector(first)
        for words, build in _OPERATORS:
            if self._word(*words):
                return build(path, self)
        raise FilterError(f"1:1 (0): no match found, expected an operator after {first.text!r}")

    def value(self) -> str:
        token = self._take()
        if token.kind not in ("word", "string"):
            raise FilterError(f"1:1 (0): no match found, expected a value, found {token.text!r}")
        return token.text

    def _selector(self, token: _Token) -> tuple[str, ...]:
        path = self._path(token)
        self.fields.update(path[:1])
        return path

    def _path(self, token: _Token) -> tuple[str, ...]:
        if token.kind == "string":
            if not token.text.startswith("/"):
                raise FilterError(f"1:1 (0): no match found, {token.text!r} is no selector")
            return tuple(token.text[1:].split("/"))
        parts = [part for part in token.text.split(".") if part]
        while self._word("["):
            parts.append(self.value())
            if not self._word("]"):
                raise FilterError('1:1 (0): no match found, expected: "]"')
            rest = self._peek()
            if rest.kind == "word" and rest.text.startswith("."):
                parts += [part for part in self._take().text.split(".") if part]
        return tuple(parts)


def _equals(path: tuple[str, ...], parser: _Parser, wanted: bool) -> Predicate:
    text = parser.value()
    return lambda datum: _holds(datum, path, lambda value: _equal(value, text)) is wanted


def _matches(path: tuple[str, ...], parser: _Parser, wanted: bool) -> Predicate:
    text = parser.value()
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise FilterError(f"failed to compile regular expression {text!r}: {error}") from None
    return lambda datum: _holds(datum, path, lambda value: pattern.search(str(value)) is not None) is wanted


def _contains(path: tuple[str, ...], parser: _Parser, wanted: bool) -> Predicate:
    return _membership(parser.value(), path, wanted)


def _membership(text: str, path: tuple[str, ...], wanted: bool) -> Predicate:
    def holds(value: object) -> bool:
        if isinstance(value, str | dict):
            return text in value
        return isinstance(value, list) and any(_equal(item, text) for item in value)

    return lambda datum: _holds(datum, path, holds) is wanted


def _empty(path: tuple[str, ...], _parser: _Parser, wanted: bool) -> Predicate:
    return lambda datum: _holds(datum, path, lambda value: not value, missing=True) is wanted


def _holds(datum: Json, path: tuple[str, ...], check: Callable[[object], bool], missing: bool = False) -> bool:
    try:
        return check(_value(datum, path))
    except _Missing:
        return missing


def _value(datum: Json, path: tuple[str, ...]) -> object:
    value: object = datum
    for position, part in enumerate(path):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif position and path[position - 1] in MAP_FIELDS and (value is None or isinstance(value, dict)):
            raise _Missing
        else:
            where = "/" + "/".join(path)
            problem = f"error finding value in datum: {where} at part {position}"
            raise FilterError(f'{problem}: couldn\'t find key: struct field with name "{part}"')
    return value


def _equal(value: object, text: str) -> bool:
    if isinstance(value, bool):
        return go_bool(text) is value
    if isinstance(value, int | float):
        try:
            return float(text) == value
        except ValueError:
            raise FilterError(f"error finding value in datum: {text!r} is not a number") from None
    return value == text


_Build = Callable[[tuple[str, ...], _Parser], Predicate]
_OPERATORS: tuple[tuple[tuple[str, ...], _Build], ...] = (
    (("==",), lambda path, parser: _equals(path, parser, True)),
    (("!=",), lambda path, parser: _equals(path, parser, False)),
    (("contains",), lambda path, parser: _contains(path, parser, True)),
    (("not", "contains"), lambda path, parser: _contains(path, parser, False)),
    (("matches",), lambda path, parser: _matches(path, parser, True)),
    (("not", "matches"), lambda path, parser: _matches(path, parser, False)),
    (("is", "empty"), lambda path, parser: _empty(path, parser, True)),
    (("is", "not", "empty"), lambda path, parser: _empty(path, parser, False)),
)
