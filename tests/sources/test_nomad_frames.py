"""Cutting framed logs: any chunking, heartbeats, trailing errors, garbage."""

from __future__ import annotations

import base64
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.sources.nomad.frames import MAX_FRAME, MAX_TEXT, FrameDecoder
from harbortui.sources.rows import Unreadable


def frame(data: bytes, **more: object) -> bytes:
    return json.dumps({"Offset": 7, "Data": base64.b64encode(data).decode(), "File": "a{}\"'.0", **more}).encode()


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[a:b] for a, b in itertools.pairwise(edges)]


@given(lines=st.lists(st.binary(max_size=40), max_size=6), cuts=st.lists(st.integers(0, 10_000), max_size=12))
def test_any_chunking_gives_the_same_bytes(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"{}".join([frame(line) for line in lines])
    decoder = FrameDecoder()
    assert b"".join(data for chunk in pieces(stream, cuts) for data in decoder.feed(chunk)) == b"".join(lines)
    assert decoder.trailing_text == b""


def test_a_rotation_frame_without_data_gives_none() -> None:
    stream = b'{"File":"x","FileEvent":"file deleted"}' + frame(b"after", FileEvent="")
    assert list(FrameDecoder().feed(stream)) == [b"after"]


@given(cuts=st.lists(st.integers(0, 1000), max_size=5))
def test_plain_text_behind_the_frames_is_kept_as_text(cuts: list[int]) -> None:
    decoder = FrameDecoder()
    stream = frame(b"line\n") + b"{}" + b"rpc error: Permission denied\n"
    assert [data for chunk in pieces(stream, cuts) for data in decoder.feed(chunk)] == [b"line\n"]
    assert decoder.trailing_text == b"rpc error: Permission denied\n"


def test_endless_text_is_bounded() -> None:
    decoder = FrameDecoder()
    for _ in range(100):
        list(decoder.feed(b"x" * 1000))
    assert len(decoder.trailing_text) == MAX_TEXT


@pytest.mark.parametrize(
    "stream", [b'{"Data":7}', b'{"Data":"***"}', b'{"a":"' + b"}" * 100, b'{"Data":"' + b"A" * (MAX_FRAME + 1)]
)
def test_what_is_no_frame_is_unreadable(stream: bytes) -> None:
    with pytest.raises(Unreadable):
        list(FrameDecoder().feed(stream))


@given(st.lists(st.binary(max_size=64), max_size=20))
def test_garbage_never_raises_anything_else(chunks: list[bytes]) -> None:
    decoder = FrameDecoder()
    try:
        for chunk in chunks:
            list(decoder.feed(chunk))
    except Unreadable:
        pass
