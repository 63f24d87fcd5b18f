"""Reading pages: the quick way and the way with handlers agree, and nothing hostile gets through either."""

from __future__ import annotations

import contextlib
import gc
import weakref
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.sources.storage.listing.pages import Objects, Position
from harbortui.sources.storage.listing.quick import FlatParser
from harbortui.sources.storage.listing.stopped import Unruly
from harbortui.sources.storage.listing.table import MAX_ROWS, Rows, TableParser, Unreadable

ROW = "<Contents><Key>{key}</Key><LastModified>{time}</LastModified>{more}<Size>{size}</Size>{last}</Contents>"
OWNER = "<Owner><ID>x</ID><DisplayName>Size</DisplayName></Owner>"


def page(inner: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> bytes:
    return f"{head}<ListBucketResult><Name>b</Name>{inner}</ListBucketResult>".encode()


def slow(body: bytes, step: int = 7) -> FlatParser:
    parser = FlatParser()
    for begin in range(0, len(body), step):
        parser.feed(body[begin : begin + step])
    parser.close()
    return parser


def quick(body: bytes) -> FlatParser | None:
    parser = FlatParser()
    return parser if parser.fill(body) else None


def content(parser: TableParser) -> object:
    return {name: rows.columns for name, rows in parser.rows.items()}, parser.fields.get("IsTruncated", "")


TEXT = st.text(st.sampled_from("ab/&<>\"' %é\U0001f433\t"), max_size=8)
FILLERS = st.sampled_from(
    ["", OWNER, "<ETag>&quot;x&quot;</ETag>", "<StorageClass>S</StorageClass>", "<Empty/>", "\n  "]
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXT, st.integers(0, 10**12), FILLERS, FILLERS), max_size=6),
    st.sampled_from(["", "\n ", "<!-- <Contents> -->", "<CommonPrefixes><Prefix>a</Prefix></CommonPrefixes>"]),
    st.booleans(),
)
def test_the_quick_way_reads_what_the_handlers_read(
    rows: list[tuple[str, int, str, str]], between: str, cdata: bool
) -> None:
    def key(text: str) -> str:
        return f"<![CDATA[{text}]]>" if cdata and text else escape(text)

    parts = [ROW.format(key=key(k), time="t", more=more, size=size, last=last) for k, size, more, last in rows]
    body = page("<IsTruncated>false</IsTruncated>" + between.join(parts) + between)
    wanted = slow(body)
    assert wanted.rows["Contents"].columns["Key"] == [row[0] for row in rows]
    found = quick(body)
    if found is not None:
        assert content(found) == content(wanted)
    if rows and not between.strip() and not cdata and not any("&" in escape(row[0]) for row in rows):
        assert found is not None, "the usual shape must go the quick way"


@pytest.mark.parametrize(
    "inner",
    [
        ROW.format(key="a", time="t", more="<Key>b</Key>", size=1, last=""),
        ROW.format(key="a", time="t", more="", size=1, last="<Size>2</Size>"),
        ROW.format(key="a", time="t", more="", size=1, last="") + "<Contents><Key>x</Key></Contents>",
        "<Contents><Contents><Key>a</Key></Contents></Contents>",
        ROW.format(key="a", time="t", more="<Contents><Key>b</Key></Contents>", size=1, last=""),
        "<!-- " + ROW.format(key="a", time="t", more="", size=1, last="") + " -->",
        "<!-- " + ROW.format(key="a", time="t", more="", size=1, last="") + " --" + ">" * 2,
        ROW.format(key="a", time="t", more="<![CDATA[<ETag>]]>", size=1, last=""),
        ROW.format(key="a", time="t", more="<?x <Size>2</Size> ?>", size=1, last=""),
        ROW.format(key="a&amp;b", time="t", more="", size=1, last=""),
        '<Contents><Key a="b">x</Key><LastModified>t</LastModified><Size>1</Size></Contents>',
    ],
)
def test_another_shape_is_left_to_the_handlers(inner: str) -> None:
    assert quick(page(inner)) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        page("<IsTruncated>"),
        page("")[:-5],
        page("", head='<!DOCTYPE x [<!ENTITY e "v">]>'),
        page("&e;", head='<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://169.254.169.254/">'),
        page("<Contents><Key>a\x01</Key></Contents>"),
        page("<Contents><Key>a</Key><Key>b</Key></Contents>"),
        page("<Contents><Contents/></Contents>"),
        b"<html><body>Sign in</body></html>",
        '<!DOCTYPE x [<!ENTITY e "v">]><ListBucketResult/>'.encode("utf-16"),
    ],
)
def test_what_is_no_listing_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        slow(body)
    with contextlib.suppress(Unreadable):
        assert quick(body) is None


def test_rows_are_bounded() -> None:
    row = ROW.format(key="a", time="t", more="", size=1, last="")
    with pytest.raises(Unreadable):
        slow(page(row * (MAX_ROWS + 1)), 65_536)
    with pytest.raises(Unreadable):
        quick(page(row * (MAX_ROWS + 1)))


@pytest.mark.parametrize("size", ["-1", "x", "1e3", str(1 << 53), "9" * 5000])
def test_sizes_that_are_none(size: str) -> None:
    parser = slow(page(ROW.format(key="a", time="t", more="", size=size, last="")))
    with pytest.raises(Unreadable):
        Objects().page(parser, Position())


def read(inner: str, position: Position = Position()) -> object:  # noqa: B008 - immutable
    return Objects().page(slow(page(inner)), position)


def test_ways_on_that_lead_nowhere() -> None:
    row = ROW.format(key="k", time="t", more="", size=1, last="")
    more = "<IsTruncated>true</IsTruncated>"
    for inner, position in (
        (more, Position()),
        (more + "<NextContinuationToken>t</NextContinuationToken>" + row, Position(token="t")),
        (row.replace("k", "l") + row, Position()),
        (row + row, Position()),
    ):
        with pytest.raises(Unruly):
            read(inner, position)


def test_nothing_of_a_page_stays_when_it_has_been_read() -> None:
    class Watched(Rows):
        pass

    gc.collect()
    gc.disable()
    try:
        rows = Watched(("Key",))
        parser = TableParser({"Contents": rows})
        parser.feed(page("<Contents><Key>a</Key></Contents>"))
        parser.close()
        gone = weakref.ref(rows)
        del rows, parser
        assert gone() is None
    finally:
        gc.enable()
