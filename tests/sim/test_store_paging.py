"""Pages of a listing: every key once, in order, whatever the prefix, delimiter and page size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from harbortui.sim.store.paging import common_prefix, page


class Row(NamedTuple):
    key: str


KEYS = st.sets(st.text("ab/é", min_size=1, max_size=6), max_size=25)
PARTS = st.text("ab/é", max_size=3)


def listed(keys: set[str], prefix: str, delimiter: str, size: int, after: str = "") -> tuple[list[str], list[str], int]:
    """All rows and prefixes over a chain of pages, and how many pages there were."""

    def source(marker: str, begin: str) -> Iterator[Row]:
        return (Row(key) for key in sorted(keys) if key > marker and key.startswith(begin))

    rows: list[str] = []
    prefixes: list[str] = []
    for number in range(1, 200):
        found = page(source, prefix, delimiter, after, size)
        assert len(found.rows) + len(found.prefixes) <= size
        rows += [row.key for row in found.rows]
        prefixes += found.prefixes
        if not found.last:
            return rows, prefixes, number
        assert found.last > after, "the marker must advance"
        after = found.last
    raise AssertionError("the listing does not end")


@given(keys=KEYS, prefix=PARTS, delimiter=st.sampled_from(["", "/", "a", "a/"]), size=st.integers(1, 7))
def test_the_union_of_all_pages_is_everything_once(keys: set[str], prefix: str, delimiter: str, size: int) -> None:
    rows, prefixes, pages = listed(keys, prefix, delimiter, size)
    wanted = [key for key in sorted(keys) if key.startswith(prefix)]
    rolled = {key: common_prefix(key, prefix, delimiter) if delimiter else "" for key in wanted}
    assert rows == [key for key in wanted if not rolled[key]]
    assert prefixes == sorted({each for each in rolled.values() if each})
    assert pages == max(1, -(-(len(rows) + len(prefixes)) // size))


@given(keys=KEYS, start=PARTS, size=st.integers(1, 7))
def test_a_start_leaves_out_all_up_to_it(keys: set[str], start: str, size: int) -> None:
    assert listed(keys, "", "", size, start)[0] == [key for key in sorted(keys) if key > start]


@given(keys=KEYS, size=st.integers(1, 7))
def test_shards_add_up_to_the_whole(keys: set[str], size: int) -> None:
    shards = [listed(keys, first, "", size)[0] for first in sorted("ab/é")]
    assert [key for shard in shards for key in shard] == sorted(keys)


def test_a_page_of_nothing_is_the_last() -> None:
    found = page(lambda after, prefix: iter([Row("a")]), "", "", "", 0)
    assert (found.rows, found.prefixes, found.last) == ([], [], "")
