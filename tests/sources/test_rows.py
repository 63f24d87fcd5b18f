"""Hostile JSON is data: a wrong row costs the row, a wrong shape the answer, and nothing else is ever raised."""

from __future__ import annotations

import contextlib
import json
import zlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.sources.headers import host_of, http_date, media_type, retry_after
from harbortui.sources.inflate import BodyReader
from harbortui.sources.refusals import Refusal, TooLarge
from harbortui.sources.rows import MAX_ROWS, Int64, Unreadable, UtcTime, read_object, read_rows, unix


class Thing(msgspec.Struct):
    id: Int64
    name: str = ""
    when: UtcTime | None = None


HOSTILE = {
    "not JSON": b"<html>",
    "empty": b"",
    "cut off": b'{"id": 1',
    "NaN": b'{"id": NaN}',
    "infinity": b'{"id": Infinity}',
    "a huge number": b'{"id": ' + b"9" * 5_000 + b"}",
    "more than 64 bits": b'{"id": 99999999999999999999}',
    "nested too deep": b'{"id": 1, "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "not UTF-8": b'{"id": 1, "name": "\xff"}',
    "a lone surrogate": b'{"id": 1, "name": "\\ud800"}',
    "a byte order mark": b'\xef\xbb\xbf{"id": 1}',
    "text after it": b'{"id": 1} {}',
    "null for a number": b'{"id": null}',
    "text for a number": b'{"id": "1"}',
    "a fraction": b'{"id": 1.5}',
    "true for a number": b'{"id": true}',
    "a missing field": b"{}",
    "a time without an offset": b'{"id": 1, "when": "2026-01-02T03:04:05"}',
    "a time that is none": b'{"id": 1, "when": "yesterday"}',
    "an array": b"[]",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_wrong_answer_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_object(body, Thing)


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_wrong_answer_says_nothing_of_its_content(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_object(body.replace(b"yesterday", b"PLANTED"), Thing)
    assert "PLANTED" not in str(caught.value)


def test_a_key_twice_is_refused_where_a_verdict_hangs_on_it() -> None:
    body = b'{"id": 1, "name": "healthy", "name": "unhealthy"}'
    with pytest.raises(Unreadable, match="twice"):
        read_object(body, Thing, unique=True)
    assert read_object(b'{"id": 1, "name": "healthy"}', Thing, unique=True).name == "healthy"


def test_one_wrong_row_costs_one_row_and_names_the_field() -> None:
    rows = read_rows(b'[{"id": 1}, {"id": "x"}, null, {"id": 3, "more": {}}]', Thing, name="thing")
    assert [each.id for each in rows.rows] == [1, 3]
    assert rows.lost == ("thing 2: Expected `int`, got `str` - at `$.id`", "thing 3: Expected `object`, got `null`")


def test_null_is_no_rows_and_an_object_is_a_wrong_shape() -> None:
    assert read_rows(b"null", Thing).rows == ()
    for body in (b"{}", b'"x"', b"1", b"", b'[{"id": 1}'):
        with pytest.raises(Unreadable):
            read_rows(body, Thing)


def test_a_million_rows_are_cut_and_counted() -> None:
    rows = read_rows(b"[" + b",".join([b'{"id":1}'] * 100_000) + b"]", Thing, name="thing")
    assert len(rows.rows) == MAX_ROWS
    assert rows.lost == (f"{100_000 - MAX_ROWS} more things than can be kept",)


def test_many_wrong_rows_are_told_briefly() -> None:
    rows = read_rows(b"[" + b",".join([b"7"] * 300) + b"]", Thing)
    assert rows.rows == () and len(rows.lost) == 21 and rows.lost[-1] == "280 more like these"


def test_times_are_unix_seconds_and_zero_times_are_none() -> None:
    def when(text: str) -> float | None:
        return unix(read_object(json.dumps({"id": 1, "when": text}).encode(), Thing).when)

    assert when("2026-01-02T03:04:05.678Z") == pytest.approx(1767323045.678)
    assert when("2026-01-02T05:04:05+02:00") == 1767323045.0
    assert when("2026-01-02T03:04:05.123456789Z") == pytest.approx(1767323045.123456)
    assert when("0001-01-01T00:00:00.000Z") is None
    assert when("1970-01-01T00:00:00.000Z") is None
    assert unix(None) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise_anything_but_unreadable(body: bytes) -> None:
    for read in (lambda: read_object(body, Thing, unique=True), lambda: read_rows(body, Thing)):
        with contextlib.suppress(Unreadable):
            read()


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({"id": st.integers() | st.text(), "name": st.text()})))
def test_what_was_read_can_be_sent_on(rows: list[dict[str, object]]) -> None:
    read = read_rows(json.dumps(rows).encode(), Thing)
    assert len(msgspec.json.encode(read.rows)) >= 2


def test_a_compressed_body_is_counted_while_it_unfolds() -> None:
    bomb = zlib.compress(b"\0" * 50_000_000)
    reader = BodyReader("deflate", 1_000_000)
    with pytest.raises(TooLarge):
        reader.feed(bomb)


@pytest.mark.parametrize("wbits", [15, 31])
def test_gzip_and_deflate_are_decoded_chunk_by_chunk(wbits: int) -> None:
    compressor = zlib.compressobj(wbits=wbits)
    data = compressor.compress(b"hello " * 1000) + compressor.flush()
    reader = BodyReader("gzip" if wbits == 31 else "deflate", 10_000)
    for position in range(0, len(data), 3):
        reader.feed(data[position : position + 3])
    assert reader.body() == b"hello " * 1000


def test_a_body_in_no_or_a_broken_encoding() -> None:
    plain = BodyReader("", 10)
    plain.feed(b"1234567890")
    assert plain.body() == b"1234567890"
    with pytest.raises(TooLarge):
        plain.feed(b"1")
    with pytest.raises(Refusal, match="encoding"):
        BodyReader("br", 10)
    with pytest.raises(Refusal, match="does not decompress"):
        BodyReader("gzip", 10).feed(b"plain text")
    cut = BodyReader("gzip", 1000)
    cut.feed(zlib.compress(b"x" * 100)[:-6])
    with pytest.raises(Refusal, match="early"):
        cut.body()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("5", 5.0),
        ("1000000000", 1e9),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1e9", None),
        ("٣", None),
        ("9" * 400, None),
        ("Thu, 99 Foo 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(text, now=1767225600.0) == seconds


@given(st.text())
def test_no_header_raises(text: str) -> None:
    http_date(text)
    retry_after(text, 0.0)
    host_of(text)
    assert media_type(f"{text.replace(';', '')}; charset=utf-8") == text.replace(";", "").strip().lower()
