"""Read-only by construction: the list of requests that may leave, as pure data with one matcher.

"Everything but GET" is not read-only: Nomad restarts an allocation on a GET (hashicorp/nomad
command/agent/alloc_endpoint.go has no method check there). So every request is matched as a whole: method, decoded
path, every query parameter, and the shape of its body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

BodyShape = Callable[[bytes], bool]
"""True when a request's body is what the rule declares."""

_NO_QUERY: Mapping[str, str] = MappingProxyType({})
_DOT_SEGMENTS = frozenset({".", ".."})


class Blocked(Exception):
    """A request matched no rule and was not sent; the text names method and path only, never a query value."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared request. Patterns are regular expressions that must match the whole value."""

    name: str
    method: str
    path: str
    """Matches the percent-decoded path."""
    query: Mapping[str, str] = field(default_factory=lambda: _NO_QUERY)
    """The only query parameters allowed, with the pattern of their decoded values; repeated ones must each match."""
    body: BodyShape | None = None
    """None refuses any body."""
    required: frozenset[str] = frozenset()
    """Query parameters without which it would be another request."""
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_QUERY)
    """Headers (lower case) without which it would be another request, with the pattern of their values."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: Rule
    path: re.Pattern[str]
    query: Mapping[str, re.Pattern[str]]
    headers: Mapping[str, re.Pattern[str]]

    def matches(self, path: str, query: list[tuple[str, str]], body: bytes | None, headers: Mapping[str, str]) -> bool:
        if self.path.fullmatch(path) is None:
            return False
        if any(pattern.fullmatch(headers.get(name, "")) is None for name, pattern in self.headers.items()):
            return False
        if not self.rule.required.issubset(name for name, _ in query):
            return False
        for name, value in query:
            pattern = self.query.get(name)
            if pattern is None or pattern.fullmatch(value) is None:
                return False
        if self.rule.body is None:
            return not body
        return body is not None and self.rule.body(body)


class AllowList:
    """The declared requests of one source."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        by_method: dict[str, list[_Compiled]] = {}
        for rule in self.rules:
            query = {name: re.compile(pattern) for name, pattern in rule.query.items()}
            headers = {name: re.compile(pattern) for name, pattern in rule.headers.items()}
            by_method.setdefault(rule.method, []).append(_Compiled(rule, re.compile(rule.path), query, headers))
        self._by_method = by_method

    def check(
        self,
        method: str,
        path: str,
        query: Iterable[tuple[str, str]],
        body: bytes | None,
        headers: Mapping[str, str] = _NO_QUERY,
    ) -> Rule:
        """The rule that declares this request.

        ``path`` is as it goes on the wire (percent-encoded), ``query`` decoded pairs, ``headers`` by lower-case name.

        Raises:
            Blocked: no rule matches, or the path could mean something else to the server than to us.
        """
        decoded = _decode(method, path)
        pairs = list(query)
        for candidate in self._by_method.get(method, ()):
            if candidate.matches(decoded, pairs, body, headers):
                return candidate.rule
        raise Blocked(f"{method} {decoded} is not a declared read")


def _decode(method: str, path: str) -> str:
    try:
        decoded = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise Blocked(f"{method} of a path that is not UTF-8") from None
    # Servers and proxies differ in how often they decode, so the twice decoded form must be harmless as well.
    again = unquote_to_bytes(decoded).decode(errors="replace")
    for form in (decoded, again):
        segments = form.split("/")
        if not form.startswith("/") or "\\" in form or not _DOT_SEGMENTS.isdisjoint(segments) or "" in segments[1:-1]:
            raise Blocked(f"{method} of an ambiguous path")
        if not form.isprintable():
            raise Blocked(f"{method} of a path with control characters")
    return decoded
