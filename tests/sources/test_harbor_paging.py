"""Pages that lie come to an end: wrong totals, repeated pages, rows that move while they are read."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.answer import Ok
from harbortui.sources.harbor.paging import MAX_PAGES, read_pages
from harbortui.sources.http import Query, Reply


class Row(msgspec.Struct):
    id: int


class Pages:
    """Answers pages made by ``rows_of(page)`` and remembers what was asked."""

    def __init__(self, rows_of: Callable[[int], list[object]], total: str = "") -> None:
        self.rows_of = rows_of
        self.total = total
        self.asked: list[dict[str, str]] = []

    async def __call__(self, query: Query, deadline: float) -> Reply | Failure:
        assert 0 < deadline <= 15
        self.asked.append(dict(query))
        body = msgspec.json.encode(self.rows_of(int(self.asked[-1]["page"])))
        return Reply(200, {"x-total-count": self.total}, body, server_time=5.0)


def rows(first: int, last: int) -> list[object]:
    return [{"id": number} for number in range(first, last + 1)]


async def read(pages: Pages, limit: int | None = None) -> Ok[tuple[Row, ...]]:
    answer = await read_pages(pages, Row, key=lambda row: row.id, size=10, name="row", limit=limit)
    assert isinstance(answer, Ok)
    return answer


async def test_all_pages_are_read_up_to_the_short_one() -> None:
    pages = Pages(lambda page: rows(page * 10 - 9, min(page * 10, 25)), "25")
    answer = await read(pages)
    assert [row.id for row in answer.value] == list(range(1, 26))
    assert answer.lost_rows == () and answer.server_time == 5.0
    assert [each["page"] for each in pages.asked] == ["1", "2", "3"]
    assert all(each["page_size"] == "10" for each in pages.asked)


async def test_a_full_last_page_costs_one_empty_page() -> None:
    answer = await read(Pages(lambda page: rows(page * 10 - 9, page * 10) if page < 3 else []))
    assert len(answer.value) == 20


async def test_a_row_that_moved_to_the_next_page_is_kept_once() -> None:
    answer = await read(Pages(lambda page: rows(1, 10) if page == 1 else rows(10, 14)))
    assert [row.id for row in answer.value] == list(range(1, 15))


@pytest.mark.parametrize("total", ["", "5", "-3", "many", "9" * 50, "10"])
async def test_a_loop_ends_when_nothing_new_comes(total: str) -> None:
    pages = Pages(lambda page: rows(1, 10), total)
    answer = await read(pages)
    assert len(answer.value) == 10 and len(pages.asked) == 2
    assert "no new rows" in answer.lost_rows[0]


async def test_endless_pages_end_too() -> None:
    pages = Pages(lambda page: rows(page * 10 - 9, page * 10))
    answer = await read(pages)
    assert len(pages.asked) == MAX_PAGES and "paging ends here" in answer.lost_rows[0]


async def test_rows_that_were_promised_but_not_sent_are_told() -> None:
    answer = await read(Pages(lambda page: rows(1, 4), "12"))
    assert answer.lost_rows == ("Harbor counts 12 rows but sent 4",)


async def test_a_limit_stops_early_and_cuts() -> None:
    pages = Pages(lambda page: rows(page * 10 - 9, page * 10))
    assert len((await read(pages, limit=15)).value) == 15
    assert len(pages.asked) == 2


async def test_more_rows_than_asked_for_are_no_trouble() -> None:
    answer = await read(Pages(lambda page: rows(1, 3000) if page == 1 else []))
    assert len(answer.value) == 3000


async def test_a_page_that_fails_fails_the_listing() -> None:
    failure = Failure(kind=FailureKind.RESET, detail="the connection broke")

    async def ask(query: Query, deadline: float) -> Reply | Failure:
        if dict(query)["page"] == "2":
            return failure
        return Reply(200, {}, msgspec.json.encode(rows(1, 10)))

    assert await read_pages(ask, Row, key=lambda row: row.id, size=10, name="row") is failure
