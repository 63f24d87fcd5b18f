"""Lists: `q`, `sort`, `page`, `page_size`, X-Total-Count and Link.

The grammar of `q` is that of goharbor/harbor src/lib/q/builder.go; a key is a model's field in snake_case or CamelCase,
and an unknown key is ignored. `page_size` may be 100 at most, 0 means no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import unquote_plus

from aiohttp import web

from harbortui.sim.harbor.encoding import Row, reply
from harbortui.sim.harbor.errors import ApiError, internal, invalid

T = TypeVar("T")
Value = str | int | float | bool
Keys = Mapping[str, Callable[[T], Value]]
MAX_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Pattern:
    """One condition of `q`: kind exact|fuzzy|range|or|and, and its texts."""

    kind: str
    texts: tuple[str, ...]


def integer(request: web.Request, name: str, default: int) -> int:
    """An int64 of the query string; 422 when it is not one."""
    raw = request.query.get(name)
    if raw is None or raw == "":
        return default
    try:
        return int(raw)
    except ValueError:
        raise invalid(f'{name} in query must be of type int64: "{raw}"') from None


def window(request: web.Request, most: int = MAX_PAGE_SIZE) -> tuple[int, int]:
    """(page, page_size) of a request; 422 above `most`."""
    size = integer(request, "page_size", 10)
    if size > most:
        raise invalid(f"page_size in query should be less than or equal to {most}")
    return integer(request, "page", 1), size


def parse(text: str) -> dict[str, Pattern]:
    """The conditions of a `q`, keys normalised; 400 when it is malformed."""
    found: dict[str, Pattern] = {}
    if not text:
        return found
    for part in unquote_plus(text).split(","):
        key, sign, value = part.partition("=")
        if not sign or not key or not value:
            raise ApiError("BAD_REQUEST", 'the query string must contain "=" and the key/value cannot be empty')
        found[normal(key)] = _pattern(value)
    return found


def normal(key: str) -> str:
    """A field name without its spelling: policy_id, PolicyID and policyId are one."""
    return key.replace("_", "").lower()


def _pattern(value: str) -> Pattern:
    wrong = ApiError("BAD_REQUEST", f"invalid query string value: {value}")
    first, last = value[0], value[-1]
    if first == "~":
        if len(value) < 2:
            raise wrong
        return Pattern("fuzzy", (value[1:],))
    if first == "[":
        low, sign, high = value[1:-1].partition("~")
        low, high = low.strip(), high.strip()
        if last != "]" or not sign or "~" in high or not (low or high):
            raise wrong
        return Pattern("range", (low, high))
    if first in "{(":
        if last != {"{": "}", "(": ")"}[first]:
            raise wrong
        texts = tuple(t.strip("\"'") for t in value[1:-1].split(" ") if t)
        return Pattern("or" if first == "{" else "and", texts)
    return Pattern("exact", (value.removeprefix("\\"),))


def moment(text: str) -> float:
    """A time of a `q` as unix seconds (UTC); what PostgreSQL cannot read is an error inside Harbor: 500."""
    try:
        at = datetime.fromisoformat(text.strip("\"'"))
    except ValueError:
        raise internal(f"invalid input syntax for type timestamp: {text}") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _convert(value: Value, text: str) -> Value:
    if isinstance(value, bool):
        return text.lower() in ("true", "1", "t")
    if isinstance(value, float):
        return moment(text)
    if isinstance(value, int):
        try:
            return int(text)
        except ValueError:
            raise internal(f"invalid input syntax for type bigint: {text}") from None
    return text


def _at_least(value: Value, text: str) -> bool:
    other = _convert(value, text)
    return str(value) >= str(other) if isinstance(value, str) else float(value) >= float(other)


def _at_most(value: Value, text: str) -> bool:
    other = _convert(value, text)
    return str(value) <= str(other) if isinstance(value, str) else float(value) <= float(other)


def matches(value: Value, pattern: Pattern) -> bool:
    """True when a field's value meets one condition."""
    if pattern.kind == "fuzzy":
        return pattern.texts[0].lower() in str(value).lower()
    if pattern.kind == "range":
        low, high = pattern.texts
        return (not low or _at_least(value, low)) and (not high or _at_most(value, high))
    if pattern.kind == "and":
        return all(value == _convert(value, text) for text in pattern.texts)
    return any(value == _convert(value, text) for text in pattern.texts)


def select(items: Iterable[T], conditions: Mapping[str, Pattern], keys: Keys[T]) -> list[T]:
    """The items that meet every condition whose key is a known field."""
    known = {normal(name): get for name, get in keys.items()}
    wanted = [(known[key], pattern) for key, pattern in conditions.items() if key in known]
    return [item for item in items if all(matches(get(item), pattern) for get, pattern in wanted)]


def arrange(items: list[T], sort: str, keys: Keys[T]) -> list[T]:
    """Sort by "a,-b"; unknown fields are ignored."""
    known = {normal(name): get for name, get in keys.items()}
    for part in reversed([p for p in sort.split(",") if p]):
        get = known.get(normal(part.removeprefix("-")))
        if get is not None:
            items = sorted(items, key=get, reverse=part.startswith("-"))
    return items


def links(request: web.Request, total: int, page: int, size: int) -> str:
    """The Link header: relative addresses whose query Harbor leaves un-escaped; "" when there is one page only."""
    if size == 0:
        return ""
    found = []
    for number, rel, wanted in (
        (page - 1, "prev", page > 1 and (page - 1) * size < total),
        (page + 1, "next", size * page < total),
    ):
        if wanted:
            pairs = {**request.query, "page": str(number), "page_size": str(size)}
            text = "&".join(f"{key}={pairs[key]}" for key in sorted(pairs))
            found.append(f'<{request.rel_url.raw_path}?{text}>; rel="{rel}"')
    return " , ".join(found)


def cut(items: Sequence[T], page: int, size: int) -> Sequence[T]:
    """The items of one page."""
    if size <= 0:
        return items
    start = (max(page, 1) - 1) * size
    return items[start : start + size]


def page_of(
    request: web.Request, items: Sequence[T], render: Callable[[T], Row], most: int = MAX_PAGE_SIZE
) -> web.Response:
    """One page of already ordered items."""
    page, size = window(request, most)
    headers = {"X-Total-Count": str(len(items))}
    link = links(request, len(items), page, size)
    if link:
        headers["Link"] = link.replace("\r", "").replace("\n", "")
    return reply([render(item) for item in cut(items, page, size)], headers=headers)


def listing(
    request: web.Request, items: Iterable[T], render: Callable[[T], Row], keys: Keys[T], default_sort: str = ""
) -> web.Response:
    """A list endpoint with `q`, `sort` and pages; only the page's rows are rendered."""
    chosen = select(items, parse(request.query.get("q", "")), keys)
    return page_of(request, arrange(chosen, request.query.get("sort") or default_sort, keys), render)
