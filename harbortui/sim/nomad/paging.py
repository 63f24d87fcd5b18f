"""Lists: prefix, filter, order, pages (per_page, next_token)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp import web

from harbortui.sim.nomad.answers import state_answer
from harbortui.sim.nomad.context import Call
from harbortui.sim.nomad.encoding import Json
from harbortui.sim.nomad.errors import bad_request
from harbortui.sim.nomad.filters import FilterError, compile_filter

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    """How a list of T is read.

    `token` names a row for next_token; `full` is the whole object, which filters look at (it is told the
    fields that matter); `stub` is what is answered.
    """

    rows: Callable[[], Iterable[T]]
    token: Callable[[T], str]
    full: Callable[[T, frozenset[str]], Json]
    stub: Callable[[T], Json]
    index: Callable[[], int]


async def list_answer(call: Call, listing: Listing[T], extra: Callable[[T], bool] | None = None) -> web.Response:
    """One page of a list; rows keep their order, which `reverse=true` (exactly) turns round."""
    per_page = _per_page(call)
    following: list[str] = []

    def data() -> list[Json]:
        page, after = _page(call, listing, extra, per_page)
        following[:] = [after]
        return [listing.stub(row) for row in page]

    response = await state_answer(call, listing.index, data)
    if following and following[0]:
        response.headers["X-Nomad-NextToken"] = following[0]
    return response


def _per_page(call: Call) -> int:
    text = call.query.get("per_page", "")
    if not text:
        return 0
    try:
        value = int(text)
    except ValueError:
        raise bad_request("Expect a number for `per_page` query string parameter") from None
    return max(0, value)


def _page(call: Call, listing: Listing[T], extra: Callable[[T], bool] | None, per_page: int) -> tuple[Sequence[T], str]:
    rows = [row for row in listing.rows() if extra is None or extra(row)]
    # Nomad compares with the exact word; Python's "True" is silently ignored.
    if call.query.get("reverse") == "true":
        rows.reverse()
    rows = _start_at(call.query.get("next_token", ""), rows, listing.token)
    matches = _filter(call.query.get("filter", ""))
    page: list[T] = []
    for row in rows:
        if not matches(listing.full, row):
            continue
        if per_page and len(page) == per_page:
            return page, listing.token(row)
        page.append(row)
    return page, ""


def _start_at(wanted: str, rows: list[T], token: Callable[[T], str]) -> list[T]:
    if not wanted:
        return rows
    for position, row in enumerate(rows):
        if token(row) == wanted:
            return rows[position:]
    ascending = len(rows) < 2 or _order(token(rows[0])) <= _order(token(rows[-1]))
    at = _order(wanted)
    return [row for row in rows if (_order(token(row)) >= at if ascending else _order(token(row)) <= at)]


def _order(token: str) -> tuple[int, str]:
    head, _, rest = token.partition(".")
    return (int(head), rest) if head.isdigit() else (0, token)


def _filter(expression: str) -> Callable[[Callable[[T, frozenset[str]], Json], T], bool]:
    if not expression:
        return lambda _full, _row: True
    try:
        compiled = compile_filter(expression)
    except FilterError as error:
        text = f"failed to create result paginator: failed to read filter expression: {error}"
        raise bad_request(text) from None

    def check(full: Callable[[T, frozenset[str]], Json], row: T) -> bool:
        try:
            return compiled.matches(full(row, compiled.fields))
        except FilterError as error:
            raise bad_request(f"failed to read result page: {error}") from None

    return check


def by_index(create_index: int, object_id: str) -> str:
    """The page token of tables that are listed in the order of creation."""
    return f"{create_index}.{object_id}"
